"""A real Chroma server on a free port of loopback, and a small proxy before it that checks a token."""

import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from web_fixtures import free_port

CHROMA = Path(sys.executable).parent / "chroma"


@contextmanager
def chroma_server(folder: Path, port: int = 0) -> Iterator[str]:
    """The address of a server that keeps its database in ``folder``."""
    port = port or free_port()
    command = [str(CHROMA), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    env = os.environ | {"ANONYMIZED_TELEMETRY": "FALSE"}
    running = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{url}/api/v2/heartbeat")
        yield url
    finally:
        running.kill()
        running.wait()


@contextmanager
def asking_for(token: str, url: str) -> Iterator[str]:
    """The address of a proxy that passes on what carries ``token``, and refuses the rest."""

    class Checked(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            status, said = 401, b"401 Unauthorized"
            if self.headers.get("authorization") == f"Bearer {token}":
                kinds = {"content-type": "application/json"}
                asked = urllib.request.Request(url + self.path, body or None, kinds, method=self.command)
                try:
                    with urllib.request.urlopen(asked) as reply:
                        status, said = reply.status, reply.read()
                except urllib.error.HTTPError as reply:
                    status, said = reply.code, reply.read()
            self.send_response(status)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PUT = do_DELETE = _pass_on  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Checked)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{proxy.server_address[1]}"
    finally:
        proxy.shutdown()
        proxy.server_close()


def _wait(address: str, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
