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
from ui.api.mount import add_api
from ui.auth.access import Access, access_from
from ui.auth.sessions import SessionManager
from ui.cli.runtime import open_with_library
from ui.conversations.store import ConversationStore
from ui.core.app_state import AppState
from ui.core.ask import background_slot
from ui.core.protocols import Groups, Tab
from ui.core.queue import FairQueue
from ui.core.roles import Action
from ui.library.uploads.check import content_check
from ui.library.uploads.limits import upload_limits
from ui.logs.question_log import make_log
from ui.logs.setup import begin_logging, log_event
from ui.server.app import Site
from ui.server.run import check_free, serve
from ui.settings import Configuration, WebConfig

if TYPE_CHECKING:
    from fastapi import FastAPI


_API_PATHS = ("/api/v1", "/v1", "/mcp", "/health", "/openapi.json")  # the interfaces check the access themselves


def run(config: Configuration, arguments: Namespace) -> int:
    """Serve the chat until it is asked to stop."""
    web = config.web
    begin_logging(web.log_format)
    examples = _examples(web.examples)
    sessions = SessionManager(Path(web.auth).expanduser()) if web.auth else None
    check_free(web.host, web.port)
    _warn_if_open(web)
    app_state = AppState(FairQueue(web.at_once, web.in_line), log=make_log(questions=web.log_questions))
    with _private_upload_folder(), open_with_library(config, content_check(upload_limits(web))) as (pipeline, service):
        from ui.web.app import build_app
        from ui.web.library.tab import build_library

        data_dir = config.index.data_dir
        # A tab's questions to the pipeline give way to people, one at a time.
        turn = partial(background_slot, app_state.queue, "tabs")
        added = [_tab(entry, pipeline, data_dir, config.index, turn) for entry in entry_points(group="onrecord.tabs")]
        tabs = [Tab("Library", partial(build_library, service), needs=Action.LIBRARY), *added]
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
            app_state=app_state,
            groups=service.collections,
            conversations=ConversationStore(data_dir, url=web.conversations_url),
            # Quoted answers only: follow-up questions must not cost a model's time.
            suggest=partial(suggest_followups, replace(pipeline, writer=None).ask, pipeline.speeches.of_document),
        )
        access = access_from(os.environ, _host_names(web.allowed_hosts))
        add = partial(
            _add_api, pipeline=pipeline, groups=service.collections, app_state=app_state, web=web, access=access
        )
        site = _site(web, app_state, sessions, tabs)
        serve(app, web.host, web.port, replace(site, add_routes=[add], api_paths=_API_PATHS, access=access))
    return 0


def _add_api(
    app: "FastAPI", pipeline: Pipeline, *, groups: Groups, app_state: AppState, web: WebConfig, access: Access
) -> None:
    """Add the interfaces for programs, whose questions pass the same queue as everybody's."""
    model = pipeline.writer.model if pipeline.writer else None
    add_api(
        app,
        pipeline,
        pipeline.store,
        answerer=model.name if model else "quoted",
        where=model.where if model else "",
        access=access,
        app_state=app_state,
        groups=groups,
        root_path=web.root_path,
    )


def _site(web: WebConfig, app_state: AppState, sessions: SessionManager | None, tabs: Sequence[Tab]) -> Site:
    return Site(
        root_path=web.root_path,
        app_state=app_state,
        sessions=sessions,
        scripts=[script for tab in tabs for script in tab.scripts],
        upload_mb=web.upload_mb,
        upload_files=web.upload_files,
        stop_seconds=web.stop_seconds,
        threads=app_state.capacity,
    )


def _tab(entry: EntryPoint, *given: Any) -> Tab:
    """Return the tab of an entry point, with the inline scripts that its module's ``frame_scripts`` returns.

    A tab named like an action needs that action.
    """
    scripts = getattr(import_module(entry.module), "frame_scripts", tuple)
    needs = Action(entry.name) if entry.name in list(Action) else Action.ASK
    return Tab(entry.name.capitalize(), partial(entry.load(), *given), tuple(scripts()), needs)


@contextmanager
def _private_upload_folder() -> Iterator[None]:
    """Give uploads a folder of this process alone, deleted at the end. Gradio reads it from the environment."""
    with tempfile.TemporaryDirectory(prefix="onrecord-", ignore_cleanup_errors=True) as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        yield


def _warn_if_open(web: WebConfig) -> None:
    if not web.auth and not _is_loopback(web.host):
        log_event("open", host=web.host, advice="Everybody who reaches this address may ask. --auth FILE asks who.")


def _host_names(allowed_hosts: str) -> tuple[str, ...]:
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
