"""The interrupt from the keyboard, Ctrl-C or the notebook's stop button: what must not be cut in two."""

import signal
import threading
from contextlib import contextmanager


@contextmanager
def whole():
    """Make an interrupt wait until the end of the block, so that nothing is left half done.

    >>> steps = []
    >>> try:
    ...     with whole():
    ...         signal.raise_signal(signal.SIGINT)
    ...         steps.append("done")
    ... except KeyboardInterrupt:
    ...     print(steps)
    ['done']
    """
    if threading.current_thread() is not threading.main_thread():
        yield                                   # only the main thread is ever interrupted
        return
    came = []
    before = signal.signal(signal.SIGINT, lambda *_: came.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)
