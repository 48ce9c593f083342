"""Show the web chat on a host and port, and stop it without breaking off answers."""

import errno
import signal
import socket
import threading
import time
from types import FrameType
from typing import TYPE_CHECKING, Any

from index.errors import OnrecordError
from ui.core.app_state import Floor
from ui.logs.setup import log_event
from ui.server.app import Site, assemble

if TYPE_CHECKING:
    import gradio as gr
    import uvicorn

_PORTS = 65_536
_PATIENCE = 20.0  # seconds for the server to begin
_GLANCE = 0.5  # seconds until a signal is seen at the latest
_LAST_WORDS = 1.0  # seconds for the end of an answer to reach its reader


class CannotServeError(OnrecordError):
    """The host and port cannot be served on."""


class Running:
    """A server in a thread of its own. Gradio's Blocks close it by ``close``."""

    def __init__(self, server: "uvicorn.Server", floor: Floor, stop_seconds: float) -> None:
        self._server = server
        self._floor = floor
        self._stop_seconds = stop_seconds
        self._thread = threading.Thread(target=server.run, name="onrecord-server", daemon=True)

    def begin(self) -> bool:
        """Start; whether it serves."""
        self._thread.start()
        until = time.monotonic() + _PATIENCE
        while not self._server.started and self._thread.is_alive() and time.monotonic() < until:
            time.sleep(0.005)
        return self._server.started

    def stop_gently(self) -> None:
        """Take no more questions, let answers under way end for a while, then end what writes them."""
        self._floor.line.close()
        self._server.should_exit = True  # no more connections; those that answer go on
        if not self._floor.line.settled(self._stop_seconds):
            self._floor.stops.end_all()
            self._floor.line.settled(_LAST_WORDS)
        time.sleep(_LAST_WORDS / 4)

    def close(self) -> None:
        """Stop now."""
        self._server.should_exit = True
        self._thread.join(timeout=_LAST_WORDS)
        self._server.force_exit = True
        self._thread.join(timeout=5)


def serve(page: "gr.Blocks", host: str, port: int, site: Site | None = None) -> None:
    """Show ``page`` until SIGINT or SIGTERM, then stop gently; a second signal stops at once.

    Raise ``CannotServeError`` when host or port cannot be had.
    """
    asked = threading.Event()
    before = {one: signal.signal(one, _asking(asked)) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        running, address = _begun(page, host, port, site)
        print(f"Onrecord is at {address}  (Ctrl+C stops it)", flush=True)
        log_event("started", host=host, port=port, users=bool(site and site.signed_in))
        while not asked.wait(_GLANCE):
            pass  # where another thread received the signal, its handler runs only once this one wakes up
        log_event("stopping")
        running.stop_gently()
        page.close(verbose=False)
        log_event("stopped")
    except KeyboardInterrupt:
        log_event("stopped at once")
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def start(page: "gr.Blocks", host: str, port: int, site: Site | None = None) -> str:
    """Show ``page`` from a background thread and return its address; raises as ``serve`` does."""
    _, address = _begun(page, host, port, site)
    return address


def _begun(page: "gr.Blocks", host: str, port: int, site: Site | None) -> tuple[Running, str]:
    import uvicorn

    check_free(host, port)
    site = site or Site()
    server = uvicorn.Server(
        uvicorn.Config(
            assemble(page, site, host, port),
            host=host.strip("[]"),
            port=port,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=max(1, round(site.stop_seconds + 2 * _LAST_WORDS)),
        )
    )
    running = Running(server, site.floor, site.stop_seconds)
    if not running.begin():
        raise CannotServeError(f"The web chat could not start on {host}:{port}. Choose another port with --port.")
    shown: Any = page
    shown.server, shown.is_running, shown.has_launched = running, True, True
    shown.local_url = f"http://{'localhost' if host == '0.0.0.0' else host}:{port}/"
    return running, shown.local_url


def check_free(host: str, port: int) -> None:
    """Raise CannotServeError when the chat could not listen there, before anything slow is done."""
    if not 0 < port < _PORTS:
        raise CannotServeError(f"{port} is not a port. Choose one from 1024 to {_PORTS - 1} with --port.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotServeError(_why_not(host, port, error.errno)) from error


def _asking(asked: threading.Event) -> Any:
    def handle(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    return handle


def _why_not(host: str, port: int, code: int | None) -> str:
    if code == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use, perhaps by another Onrecord. Stop that one, or choose another "
            f"port, for example --port {port + 1}."
        )
    if code == errno.EACCES:
        return f"Port {port} may not be used by this account. Choose one above 1023 with --port."
    return f"{host} is not an address of this machine. Choose one with --host; 127.0.0.1 always works."
