"""The site around the page: doors of its own, the gate, limits and headers."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from ui.auth.access import Access
from ui.auth.login import add_login
from ui.auth.middleware import Asgi, Gate, Scope
from ui.auth.sessions import SignedIn
from ui.core.app_state import Floor
from ui.core.roles import USER_KEY
from ui.server.front_check import FrontCheck
from ui.server.gradio_guard import Closed
from ui.server.security_headers import SecurityHeaders, script_hash
from ui.server.session_ownership import Calls, Function
from ui.web.theme import style_sheets, theme

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI, Request
    from starlette.routing import BaseRoute

    Door = Callable[[FastAPI], None]

_MEGABYTE = 1_000_000
_ROOM = 40  # threads beside those that answer or wait in line, for everything that is quick


@dataclass(frozen=True, slots=True)
class Site:
    """How the page is served.

    ``signed_in`` knows the users, where there are any. ``doors`` add routes of their own, and paths that begin with one
    of ``door_paths`` are theirs: they check themselves what ``access`` asks for; everything else is checked before.
    ``scripts`` are inline scripts that frames of the page run. An upload has at most ``upload_files`` files of
    ``upload_mb`` megabytes. ``stop_seconds`` are given to answers under way at the end; ``threads`` is how many may be
    answered or wait at once.
    """

    root_path: str = ""
    floor: Floor = field(default_factory=Floor)
    signed_in: SignedIn | None = None
    doors: "Sequence[Door]" = ()
    door_paths: tuple[str, ...] = ()
    access: Access = field(default_factory=Access)
    scripts: Sequence[str] = ()
    upload_mb: int = 50
    upload_files: int = 50
    stop_seconds: float = 10.0
    threads: int = 104


def assemble(page: "gr.Blocks", site: Site, host: str, port: int) -> Asgi:
    """The whole as one ASGI app, with ``page`` at its root."""
    import gradio as gr
    from fastapi import FastAPI

    outside = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    outside.add_api_route("/alive", alive, methods=["GET", "HEAD"], include_in_schema=False)
    if site.signed_in is not None:
        add_login(outside, site.signed_in, str(page.title or "Onrecord"), site.root_path)
    for door in site.doors:
        door(outside)
    page.max_threads = site.threads + _ROOM
    page._queue.max_thread_count = site.threads + _ROOM
    gr.mount_gradio_app(
        outside,
        page,
        "/",
        server_name=host,
        server_port=port,
        app_kwargs={"openapi_url": None},
        root_path=site.root_path,
        auth_dependency=_user if site.signed_in is not None else None,
        theme=theme(),
        css_paths=style_sheets(),
        footer_links=["api", "settings"],
        allowed_paths=[],
        max_file_size=site.upload_mb * _MEGABYTE,
        show_error=True,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
        run_history=False,
    )
    page.app = page.server_app = outside.routes[-1].app  # type: ignore[attr-defined]
    page._queue.set_server_app(page.app)
    key, accounts = site.access.key, site.signed_in is not None
    calls = Calls(outside, site.floor.needs, partial(_functions, page), key=key)
    limited = Closed(
        calls, upload=site.upload_mb * site.upload_files * _MEGABYTE, ours=partial(_ours, outside.routes[:-1])
    )
    gate = Gate(limited, site.signed_in, site.root_path, site.door_paths if key else (), key)
    checked = FrontCheck(gate, site.access, accounts=accounts, own=site.door_paths)
    return SecurityHeaders(checked, [script_hash(script) for script in site.scripts])


def _functions(page: "gr.Blocks") -> "Iterator[Function]":
    """The functions of the page, as they are when asked for."""
    for number, function in page.fns.items():
        yield Function(number, str(function.api_name), named=function.api_visibility == "public")


def _ours(routes: "Sequence[BaseRoute]", scope: Scope) -> bool:
    """Whether one of ``routes`` answers the request."""
    from starlette.routing import Match

    return any(route.matches(scope)[0] is not Match.NONE for route in routes)


async def alive() -> dict[str, str]:
    """That the process serves. It asks nothing of the index, and nobody has to sign in for it."""
    return {"status": "alive"}


def _user(request: "Request") -> str | None:
    """Who Gradio is to name to the handlers."""
    return str(request.scope.get(USER_KEY, "")) or None
