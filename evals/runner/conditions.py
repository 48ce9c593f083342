"""What has to be known to repeat a run: settings, index, versions, commit, machine."""

import hashlib
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from evals.scoring.scorers import Scorer
from index.storage.store import Store

_PACKAGES = (
    "onrecord",
    "chromadb",
    "sentence-transformers",
    "transformers",
    "torch",
    "numpy",
    "scipy",
    "tantivy",
    "llama-index-core",
)


def conditions(
    *, settings: Mapping[str, Any], index: Mapping[str, Any], scorers: Iterable[Scorer], **more: object
) -> dict[str, Any]:
    """The conditions of a run as plain data; ``more`` is kept as it is given.

    ``seed`` is that of every resampling. Settings that are paths are left out: they say where, not what.
    """
    return {
        **more,
        "settings": {name: value for name, value in settings.items() if not isinstance(value, Path)},
        "index": dict(index),
        "metrics": {scorer.name: described(scorer) for scorer in scorers},
        "versions": versions(),
        "commit": commit(),
        "seed": 0,
        "machine": machine(),
    }


def index_fingerprint(store: Store) -> dict[str, Any]:
    """What the index was made with and what it holds: ``documents`` and ``passages`` count, ``content`` is a
    digest of the documents, whose ids come from their texts.
    """
    ids = sorted(info.id for info in store.documents())
    content = hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]
    return {**store.fingerprint, "documents": len(ids), "passages": store.count(), "content": content}


def described(scorer: Scorer) -> dict[str, Any]:
    """A scorer's words for a record."""
    return {
        "about": scorer.about,
        "source": scorer.source,
        "higher_is_better": scorer.higher_is_better,
        "bounds": list(scorer.bounds),
        **({"details": dict(scorer.details)} if scorer.details else {}),
    }


def versions() -> dict[str, str]:
    """Python and the packages that figures depend on, those that are installed."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """The git commit this program runs from, with ``+`` when files differ from it; empty outside a clone."""
    folder = Path(__file__).parents[2]
    if not (folder / ".git").exists():
        return ""
    try:
        head = _git(folder, "rev-parse", "HEAD")
        return head + ("+" if _git(folder, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return ""


def machine() -> dict[str, Any]:
    """Kind of machine: system, processor, cores; no name."""
    return {
        "system": platform.system(),
        "release": platform.release(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
    }


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True, timeout=10
    )
    return done.stdout.strip()
