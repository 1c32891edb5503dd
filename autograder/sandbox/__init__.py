"""Run student code in processes of its own, reached by value only.

Theory of operation. Five kinds of process take part in grading:

    grader   the trusted side: hidden tests, reference, comparison, points, results
    zygote   exec'd fresh before any test is loaded; allow-listed environment, libraries
             preloaded, one thread; knows no test and no answer; forks and clears away nests
    nest     forked from the zygote, one per submission, and confined; has its files compiled, and
             forks, kills and reaps its workers; ours: it runs nothing that was handed in
    worker   forked from a nest, one per test, confined further; imports the student's file that
             the test is about, and runs what the test calls
    orphans  whatever a worker managed to start: nest and zygote are subreapers and kill them

The grader talks to zygote and nests over a control socket each, and to a worker over a stream
socket of its own: strictly one request, one reply, in frames of `frames`, whose payload is the
pickle-free encoding of `student_kit.wire`. A worker's stdout and stderr go into one pipe which the
grader drains and caps.

A fork copies every page that it touches, which is most of what a short test costs. So what all
workers of a submission share is done in the nest, and the way from a fork to the first call is
short; a nest asks nothing of the operating system that a worker may not ask for, but to fork, to
confine, to be handed sockets and to signal its children. In a batch, the zygote also gathers its
memory into large pages, whose page table is short; and where a batch takes all processors, each
submission keeps to one, where grader and workers find each other's memory in the cache.

* `frames`   bytes on the socket
* `confine`  what a worker may do: a plan made by the grader, put in force in nest and worker, of
  `layers` (their names, and the level they add up to), `kernel` and `syscalls` (what Python has no
  name for), `landlock` and `reach` (which files), `seccomp` and `bpf` (which system calls), and
  `namespaces` (bubblewrap around the zygote, for an ordinary user)
* `worker`   the loop inside the worker
* `nest`     the process that forks the workers of a submission
* `zygote`   the process that forks nests; `large_pages` and, where there is PyTorch, `torch_warm`
  and `lazy_compiler` make its forks cheap
* `client`   the grader's end of zygote, nests and workers
* `world`    a fresh worker per test, deadlines, crashes, and the words for both
* `attack` and `attempts`  ten attacks on all this, which the doctor runs

Their failure is a `StudentFault`. Ours is a `GraderError`.
"""
