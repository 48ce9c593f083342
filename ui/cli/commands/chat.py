"""``onrecord chat``: the web chat."""

import ipaddress
import os
import tempfile
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import SettingsError
from rag.answer.followups import suggest_followups
from rag.pipeline import Pipeline
from ui.api.mount import add_doors
from ui.auth.access import Access, access_from
from ui.auth.sessions import SignedIn
from ui.config import WebConfig
from ui.conversations.store import Conversations
from ui.core.app_state import Floor
from ui.core.ask import background_turn
from ui.core.protocols import Groups, Tab
from ui.core.queue import Line
from ui.core.roles import Action
from ui.library.accept import content_check
from ui.library.uploads.limits import limits_of
from ui.logs.question_log import make_log
from ui.logs.setup import begin_logging, log_event
from ui.runtime import opened_with_library
from ui.server.app import Site
from ui.server.run import check_free, serve
from ui.settings import Configuration

if TYPE_CHECKING:
    from fastapi import FastAPI


_DOORS = ("/api/v1", "/v1", "/mcp", "/health", "/openapi.json")  # check themselves who may come in


def run(config: Configuration, arguments: Namespace) -> int:
    """Serve the chat until it is asked to stop."""
    web = config.web
    begin_logging(web.log_format)
    examples = _examples(web.examples)
    signed_in = SignedIn(Path(web.auth).expanduser()) if web.auth else None
    check_free(web.host, web.port)
    _warn_if_open(web)
    floor = Floor(Line(web.at_once, web.in_line), log=make_log(questions=web.log_questions))
    with _uploads_apart(), opened_with_library(config, content_check(limits_of(web))) as (pipeline, shelf):
        from ui.web.app import build_app
        from ui.web.library.tab import build_library

        data_dir = config.index.data_dir
        # What a tab asks of the pipeline gives way to people, one question at a time.
        turn = partial(background_turn, floor.line, "tabs")
        added = [_tab(entry, pipeline, data_dir, config.index, turn) for entry in entry_points(group="onrecord.tabs")]
        tabs = [Tab("Library", partial(build_library, shelf), needs=Action.LIBRARY), *added]
        keepers = [partial(entry.load(), data_dir) for entry in entry_points(group="onrecord.feedback")]
        pipeline.warm_up()
        model = pipeline.writer.model if pipeline.writer else None
        app = build_app(
            pipeline,
            pipeline.store,
            examples=examples,
            tabs=tabs,
            answerer=model.name if model else "quoted",
            where=model.where if model else "",
            feedback=next(iter(keepers), None),
            floor=floor,
            groups=shelf.collections,
            conversations=Conversations(data_dir, url=web.conversations_url),
            # In the documents' own words: what is known to be answered must not cost a model's time.
            suggest=partial(suggest_followups, replace(pipeline, writer=None).ask, pipeline.speeches.of_document),
        )
        access = access_from(os.environ, _names(web.allowed_hosts))
        door = partial(_open_doors, pipeline=pipeline, groups=shelf.collections, floor=floor, web=web, access=access)
        site = _site(web, floor, signed_in, tabs)
        serve(app, web.host, web.port, replace(site, doors=[door], door_paths=_DOORS, access=access))
    return 0


def _open_doors(
    app: "FastAPI", pipeline: Pipeline, *, groups: Groups, floor: Floor, web: WebConfig, access: Access
) -> None:
    """The doors for programs, whose questions stand in the same line as everybody's."""
    model = pipeline.writer.model if pipeline.writer else None
    add_doors(
        app,
        pipeline,
        pipeline.store,
        answerer=model.name if model else "quoted",
        where=model.where if model else "",
        access=access,
        floor=floor,
        groups=groups,
        root_path=web.root_path,
    )


def _site(web: WebConfig, floor: Floor, signed_in: SignedIn | None, tabs: Sequence[Tab]) -> Site:
    return Site(
        root_path=web.root_path,
        floor=floor,
        signed_in=signed_in,
        scripts=[script for tab in tabs for script in tab.scripts],
        upload_mb=web.upload_mb,
        upload_files=web.upload_files,
        stop_seconds=web.stop_seconds,
        threads=floor.most,
    )


def _tab(entry: EntryPoint, *given: Any) -> Tab:
    """A tab, with the inline scripts of its frames where its module says which by ``frame_scripts``.

    A tab called as an action needs it.
    """
    scripts = getattr(import_module(entry.module), "frame_scripts", tuple)
    needs = Action(entry.name) if entry.name in list(Action) else Action.ASK
    return Tab(entry.name.capitalize(), partial(entry.load(), *given), tuple(scripts()), needs)


@contextmanager
def _uploads_apart() -> Iterator[None]:
    """A folder of this process alone for what is uploaded, gone at the end. Gradio reads where from the environment."""
    with tempfile.TemporaryDirectory(prefix="onrecord-", ignore_cleanup_errors=True) as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        yield


def _warn_if_open(web: WebConfig) -> None:
    if not web.auth and not _is_loopback(web.host):
        log_event("open", host=web.host, advice="Everybody who reaches this address may ask. --auth FILE asks who.")


def _names(allowed_hosts: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in allowed_hosts.split(",") if name.strip())


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _examples(name: str) -> Sequence[str]:
    if not name:
        return ()
    try:
        return [line.strip() for line in Path(name).read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The example questions in {name!r} could not be read ({error}). Check --examples."
        ) from error
