"""What misbehaves in a process of its own, for tests of ``index.reading.sandbox``."""

import ctypes
import time
from pathlib import Path


def stall(data: bytes, path: Path, arguments: tuple[str, ...]) -> bytes:
    time.sleep(60)
    return b""


def crash(data: bytes, path: Path, arguments: tuple[str, ...]) -> bytes:
    return ctypes.string_at(0)


def swell(data: bytes, path: Path, arguments: tuple[str, ...]) -> bytes:
    return b"x" * 10**11
