"""The header of a run: its id, its set by content, and its conditions."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evals.runner.conditions import index_fingerprint, record_conditions
from evals.runner.records import Run
from evals.scoring.scorer import Scorer
from index.storage.store import Store


def new_run(
    set_path: Path,
    answerer: str,
    store: Store,
    settings: Mapping[str, Any],
    scorers: Iterable[Scorer],
    *,
    name: str = "",
    **options: object,
) -> Run:
    """Make the header of a run of ``answerer`` over the set at ``set_path``, begun now.

    The id is ``name``, or time, set and answerer. ``options``, such as ``limit``, become part of the
    conditions.
    """
    started = datetime.now(UTC)
    set_name = _set_name(set_path)
    slug = re.sub(r"[^\w.-]+", "-", f"{set_name}-{answerer}").strip(".-")
    return Run(
        id=name or f"{started:%Y%m%d-%H%M%S}-{slug}",
        set_name=set_name,
        set_sha256=hashlib.sha256(set_path.read_bytes()).hexdigest(),
        answerer=answerer,
        started=started.isoformat(timespec="seconds"),
        finished="",
        conditions=record_conditions(
            settings=settings,
            index=index_fingerprint(store),
            scorers=scorers,
            set=str(set_path),
            **options,
        ),
    )


def _set_name(path: Path) -> str:
    """Return the file's name; for an imported set, whose file is always ``cases.jsonl``, its folder's."""
    return path.resolve().parent.name if path.stem == "cases" else path.stem
