"""The address of a model's server: completed where it is short, shown without secrets, checked before a key is sent."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from index.errors import SettingsError

_PRIVATE_ENDINGS = (".localhost", ".local", ".lan", ".internal", ".home.arpa")
_ALL_INTERFACES = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # addresses to listen on, by the one to connect to


def normalize_url(given: str, port: int | None = None) -> str:
    """Return ``given`` as a URL, with a scheme where it has none, and ``port`` where it has none and is not https.

    Raises SettingsError when it is not the address of a web server.
    """
    text = given.strip().rstrip("/")
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        host, at = parts.hostname or "localhost", parts.port
    except ValueError as error:
        raise SettingsError(_not_an_address(given)) from error
    if parts.scheme not in ("", "http", "https") or not text or parts.query or parts.fragment:
        raise SettingsError(_not_an_address(given))
    host = _ALL_INTERFACES.get(host, host)
    scheme = parts.scheme or ("http" if is_private(host) else "https")
    at = at or (port if scheme == "http" else None)
    named = f"[{host}]" if ":" in host else host
    user, login, _ = parts.netloc.rpartition("@")
    return f"{scheme}://{user}{login}{named}{f':{at}' if at else ''}{parts.path}"


def _not_an_address(given: str) -> str:
    return f"{given!r} is no address of a server. Set `llm_url` to one like http://127.0.0.1:8080/v1."


def with_default_path(url: str, path: str) -> str:
    """Return ``url``, with ``path`` added where it has none, because people leave out the ``/v1``."""
    return url if urlsplit(url).path else url + path


def host_of(url: str) -> str:
    """Return the host of ``url`` alone."""
    return urlsplit(url).hostname or ""


def display_host(url: str) -> str:
    """Return host and port of ``url`` to be shown, without a user name or password."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return f"{host}:{parts.port}" if parts.port else host


def without_path(url: str) -> str:
    """Return ``url`` without its path."""
    parts = urlsplit(url)
    return SplitResult(parts.scheme, parts.netloc, "", "", "").geturl()


def is_private(host: str) -> bool:
    """Tell whether ``host`` is in this computer's own network, by address or by a name that only such hosts have."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.lower().endswith(_PRIVATE_ENDINGS)


def check_key_is_safe(url: str, variable: str) -> None:
    """Raise SettingsError when the key in ``variable`` would cross the internet unencrypted."""
    if not url.startswith("https://") and not is_private(host_of(url)):
        raise SettingsError(
            f"The key in {variable} would go to {display_host(url)} unencrypted, where anyone on the way can read it "
            f"and the documents' words with it. Set `llm_url` to an https:// address, or unset {variable}."
        )
