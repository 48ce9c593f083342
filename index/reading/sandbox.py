"""Work on bytes nobody vouches for, in a process of its own with limits of time and memory."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from index.errors import UnreadableFileError

MOST_SECONDS = 120
MAX_MEMORY_BYTES = 3_000_000_000  # bytes of address space, libraries included
_REFUSED = 3  # exit status that goes with a reason of our own on standard error

Work = Callable[[bytes, Path, tuple[str, ...]], bytes]


def apart(work: str, data: bytes, path: Path, *arguments: str, seconds: float = MOST_SECONDS) -> bytes:
    """What the function ``work``, written ``module:name``, makes of ``data``, ``path`` and ``arguments``.

    A library in C can crash, hang or eat the machine's memory over a damaged file; here it takes only its own
    process along.

    Raises:
        UnreadableFileError: the function raised it, or died, or took more than ``seconds`` or 3 GB.
    """
    command = [sys.executable, "-P", "-m", "index.reading.sandbox", work, str(path), *arguments]
    # The child finds what this process finds, whatever folder it is started in.
    found = [str(Path(__file__).resolve().parents[2]), *filter(None, sys.path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(found))}
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=seconds, check=False, env=environment)
    except subprocess.TimeoutExpired as error:
        raise UnreadableFileError(
            f"{path} was given up after {seconds:.0f} seconds: it is damaged or made to stall. "
            "Print it to a new file, or leave it out."
        ) from error
    except ValueError as error:  # a NUL in the path
        raise UnreadableFileError(f"{path!r} is no name a file can have. Rename it.") from error
    if done.returncode == _REFUSED:
        raise UnreadableFileError(done.stderr.decode("utf-8", "replace").strip().splitlines()[-1])
    if done.returncode:
        raise UnreadableFileError(
            f"{path} broke what reads it or needs more than {MAX_MEMORY_BYTES // 10**9} GB: it is damaged or made to. "
            "Open it in another program, save it anew and index that."
        )
    return done.stdout


def _main(work: str, path: str, *arguments: str) -> int:
    _limit_memory()
    module, _, name = work.partition(":")
    try:
        result = cast(Work, getattr(import_module(module), name))(sys.stdin.buffer.read(), Path(path), arguments)
    except UnreadableFileError as error:
        sys.stderr.buffer.write(str(error).encode("utf-8", "backslashreplace"))
        return _REFUSED
    sys.stdout.buffer.write(result)
    return 0


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows knows no such limit; that of time still holds
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MAX_MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MAX_MEMORY_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
