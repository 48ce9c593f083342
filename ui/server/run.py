"""Serve the web chat on a host and port, and stop it without breaking off answers."""

import errno
import signal
import socket
import threading
import time
from types import FrameType
from typing import TYPE_CHECKING, Any

from index.errors import OnrecordError
from ui.core.app_state import AppState
from ui.core.gradio_behaviours import mark_running
from ui.logs.setup import log_event
from ui.server.app import Site, build_site

if TYPE_CHECKING:
    import gradio as gr
    import uvicorn

_MAX_PORTS = 65_536
_START_SECONDS = 60.0  # seconds for the server to begin
_SIGNAL_CHECK_SECONDS = 0.5  # seconds until a signal is seen at the latest
_LAST_REPLY_SECONDS = 1.0  # seconds for the end of an answer to reach its reader


class CannotServeError(OnrecordError):
    """The host and port cannot be served on."""


class RunningServer:
    """A server in a thread of its own. Gradio's Blocks call ``close``."""

    def __init__(self, server: "uvicorn.Server", app_state: AppState, stop_seconds: float) -> None:
        self._server = server
        self._app_state = app_state
        self._stop_seconds = stop_seconds
        self._thread = threading.Thread(target=server.run, name="onrecord-server", daemon=True)

    def begin(self) -> bool:
        """Start, and return whether it serves."""
        self._thread.start()
        until = time.monotonic() + _START_SECONDS
        while not self._server.started and self._thread.is_alive() and time.monotonic() < until:
            time.sleep(0.005)
        return self._server.started

    def stop_gently(self) -> None:
        """Accept no more questions, let running answers end for a while, then cancel them."""
        self._app_state.queue.close()
        self._server.should_exit = True  # accepts no new connections; the present ones go on
        if not self._app_state.queue.wait_idle(self._stop_seconds):
            self._app_state.cancels.cancel_all()
            self._app_state.queue.wait_idle(_LAST_REPLY_SECONDS)
        time.sleep(_LAST_REPLY_SECONDS / 4)

    def close(self) -> None:
        """Stop now."""
        self._server.should_exit = True
        self._thread.join(timeout=_LAST_REPLY_SECONDS)
        self._server.force_exit = True
        self._thread.join(timeout=5)


def serve(page: "gr.Blocks", host: str, port: int, site: Site | None = None) -> None:
    """Serve ``page`` until SIGINT or SIGTERM, then stop gently; a second signal stops at once.

    Raises CannotServeError when host or port cannot be had.
    """
    stop_requested = threading.Event()
    handlers = {one: signal.signal(one, _signal_handler(stop_requested)) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        running, address = _start(page, host, port, site)
        print(f"Onrecord is at {address}  (Ctrl+C stops it)", flush=True)
        log_event("started", host=host, port=port, users=bool(site and site.sessions))
        while not stop_requested.wait(_SIGNAL_CHECK_SECONDS):
            pass  # a signal received by another thread is handled only when this one wakes up
        log_event("stopping")
        running.stop_gently()
        page.close(verbose=False)
        log_event("stopped")
    except KeyboardInterrupt:
        log_event("stopped at once")
    finally:
        for one, handler in handlers.items():
            signal.signal(one, handler)


def start(page: "gr.Blocks", host: str, port: int, site: Site | None = None) -> str:
    """Serve ``page`` from a background thread and return its address; raises as ``serve`` does."""
    _, address = _start(page, host, port, site)
    return address


def _start(page: "gr.Blocks", host: str, port: int, site: Site | None) -> tuple[RunningServer, str]:
    import uvicorn

    check_free(host, port)
    site = site or Site()
    server = uvicorn.Server(
        uvicorn.Config(
            build_site(page, site, host, port),
            host=host.strip("[]"),
            port=port,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=max(1, round(site.stop_seconds + 2 * _LAST_REPLY_SECONDS)),
        )
    )
    running = RunningServer(server, site.app_state, site.stop_seconds)
    if not running.begin():
        raise CannotServeError(f"The web chat could not start on {host}:{port}. Choose another port with --port.")
    address = f"http://{'localhost' if host == '0.0.0.0' else host}:{port}/"
    mark_running(page, running, address)
    return running, address


def check_free(host: str, port: int) -> None:
    """Raise CannotServeError where the chat could not listen, before anything slow is done."""
    if not 0 < port < _MAX_PORTS:
        raise CannotServeError(f"{port} is not a port. Choose one from 1024 to {_MAX_PORTS - 1} with --port.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotServeError(_bind_problem(host, port, error.errno)) from error


def _signal_handler(stop_requested: threading.Event) -> Any:
    def handle(number: int, frame: FrameType | None) -> None:
        if stop_requested.is_set():
            raise KeyboardInterrupt
        stop_requested.set()

    return handle


def _bind_problem(host: str, port: int, code: int | None) -> str:
    if code == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use, perhaps by another Onrecord. Stop that one, or choose another "
            f"port, for example --port {port + 1}."
        )
    if code == errno.EACCES:
        return f"Port {port} may not be used by this account. Choose one above 1023 with --port."
    return f"{host} is not an address of this machine. Choose one with --host; 127.0.0.1 always works."
