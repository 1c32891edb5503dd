"""Numbers of the system calls that the filter names, on the machines that it knows.

From Linux's tables: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
A call that a machine does not have is a dash. Calls from 424 on have one number everywhere.
"""

from __future__ import annotations

FIRST_UNKNOWN = 463  # the tables end here; what is newer is not there for a worker

_COLUMNS = {"x86_64": 1, "aarch64": 2}
_TABLE = """
    socket 41 198         socketpair 53 199       connect 42 203         bind 49 200
    listen 50 201         accept 43 202           accept4 288 242        sendmsg 46 211
    sendmmsg 307 269      recvmsg 47 212          recvmmsg 299 243

    clone 56 220          clone3 435 435          fork 57 -              vfork 58 -
    execve 59 221         execveat 322 281        memfd_create 319 279   memfd_secret 447 447

    kill 62 129           tkill 200 130           tgkill 234 131         rt_sigqueueinfo 129 138
    rt_tgsigqueueinfo 297 240                     pidfd_send_signal 424 424
    pidfd_open 434 434    pidfd_getfd 438 438

    ptrace 101 117        process_vm_readv 310 270                       process_vm_writev 311 271
    kcmp 312 272          process_madvise 440 440 process_mrelease 448 448
    migrate_pages 256 238 move_pages 279 239      prlimit64 302 261      setpriority 141 140
    ioprio_set 251 30     sched_setaffinity 203 122                      sched_setparam 142 118
    sched_setscheduler 144 119                    sched_setattr 314 274

    chmod 90 -            fchmod 91 52            fchmodat 268 53        fchmodat2 452 452
    chown 92 -            fchown 93 55            lchown 94 -            fchownat 260 54
    utime 132 -           utimes 235 -            utimensat 280 88       futimesat 261 -
    setxattr 188 5        lsetxattr 189 6         fsetxattr 190 7        removexattr 197 14
    lremovexattr 198 15   fremovexattr 199 16

    open 2 -              openat 257 56           openat2 437 437        creat 85 -
    truncate 76 45        mknod 133 -             mknodat 259 33         mkdir 83 -
    mkdirat 258 34        rmdir 84 -              unlink 87 -            unlinkat 263 35
    rename 82 -           renameat 264 38         renameat2 316 276      link 86 -
    linkat 265 37         symlink 88 -            symlinkat 266 36

    io_uring_setup 425 425                        io_uring_enter 426 426
    io_uring_register 427 427                     io_setup 206 0         io_destroy 207 1
    io_submit 209 2       io_cancel 210 3         io_getevents 208 4     io_pgetevents 333 292

    add_key 248 217       request_key 249 218     keyctl 250 219
    shmget 29 194         shmat 30 196            shmctl 31 195          semget 64 190
    semop 65 193          semctl 66 191           semtimedop 220 192     msgget 68 186
    msgsnd 69 189         msgrcv 70 188           msgctl 71 187
    mq_open 240 180       mq_unlink 241 181       mq_timedsend 242 182   mq_timedreceive 243 183
    mq_notify 244 184     mq_getsetattr 245 185

    unshare 272 97        setns 308 268           mount 165 40           umount2 166 39
    chroot 161 51         pivot_root 155 41       fsopen 430 430         fsconfig 431 431
    fsmount 432 432       fspick 433 433          move_mount 429 429     open_tree 428 428
    mount_setattr 442 442 statmount 457 457       listmount 458 458

    setuid 105 146        setgid 106 144          setreuid 113 145       setregid 114 143
    setresuid 117 147     setresgid 119 149       setgroups 116 159      setfsuid 122 151
    setfsgid 123 152      capset 126 91           lsm_set_self_attr 460 460

    bpf 321 280           perf_event_open 298 241 userfaultfd 323 282    personality 135 92
    seccomp 317 277       prctl 157 167           fcntl 72 25            ioctl 16 29
    landlock_create_ruleset 444 444               landlock_add_rule 445 445
    landlock_restrict_self 446 446                name_to_handle_at 303 264
    open_by_handle_at 304 265                     fanotify_init 300 262  fanotify_mark 301 263
    inotify_init 253 -    inotify_init1 294 26    inotify_add_watch 254 27
    vmsplice 278 75       syslog 103 116          swapon 167 224         swapoff 168 225
    reboot 169 142        sethostname 170 161     setdomainname 171 162  vhangup 153 58
    init_module 175 105   finit_module 313 273    delete_module 176 106
    kexec_load 246 104    kexec_file_load 320 294 iopl 172 -             ioperm 173 -
    modify_ldt 154 -      acct 163 89             quotactl 179 60        quotactl_fd 443 443
    settimeofday 164 170  clock_settime 227 112   adjtimex 159 171       clock_adjtime 305 266
    lookup_dcookie 212 18
"""


def numbers(machine: str) -> dict[str, int]:
    """Return name -> number of the calls that `machine` has; KeyError for an unknown machine."""
    column = _COLUMNS[machine]
    words = _TABLE.split()
    rows = zip(words[0::3], words[1::3], words[2::3], strict=True)
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}
