"""The conditions of a run, needed to repeat it: settings, index, versions, commit, machine."""

import hashlib
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from evals.scoring.scorer import Scorer
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


def record_conditions(
    *, settings: Mapping[str, Any], index: Mapping[str, Any], scorers: Iterable[Scorer], **more: object
) -> dict[str, Any]:
    """Return the conditions of a run as plain data; ``more`` is kept as it is given.

    ``seed`` is that of every resampling. Settings that are paths are left out: they say where, not what.
    """
    return {
        **more,
        "settings": {name: value for name, value in settings.items() if not isinstance(value, Path)},
        "index": dict(index),
        "metrics": {scorer.name: describe_scorer(scorer) for scorer in scorers},
        "versions": package_versions(),
        "commit": git_commit(),
        "seed": 0,
        "machine": machine(),
    }


def index_fingerprint(store: Store) -> dict[str, Any]:
    """Describe what the index was made with and what it holds.

    ``documents`` and ``passages`` are counts; ``content`` is a digest of the documents' ids, made from their texts.
    """
    ids = sorted(info.id for info in store.documents())
    content = hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]
    return {**store.fingerprint, "documents": len(ids), "passages": store.count(), "content": content}


def describe_scorer(scorer: Scorer) -> dict[str, Any]:
    """Describe a scorer for the record of a run."""
    return {
        "about": scorer.about,
        "source": scorer.source,
        "higher_is_better": scorer.higher_is_better,
        "bounds": list(scorer.bounds),
        **({"details": dict(scorer.details)} if scorer.details else {}),
    }


def package_versions() -> dict[str, str]:
    """Return the versions of Python and of the installed packages that figures depend on."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def git_commit() -> str:
    """Return the git commit this program runs from, with ``+`` when files differ from it; empty outside a clone."""
    folder = Path(__file__).parents[2]
    if not (folder / ".git").exists():
        return ""
    try:
        head = _git(folder, "rev-parse", "HEAD")
        return head + ("+" if _git(folder, "status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return ""


def machine() -> dict[str, Any]:
    """Describe the kind of machine: system, processor, cores; no name."""
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
