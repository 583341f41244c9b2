"""Directories for the databases of the tests."""

import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ROOM = 2 * 2**30


def directory(prefix: str, *, memory: bool = True) -> Path:
    """A new directory, in memory where there is room for it, unless `memory` is false.

    SQLite waits for the disk at every commit, as it must in production; thousands of tests waiting would only be slow.
    What a test kills is a process, and what a process wrote is still there in memory.
    """
    roomy = memory and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    return Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY if roomy else None))
