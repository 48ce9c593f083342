"""Nobody reaches Gradio's routes who may not reach ours: other names, other sites, no key, files of others."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import gradio as gr
import httpx
import pytest
from door_fixtures import Finding
from fastapi import FastAPI
from web_fixtures import Scripted, Shelf, free_port

from ui.api.mount import add_api
from ui.auth.access import Access
from ui.core.app_state import AppState
from ui.core.protocols import Tab
from ui.server.app import Site
from ui.server.gradio_guard import is_open
from ui.server.run import start
from ui.web.app import build_app

DOORS = ("/api/v1", "/v1", "/mcp", "/health", "/openapi.json")
KEY = "a secret key"
EVIL = {"host": "evil.example"}
CROSS = {"origin": "https://evil.example", "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors"}
NO_ORIGIN = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
GRADIO = (
    ("GET", "/config"),
    ("GET", "/gradio_api/info"),
    ("GET", "/gradio_api/queue/data?session_hash=x"),
    ("GET", "/gradio_api/heartbeat/x"),
    ("GET", "/gradio_api/startup-events"),
    ("POST", "/gradio_api/call/documents"),
    ("POST", "/gradio_api/call/source"),
    ("POST", "/gradio_api/call/ask"),
    ("POST", "/gradio_api/run/documents"),
    ("POST", "/gradio_api/queue/join"),
    ("POST", "/gradio_api/upload"),
    ("POST", "/gradio_api/cancel"),
)


@dataclass
class Answered:
    """What a file component was given, by every call that reached it."""

    given: list[Any]

    def build(self) -> None:
        file = gr.File(elem_id="file")
        file.upload(self.given.append, file, None, api_name="take_file")


def served(access: Access, answered: Answered) -> tuple[str, gr.Blocks]:
    app_state, pipeline, shelf = AppState(), Scripted(), Shelf()
    app = build_app(pipeline, shelf, app_state=app_state, tabs=[Tab("Files", answered.build)])

    def door(into: FastAPI) -> None:
        add_api(into, Finding(), shelf, access=access)

    site = Site(app_state=app_state, add_routes=[door], api_paths=DOORS, access=access)
    return start(app, "127.0.0.1", free_port(), site).rstrip("/"), app


@pytest.fixture(scope="module")
def answered() -> Answered:
    return Answered([])


@pytest.fixture(scope="module")
def open_chat(answered: Answered) -> Iterator[str]:
    url, app = served(Access(names=("papers.example.org",)), answered)
    yield url
    app.close(verbose=False)


@pytest.fixture(scope="module")
def keyed_chat() -> Iterator[str]:
    url, app = served(Access(KEY), Answered([]))
    yield url
    app.close(verbose=False)


@pytest.mark.parametrize(("method", "path"), GRADIO)
@pytest.mark.parametrize(
    "headers", [EVIL, CROSS, NO_ORIGIN, {"origin": "null"}], ids=["host", "cors", "no-cors", "null"]
)
def test_other_names_and_other_sites_reach_nothing_of_gradio(
    open_chat: str, method: str, path: str, headers: dict[str, str]
) -> None:
    reply = httpx.request(method, open_chat + path, headers=headers, json={"data": []} if method == "POST" else None)
    assert reply.status_code == 403
    assert not [name for name in reply.headers if name.startswith("access-control")]


@pytest.mark.parametrize("host", ["EVIL.example", "evil.example:7860", "127.0.0.1.evil.example", "evil.example.", ""])
def test_no_spelling_of_another_name_reaches_the_page(open_chat: str, host: str) -> None:
    assert httpx.get(open_chat, headers={"host": host}).status_code in {400, 403}


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:1234", "192.168.1.5:7860", "[::1]", "papers.example.org", "Papers.Example.org:80"]
)
def test_names_of_this_server_reach_the_page(open_chat: str, host: str) -> None:
    assert httpx.get(open_chat, headers={"host": host}).status_code == 200


def test_a_preflight_of_another_site_is_told_nothing(open_chat: str) -> None:
    asked = {**CROSS, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    for _, path in GRADIO:
        reply = httpx.options(open_chat + path, headers=asked)
        assert reply.status_code == 403
        assert not [name for name in reply.headers if name.startswith("access-control")]


def test_no_reply_lets_another_origin_read(open_chat: str) -> None:
    for path in ("/", "/config", "/gradio_api/info"):
        reply = httpx.get(open_chat + path, headers={"origin": "http://localhost:3000"})
        assert not [name for name in reply.headers if name.startswith("access-control")], path


def test_a_link_from_another_site_opens_the_page(open_chat: str) -> None:
    followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "accept": "text/html"}
    assert httpx.get(open_chat, headers=followed).status_code == 200


def test_a_cross_site_upload_writes_no_file(open_chat: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    sent = httpx.post(f"{open_chat}/gradio_api/upload", files={"files": ("a.txt", b"text")}, headers=CROSS)
    assert sent.status_code == 403
    assert list(tmp_path.rglob("*.txt")) == []


@pytest.mark.parametrize("path", ["//gradio_api/call/documents", "/gradio_api//call/documents", "/gradio_api/call/documents/x/../..",
                                  "/%67radio_api/proxy=http://127.0.0.1/", "/GRADIO_API/call/documents", "/gradio_api/file=/etc/passwd",
                                  "/gradio_api/file%3D/etc/passwd", "/gradio_api/component_server", "/gradio_api/stream/x",
                                  "/monitoring", "/gradio_api/deep_link", "/gradio_api/vibe-edit"])  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS", "PUT"])
def test_what_the_page_does_not_need_is_not_there(open_chat: str, path: str, method: str) -> None:
    assert httpx.request(method, open_chat + path).status_code == 404


def test_with_a_key_gradios_endpoints_for_programs_need_it_too(keyed_chat: str) -> None:
    right = {"authorization": f"Bearer {KEY}"}
    for name in ("ask", "documents", "source"):
        for path in (
            f"/gradio_api/call/{name}",
            f"/gradio_api/run/{name}",
            f"/gradio_api/call/v2/{name}",
            f"/gradio_api/api/{name}",
        ):
            assert httpx.post(keyed_chat + path, json={"data": []}).status_code == 401, path
            assert (
                httpx.post(keyed_chat + path, json={"data": []}, headers={"authorization": "Bearer no"}).status_code
                == 401
            )
    assert httpx.get(f"{keyed_chat}/gradio_api/info").status_code == 401
    assert httpx.post(f"{keyed_chat}/gradio_api/call/documents", json={"data": []}, headers=right).status_code == 200
    assert httpx.get(keyed_chat).status_code == 200  # the page itself is for people


def test_with_a_key_they_are_not_reached_by_their_number_either(keyed_chat: str) -> None:
    calls = httpx.get(f"{keyed_chat}/config").json()["dependencies"]
    number = next(call["id"] for call in calls if call["api_name"] == "documents")
    for written in (number, str(number), float(number)):
        body = {"data": [], "fn_index": written, "session_hash": "s"}
        assert httpx.post(f"{keyed_chat}/gradio_api/queue/join", json=body).status_code == 401


def test_no_address_is_fetched_and_no_file_taken_that_was_not_uploaded(open_chat: str, answered: Answered) -> None:
    fetched: list[str] = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fetched.append(self.path)
            self.send_response(200)
            self.end_headers()

    canary = ThreadingHTTPServer(("127.0.0.1", 0), Canary)
    Thread(target=canary.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{canary.server_port}/secret"
    meta = {"_type": "gradio.FileData"}
    for path in (address, "https://papers.example.org/a.pdf", "/etc/passwd", "", "file:///etc/passwd", "../a"):
        for value in ({"path": path, "meta": meta}, {"path": path}, {"path": path, "url": address, "meta": meta}):
            for data in ([value], [[value]], [{"files": {"deep": [value]}}]):
                for call in ("/gradio_api/call/take_file", "/gradio_api/run/take_file", "/gradio_api/api/take_file"):
                    reply = httpx.post(open_chat + call, json={"data": data, "session_hash": "s"})
                    assert reply.status_code == 403, (path, call)
    canary.shutdown()
    assert fetched == []
    assert answered.given == []


def test_an_upload_belongs_to_the_session_that_names_it_first(open_chat: str, answered: Answered) -> None:
    def take(path: str, session: str) -> int:
        value = {"path": path, "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}
        body = {"data": [value], "session_hash": session}
        return httpx.post(f"{open_chat}/gradio_api/run/take_file", json=body).status_code

    sent = httpx.post(f"{open_chat}/gradio_api/upload?upload_id=u", files={"files": ("a.txt", b"some text")})
    (path,) = json.loads(sent.text)
    assert take(path, "mine") == 200
    assert take(path, "somebody else's") == 403
    assert take(path, "mine") == 200
    assert len(answered.given) == 2


# What Gradio serves beside the page and is closed on purpose.
CLOSED = {
    "/login", "/logout", "/gradio_api/user", "/gradio_api/login_check", "/gradio_api/token", "/gradio_api/dev/reload",
    "/gradio_api/runs", "/gradio_api/run-history/connect", "/gradio_api/run-history/buckets", "/gradio_api/run-history/records",
    "/gradio_api/run-history/records/x/x/assets/x", "/gradio_api/custom_component/x/x/x/x", "/gradio_api/proxy=x",
    "/gradio_api/file=x", "/gradio_api/file/x", "/gradio_api/stream/x", "/gradio_api/stream/x/close",
    "/gradio_api/stream/x/x/x/playlist.m3u8", "/gradio_api/stream/x/x/x/x.x", "/gradio_api/stream/x/x/x/playlist-file",
    "/gradio_api/component_server", "/gradio_api/process_recording", "/gradio_api/vibe-edit", "/gradio_api/undo-vibe-edit",
    "/gradio_api/vibe-code", "/gradio_api/vibe-starter-queries", "/gradio_api/deep_link", "/monitoring",
    "/monitoring/summary", "/monitoring/x", "/pwa_icon", "/pwa_icon/x",
}  # fmt: skip


def test_every_route_of_gradio_is_open_or_closed_on_purpose() -> None:
    import re

    with gr.Blocks() as page:
        gr.Textbox()
    outside = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    gr.mount_gradio_app(outside, page, "/", app_kwargs={"openapi_url": None}, ssr_mode=False)
    unknown = set()
    routes = list(outside.routes)
    seen = 0
    while routes:
        route = routes.pop()
        inner = getattr(route, "original_router", None) or getattr(route, "app", None)
        routes += getattr(inner, "routes", None) or []
        path = re.sub(r"\{[^}]+\}", "x", getattr(route, "path", ""))
        for method in getattr(route, "methods", None) or ():
            seen += 1
            if not is_open(method, path) and path.rstrip("/") not in CLOSED:
                unknown.add((method, path))
    assert seen > 60
    assert unknown == set()
