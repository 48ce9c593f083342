"""The proxies that the deployment page names: nginx takes their files, keeps visitors with a replica, checks a token."""

import http.cookiejar
import os
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from chroma_server import chroma_server
from conftest import ROOT
from web_fixtures import free_port

from index.errors import IndexBrokenError
from index.storage.chroma.server import ChromaServer, require_version

PLACE = ROOT / "ui" / "deployment"
_NGINX = shutil.which("nginx", path=os.pathsep.join([os.environ["PATH"], "/usr/sbin"]))
pytestmark = pytest.mark.skipif(_NGINX is None, reason="nginx is not installed")

Proxy = Callable[[str, dict[str, str]], AbstractContextManager[str]]


@pytest.fixture
def proxy(tmp_path: Path) -> Proxy:
    """Start nginx with one of our files, some of its words replaced, on a free port."""

    @contextmanager
    def start(name: str, replaced: dict[str, str]) -> Iterator[str]:
        port = free_port()
        text = (PLACE / name).read_text()
        for was, is_ in replaced.items():
            assert was in text
            text = text.replace(was, is_)
        for listened in ("listen 8080;", "listen 8000;"):
            text = text.replace(listened, f"listen 127.0.0.1:{port};")
        (tmp_path / "our.conf").write_text(text)
        temporary = " ".join(
            f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        whole = f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log; worker_processes 1;\n"
        whole += f"events {{}}\nhttp {{ access_log off; {temporary} include {tmp_path}/our.conf; }}\n"
        (tmp_path / "nginx.conf").write_text(whole)
        command = [
            str(_NGINX),
            "-p",
            str(tmp_path),
            "-c",
            str(tmp_path / "nginx.conf"),
            "-e",
            str(tmp_path / "error.log"),
        ]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        assert "warn" not in checked.stderr
        running = subprocess.Popen(command)
        try:
            _listens(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()
            running.wait(120)

    return start


def _listens(port: int) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/").close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return


@contextmanager
def replica(name: str) -> Iterator[ThreadingHTTPServer]:
    class Says(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(name.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Says)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def visitor(url: str) -> Callable[[], str]:
    """Somebody with a browser of their own; a call is one request, and says which replica answered."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def ask() -> str:
        with opener.open(url) as reply:
            return str(reply.read().decode())

    return ask


def test_a_visitor_stays_with_a_replica_and_moves_when_it_is_gone(proxy: Proxy) -> None:
    with ExitStack() as stack:
        two = stack.enter_context(replica("two"))
        with replica("one") as one:
            places = {
                "onrecord-1:7860": f"127.0.0.1:{one.server_address[1]}",
                "onrecord-2:7860": f"127.0.0.1:{two.server_address[1]}",
            }
            url = stack.enter_context(proxy("replicas.conf", places))
            visitors = [visitor(url) for _ in range(40)]
            first = [ask() for ask in visitors]
            assert min(Counter(first).values()) > 5
            for _ in range(3):
                assert [ask() for ask in visitors] == first
        assert {ask() for ask in visitors} == {"two"}


def test_the_gate_lets_in_who_knows_the_token(proxy: Proxy, tmp_path: Path) -> None:
    (tmp_path / "chroma").mkdir()
    with chroma_server(tmp_path / "chroma") as behind:
        filled = {"${ONRECORD_CHROMA_TOKEN}": "s3cret", "http://chroma:8000": behind}
        with proxy("chroma.conf", filled) as gate:
            assert require_version(ChromaServer(gate, "t", "d", "s3cret"))
            for token in ("", "wrong", "s3cret2", "S3cret"):
                with pytest.raises(IndexBrokenError, match="ONRECORD_CHROMA_TOKEN"):
                    require_version(ChromaServer(gate, "t", "d", token))


def test_a_gate_without_a_token_lets_nobody_in(proxy: Proxy) -> None:
    with proxy("chroma.conf", {"${ONRECORD_CHROMA_TOKEN}": "", "http://chroma:8000": "http://127.0.0.1:9"}) as gate:
        for token in ("", " ", "x"):
            with pytest.raises(IndexBrokenError, match="ONRECORD_CHROMA_TOKEN"):
                require_version(ChromaServer(gate, "t", "d", token.strip()))
