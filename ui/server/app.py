"""Put the site together: the middleware, our own routes, and the page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from ui.auth.access import Access
from ui.auth.login import add_login
from ui.auth.middleware import AsgiApp, AuthMiddleware, Scope
from ui.auth.sessions import SessionManager
from ui.core.app_state import AppState
from ui.core.gradio_behaviours import page_functions, set_threads
from ui.core.roles import USER_KEY
from ui.server.gradio_guard import GradioGuard
from ui.server.origins import OriginMiddleware
from ui.server.security_headers import SecurityHeaders, script_hash
from ui.server.session_ownership import SessionOwnership
from ui.web.styles.theme import style_sheets, theme

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI, Request
    from starlette.routing import BaseRoute

    AddRoutes = Callable[[FastAPI], None]

_MEGABYTE = 1_000_000
_SPARE_THREADS = 40  # threads beside those that answer or wait in the queue, for everything quick


@dataclass(frozen=True, slots=True)
class Site:
    """How the page is served.

    ``sessions`` knows the users, where there are any. ``add_routes`` add our own routes; those below ``api_paths``
    check themselves what ``access`` asks for, and everything else is checked before. ``scripts`` are inline scripts
    that frames of the page run. An upload has at most ``upload_files`` files of ``upload_mb`` megabytes.
    ``stop_seconds`` are given to running answers at the end; ``threads`` is how many requests may be answered or wait
    at once.
    """

    root_path: str = ""
    app_state: AppState = field(default_factory=AppState)
    sessions: SessionManager | None = None
    add_routes: "Sequence[AddRoutes]" = ()
    api_paths: tuple[str, ...] = ()
    access: Access = field(default_factory=Access)
    scripts: Sequence[str] = ()
    upload_mb: int = 50
    upload_files: int = 50
    stop_seconds: float = 10.0
    threads: int = 104


def build_site(page: "gr.Blocks", site: Site, host: str, port: int) -> AsgiApp:
    """Return everything as one ASGI app, with ``page`` at its root."""
    import gradio as gr
    from fastapi import FastAPI

    outside = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    outside.add_api_route("/alive", alive, methods=["GET", "HEAD"], include_in_schema=False)
    if site.sessions is not None:
        add_login(outside, site.sessions, str(page.title or "Onrecord"), site.root_path)
    for add in site.add_routes:
        add(outside)
    set_threads(page, site.threads + _SPARE_THREADS)
    gr.mount_gradio_app(
        outside,
        page,
        "/",
        server_name=host,
        server_port=port,
        app_kwargs={"openapi_url": None},
        root_path=site.root_path,
        auth_dependency=_signed_in_name if site.sessions is not None else None,
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
    page.app = outside.routes[-1].app  # type: ignore[attr-defined]
    key, accounts = site.access.key, site.sessions is not None
    calls = SessionOwnership(outside, site.app_state.needs, partial(page_functions, page), key=key)
    limited = GradioGuard(
        calls, upload=site.upload_mb * site.upload_files * _MEGABYTE, ours=partial(_is_own_route, outside.routes[:-1])
    )
    gate = AuthMiddleware(limited, site.sessions, site.root_path, site.api_paths if key else (), key)
    checked = OriginMiddleware(gate, site.access, accounts=accounts, own=site.api_paths)
    return SecurityHeaders(checked, [script_hash(script) for script in site.scripts])


def _is_own_route(routes: "Sequence[BaseRoute]", scope: Scope) -> bool:
    """Return whether one of ``routes`` answers the request."""
    from starlette.routing import Match

    return any(route.matches(scope)[0] is not Match.NONE for route in routes)


async def alive() -> dict[str, str]:
    """Answer that the process serves. This asks nothing of the index, and needs no sign-in."""
    return {"status": "alive"}


def _signed_in_name(request: "Request") -> str | None:
    """Return the name that Gradio gives to handlers."""
    return str(request.scope.get(USER_KEY, "")) or None
