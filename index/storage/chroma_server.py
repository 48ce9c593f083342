"""A Chroma server that several machines share: where it is, who asks, and what is wrong when it cannot be used."""

import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from index.errors import IndexBrokenError, SettingsError, first_line

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

TOKEN = "ONRECORD_CHROMA_TOKEN"  # the environment variable's name
_PATIENCE = 10.0  # seconds for the first word of a server
_SPOKEN = "1."  # of the server's interface, which Chroma counts apart from its releases
_REFUSED = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Server:
    """A database of a tenant on a Chroma server.

    The token is sent as ``Authorization: Bearer`` and as ``X-Chroma-Token``; Chroma's own server reads neither, so
    whoever wants it checked puts a proxy before it. ``local`` is where this machine keeps what it derives.
    """

    url: str
    tenant: str
    database: str
    token: str = field(default="", repr=False)
    local: Path = field(default=Path(), compare=False)

    def __str__(self) -> str:
        return f"{self.url} (tenant {self.tenant}, database {self.database})"

    @property
    def headers(self) -> dict[str, str]:
        """What is sent with every request."""
        return {"Authorization": f"Bearer {self.token}", "X-Chroma-Token": self.token} if self.token else {}


def server(url: str, tenant: str, database: str, environ: Mapping[str, str], local: Path = Path()) -> Server:
    """The server that settings name, its token from ``ONRECORD_CHROMA_TOKEN``, a folder of its own under ``local``.

    Raises SettingsError.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and parts.hostname and not (parts.username or parts.query)
        good = good and parts.path in {"", "/"} and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise SettingsError(
            f"chroma_url must be the address of a Chroma server, such as http://chroma:8000, not {url!r}. "
            f"A token stands in {TOKEN}, never in the address."
        )
    named = zlib.crc32(f"{url.rstrip('/')} {tenant} {database}".encode())
    return Server(url.rstrip("/"), tenant, database, environ.get(TOKEN, "").strip(), local / f"{named:08x}")


def connect(place: Server, *, make: bool) -> "ClientAPI":
    """A client of the server, its telemetry off; with ``make`` tenant and database are made where they are missing.

    Raises IndexBrokenError where there is no such server, it refuses the token or speaks another version, and
    ``chromadb.errors.NotFoundError`` where it knows no such tenant or database.
    """
    import chromadb
    from chromadb.config import Settings

    greet(place)
    parts = urlsplit(place.url)
    host, secure = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    if make:
        _make(place, host, port, secure=secure)
    quiet = Settings(anonymized_telemetry=False)
    return chromadb.HttpClient(
        host, port, ssl=secure, headers=place.headers, settings=quiet, tenant=place.tenant, database=place.database
    )


def greet(place: Server) -> str:
    """The version of the server's interface. Raises IndexBrokenError as ``connect``."""
    import httpx

    try:
        reply = httpx.get(f"{place.url}/api/v2/version", headers=place.headers, timeout=_PATIENCE)
    except httpx.HTTPError as error:
        raise IndexBrokenError(unreachable(place, error)) from error
    if reply.status_code in _REFUSED:
        raise IndexBrokenError(refused(place))
    said = reply.text.strip().strip('"')
    if reply.status_code != httpx.codes.OK or not said.startswith(_SPOKEN):
        raise IndexBrokenError(
            f"What answers at {place.url} is no Chroma server of version 1 (it said {reply.status_code} "
            f"{said[:40]!r}). Set chroma_url to one, such as `chroma run` of chromadb 1.5 starts."
        )
    return said


def beats(place: Server) -> bool:
    """Whether the server's own check of its health passes."""
    import httpx

    try:
        return httpx.get(f"{place.url}/api/v2/healthcheck", headers=place.headers, timeout=_PATIENCE).is_success
    except httpx.HTTPError:
        return False


def unreachable(place: Server, error: BaseException) -> str:
    """What is said where nothing answers."""
    return (
        f"The Chroma server at {place.url} cannot be reached ({first_line(error)}). Start it, or correct chroma_url; "
        "what was finished is kept."
    )


def refused(place: Server) -> str:
    """What is said where the token is not taken."""
    what = "does not take the token" if place.token else "wants a token"
    return f"The Chroma server at {place.url} {what}. Set {TOKEN} to the one it was given."


def explain(place: Server, error: BaseException) -> str:
    """One line on what went wrong with the server and what to do about it."""
    import chromadb.errors
    import httpx

    if isinstance(error, httpx.HTTPError):
        return unreachable(place, error)
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    if isinstance(error, chromadb.errors.AuthorizationError) or reason.startswith(("401", "403")):
        return refused(place)
    if isinstance(error, chromadb.errors.NotFoundError):
        return (
            f"The index on {place} was made anew or removed by another process meanwhile ({reason}). "
            "Run the same command again."
        )
    return (
        f"The Chroma server at {place.url} failed ({reason}). Look into its log; what was finished is kept, and the "
        "same command goes on where it was."
    )


def _make(place: Server, host: str, port: int, *, secure: bool) -> None:
    import chromadb
    from chromadb.config import Settings
    from chromadb.errors import ChromaError, NotFoundError

    admin = chromadb.AdminClient(
        Settings(
            chroma_api_impl="chromadb.api.fastapi.FastAPI",
            chroma_server_host=host,
            chroma_server_http_port=port,
            chroma_server_ssl_enabled=secure,
            chroma_server_headers=place.headers,
            anonymized_telemetry=False,
        )
    )
    with suppress(NotFoundError):
        admin.get_database(place.database, place.tenant)
        return
    makings: tuple[Callable[[], None], ...] = (
        lambda: admin.create_tenant(place.tenant),
        lambda: admin.create_database(place.database, place.tenant),
    )
    for make in makings:
        try:
            make()
        except ChromaError as error:
            # There is the tenant already, or another process was quicker.
            if "already exists" not in str(error):
                raise
