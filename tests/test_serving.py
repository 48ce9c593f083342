"""The chat as it is served: who is let in, what is closed, headers, limits, and how it stops."""

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import watched
from waiting import until
from web_browser import IN_BROWSER, comes_to, launched, open_page
from web_clients import client
from web_fixtures import Scripted, Shelf, free_port

from ui.auth.access import Access
from ui.auth.passwords import Cost, hash_password
from ui.auth.sessions import SessionManager
from ui.auth.throttle import PAIR
from ui.auth.users_file import User, read_users, remove_user, write_users
from ui.conversations.store import ConversationStore
from ui.core.app_state import AppState
from ui.core.protocols import Tab
from ui.core.queue import FairQueue
from ui.core.roles import Action, Role, may, role_of
from ui.server.app import Site
from ui.server.run import start
from ui.server.security_headers import content_security_policy, script_hash
from ui.web.app import build_app

CHEAP = Cost(log_n=4, r=1, p=1)
BROWSER = {"accept": "text/html,application/xhtml+xml"}


@dataclass
class Served:
    url: str
    users: Path
    kept: ConversationStore
    pipeline: Scripted
    seen: list[Role | None]


def door(seen: list[Role | None]) -> Any:
    """A door from elsewhere, which notes the role of who comes."""

    def add(site: Any) -> None:
        from fastapi import Request

        async def library(request: Request) -> dict[str, bool]:
            seen.append(role_of(request))
            return {"may": may(role_of(request), Action.LIBRARY)}

        library.__annotations__["request"] = Request
        site.add_api_route("/library", library)
        site.add_api_route("/v1/models", library)

    return add


def evals() -> None:
    import gradio as gr

    gr.Button("Run", elem_id="run").click(lambda: "ran", None, gr.Textbox(), api_name="run_evals")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    users = tmp_path_factory.mktemp("auth") / "users.jsonl"
    roles = {"ann": Role.READER, "ed": Role.EDITOR, "root": Role.ADMIN, "slow": Role.READER, "gone": Role.READER}
    write_users(users, [User(name, role, hash_password(f"{name}'s secret", CHEAP)) for name, role in roles.items()])
    app_state, kept, seen, pipeline = AppState(FairQueue(2)), ConversationStore(users.parent), [], Scripted()
    app = build_app(
        pipeline, Shelf(), app_state=app_state, conversations=kept, tabs=[Tab("Evals", evals, needs=Action.EVALS)]
    )
    site = Site(
        app_state=app_state,
        sessions=SessionManager(users),
        add_routes=[door(seen)],
        api_paths=("/v1",),
        access=Access("the key"),
        upload_mb=1,
        upload_files=2,
    )
    yield Served(start(app, "127.0.0.1", free_port(), site), users, kept, pipeline, seen)
    app.close(verbose=False)


@pytest.fixture(scope="module")
def open_to_all() -> Iterator[str]:
    app_state = AppState()
    app = build_app(Scripted(), Shelf(), app_state=app_state)
    yield start(app, "127.0.0.1", free_port(), Site(app_state=app_state, upload_mb=1, upload_files=2))
    app.close(verbose=False)


@contextmanager
def signed_in(served: Served, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url) as one:
        made = one.post("/login", data={"username": name, "password": f"{name}'s secret"})
        assert made.json() == {"success": True}
        yield one


def test_nothing_is_served_to_who_is_not_signed_in(guarded: Served) -> None:
    with httpx.Client(base_url=guarded.url) as nobody:
        for path in ("/", "/config", "/gradio_api/info", "/gradio_api/queue/data?session_hash=x", "/library",
                     "/gradio_api/file=/etc/passwd", "/assets/x.js", "/theme.css", "/gradio_api/heartbeat/x"):  # fmt: skip
            assert nobody.get(path).status_code == 401, path
        for path in ("/gradio_api/queue/join", "/gradio_api/upload", "/gradio_api/cancel", "/gradio_api/reset"):
            assert nobody.post(path, json={}).status_code == 401, path
        sent = nobody.get("/", headers=BROWSER)
        assert (sent.status_code, sent.headers["location"]) == (303, "/login")
        assert nobody.get("/alive").json() == {"status": "alive"}
        page = nobody.get("/login", headers=BROWSER)
        assert "<form" in page.text
        assert "<script" not in page.text
        nobody.cookies.set("onrecord", "made-up")
        assert nobody.get("/config").status_code == 401


def test_signing_in_and_out(guarded: Served) -> None:
    with httpx.Client(base_url=guarded.url) as one:
        wrong = one.post("/login", data={"username": "ann", "password": "ed's secret"}, headers=BROWSER)
        assert (wrong.status_code, "wrong" in wrong.text) == (401, True)
        right = one.post("/login", data={"username": "ann", "password": "ann's secret"}, headers=BROWSER)
        assert (right.status_code, right.headers["location"]) == (303, "/")
        cookie = right.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert "secure" not in cookie  # over http it would never come back
        assert one.get("/config").json()["username"] == "ann"
        assert one.post("/logout").headers["location"] == "/login"
        assert one.get("/config").status_code == 401


def test_roles_come_from_the_session_and_reach_the_doors(guarded: Served) -> None:
    for name, role in (("ann", Role.READER), ("ed", Role.EDITOR), ("root", Role.ADMIN)):
        with signed_in(guarded, name) as one:
            said = one.get("/library", headers={"onrecord.role": "admin", "x-role": "admin"})
            assert said.json() == {"may": role is not Role.READER}
            assert guarded.seen[-1] == role
    with httpx.Client(base_url=guarded.url) as program:
        assert program.get("/library", auth=("ed", "ed's secret")).json() == {"may": True}
        assert program.get("/library", headers={"authorization": "Bearer ed:ed's secret"}).json() == {"may": True}
        assert program.get("/library", auth=("ed", "wrong")).status_code == 401
        assert program.get("/library", headers={"authorization": "Basic ???"}).status_code == 401
        assert program.get("/v1/models").json() == {"may": False}  # it checks a key of its own
        assert program.get("/v1evil").status_code == 401


def test_only_editors_upload(guarded: Served) -> None:
    file = {"files": ("a.txt", b"text", "text/plain")}
    with signed_in(guarded, "ann") as reader, signed_in(guarded, "ed") as editor:
        assert reader.post("/gradio_api/upload", files=file).status_code == 403
        assert editor.post("/gradio_api/upload", files=file).status_code == 200


def test_who_is_removed_is_out_at_once(guarded: Served) -> None:
    with signed_in(guarded, "gone") as one:
        assert one.get("/config").status_code == 200
        write_users(guarded.users, remove_user(read_users(guarded.users), "gone").values())
        assert one.get("/config").status_code == 401


def test_guessing_is_slowed_down(guarded: Served) -> None:
    with httpx.Client(base_url=guarded.url) as one:
        form = {"username": "slow", "password": "wrong"}
        codes = [one.post("/login", data=form).status_code for _ in range(PAIR.free + 2)]
        assert codes[: PAIR.free] == [401] * PAIR.free
        assert codes[PAIR.free :] == [429] * 2
        told = one.post("/login", data=form | {"password": "slow's secret"})
        assert told.status_code == 429
        assert int(told.headers["retry-after"]) >= 1


def test_a_program_signs_in_as_gradios_client_does_and_keeps_to_itself(guarded: Served) -> None:
    ann = client(guarded.url, auth=("ann", "ann's secret"))
    assert ann.predict("weather", api_name="/ask")["refused"] is True
    with pytest.raises(Exception, match="Invalid credentials"):
        client(guarded.url, auth=("ann", "wrong"))


def test_what_needs_more_than_a_reader_is_kept_from_readers_whatever_they_send(guarded: Served) -> None:
    with signed_in(guarded, "root") as admin, signed_in(guarded, "ed") as editor, signed_in(guarded, "ann") as reader:
        functions = {one["api_name"]: one["id"] for one in admin.get("/config").json()["dependencies"]}
        number = functions["run_evals"]
        join = "/gradio_api/queue/join"
        for who in (reader, editor):
            for sent in (number, str(number), float(number)):
                body = {"data": [], "fn_index": sent, "session_hash": f"{id(who)}"}
                assert who.post(join, json=body).status_code == 403
                plain = who.post(join, content=json.dumps(body), headers={"content-type": "application/problem+json"})
                assert plain.status_code == 403
            for way in ("call", "call/v2", "run", "api"):
                assert who.post(f"/gradio_api/{way}/run_evals", json={"data": []}).status_code == 403, way
        assert admin.post(join, json={"data": [], "fn_index": number, "session_hash": "root1"}).status_code == 200
        ask = {"data": ["Why?", [], "", "", "", [], []], "fn_index": functions["ask"], "session_hash": "ann1"}
        assert reader.post(join, json=ask).status_code == 200


def test_a_session_is_its_owners_alone(guarded: Served) -> None:
    with signed_in(guarded, "ed") as owner, signed_in(guarded, "ann") as other:
        functions = {one["api_name"]: one["id"] for one in owner.get("/config").json()["dependencies"]}
        ask = {"data": ["Why?", [], "", "", "", [], []], "fn_index": functions["ask"], "session_hash": "hers"}
        assert owner.post("/gradio_api/queue/join", json=ask).status_code == 200
        assert other.post("/gradio_api/queue/join", json=ask).status_code == 403
        assert other.get("/gradio_api/queue/data?session_hash=hers").status_code == 403
        assert other.get("/gradio_api/heartbeat/hers").status_code == 403
        cancel = {"session_hash": "hers", "fn_index": functions["ask"], "event_id": "x"}
        assert other.post("/gradio_api/cancel", json=cancel).status_code == 403
        assert other.post("/gradio_api/call/ask", json=ask).status_code == 403


def test_files_of_the_machine_are_not_served(open_to_all: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    here = Path(__file__).resolve()
    with httpx.Client(base_url=open_to_all) as one:
        for path in (secret, here, here.parents[1] / "README.md", "/etc/passwd", "../../etc/passwd", "README.md"):
            for way in (
                f"/gradio_api/file={path}",
                f"/gradio_api/file/{path}",
                f"/static/{path}",
                f"/assets/../{path}",
            ):
                got = one.get(way)
                assert got.status_code in {403, 404, 405}, (way, got.status_code)
                assert "secret" not in got.text.replace(str(path), "")
        for way in ("/gradio_api/file=http://127.0.0.1/x", "/gradio_api/proxy=http://127.0.0.1/x", "/monitoring",
                    "/gradio_api/deep_link?session_hash=x", "/gradio_api/vibe-code/", "/gradio_api/dev/reload",
                    "/gradio_api/file=HTTPS://x.test/", "/docs", "/redoc", "/openapi.json"):  # fmt: skip
            assert one.get(way).status_code == 404, way
        sent = one.post("/gradio_api/upload", files={"files": ("../../x<b>.html", b"<script>1</script>", "text/html")})
        (path,) = sent.json()
        assert "/../" not in path
        assert one.get(f"/gradio_api/file={path}").status_code == 404  # what was uploaded is not handed out again


def test_bodies_are_only_so_large(open_to_all: str) -> None:
    with httpx.Client(base_url=open_to_all) as one:
        large = one.post("/gradio_api/upload", files={"files": ("a.txt", b"x" * 1_200_000)})
        assert large.status_code == 413
        many = one.post("/gradio_api/upload", files=[("files", (f"{n}.txt", b"x" * 900_000)) for n in range(3)])
        assert (many.status_code, "2 MB" in many.text) == (413, True)
        assert one.post("/gradio_api/queue/join", content=b"x" * 4_100_000).status_code == 413

        def drip() -> Iterator[bytes]:
            for _ in range(50):
                yield b"x" * 100_000

        assert one.post("/gradio_api/queue/join", content=drip()).status_code == 413
        assert one.get("/alive").status_code == 200


def test_every_reply_carries_the_headers(open_to_all: str, guarded: Served) -> None:
    for url in (open_to_all, guarded.url):
        with httpx.Client(base_url=url) as one:
            for path in ("/", "/alive", "/login", "/nowhere", "/gradio_api/file=/etc/passwd", "/monitoring"):
                got = one.get(path, headers=BROWSER)
                assert "server" not in got.headers
                assert got.headers["x-content-type-options"] == "nosniff"
                assert got.headers["referrer-policy"] == "same-origin"
                assert got.headers["x-frame-options"] == "DENY"
                assert "camera=()" in got.headers["permissions-policy"]
                rules = got.headers["content-security-policy"]
                assert "default-src 'none'" in rules
                assert "frame-ancestors 'none'" in rules
                assert "http:" not in rules
                assert "https:" not in rules


def test_only_scripts_that_were_sent_with_the_page_run(open_to_all: str) -> None:
    with httpx.Client(base_url=open_to_all) as one:
        pages = [one.get("/", headers=BROWSER) for _ in range(2)]
    nonces = [re.findall(r"script-src [^;]*'nonce-([^']+)'", page.headers["content-security-policy"]) for page in pages]
    assert nonces[0] != nonces[1]
    for page, (nonce,) in zip(pages, nonces, strict=True):
        assert "script-src 'self' 'unsafe-inline'" not in page.headers["content-security-policy"]
        tags = re.findall(r"<script[^>]*>", page.text)
        assert tags
        assert all(f'nonce="{nonce}"' in tag for tag in tags)
    assert script_hash("") == "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    assert f"'{script_hash('x')}'" in content_security_policy("n", [script_hash("x")])


def test_behind_a_proxy_the_page_knows_its_path(tmp_path: Path) -> None:
    users = tmp_path / "users.jsonl"
    write_users(users, [User("ann", Role.READER, hash_password("ann's secret", CHEAP))])
    app_state = AppState()
    app = build_app(Scripted(), Shelf(), app_state=app_state)
    site = Site(root_path="/papers", app_state=app_state, sessions=SessionManager(users))
    url = start(app, "127.0.0.1", free_port(), site)
    try:
        with httpx.Client(base_url=url) as one:
            assert one.get("/", headers=BROWSER).headers["location"] == "/papers/login"
            made = one.post("/login", data={"username": "ann", "password": "ann's secret"},
                            headers={"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.7"})  # fmt: skip
            cookie = made.headers["set-cookie"]
            assert "Path=/papers/" in cookie
            assert "Secure" in cookie
            token = cookie.split(";")[0].removeprefix("onrecord=")
            config = one.get("/config", headers={"cookie": f"onrecord={token}"}).json()
            assert config["root"].endswith("/papers")
            page = one.get("/", headers={**BROWSER, "cookie": f"onrecord={token}"}).text
            assert "manifest.json" not in page  # it would be asked for outside of the path
    finally:
        app.close(verbose=False)


_SERVER = """
import os, sys, time
from pathlib import Path
from index.system.locking import lock
from web_fixtures import Scripted, Shelf
from ui.logs.question_log import make_log
from ui.logs.setup import begin_logging
from ui.web.app import build_app
from ui.core.app_state import AppState
from ui.core.queue import FairQueue
from ui.core.protocols import Tab
from ui.server.run import serve
from ui.server.app import Site

class Patient(Scripted):
    def stream(self, question, history=(), scope=None, stop=None):
        while not app_state.queue._waiting:
            time.sleep(0.01)
        (folder / "both").touch()
        for answer in super().stream(question.replace("slow", "calm"), history, scope, stop):
            if "slow" in question:
                stop.wait(float(question.split()[0]))
            yield answer

begin_logging("json")
folder, port, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
app_state = AppState(FairQueue(1), log=make_log(questions=False))
with lock(folder, write=False):
    app = build_app(Patient(), Shelf(), app_state=app_state)
    serve(app, "127.0.0.1", port, Site(app_state=app_state, stop_seconds=seconds))
"""


@pytest.mark.parametrize(("sent", "question", "seconds"), [(signal.SIGTERM, "0.3 slow", 60.0), (signal.SIGINT, "600 slow", 0.5)])  # fmt: skip
def test_it_stops_gently(tmp_path: Path, sent: signal.Signals, question: str, seconds: float) -> None:
    """An answer that ends in time is given whole; one that would not is ended. The index is free after that."""
    (tmp_path / "lock").touch()
    port = free_port()
    tests = str(Path(__file__).parent)
    env = watched(tmp_path / "network.log")
    env["PYTHONPATH"] = os.pathsep.join([env["PYTHONPATH"], tests])
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(tmp_path), str(port), str(seconds)],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        url = process.stdout.readline().split()[3]
        job = client(url).submit(question, api_name="/ask")
        waiting = client(url).submit("Article 5?", api_name="/ask")
        until((tmp_path / "both").exists)
        until(lambda: {each.status().code.name for each in (job, waiting)} == {"PROCESSING"})
        process.send_signal(sent)
        outcome: list[Any] = []
        reader = threading.Thread(target=lambda: outcome.append(job.result(timeout=60)))
        reader.start()
        _, errors = process.communicate(timeout=120)
        reader.join(60)
    finally:
        process.kill()
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
    events = [json.loads(line)["event"] for line in errors.splitlines() if line.startswith("{")]
    assert [event for event in events if event in {"started", "stopping", "stopped"}] == [
        "started",
        "stopping",
        "stopped",
    ]
    assert outcome
    assert outcome[0]["claims"]
    with pytest.raises(Exception, match="stopped"):
        waiting.result(timeout=60)
    with (tmp_path / "lock").open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_signal_that_another_thread_receives_stops_it_too(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    port = free_port()
    env = watched(tmp_path / "network.log")
    env["PYTHONPATH"] = os.pathsep.join([env["PYTHONPATH"], str(Path(__file__).parent)])
    to_itself = """
import signal, threading, time, urllib.request
def stop():
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[2]}", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            break
    time.sleep(0.5)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
threading.Thread(target=stop, daemon=True).start()
"""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys{to_itself}{_SERVER}", str(tmp_path), str(port), "1"],
        env=env, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert '"event": "stopped"' in done.stderr


class TestInTheBrowser:
    pytestmark = IN_BROWSER

    @pytest.fixture(scope="class")
    def chromium(self) -> Iterator[Any]:
        with launched() as browser:
            yield browser

    def test_sign_in_ask_and_sign_out_without_breaking_the_policy(self, guarded: Served, chromium: Any) -> None:
        context = chromium.new_context()
        page = context.new_page()
        told: list[str] = []
        page.on("console", lambda message: told.append(message.text))
        page.goto(guarded.url)
        page.get_by_label("Name").fill("ed")
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("alert").wait_for()
        page.get_by_label("Name").fill("ed")
        page.get_by_label("Password").fill("ed's secret")
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_selector("#conversation .welcome")
        page.get_by_text("ed", exact=True).wait_for()
        page.get_by_role("tab", name="Evals").wait_for(state="hidden")
        page.fill("#question textarea", "Article 5?")
        page.keyboard.press("Enter")
        page.wait_for_selector(".sources")
        page.wait_for_selector("#source mark.active")
        assert [held.title for held in guarded.kept.list(read_users(guarded.users)["ed"].id)] == ["Article 5"]
        assert [line for line in told if "Content Security Policy" in line] == []
        page.evaluate("document.querySelector('#source').insertAdjacentHTML('beforeend', '<img src=x onerror=window.__pwned=1>')")  # fmt: skip
        while not any("Content Security Policy" in line for line in told):  # the browser says that it did not run
            page.wait_for_timeout(20)
        comes_to(page, "typeof window.__pwned", "undefined")
        page.click(".signed-in button")
        page.get_by_label("Name").fill("root")
        page.get_by_label("Password").fill("root's secret")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("tab", name="Evals").click()
        page.get_by_role("button", name="Run").wait_for()
        page.click(".signed-in button")
        page.get_by_label("Password").wait_for()
        page.goto(guarded.url)
        page.get_by_label("Password").wait_for()
        context.close()

    def test_who_waits_sees_their_place(self, chromium: Any) -> None:
        scripted, app_state = Scripted(), AppState(FairQueue(1))
        app = build_app(scripted, Shelf(), app_state=app_state)
        url = start(app, "127.0.0.1", free_port(), Site(app_state=app_state))
        contexts = [chromium.new_context() for _ in range(3)]
        try:
            first, second, third = (open_page(context, url) for context in contexts)
            first.ask("a slow one")
            first.page.wait_for_selector("#conversation button.cite")
            second.ask("Article 5?")
            second.page.locator("p.status", has_text="You are next in line…").wait_for()
            third.ask("Article 5?")
            third.page.locator("p.status", has_text="You are 2nd in line…").wait_for()
            second.page.click("#stop")
            second.page.locator("p.status", has_text="Stopped.").wait_for()
            third.page.locator("p.status", has_text="You are next in line…").wait_for()
            first.page.click("#stop")
            scripted.gate.set()
            third.page.wait_for_selector(".sources")
        finally:
            scripted.gate.set()
            for context in contexts:
                context.close()
            app.close(verbose=False)
