"""Run student code in processes of its own, reached by value only.

Theory of operation. Four kinds of process take part in grading:

    grader   the trusted side: hidden tests, reference, comparison, points, results
    zygote   exec'd fresh before any test is loaded; allow-listed environment, libraries
             preloaded, one thread; knows no test and no answer; forks, kills and reaps workers
    worker   forked from the zygote, one per test, confined; runs the student's code
    orphans  whatever a worker managed to start: the zygote is their subreaper and kills them

The grader talks to the zygote over a control socket (spawn, kill) and to a worker over a stream
socket of its own: strictly one request, one reply, in frames of `frames`, whose payload is the
pickle-free encoding of `student_kit.wire`. A worker's stdout and stderr go into one pipe which the
grader drains and caps.

* `frames`   bytes on the socket
* `confine`  what a worker may do: a plan made by the grader, put in force in each worker, out of
  `layers` (their names, and the level they add up to), `kernel` and `syscalls` (what Python has no
  name for), `landlock` and `reach` (which files), `seccomp` and `bpf` (which system calls), and
  `namespaces` (bubblewrap around the zygote, for an ordinary user)
* `worker`   the loop inside the worker
* `zygote`   the process that forks workers
* `client`   the grader's end: the zygote, and one worker at a time
* `world`    a fresh worker per test, deadlines, crashes, and the words for both
* `attack` and `attempts`  ten attacks on all this, which the doctor runs

Their failure is a `StudentFault`. Ours is a `GraderError`.
"""
