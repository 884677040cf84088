"""One answer of a learner, run in a process of its own that only calculates.

The process gets the arguments of a case and sends back what the learner's function returned. Whether that is right is
decided here, by the same check as in the notebook, with a reference that no code of the learner can reach. So nothing
that the process prints, patches or pretends makes an answer right; only right numbers do.

Not defended: a function that returns right numbers without having worked them out, because it asks `dlcore.checks` for
the reference or carries a table of the answers. The course is public, and so are its solutions.
"""

import ast
import contextlib
import errno
import json
import os
import pickle
import re
import shutil
import signal
import socket
import sys
import tempfile
import time

from . import wire
from .exercise import has_gap, unchanged
from .sandbox import shut_in

SECONDS, MEGABYTES = 5, 1000        # of processor time and of memory, for one exercise
PATIENCE = 3 * SECONDS              # seconds by the clock: a process that sleeps uses no processor time
MAGIC = re.compile(r"^([ \t]*)(%%?[a-z]|!).*$", re.M)            # a line that is for the notebook and not for Python


class Crash(BaseException):
    """The process is over, or broke a limit: ("time", ...), ("memory", ...), ("output", ...) or ("error", ...)."""


def definitions(source, values=False):
    """The parts of a cell that define something: imports, functions, classes, plain numbers and texts.

    With `values` all assignments. What a cell computes or shows is left out. Raises SyntaxError.
    """
    def kept(node):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            return values or is_plain(node.value)
        return isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef))

    return [node for node in ast.parse(MAGIC.sub(r"\1pass", source)).body if kept(node)]


def is_plain(node):
    """True for a number, a text, or a list or table of them."""
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def define(sources, namespace, values=False):
    """Run the definitions of some cells, and give the errors of those that fail, for others may still work."""
    errors = []
    for source in sources:
        for node in definitions(source, values):
            try:
                exec(compile(ast.Module([node], []), "<answer>", "exec"), namespace)
            except Exception as error:
                errors.append(f"{type(error).__name__}: {error}")
    return errors


# ---- in the process that is not trusted ----

def begin(cells, answer, name, namespace):
    """Define the function of an answer, and say how far that went, as a message."""
    try:
        written = [n for n in definitions(answer) if isinstance(n, ast.FunctionDef) and n.name == name]
    except SyntaxError as error:
        return {"error": f"SyntaxError in line {error.lineno}: {error.msg}"}
    if written and has_gap(written[-1]):
        return {"gap": True}
    for cell in cells:
        try:
            define([cell], namespace)
        except SyntaxError:             # a note in a cell of code, say: no part of the answer
            continue
    errors = define([answer], namespace, values=True)
    if not callable(namespace.get(name)):
        return {"error": "; ".join([f"there is no function {name}", *errors])}
    return {"ready": True}


def called(function, message):
    """What the function returns for the arguments of a message, with the arguments that it changed, as a message."""
    given, before = pickle.loads(message), pickle.loads(message)
    try:
        returned = wire.sent(function(*given), given)
        same = unchanged(given, before)
    except MemoryError:
        return {"crash": "memory"}
    except BaseException as error:
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            return {"crash": "output"}
        return {"raised": [type(error).__name__, str(error)[:300]]}
    return {"returned": returned, "changed": None if same else wire.sent(given)}


def live(folder, line, cells, answer, name, namespace):
    """The whole life of the process: shut itself in, define, then answer one message after the other."""
    def reply(message):
        wire.send(lambda data: write_all(line, data), json.dumps(message).encode())

    try:
        line = shut_in(folder, line, SECONDS, MEGABYTES)
    except OSError as error:
        reply({"open": str(error)})
        return
    reply({"shut": True})
    reply(begin(cells, answer, name, namespace))
    while True:
        message = wire.receive(lambda count: os.read(line, count))
        try:
            reply(called(namespace[name], message))
        except MemoryError:
            reply({"crash": "memory"})


def write_all(number, data):
    while data:
        data = data[os.write(number, data):]


# ---- in the process that judges ----

class Answer:
    """A learner's function that runs elsewhere: called like the function itself, it gives what that returned.

    `cells` are the other cells with definitions of the learner, `answer` the cell of the exercise, `name` its function,
    `namespace` what the chapter has defined. Use it in `with`: at the end the process and its folder are gone.
    Its state is "ready", or "gap" where the cell still has its `...`. Raises Crash where the process ends early.
    """

    def __init__(self, cells, answer, name, namespace):
        self.__name__ = name
        self.folder = tempfile.mkdtemp(prefix="dlcore-grade-")
        self.line, theirs = socket.socketpair()
        self.deadline = time.monotonic() + PATIENCE
        sys.stdout.flush()
        self.process = os.fork()
        if self.process == 0:
            try:
                live(self.folder, theirs.fileno(), cells, answer, name, namespace)
            finally:
                os._exit(1)
        theirs.close()

    def __enter__(self):
        try:
            if "shut" not in (reply := self.receive()):         # sent before a line of the learner runs
                raise SystemExit(f"dlcore grade: nothing is run here, for a process cannot be shut in: {reply}")
            reply = self.receive()
            if "error" in reply:
                raise Crash("error", str(reply["error"]))
            self.state = "gap" if "gap" in reply else "ready"
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *error):
        self.end()

    def __call__(self, *given):
        reply = self.ask(pickle.dumps(given))
        if "crash" in reply:
            raise Crash("memory", f"more than {MEGABYTES} MB") if reply["crash"] == "memory" else Crash(
                "output", "printed or wrote more than a file may hold")
        try:
            if "raised" in reply:
                name, text = map(str, reply["raised"])
                error = type(name, (Exception,), {})(text)
            else:
                if reply["changed"] is not None:
                    wire.put_back(given, wire.received(reply["changed"]))
                return wire.received(reply["returned"], given)
        except (KeyError, TypeError, ValueError) as problem:
            raise Crash("error", "sent back something that is no value") from problem
        raise error

    def ask(self, message):
        try:
            self.rest()
            wire.send(self.line.sendall, message)
        except OSError:                                 # TimeoutError is one too
            raise self.crash() from None
        return self.receive()

    def receive(self):
        def read(count):
            self.rest()
            return self.line.recv(min(count, 2**16))

        try:
            return wire.parsed(wire.receive(read))
        except (EOFError, OSError):
            raise self.crash() from None
        except ValueError:
            raise Crash("error", "sent back something that is no value, or too much of it") from None

    def rest(self):
        """Wait no longer than the deadline."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.line.settimeout(left)

    def crash(self):
        """Why the process has ended, or must."""
        late = time.monotonic() >= self.deadline
        status, used = self.end()
        number = os.waitstatus_to_exitcode(status)
        if number in (-signal.SIGXCPU, -signal.SIGKILL) and used.ru_utime + used.ru_stime > SECONDS - 1:
            return Crash("time", f"more than {SECONDS} s of processor time")
        if late:
            return Crash("time", f"no answer after {PATIENCE} s")
        if number < 0:
            return Crash("error", f"ended by {signal.Signals(-number).name}")
        return Crash("error", f"left Python with exit status {number}")

    def end(self):
        """Kill the process and all of its group, remove its folder; what the system says of its end."""
        if self.process:
            for kill in (os.killpg, os.kill):           # it may not have its own group yet
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    kill(self.process, signal.SIGKILL)
            _, *self.ended = os.wait4(self.process, 0)
            self.process = None
            self.line.close()
            shutil.rmtree(self.folder, ignore_errors=True)
        return self.ended
