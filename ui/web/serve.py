"""Show the web chat on a host and port."""

import errno
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import OnrecordError
from ui.web.look import theme

if TYPE_CHECKING:
    import gradio as gr

_PORTS = 65_536


class CannotServe(OnrecordError):  # noqa: N818
    """The host and port cannot be served on."""


def serve(app: "gr.Blocks", host: str, port: int, root_path: str = "") -> None:
    """Show ``app`` until interrupted. Raise ``CannotServe`` when host or port cannot be had."""
    print(f"Onrecord is at {start(app, host, port, root_path)}  (Ctrl+C stops it)", flush=True)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        app.close(verbose=False)


def start(app: "gr.Blocks", host: str, port: int, root_path: str = "") -> str:
    """Show ``app`` from a background thread and return its address; raises as ``serve`` does."""
    check_free(host, port)
    try:
        _, address, _ = app.launch(
            server_name=host,
            server_port=port,
            root_path=root_path,
            theme=theme(),
            css_paths=[Path(__file__).parent / "page.css"],
            footer_links=["api", "settings"],
            show_error=True,
            share=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            enable_monitoring=False,
            run_history=False,
            inbrowser=False,
            quiet=True,
            prevent_thread_lock=True,
        )
    except (OSError, ValueError) as error:
        raise CannotServe(
            f"The web chat could not start on {host}:{port}: {error} Choose another port with --port, and if "
            f"a proxy is set, name {host} in NO_PROXY."
        ) from error
    return str(address)


def check_free(host: str, port: int) -> None:
    """Raise CannotServe when the chat could not listen there, before anything slow is done."""
    if not 0 < port < _PORTS:
        raise CannotServe(f"{port} is not a port. Choose one from 1024 to {_PORTS - 1} with --port.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotServe(_why_not(host, port, error.errno)) from error


def _why_not(host: str, port: int, code: int | None) -> str:
    if code == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is in use, perhaps by another Onrecord. Stop that one, or choose another "
            f"port, for example --port {port + 1}."
        )
    if code == errno.EACCES:
        return f"Port {port} may not be used by this account. Choose one above 1023 with --port."
    return f"{host} is not an address of this machine. Choose one with --host; 127.0.0.1 always works."
