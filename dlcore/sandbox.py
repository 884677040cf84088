"""A process shuts itself in before it runs code that nobody has read, as far as an ordinary user can.

Everywhere: a session, a working, home and temporary folder of its own; an empty environment; no open file but one line
to its parent; limits on processor time, memory, the size of files, open files and new processes.
On Linux also, by the kernel and for good: it can write only below its own folder and read only what Python needs
(Landlock, from Linux 5.13); no network, no new process, no signal to others, no change of owners, rights or dates of
files (seccomp, on x86-64 and ARM). `missing()` says which of these this machine lacks.

Not defended, here or anywhere: faults of the kernel itself; many small files that fill the disk within the seconds;
what the process already holds in its memory.
"""

import ctypes
import os
import platform
import resource
import site
import struct
import sys
import sysconfig
import tempfile
from pathlib import Path

LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446        # numbers of system calls, on every processor
NO_NEW_PRIVILEGES, SECCOMP, FILTER = 38, 22, 2                          # prctl's words
EXECUTE, WRITE, READ, LIST = 1, 2, 4, 8                                 # Landlock's rights on files
FILE = 10 * 2**20                                                       # bytes of the largest file, output included
RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}                                   # how many rights a version knows; later ones 16

# Refused system calls by their numbers on x86-64 and on ARM; -1 where a processor has none.
REFUSED = {
    "x86_64": (0xC000003E, {
        *(41, 53, 29, 64, 68, 240),                             # socket, socketpair, shmget, semget, msgget, mq_open
        *(56, 57, 58, 435, 59, 322, 272, 308),                  # clone, fork, vfork, clone3, execve(at), unshare, setns
        *(62, 200, 234, 424, 434, 438, 101, 311, 302),          # kill ..., pidfd ..., ptrace, vm_writev, prlimit64
        *(112, 109, 141, 142, 144, 203, 251, 314),              # setsid, setpgid, priorities and processors of others
        *(90, 91, 268, 452, 92, 93, 94, 260),                   # chmod ..., chown ...
        *(132, 235, 261, 280, 188, 189, 190, 197, 198, 199),    # utime ..., setxattr ..., removexattr ...
        *(165, 248, 250, 298, 321, 425),                        # mount, keys, perf_event_open, bpf, io_uring
    }),
    "aarch64": (0xC00000B7, {
        *(198, 199, 194, 190, 186, 180),
        *(220, 435, 221, 281, 97, 268),
        *(129, 130, 131, 424, 434, 438, 117, 271, 261),
        *(157, 154, 140, 118, 119, 122, 30, 274),
        *(52, 53, 452, 54, 55),
        *(88, 5, 6, 7, 14, 15, 16),
        *(40, 217, 219, 241, 280, 425),
    }),
}


def libc():
    return ctypes.CDLL(None, use_errno=True)


def control(*arguments):
    """The system call prctl, which changes what this process may do. Raises OSError where the kernel refuses."""
    if libc().prctl(*map(ctypes.c_ulong, arguments)) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def call(number, *arguments):
    """A system call that the standard library does not offer. Raises OSError where the kernel refuses."""
    result = libc().syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), f"system call {number}")
    return result


def landlock_version():
    """The version of Landlock that the kernel offers, 0 for none."""
    try:
        return call(LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1) if sys.platform == "linux" else 0
    except OSError:
        return 0


def missing():
    """What this machine cannot defend, as a list of sentences; empty where everything above is there."""
    lacks = []
    if landlock_version() == 0:
        lacks.append("files are open to what runs here (no Landlock, which Linux has from 5.13)")
    if sys.platform != "linux" or platform.machine() not in REFUSED:
        lacks.append("the network and signals to other processes are open to what runs here (no seccomp)")
    if sys.platform != "linux":
        lacks.append("memory has no limit (only Linux keeps one)")
    return lacks


def limit(seconds, megabytes):
    """Limits that the system itself keeps: more memory fails, more time or larger files end the process."""
    limits = {"CPU": seconds, "FSIZE": FILE, "NOFILE": 64, "CORE": 0, "NPROC": 0}       # root is above the last one
    if sys.platform == "linux":
        held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        limits["AS"] = held + megabytes * 2**20
    for name, most in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most + (name == "CPU")))


def needed_by_python():
    """The folders and files that Python and the course read while they run."""
    package = Path(__file__).parent
    names = {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), site.getusersitepackages(), package}
    names |= {"/usr", "/lib", "/lib64"}
    names |= {"/dev/urandom", "/proc/self/maps", "/proc/cpuinfo", "/sys/devices/system/cpu"}
    return [name for name in names if os.path.exists(name)]


def shut_files(folder):
    """From now on write only below `folder` and to /dev/null, and read only there and where Python lies."""
    version = landlock_version()
    if version == 0:
        return
    every = (1 << RIGHTS.get(version, 16)) - 1
    signals = 0b11 if version >= 6 else 0
    attributes = struct.pack("QQQ", every, 0b11 if version >= 4 else 0, signals)
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = call(LANDLOCK_CREATE, attributes, ctypes.c_size_t(size), 0)
    allowed = {folder: every & ~EXECUTE, os.devnull: READ | WRITE}
    allowed |= {path: READ | LIST | EXECUTE if os.path.isdir(path) else READ for path in needed_by_python()}
    for path, rights in allowed.items():
        where = os.open(path, os.O_PATH)
        call(LANDLOCK_ADD, rules, 1, struct.pack("=Qi", rights, where), 0)
        os.close(where)
    control(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    call(LANDLOCK_RESTRICT, rules, 0)
    os.close(rules)


def shut_system_calls():
    """From now on the refused system calls fail with "Operation not permitted"."""
    if sys.platform != "linux" or platform.machine() not in REFUSED:
        return
    processor, numbers = REFUSED[platform.machine()]
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06                     # a program of the packet filter
    refuse = len(numbers) + 1                                                   # steps from the first test to the end
    steps = [(load, 0, 0, 4), (equal, 0, refuse + 2, processor), (load, 0, 0, 0), (at_least, refuse, 0, 0x40000000)]
    steps += [(equal, refuse - 1 - i, 0, number) for i, number in enumerate(sorted(numbers))]
    steps += [(answer, 0, 0, 0x7FFF0000), (answer, 0, 0, 0x00050000 | 1)]       # allow; errno 1
    program = b"".join(struct.pack("HBBI", *step) for step in steps)
    buffer = ctypes.create_string_buffer(program)
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(buffer)))
    control(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    control(SECCOMP, FILTER, ctypes.addressof(header), 0, 0)


def shut_in(folder, line, seconds, megabytes):
    """Shut this process in, for good, and give the new number of the file descriptor `line`, which alone stays open.

    `folder` is its own; what it prints goes into the file `printed` there. `seconds` are of processor time, `megabytes`
    are memory on top of what the process holds already. Raises OSError where a defence that the machine has fails.
    """
    os.setsid()
    printed = os.open(os.path.join(folder, "printed"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, printed, printed)):
        os.dup2(file, number)
    os.dup2(line, 3)
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    os.environ.clear()
    os.environ.update(HOME=folder, TMPDIR=folder, PATH=os.defpath, LANG="C.UTF-8", OMP_NUM_THREADS="1")
    tempfile.tempdir = None             # forget the parent's
    os.chdir(folder)
    limit(seconds, megabytes)
    shut_files(folder)
    shut_system_calls()
    return 3
