"""Two replicas of the chat over one Chroma server, behind the proxy that the deployment page names."""

import http.cookiejar
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from chroma_server import chroma_server
from conftest import ROOT, SEEDS
from test_deployment import _NGINX, Proxy, proxy
from web_fixtures import free_port

__all__ = ["proxy"]  # a fixture, found by its name

ONRECORD = [sys.executable, "-m", "ui.cli.main"]
_PATIENCE = 240.0  # seconds for a replica to load its models


@contextmanager
def replica(env: dict[str, str], port: int) -> Iterator["subprocess.Popen[bytes]"]:
    command = [*ONRECORD, "chat", "--port", str(port), "--auth", "users.jsonl"]
    running = subprocess.Popen(command, cwd=env["ONRECORD_DATA_DIR"], env=env, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until and running.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/alive").close()
                break
            except OSError:
                time.sleep(0.3)
        yield running
    finally:
        running.kill()
        running.wait()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(_NGINX is None, reason="nginx is not installed")
def test_who_is_signed_in_is_answered_by_one_replica_and_then_by_the_other(proxy: Proxy, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (tmp_path / "db").mkdir()
    with ExitStack() as stack:
        url = stack.enter_context(chroma_server(tmp_path / "db"))
        env = os.environ | {"PYTHONPATH": str(ROOT), "ONRECORD_CHROMA_URL": url, "ONRECORD_DATA_DIR": str(own)}
        add = [*ONRECORD, "users", "add", "ann", "--role", "admin", "--auth", "users.jsonl"]
        subprocess.run(add, cwd=own, env=env, input="a long password\n", text=True, check=True)
        subprocess.run([*ONRECORD, "index", str(SEEDS / "documents")], cwd=own, env=env, check=True)
        ports = [free_port(), free_port()]
        replicas = [stack.enter_context(replica(env, port)) for port in ports]
        places = {f"onrecord-{n}:7860": f"127.0.0.1:{port}" for n, port in enumerate(ports, 1)}
        front = stack.enter_context(proxy("replicas.conf", places))

        jar = http.cookiejar.CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        who = urllib.parse.urlencode({"username": "ann", "password": "a long password"}).encode()

        def sign_in() -> None:
            with browser.open(f"{front}/login", who) as reply:
                assert json.load(reply) == {"success": True}

        def ask() -> str:
            asked = json.dumps({"question": "What is the article about?"}).encode()
            sent = urllib.request.Request(f"{front}/api/v1/ask", asked, {"content-type": "application/json"})
            with browser.open(sent) as reply:
                return str(json.load(reply)["answer"])

        sign_in()
        first = ask()
        for _ in range(6):
            assert ask() == first
        for one in replicas:
            one.kill()
            one.wait()
            break
        try:
            again = ask()
        except urllib.error.HTTPError as error:
            assert error.code == 401  # it was the one that is gone; the other knows nobody yet
            sign_in()
            again = ask()
        assert again == first
