"""Connect to a Chroma server that several machines share, and say what is wrong when it cannot be used."""

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

TOKEN_VARIABLE = "ONRECORD_CHROMA_TOKEN"  # the environment variable's name
_ANSWER_TIMEOUT = 10.0  # seconds for a server to answer
_SUPPORTED_VERSION = "1."  # beginning of the interface's version, which Chroma numbers apart from its releases
_REFUSED_STATUSES = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class ChromaServer:
    """A database of a tenant on a Chroma server.

    The token is sent as ``Authorization: Bearer`` and as ``X-Chroma-Token``. Chroma's own server reads neither; to have
    it checked, put a proxy before the server. ``local_folder`` is where this machine keeps what it derives.
    """

    url: str
    tenant: str
    database: str
    token: str = field(default="", repr=False)
    local_folder: Path = field(default=Path(), compare=False)

    def __str__(self) -> str:
        return f"{self.url} (tenant {self.tenant}, database {self.database})"

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every request."""
        return {"Authorization": f"Bearer {self.token}", "X-Chroma-Token": self.token} if self.token else {}


def server_from_settings(
    url: str, tenant: str, database: str, environ: Mapping[str, str], local: Path = Path()
) -> ChromaServer:
    """Return the server that settings name, with its token from ``ONRECORD_CHROMA_TOKEN`` and a folder below ``local``.

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
            f"A token stands in {TOKEN_VARIABLE}, never in the address."
        )
    named = zlib.crc32(f"{url.rstrip('/')} {tenant} {database}".encode())
    return ChromaServer(
        url.rstrip("/"), tenant, database, environ.get(TOKEN_VARIABLE, "").strip(), local / f"{named:08x}"
    )


def connect(place: ChromaServer, *, make: bool) -> "ClientAPI":
    """Connect to the server, with telemetry off; with ``make``, create a missing tenant and database.

    Raises IndexBrokenError if there is no such server, it refuses the token or speaks another version, and
    ``chromadb.errors.NotFoundError`` if it knows no such tenant or database.
    """
    import chromadb
    from chromadb.config import Settings

    require_version(place)
    parts = urlsplit(place.url)
    host, secure = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    if make:
        _make_database(place, host, port, secure=secure)
    quiet = Settings(anonymized_telemetry=False)
    return chromadb.HttpClient(
        host, port, ssl=secure, headers=place.headers, settings=quiet, tenant=place.tenant, database=place.database
    )


def require_version(place: ChromaServer) -> str:
    """Return the version of the server's interface. Raises IndexBrokenError as ``connect`` does."""
    import httpx

    try:
        reply = httpx.get(f"{place.url}/api/v2/version", headers=place.headers, timeout=_ANSWER_TIMEOUT)
    except httpx.HTTPError as error:
        raise IndexBrokenError(unreachable_message(place, error)) from error
    if reply.status_code in _REFUSED_STATUSES:
        raise IndexBrokenError(refused_message(place))
    said = reply.text.strip().strip('"')
    if reply.status_code != httpx.codes.OK or not said.startswith(_SUPPORTED_VERSION):
        raise IndexBrokenError(
            f"What answers at {place.url} is no Chroma server of version 1 (it said {reply.status_code} "
            f"{said[:40]!r}). Set chroma_url to one, such as `chroma run` of chromadb 1.5 starts."
        )
    return said


def is_healthy(place: ChromaServer) -> bool:
    """Tell whether the server's own health check passes."""
    import httpx

    try:
        return httpx.get(f"{place.url}/api/v2/healthcheck", headers=place.headers, timeout=_ANSWER_TIMEOUT).is_success
    except httpx.HTTPError:
        return False


def unreachable_message(place: ChromaServer, error: BaseException) -> str:
    """Say that nothing answers."""
    return (
        f"The Chroma server at {place.url} cannot be reached ({first_line(error)}). Start it, or correct chroma_url; "
        "what was finished is kept."
    )


def refused_message(place: ChromaServer) -> str:
    """Say that the token is refused."""
    what = "does not take the token" if place.token else "wants a token"
    return f"The Chroma server at {place.url} {what}. Set {TOKEN_VARIABLE} to the one it was given."


def failure_message(place: ChromaServer, error: BaseException) -> str:
    """Say in one line what went wrong with the server and what to do about it."""
    import chromadb.errors
    import httpx

    if isinstance(error, httpx.HTTPError):
        return unreachable_message(place, error)
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    if isinstance(error, chromadb.errors.AuthorizationError) or reason.startswith(("401", "403")):
        return refused_message(place)
    if isinstance(error, chromadb.errors.NotFoundError):
        return (
            f"The index on {place} was made anew or removed by another process meanwhile ({reason}). "
            "Run the same command again."
        )
    return (
        f"The Chroma server at {place.url} failed ({reason}). Look into its log; what was finished is kept, and the "
        "same command goes on where it was."
    )


def _make_database(place: ChromaServer, host: str, port: int, *, secure: bool) -> None:
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
            # The tenant exists already, or another process was faster.
            if "already exists" not in str(error):
                raise
