"""Runs begun from the page: one at a time, each in a thread of its own, stopped only by its visitor."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from evals.datasets.cases import load_cases
from evals.report.html import html_report
from evals.runner.header import new_run
from evals.runner.records import Run
from evals.runner.run import PreparedSet, check_resumable, prepare_set, run_cases, utc_now
from evals.runner.runtime import ANSWERERS
from evals.runner.store import RunError, create_run, read_header, runs_folder
from evals.schema import Case
from evals.scoring.deterministic import deterministic_scorers
from index.errors import OnrecordError
from rag.pipeline import Pipeline

_log = logging.getLogger(__name__)

StoppableTurn = Callable[[threading.Event], AbstractContextManager[object]]
"""What each question is asked within; it raises once what it is given is set before it has begun."""


@dataclass
class Job:
    """A run under way, or over; its holder may stop it. ``done`` counts the cases, earlier ones too.

    ``error`` says why it ended early, if it did so by itself.
    """

    run: Run
    folder: Path
    total: int
    done: int = 0
    kept: int = 0
    error: str = ""
    began: float = field(default_factory=time.monotonic)
    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def seconds_left(self) -> float | None:
        """The seconds that the rest will take at the pace so far; None while that is not known."""
        asked = self.done - self.kept
        return (time.monotonic() - self.began) / asked * (self.total - self.done) if asked else None


class RunManager:
    """The runs over one index, each question within a ``queue_turn``. Safe to call from several threads."""

    def __init__(
        self, pipeline: Pipeline, data_dir: Path, settings: Mapping[str, Any], queue_turn: StoppableTurn = nullcontext
    ) -> None:
        self._pipeline = pipeline
        self._turn = queue_turn
        self._runs = runs_folder(data_dir)
        self._settings = settings
        self._lock = threading.Lock()
        self._job: Job | None = None

    def current(self) -> Job | None:
        """Return the run under way, whoever began it."""
        job = self._job
        return job if job is not None and not job.over.is_set() else None

    def start(self, set_path: Path, answerer: str) -> Job:
        """Begin a run of the set. Raises ``CasesError``, or ``RunError`` while another is under way."""
        with self._lock:
            self._check_free()
            pipeline = self._answering(answerer)
            prepared = _prepared(load_cases(set_path), pipeline)
            run = self._header(set_path, answerer, pipeline)
            return self._begin(run, create_run(run, self._runs), prepared, pipeline)

    def resume(self, folder: Path) -> Job:
        """Resume an unfinished run. Raises ``RunError`` when it would not be the same run any more."""
        with self._lock:
            self._check_free()
            before = read_header(folder)
            if before.finished:
                raise RunError(f"The run {before.id!r} is finished: there is nothing to go on with.")
            set_path, limit = Path(str(before.conditions.get("set", ""))), before.conditions.get("limit")
            pipeline = self._answering(before.answerer)
            prepared = _prepared(load_cases(set_path)[:limit], pipeline)
            check_resumable(before, self._header(set_path, before.answerer, pipeline, limit=limit))
            resumed = [*before.conditions.get("resumed", []), {"at": utc_now()}]
            run = replace(before, conditions={**before.conditions, "resumed": resumed})
            return self._begin(run, folder, prepared, pipeline)

    def _check_free(self) -> None:
        job = self.current()
        if job is not None:
            raise RunError(
                f"Another run is under way: {job.run.set_name}, {job.done} of {job.total} cases. Wait for it to end."
            )

    def _answering(self, answerer: str) -> Pipeline:
        writer = self._pipeline.writer
        if writer is not None and answerer == writer.model.name:
            return self._pipeline
        if answerer not in ANSWERERS:
            raise RunError(
                f"{answerer!r} does not answer here, only {', '.join(ANSWERERS)}: run it with `onrecord eval run`."
            )
        changes: Mapping[str, Any] = ANSWERERS[answerer]
        quoting = replace(self._pipeline, writer=None)
        return quoting.with_config(replace(quoting.config, **changes)) if changes else quoting

    def _header(self, set_path: Path, answerer: str, pipeline: Pipeline, limit: int | None = None) -> Run:
        settings = {**self._settings, **asdict(pipeline.config), **_model(pipeline)}
        options: dict[str, Any] = {"documents": [], "judge": None, "limit": limit, "timeout": None, "workers": 1}
        return new_run(set_path, answerer, pipeline.store, settings, deterministic_scorers(), **options)

    def _begin(self, run: Run, folder: Path, prepared: PreparedSet, pipeline: Pipeline) -> Job:
        job = self._job = Job(run, folder, len(prepared.cases))
        threading.Thread(target=_run_job, args=(job, prepared, pipeline, self._turn), daemon=True).start()
        return job


def _model(pipeline: Pipeline) -> dict[str, Any]:
    """Return the language model that writes and where it runs; empty where none does."""
    writer = pipeline.writer
    return {"llm": writer.model.name, "llm_url": writer.model.where} if writer else {}


def _prepared(cases: Sequence[Case], pipeline: Pipeline) -> PreparedSet:
    prepared = prepare_set(cases, pipeline.store, deterministic_scorers())
    return replace(prepared, refuse_below=pipeline.config.refuse_below)


def _run_job(job: Job, prepared: PreparedSet, pipeline: Pipeline, queue_turn: StoppableTurn) -> None:
    def progress(done: int, _: int, last: str) -> None:
        if not last:
            job.kept, job.began = done, time.monotonic()
        job.done = done

    try:
        until_stopped = partial(queue_turn, job.stop)
        with until_stopped():
            pipeline.warm_up()
        whole = run_cases(
            job.run, job.folder, prepared, pipeline.ask, progress=progress, stop=job.stop, queue_turn=until_stopped
        )
        if whole.finished:
            (job.folder / "report.html").write_text(html_report(whole), encoding="utf-8")
    except OnrecordError as error:
        _log.info("The run %s ended early: %s", job.run.id, error)
        # Who stopped it before its queue_turn knows that.
        job.error = "" if job.stop.is_set() else str(error)
    except Exception:
        _log.exception("The run %s ended early", job.run.id)
        job.error = "Something went wrong; the cases finished so far are kept. The server's log says what."
    finally:
        job.over.set()
