"""Signing in and out: a page of its own that runs no script."""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.auth.middleware import COOKIE, address_of, token_of
from ui.auth.sessions import LASTS, NotNowError, SignedIn

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

_PAGE = Path(__file__).parent / "login.html"
_WRONG = "The name or the password is wrong."


def add_login(site: "FastAPI", signed_in: SignedIn, title: str = "Onrecord", root_path: str = "") -> None:
    """Add ``/login`` and ``/logout``. A program gets JSON where a browser is sent on.

    Pages of other sites are refused before, by ``FrontCheck``: one could sign the visitor in as somebody else, who
    would read what they ask.
    """
    from fastapi import Request, Response
    from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

    home = root_path.rstrip("/") + "/"
    fresh = {"cache-control": "no-store"}

    def refused(request: Request, status: int, problem: str, headers: Mapping[str, str] | None = None) -> Response:
        said = {**fresh, **(headers or {})}
        if _is_browser(request):
            return HTMLResponse(login_html(title, problem), status, said)
        return JSONResponse({"detail": problem}, status, said)

    async def page() -> Response:
        return HTMLResponse(login_html(title), 200, fresh)

    async def sign_in(request: Request) -> Response:
        form = await request.form()
        name, password = (str(form.get(field, "")) for field in ("username", "password"))
        try:
            token = await signed_in.sign_in(name, password, address_of(request.scope))
        except NotNowError as wait:
            return refused(request, wait.status, str(wait), {"retry-after": str(wait.seconds)})
        if token is None:
            return refused(request, 401, _WRONG)
        made: Response = (
            RedirectResponse(home, 303, fresh) if _is_browser(request) else JSONResponse({"success": True}, 200, fresh)
        )
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


def _is_browser(request: "Request") -> bool:
    return "text/html" in request.headers.get("accept", "")
