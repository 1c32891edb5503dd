"""The system-call filter: no network, no new process, no signal to others, no change of metadata.

    machine + read_only -> [build] -> Program -> [load] -> in force until the process ends

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
import platform
import struct
import sys

from autograder.sandbox import bpf, kernel, syscalls
from autograder.sandbox.bpf import OWN_PID, Block, Program

_MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_*
_X32_BIT = 0x40000000
_SET_MODE_FILTER, _ALL_THREADS = 1, 1
_MODE_FILTER = 2

_DENIED = """
    socket socketpair connect bind listen accept accept4 sendmsg sendmmsg recvmsg recvmmsg
    fork vfork execve execveat memfd_create memfd_secret
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
    lsm_set_self_attr seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self
    bpf perf_event_open userfaultfd name_to_handle_at open_by_handle_at
    fanotify_init fanotify_mark inotify_init inotify_init1 inotify_add_watch vmsplice
    syslog swapon swapoff reboot sethostname setdomainname vhangup init_module finit_module
    delete_module kexec_load kexec_file_load iopl ioperm modify_ldt acct quotactl quotactl_fd
    settimeofday clock_settime adjtimex clock_adjtime lookup_dcookie
""".split()  # noqa: SIM905 - reads better as words
_MISSING = ("clone3", "openat2")
_CHANGES_FILES = """
    creat mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2
    link linkat symlink symlinkat
""".split()  # noqa: SIM905 - reads better as words

_CLONE_THREAD = 0x00010000
_CLONE_NEW = 0x7E020080  # every kind of namespace
_O_WRITE, _O_CREAT, _O_TRUNC = 0o3, 0o100, 0o1000
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


def build(*, read_only: bool, machine: str | None = None) -> Program:
    """Return the filter for a machine (default: this one).

    Args:
        read_only: also refuse whatever writes to the file system.

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
    blocks += [bpf.refuse(numbers[name], bpf.refuse_with(errno.ENOSYS)) for name in _MISSING]
    blocks += [
        bpf.refuse(numbers[name], bpf.refuse_with(errno.EPERM))
        for name in _DENIED
        if name in numbers
    ]
    if read_only:
        blocks += [
            bpf.refuse(numbers[name], bpf.refuse_with(errno.EROFS))
            for name in _CHANGES_FILES
            if name in numbers
        ]
    blocks += _conditional(numbers, read_only)
    return bpf.assemble(blocks)


def _conditional(numbers: dict[str, int], read_only: bool) -> list[Block]:
    """Return the blocks that look at arguments."""
    no = bpf.refuse_with(errno.EPERM)
    blocks = [
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
        bpf.only(numbers["personality"], 0, [_ASK_PERSONALITY], no),
        bpf.all_but(numbers["fcntl"], 1, _SIGNALLING_FCNTL, no),
        bpf.all_but(numbers["ioctl"], 1, _REFUSED_IOCTL, no),
    ]
    for name, flags in (("open", 1), ("openat", 2)):
        if name not in numbers:
            continue
        if read_only:
            wanted, erofs = _O_WRITE | _O_CREAT | _O_TRUNC, bpf.refuse_with(errno.EROFS)
            blocks.append(bpf.without_bits(numbers[name], flags, wanted, erofs))
        else:  # reading and truncating at once passes as reading before Landlock's ABI 3
            mask = _O_WRITE | _O_TRUNC
            blocks.append(bpf.not_exactly(numbers[name], flags, mask, _O_TRUNC, no))
    return blocks


def load(program: Program, pid: int) -> str:
    """Put the filter in force for every thread of this process; return what is in force.

    Needs no_new_privs.

    Args:
        pid: this process, the only one that may be sent signals.

    Raises:
        OSError: the kernel has no filters, or refuses.
    """
    code = program.for_pid(pid)
    buffer = (ctypes.c_char * len(code)).from_buffer(code)
    # struct sock_fprog: the number of instructions, padding, their address
    head = struct.pack("=HxxxxxxQ", len(program), ctypes.addressof(buffer))
    fprog = ctypes.create_string_buffer(head, len(head))
    how = f"{len(program)} instructions for {platform.machine()}"
    try:
        number = syscalls.numbers(platform.machine())["seccomp"]
        if kernel.call(number, _SET_MODE_FILTER, _ALL_THREADS, ctypes.addressof(fprog)):
            raise OSError(errno.EBUSY, "a thread has a filter of its own")
    except OSError as error:
        if error.errno not in (errno.ENOSYS, errno.EPERM, errno.EINVAL):
            raise
        kernel.prctl(kernel.PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(fprog))
        how += ", this thread only"
    return how
