"""The conditions of a benchmark: what is needed to repeat it and to judge its times."""

import datetime
import os
import platform
import shlex
import subprocess
from collections.abc import Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from evals.research.benchmarks.sets import Half

_PACKAGES = ("onrecord", "llama-index-core", "chromadb", "sentence-transformers", "torch", "tantivy", "bm25s", "numpy")

_KEEPING = ("--vectors", "--out", "--write")


def conditions(arguments: list[str], wanted: Half, model: str) -> dict[str, str]:
    """Describe the conditions, in the order they are shown. No host, user or absolute path is among them."""
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "command": shlex.join(["python", "-m", "evals.research.benchmarks", *_telling(arguments)]),
        "half": wanted,
        "model": model,
        "commit": _commit(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}; "
        f"load {os.getloadavg()[0]:.1f} at the start (well above 0: other work slowed the times)",
        "threads": os.environ.get("OMP_NUM_THREADS", "one a core"),
        "versions": ", ".join([f"Python {platform.python_version()}", *map(_version, _PACKAGES)]),
    }


def _telling(arguments: Sequence[str]) -> Iterator[str]:
    """Yield the arguments that decide the figures, without those that say where to keep them."""
    after = ""
    for argument in arguments:
        name = argument.partition("=")[0]
        if name not in _KEEPING and after not in _KEEPING[:-1]:
            yield argument
        after = argument


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} missing"


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=7"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()
