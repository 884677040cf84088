"""A file is written whole or not at all: a crash half way leaves the old one."""

import os
from pathlib import Path


def store(path, text):
    """Write `text` to the file `path`, its lines ended by one newline on every system.

    The text goes to a file beside it first, reaches the disk, and then takes the name in one step.
    Raises OSError where the folder cannot be written to.
    """
    path = Path(path)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(fresh, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
