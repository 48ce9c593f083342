"""Signing in and out: a page of its own that runs no script."""

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.logs.begin import log_event
from ui.users.signed_in import LASTS, SignedIn, TooSoon
from ui.web.gate import COOKIE, address_of, token_of

if TYPE_CHECKING:
    from fastapi import FastAPI

_PAGE = Path(__file__).parent / "login.html"
_WRONG = "The name or the password is wrong."


def add_login(site: "FastAPI", signed_in: SignedIn, title: str = "Onrecord", root_path: str = "") -> None:
    """Add ``/login`` and ``/logout``. A program gets JSON where a browser is sent on."""
    from fastapi import Request, Response
    from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
    from starlette.concurrency import run_in_threadpool

    home = root_path.rstrip("/") + "/"
    fresh = {"cache-control": "no-store"}

    def shown(status: int, problem: str = "", headers: dict[str, str] | None = None) -> Response:
        return HTMLResponse(login_html(title, problem), status, fresh | (headers or {}))

    async def page() -> Response:
        return shown(200)

    async def sign_in(request: Request) -> Response:
        form = await request.form()
        name, password = (str(form.get(field, "")) for field in ("username", "password"))
        browser = "text/html" in request.headers.get("accept", "")
        try:
            token = await run_in_threadpool(signed_in.sign_in, name, password, address_of(request.scope))
        except TooSoon as wait:
            log_event("sign-in slowed", seconds=wait.seconds)
            after = {"retry-after": str(wait.seconds)}
            return shown(429, str(wait), after) if browser else JSONResponse({"detail": str(wait)}, 429, after)
        if token is None:
            log_event("sign-in failed")
            return shown(401, _WRONG) if browser else JSONResponse({"detail": _WRONG}, 401, fresh)
        made: Response = RedirectResponse(home, 303, fresh) if browser else JSONResponse({"success": True}, 200, fresh)
        secure = request.url.scheme == "https"
        made.set_cookie(COOKIE, token, int(LASTS), path=home, secure=secure, httponly=True, samesite="lax")
        return made

    async def sign_out(request: Request) -> Response:
        signed_in.sign_out(token_of(request.scope))
        made = RedirectResponse(f"{home}login", 303, fresh | {"clear-site-data": '"storage"'})
        made.delete_cookie(COOKIE, path=home)
        return made

    # FastAPI reads the types of the arguments, which are known in here alone.
    for handler in (sign_in, sign_out):
        handler.__annotations__["request"] = Request
    quiet: dict[str, Any] = {"include_in_schema": False, "response_model": None}
    site.add_api_route("/login", page, methods=["GET"], **quiet)
    site.add_api_route("/login", sign_in, methods=["POST"], **quiet)
    site.add_api_route("/logout", sign_out, methods=["POST"], **quiet)


def login_html(title: str, problem: str = "") -> str:
    """The page, with what went wrong."""
    told = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    return _PAGE.read_text(encoding="utf-8").replace("{title}", escape(title)).replace("{problem}", told)
