"""The system-call filter: no network, no new process, no signal to others, no change of metadata.

    part + machine + read_only -> [build] -> Program -> [Filter] -> in force until the process ends

The filter has two parts that add up. The large one is loaded once, in a nest, and leaves it what
it needs to fork and confine workers; the small one takes that away, in each worker.

A call that student code has no business with fails with "operation not permitted", so that the
student reads an exception with a line number. Only a call by the numbers of another machine's
table is answered with death. What libc tries first and can do without (clone3, openat2), and
calls that are newer than the tables, are reported as missing.

Arguments that are addresses cannot be looked into: so which files may be opened is Landlock's
affair. Where there is no Landlock, the filter makes the whole file system read-only instead.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable
from enum import Enum

from autograder.sandbox import bpf, kernel, syscalls
from autograder.sandbox.bpf import OWN_PID, Block, Program

_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_*
_X32_BIT = 0x40000000
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_MODE_FILTER = 2

_DENIED = """
    socket socketpair connect bind listen accept accept4 sendmsg sendmmsg recvmmsg
    vfork execve execveat memfd_create memfd_secret
    rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal pidfd_open pidfd_getfd
    ptrace process_vm_readv process_vm_writev kcmp process_madvise process_mrelease
    migrate_pages move_pages ioprio_set
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat
    setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
    truncate mknod mknodat
    io_uring_setup io_uring_enter io_uring_register
    io_setup io_destroy io_submit io_cancel io_getevents io_pgetevents
    add_key request_key keyctl shmget shmat shmctl semget semop semctl semtimedop
    msgget msgsnd msgrcv msgctl
    mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
    unshare setns mount umount2 chroot pivot_root fsopen fsconfig fsmount fspick move_mount
    open_tree mount_setattr statmount listmount
    setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset
    lsm_set_self_attr bpf perf_event_open userfaultfd name_to_handle_at open_by_handle_at
    fanotify_init fanotify_mark inotify_init inotify_init1 inotify_add_watch vmsplice
    syslog swapon swapoff reboot sethostname setdomainname vhangup init_module finit_module
    delete_module kexec_load kexec_file_load iopl ioperm modify_ldt acct quotactl quotactl_fd
    settimeofday clock_settime adjtimex clock_adjtime lookup_dcookie
""".split()  # noqa: SIM905 - reads better as words
# what a nest needs: to be handed sockets, to fork, to confine workers
_DENIED_TO_WORKERS = """
    recvmsg fork seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self
""".split()  # noqa: SIM905
_MISSING = ("clone3", "openat2")
_CHANGES_FILES = """
    creat mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2
    link linkat symlink symlinkat
""".split()  # noqa: SIM905 - reads better as words

_CLONE_THREAD = 0x00010000
_CLONE_NEW = 0x7E020080  # every kind of namespace
_O_WRITE, _O_CREAT, _O_TRUNC = 0o3, 0o100, 0o1000
_OPENING = (("open", 1), ("openat", 2))  # and which argument holds the flags
_PRIO_PROCESS = 0
_ASK_PERSONALITY = 0xFFFFFFFF
# fcntl and ioctl commands by which a file descriptor sends signals to another process
_SIGNALLING_FCNTL = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX
_REFUSED_IOCTL = (
    *(0x8901, 0x8902),  # FIOSETOWN, SIOCSPGRP: as above
    *(0x5412, 0x541C),  # TIOCSTI, TIOCLINUX: types into a terminal
    *(0x40086602, 0x401C5820),  # FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR: metadata
)
_ALLOWED_PRCTL = (
    *(2, 3, 16, 21, 23, 27, 30, 39, 42),  # questions about oneself
    *(15, 0x53564D41),  # names of threads and of memory
    *(51, 64),  # width of vectors on ARM
)


class Part(str, Enum):
    """Which part of the filter; a worker is under both."""

    NEST = "nest"
    WORKER = "worker"


def build(part: Part, *, read_only: bool = False, machine: str | None = None) -> Program:
    """Return one part of the filter for a machine (default: this one).

    Args:
        read_only: also refuse whatever writes to the file system. Of a worker's part only.

    Raises:
        OSError: there is no table for this machine.
    """
    machine = machine or platform.machine()
    if machine not in _MACHINES or sys.maxsize < 1 << 32 or sys.byteorder != "little":
        known = " and ".join(_MACHINES)
        raise OSError(errno.ENOSYS, f"no table of system calls for {machine} (there are {known})")
    numbers = syscalls.numbers(machine)
    blocks = [
        bpf.prologue(
            _MACHINES[machine],
            first_unknown=syscalls.FIRST_UNKNOWN,
            unknown=bpf.refuse_with(errno.ENOSYS),
            foreign_bit=_X32_BIT if machine == "x86_64" else None,
        )
    ]
    if part is Part.NEST:
        blocks += _refuse(numbers, _MISSING, errno.ENOSYS)
        blocks += _refuse(numbers, _DENIED, errno.EPERM)
        blocks += _of_both(numbers)
    else:
        blocks += _refuse(numbers, _DENIED_TO_WORKERS, errno.EPERM)
        blocks += _of_workers(numbers)
        blocks += _read_only(numbers) if read_only else _no_truncation(numbers)
    return bpf.assemble(blocks)


def _refuse(numbers: dict[str, int], names: Iterable[str], error: int) -> list[Block]:
    verdict = bpf.refuse_with(error)
    return [bpf.refuse(numbers[name], verdict) for name in names if name in numbers]


def _of_both(numbers: dict[str, int]) -> list[Block]:
    """Return the blocks that look at arguments, and let a nest do what it must."""
    no = bpf.refuse_with(errno.EPERM)
    return [
        bpf.only(numbers["personality"], 0, [_ASK_PERSONALITY], no),
        bpf.all_but(numbers["fcntl"], 1, _SIGNALLING_FCNTL, no),
        bpf.all_but(numbers["ioctl"], 1, _REFUSED_IOCTL, no),
    ]


def _of_workers(numbers: dict[str, int]) -> list[Block]:
    """Return the blocks that look at arguments, and leave a worker nothing but itself."""
    no = bpf.refuse_with(errno.EPERM)
    return [
        bpf.with_and_without(
            numbers["clone"], 0, needed=_CLONE_THREAD, forbidden=_CLONE_NEW, verdict=no
        ),
        *(bpf.only(numbers[name], 0, [OWN_PID], no) for name in ("kill", "tkill", "tgkill")),
        *(
            bpf.only(numbers[name], 0, [0, OWN_PID], no)
            for name in (
                *("prlimit64", "sched_setaffinity", "sched_setparam"),
                *("sched_setscheduler", "sched_setattr"),
            )
        ),
        bpf.only_pair(numbers["setpriority"], (0, _PRIO_PROCESS), (1, [0, OWN_PID]), no),
        bpf.only(numbers["prctl"], 0, _ALLOWED_PRCTL, no),
    ]


def _no_truncation(numbers: dict[str, int]) -> list[Block]:
    """Refuse to truncate a file that is opened for reading: Landlock before ABI 3 lets it pass."""
    no, mask = bpf.refuse_with(errno.EPERM), _O_WRITE | _O_TRUNC
    return [
        bpf.not_exactly(numbers[name], flags, mask, _O_TRUNC, no)
        for name, flags in _OPENING
        if name in numbers
    ]


def _read_only(numbers: dict[str, int]) -> list[Block]:
    wanted, no = _O_WRITE | _O_CREAT | _O_TRUNC, bpf.refuse_with(errno.EROFS)
    return _refuse(numbers, _CHANGES_FILES, errno.EROFS) + [
        bpf.without_bits(numbers[name], flags, wanted, no)
        for name, flags in _OPENING
        if name in numbers
    ]


class Filter:
    """A part of the filter, ready: what is left to do in each process takes no time.

    Args:
        program: what `build` returned.
    """

    def __init__(self, program: Program) -> None:
        self._pid_offsets = program.pid_offsets
        self._code = bytearray(program.template)
        self._buffer = (ctypes.c_char * len(self._code)).from_buffer(self._code)
        # struct sock_fprog: the number of instructions, padding, their address
        head = struct.pack("=HxxxxxxQ", len(program), ctypes.addressof(self._buffer))
        self._head = ctypes.create_string_buffer(head, len(head))
        self._address = ctypes.addressof(self._head)
        self._number = syscalls.numbers(platform.machine())["seccomp"]

    def load(self) -> None:
        """Put it in force for every thread of this process, the only one that it may signal.

        Needs no_new_privs.

        Raises:
            OSError: the kernel has no filters, or refuses.
        """
        if self._pid_offsets:
            pid = os.getpid().to_bytes(4, "little")
            for offset in self._pid_offsets:
                self._code[offset : offset + 4] = pid
        try:
            if kernel.call(self._number, _SET_MODE_FILTER, _ALL_THREADS, self._address):
                raise OSError(errno.EBUSY, "a thread has a filter of its own")
        except OSError as error:
            if error.errno not in (errno.ENOSYS, errno.EPERM, errno.EINVAL):
                raise
            # for this thread only; there is one
            kernel.prctl(kernel.PR_SET_SECCOMP, _MODE_FILTER, self._address)
