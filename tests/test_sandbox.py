"""A process that has shut itself in: what it still can do, and what it no longer can."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

if sys.platform == "win32":
    pytest.skip("Windows cannot shut a process in", allow_module_level=True)

from dlcore import sandbox

SHUT = pytest.mark.skipif(sys.platform != "linux" or bool(sandbox.missing()), reason=f"{sandbox.missing()}")

# Python with everything loaded, which starts each piece of code as a copy of itself and says how that ended.
SERVER = """
import json, os, sys, threading
import numpy, torch
import dlcore.sandbox
torch.set_num_threads(1)
for request in sys.stdin:
    code, folder, outside = json.loads(request)
    parent, child = os.getpid(), os.fork()
    if child == 0:
        result, line = "never ran", os.open(folder + "/result", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            line = dlcore.sandbox.shut_in(folder, line, 2, 500)
            exec(code)
            result = "done"
        except BaseException as error:
            result = type(error).__name__
        os.write(line, result.encode())
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="module")
def server():
    env = os.environ | {"SECRET": "x", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                          env=env) as started:
        yield started
        started.stdin.close()


@pytest.fixture
def inside(tmp_path, server):
    """Runs code in a process that is shut in, and gives "done", or the name of the error that the code meets."""
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "file").write_text("precious")

    def run(code):
        before = (outside / "file").stat()
        server.stdin.write(json.dumps([textwrap.dedent(code).strip(), str(folder), str(outside)]) + "\n")
        server.stdin.flush()
        run.status = int(server.stdout.readline())
        after = (outside / "file").stat()
        assert [p.name for p in outside.iterdir()] == ["file"]
        assert (outside / "file").read_text() == "precious", "a file outside was harmed"
        assert (before.st_mode, before.st_uid, before.st_mtime) == (after.st_mode, after.st_uid, after.st_mtime)
        return (folder / "result").read_text()

    run.folder = folder
    return run


ALLOWED = {
    "write and delete in its own folder": """
        open("a", "w").write("x"); os.mkdir("b"); os.rename("a", "b/a"); os.remove("b/a"); os.rmdir("b")
        import tempfile; tempfile.TemporaryFile().write(b"x")
        assert os.getcwd() == os.environ["HOME"] == tempfile.gettempdir() == os.path.realpath(folder)""",
    "calculate": """
        a = numpy.random.default_rng(0).normal(size=(200, 200))
        numpy.linalg.svd(a @ a)
        w = torch.zeros(3, requires_grad=True); (torch.nn.Linear(3, 2)(w).sum() ** 2).backward()""",
    "import what is installed": "import statistics, xml.dom.minidom, mlxtend, dlcore.conv, dlcore.checks.torch",
    "forget the environment": "assert 'SECRET' not in os.environ and os.popen is not None",
    "print": "print('x' * 1000); assert sys.stdin.read() == ''",
}

REFUSED = {
    "write outside": 'open(outside + "/file", "w")',
    "add a file outside": 'open(outside + "/new", "w")',
    "delete outside": 'os.remove(outside + "/file")',
    "delete a tree outside": "import shutil; shutil.rmtree(outside)",
    "rename outside": 'os.rename(outside + "/file", outside + "/other")',
    "move a file in": 'os.rename(outside + "/file", "file")',
    "link a file in": 'os.link(outside + "/file", "file")',
    "cut a file outside": 'os.truncate(outside + "/file", 0)',
    "make a folder outside": 'os.mkdir(outside + "/new")',
    "read outside": 'open(outside + "/file").read()',
    "read through a link": 'os.symlink(outside + "/file", "link"); open("link").read()',
    "list outside": "os.listdir(outside)",
    "read its first environment": "open('/proc/self/environ').read()",
    "read the users": 'open("/etc/passwd").read()',
    "change rights": 'os.chmod(outside + "/file", 0o777)',
    "change owners": 'os.chown(outside + "/file", 1, 1)',
    "change dates": 'os.utime(outside + "/file", (0, 0))',
    "set attributes": 'os.setxattr(outside + "/file", "user.x", b"1")',
    "start a program": 'import subprocess; subprocess.run(["true"])',
    "start a shell": 'assert os.system("true") == 0',
    "become a program": 'os.execv(sys.executable, [sys.executable, "-c", ""])',
    "fork": "os.fork()",
    "start a thread": "threading.Thread(target=print).start()",
    "kill its parent": "os.kill(parent, 9)",
    "kill everything": "os.kill(-1, 9)",
    "leave its group": "os.setpgid(0, 0)",
    "open a socket": "import socket; socket.socket()",
    "ask the network": 'import urllib.request; urllib.request.urlopen("http://127.0.0.1:9")',
    "slow its parent down": "os.setpriority(os.PRIO_PROCESS, parent, 19)",
    "limit its parent": "import resource; resource.prlimit(parent, resource.RLIMIT_CPU, (0, 0))",
    "trace its parent": "open(f'/proc/{parent}/mem', 'r+b')",
    "share memory that stays": """
        import multiprocessing.shared_memory
        multiprocessing.shared_memory.SharedMemory(create=True, size=10)""",
    "raise its own limits": "import resource; resource.setrlimit(resource.RLIMIT_CPU, (100, 100))",
}
ERRORS = {"PermissionError", "AssertionError", "URLError", "RuntimeError", "OSError", "ValueError"}


@pytest.mark.parametrize("what", ALLOWED)
def test_it_can(inside, what):
    assert inside(ALLOWED[what]) == "done"


@SHUT
@pytest.mark.parametrize("what", REFUSED)
def test_it_cannot(inside, what):
    assert inside(REFUSED[what]) in ERRORS


def test_it_has_no_other_open_file(inside):
    assert inside("""
        for number in range(4, 200):
            try:
                os.fstat(number)
            except OSError:
                continue
            raise KeyError(number)
        """) == "done"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps a limit of memory")
def test_memory_has_a_limit(inside):
    assert inside("x = [numpy.ones(10**6) for _ in range(80)]") == "MemoryError"
    assert inside("x = [numpy.ones(10**6) for _ in range(40)]") == "done"


def test_what_it_prints_has_a_limit(inside):
    assert inside("""
        for _ in range(1000):
            print("x" * 10**6)
        """) == "OSError"
    assert (inside.folder / "printed").stat().st_size <= sandbox.FILE


@pytest.mark.parametrize("code", ["while True: pass", "import signal; signal.signal(24, print)\nwhile True: pass"])
def test_processor_time_has_a_limit(inside, code):
    start = time.perf_counter()
    assert inside(code) == "" and time.perf_counter() - start < 60
    assert inside.status in (-signal.SIGXCPU, -signal.SIGKILL)


def test_what_is_missing_is_said(monkeypatch):
    monkeypatch.setattr(sandbox, "landlock_version", lambda: 0)
    monkeypatch.setattr(sandbox.platform, "machine", lambda: "riscv64")
    files, calls = sandbox.missing()
    assert files.startswith("files are open") and calls.startswith("the network and signals")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert len(sandbox.missing()) == 3


def test_the_program_of_refused_calls_jumps_inside_itself():
    for _, numbers in sandbox.REFUSED.values():
        assert len(numbers) < 250 and all(0 <= n < 1000 for n in numbers)
