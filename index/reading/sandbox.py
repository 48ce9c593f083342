"""Run work on untrusted bytes in a process of its own, with limits of time and memory."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import cast

from index.errors import UnreadableFileError

MAX_SECONDS = 120
MAX_MEMORY_BYTES = 3_000_000_000  # bytes of address space, libraries included
_EXIT_UNREADABLE = 3  # exit status for an UnreadableFileError, whose message is on standard error

Work = Callable[[bytes, Path, tuple[str, ...]], bytes]


def run_sandboxed(work: str, data: bytes, path: Path, *arguments: str, seconds: float = MAX_SECONDS) -> bytes:
    """Call the function ``work``, written ``module:name``, with ``data``, ``path`` and ``arguments``; return its bytes.

    A C library can crash, hang or use up the machine's memory over a damaged file; here only its own process dies.

    Raises:
        UnreadableFileError: the function raised it, or died, or took more than ``seconds`` or 3 GB.
    """
    command = [sys.executable, "-P", "-m", "index.reading.sandbox", work, str(path), *arguments]
    # The child process must find the same modules, whatever folder it is started in.
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
    if done.returncode == _EXIT_UNREADABLE:
        raise UnreadableFileError(done.stderr.decode("utf-8", "replace").strip().splitlines()[-1])
    if done.returncode:
        raise UnreadableFileError(
            f"{path} broke what reads it or needs more than {MAX_MEMORY_BYTES // 10**9} GB: it is damaged or made to. "
            "Open it in another program, save it anew and add that."
        )
    return done.stdout


def _main(work: str, path: str, *arguments: str) -> int:
    _limit_memory()
    module, _, name = work.partition(":")
    try:
        result = cast(Work, getattr(import_module(module), name))(sys.stdin.buffer.read(), Path(path), arguments)
    except UnreadableFileError as error:
        sys.stderr.buffer.write(str(error).encode("utf-8", "backslashreplace"))
        return _EXIT_UNREADABLE
    sys.stdout.buffer.write(result)
    return 0


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit; the time limit still holds
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MAX_MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MAX_MEMORY_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
