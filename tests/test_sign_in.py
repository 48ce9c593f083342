"""Signing in to the chat as it is served: from one's own site, behind a proxy, with a key, until the account changes."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import watched
from door_fixtures import until
from playwright.sync_api import expect
from web_browser import IN_BROWSER, launched
from web_fixtures import Scripted, Shelf, free_port

from ui.auth.access import Access, is_cross_site
from ui.auth.passwords import Cost, hash_password, verify_password
from ui.auth.sessions import SessionManager
from ui.auth.throttle import PAIR
from ui.auth.users_file import User, add_user, change_users, read_users, remove_user, set_password
from ui.conversations.store import ConversationStore
from ui.core.app_state import AppState
from ui.core.cancel import CancelRegistry
from ui.core.roles import Role, account_of
from ui.core.worker_pool import WorkerPool
from ui.server.app import Site
from ui.server.run import start
from ui.web.app import build_app
from ui.web.chat.background_answers import BackgroundAnswers
from ui.web.sidebar.conversation_service import ConversationService
from ui.web.sidebar.visitor import Visitors

CHEAP = Cost(log_n=4, r=1, p=1)
BROWSER = {"accept": "text/html,application/xhtml+xml"}
WAITING = 8  # passwords that may wait to be hashed
KEY = "ann:a key that has a colon"


@dataclass
class Served:
    url: str
    users: Path
    kept: ConversationStore
    steps: "Steps"


@dataclass
class Steps:
    """A stream that goes on while it is let, and notes that it was broken off."""

    go_on: threading.Semaphore
    broken_off: threading.Event


def doors(steps: Steps, access: Access) -> Callable[[Any], None]:
    """A health check in the default thread pool, a stream without end, a door that asks for the key."""

    def add(site: Any) -> None:
        from ui.api.route import access_dependencies
        from ui.api.sse import EventStream

        def health() -> dict[str, str]:
            return {"status": "healthy"}

        async def endless() -> AsyncGenerator[str, None]:
            try:
                for _ in range(6_000):
                    await asyncio.sleep(0.01)
                    if steps.go_on.acquire(blocking=False):
                        yield "more\n"
            finally:
                steps.broken_off.set()

        async def stream() -> Any:
            return EventStream(endless())

        async def keyed() -> dict[str, bool]:
            return {"came in": True}

        site.add_api_route("/health", health)
        site.add_api_route("/stream", stream, response_model=None)
        site.add_api_route("/v1/models", keyed, dependencies=access_dependencies(access))

    return add


def add_account(file: Path, name: str, role: Role = Role.READER) -> None:
    change_users(file, lambda users: add_user(users, User(name, role, hash_password(f"{name}'s secret", CHEAP))))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    users, kept, app_state = tmp_path / "users.jsonl", ConversationStore(tmp_path), AppState()
    for name in ("ann", "bob"):
        add_account(users, name)
    steps, access = Steps(threading.Semaphore(0), threading.Event()), Access(KEY)
    app = build_app(Scripted(), Shelf(), app_state=app_state, conversations=kept)
    who = SessionManager(users, hashing=WorkerPool(1, WAITING))
    site = Site(
        app_state=app_state,
        sessions=who,
        add_routes=[doors(steps, access)],
        api_paths=("/v1", "/health"),
        access=access,
    )
    yield Served(start(app, "127.0.0.1", free_port(), site).rstrip("/"), users, kept, steps)
    app.close(verbose=False)


def sent(name: str, password: str = "") -> dict[str, str]:
    return {"username": name, "password": password or f"{name}'s secret"}


@contextmanager
def signed_in(served: Served, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.url) as one:
        assert one.post("/login", data=sent(name)).json() == {"success": True}
        yield one


# From which site


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "same-site"},
    ],
)
def test_a_page_of_another_site_signs_nobody_in_or_out(served: Served, headers: dict[str, str]) -> None:
    with httpx.Client(base_url=served.url) as one:
        for kind in ({}, BROWSER):
            refused = one.post("/login", data=sent("ann"), headers=headers | kind)
            assert refused.status_code == 403
            assert "another site" in refused.text
            assert "set-cookie" not in refused.headers
    with signed_in(served, "ann") as one:
        refused = one.post("/logout", headers=headers)
        assert refused.status_code == 403
        assert not {"set-cookie", "clear-site-data"} & set(refused.headers)
        assert one.get("/config").status_code == 200


def test_the_sites_own_page_and_programs_sign_in_and_out(served: Served) -> None:
    for headers in (
        {},
        {"origin": served.url},
        {"origin": "null", "sec-fetch-site": "same-origin"},  # under a proxy's policy of no referrer
        {"origin": "https://papers.example", "sec-fetch-site": "same-origin"},  # a proxy that changes the host
        {"sec-fetch-site": "none"},
    ):
        with httpx.Client(base_url=served.url) as one:
            assert one.post("/login", data=sent("ann"), headers=headers).status_code == 200, headers
            assert one.post("/logout", headers=headers).status_code == 303, headers
            assert one.get("/config").status_code == 401


def test_following_a_link_from_another_site_is_nobodys_attack() -> None:
    def denied(method: str, **headers: str) -> bool:
        pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        return is_cross_site({"method": method, "headers": [(b"host", b"papers.example"), *pairs]})

    assert not denied("GET", sec_fetch_site="cross-site", sec_fetch_mode="navigate")
    assert denied("GET", sec_fetch_site="cross-site", sec_fetch_mode="no-cors")  # a picture that asks a question
    assert denied("POST", sec_fetch_site="cross-site", sec_fetch_mode="navigate")


# Hashing


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Hashing that does not end before the event is set."""
    gate = threading.Event()

    def slow(password: str, stored: str) -> bool:
        assert gate.wait(60)
        return verify_password(password, stored)

    monkeypatch.setattr("ui.auth.sessions.verify_password", slow)
    yield gate
    gate.set()


def test_while_passwords_are_hashed_everything_else_goes_on(served: Served, held: threading.Event) -> None:
    held.set()
    with signed_in(served, "ann") as ann, httpx.Client(base_url=served.url, timeout=60) as one:
        held.clear()

        def wrong(n: int) -> httpx.Response:
            if n % 2:
                return one.get("/config", auth=(f"nobody{n}", "wrong password"))
            return one.post("/login", data=sent(f"nobody{n}", "wrong password"))

        with ThreadPoolExecutor(60) as pool:
            asked = [pool.submit(wrong, n) for n in range(60)]
            # All but the one that is hashed and those that wait are told to come again.
            assert until(lambda: sum(each.done() for each in asked) == 60 - 1 - WAITING, 60)
            assert one.get("/health").json() == {"status": "healthy"}
            assert ann.get("/config").status_code == 200
            assert sum(each.done() for each in asked) == 60 - 1 - WAITING
            held.set()
            replies = [each.result() for each in asked]
    assert {reply.status_code for reply in replies} == {401, 503}
    assert all(int(reply.headers["retry-after"]) >= 1 for reply in replies if reply.status_code == 503)


def test_where_everybody_comes_in_no_password_is_hashed(served: Served, held: threading.Event) -> None:
    with httpx.Client(base_url=served.url, timeout=20) as one:
        assert one.get("/health", auth=("ann", "wrong")).status_code == 200
        assert one.get("/login", auth=("ann", "wrong")).status_code == 200
        assert one.get("/v1/models", headers={"authorization": f"Bearer {KEY}"}).status_code == 200


# Names, passwords and keys


def test_a_key_with_a_colon_is_a_key(served: Served) -> None:
    with httpx.Client(base_url=served.url) as one:
        for _ in range(3 * PAIR.free):
            key = one.get("/v1/models", headers={"authorization": f"Bearer {KEY}"})
            assert (key.status_code, key.json()) == (200, {"came in": True})
        assert one.get("/config", headers={"authorization": f"Bearer {KEY}"}).status_code == 401  # it opens no page
        assert one.post("/login", data=sent("ann")).status_code == 200  # and ann has not failed
        assert one.get("/v1/models", headers={"authorization": "Bearer bob:bob's secret"}).status_code == 200
        assert one.get("/v1/models", headers={"authorization": "Bearer bob:another:key"}).status_code == 200


def test_twenty_wrong_passwords_behind_one_proxy_keep_nobody_else_out(served: Served) -> None:
    with httpx.Client(base_url=served.url) as proxy:
        codes = [proxy.post("/login", data=sent("ann", "wrong")).status_code for _ in range(10)]
        codes += [proxy.post("/login", data=sent(f"nobody{n}", "wrong")).status_code for n in range(20)]
        assert set(codes) == {401, 429}
        assert codes[-20:] == [401] * 20
        assert proxy.post("/login", data=sent("bob")).status_code == 200


def test_a_name_composed_otherwise_is_the_same_account(served: Served) -> None:
    add_account(served.users, "jos\u00e9")
    for typed in ("jose\u0301", "\uff4aos\u00e9"):
        with httpx.Client(base_url=served.url) as one:
            assert one.post("/login", data=sent(typed, "jos\u00e9's secret")).status_code == 200
            assert one.get("/config").json()["username"] == "jos\u00e9"


# Until the account changes


def by_command(served: Served, *arguments: str, password: str = "") -> None:
    """Change the users in another process."""
    command = [sys.executable, "-m", "ui.cli.main", "users", *arguments, "--auth", str(served.users)]
    env = watched(served.users.parent / "network.log")
    subprocess.run(command, input=password, text=True, env=env, timeout=60, check=True, capture_output=True)


@pytest.mark.parametrize("change", [("role", "ann", "editor"), ("passwd", "ann"), ("rm", "ann")])
def test_a_change_from_the_command_line_ends_sessions_and_open_streams(served: Served, change: tuple[str, ...]) -> None:
    with signed_in(served, "ann") as ann, signed_in(served, "bob") as bob:
        with ann.stream("GET", "/stream", timeout=30) as stream:
            parts = stream.iter_raw()
            served.steps.go_on.release()
            assert next(parts) == b"more\n"
            by_command(served, *change, password="another secret\n")
            served.steps.go_on.release()
            assert list(parts) == []
        assert served.steps.broken_off.wait(120)
        assert ann.get("/config").status_code == 401
        assert bob.get("/config").status_code == 200


def test_a_stream_ends_where_its_reader_signed_out_or_their_password_was_changed(served: Served) -> None:
    with signed_in(served, "bob") as bob, bob.stream("GET", "/stream", timeout=30) as stream:
        bob.post("/logout")
        served.steps.go_on.release()
        assert list(stream.iter_raw()) == []
    with httpx.stream("GET", f"{served.url}/stream", auth=("ann", "ann's secret"), timeout=30) as stream:
        parts = stream.iter_raw()
        served.steps.go_on.release()
        assert next(parts) == b"more\n"
        change_users(served.users, lambda users: set_password(users, "ann", hash_password("another one", CHEAP)))
        served.steps.go_on.release()
        assert list(parts) == []


@dataclass
class Asked:
    """A request as the page's handlers see it."""

    request: Any
    session_hash: str = "s"


def test_a_namesake_made_anew_sees_nothing_of_who_was_there_before(served: Served) -> None:
    kept = ConversationService(served.kept, Visitors(), BackgroundAnswers(CancelRegistry()))

    def mine(name: str) -> Any:
        scope = {"onrecord.user": name, "onrecord.account": read_users(served.users)[name].id}
        return kept.mine(Asked(type("Request", (), {"scope": scope})()), None)  # type: ignore[arg-type]

    served.kept.create("What did we decide?", mine("ann").owner)
    change_users(served.users, lambda users: set_password(users, "ann", hash_password("another one", CHEAP)))
    assert [held.title for held in served.kept.list(mine("ann").owner)] == ["What did we decide"]
    change_users(served.users, lambda users: remove_user(users, "ann"))
    add_account(served.users, "ann")
    assert served.kept.list(mine("ann").owner) == ()


def test_what_an_account_from_before_there_were_ids_kept_stays_its_own(served: Served) -> None:
    change_users(served.users, lambda users: {**users, "ann": replace(users["ann"], id="ann")})
    served.users.write_text(served.users.read_text().replace('"id": "ann", ', ""))
    held = served.kept.create("What did we decide?", "ann")  # as it was kept before
    account = read_users(served.users)["ann"].id
    assert served.kept.list(account) == (held,)
    by_command(served, "passwd", "ann", password="another secret\n")
    assert served.kept.list(read_users(served.users)["ann"].id) == (held,)
    assert account_of(Asked(type("Request", (), {"scope": {"onrecord.account": account}})())) == "ann"


class TestInTheBrowser:
    pytestmark = IN_BROWSER

    def test_the_page_signs_in_and_out_and_a_namesake_begins_anew(self, served: Served) -> None:
        with launched() as chromium:
            page = chromium.new_context().new_page()

            def enter(name: str) -> None:
                page.goto(served.url)
                page.get_by_label("Name").fill(name)
                page.get_by_label("Password").fill(f"{name}'s secret")
                page.get_by_role("button", name="Sign in").click()
                page.wait_for_selector("#conversation .welcome, #conversation .exchange")

            enter("ann")
            page.fill("#question textarea", "Article 5?")
            page.keyboard.press("Enter")
            page.locator("#kept-list .row[aria-current]").wait_for(state="attached")
            page.wait_for_selector(".talk[aria-busy=false] .sources")
            page.click(".signed-in button")
            page.get_by_label("Password").wait_for()
            enter("ann")
            page.locator("#kept-list .row").wait_for(state="attached")
            change_users(served.users, lambda users: remove_user(users, "ann"))
            add_account(served.users, "ann")
            enter("ann")
            page.wait_for_selector("#conversation .welcome")
            expect(page.locator("#kept-list .row")).to_have_count(0)

    def test_over_plain_http_where_the_browser_says_nothing_of_the_site_the_page_tells_its_origin(
        self, served: Served
    ) -> None:
        with launched("--host-resolver-rules=MAP papers.example 127.0.0.1") as chromium:
            page = chromium.new_context().new_page()
            page.goto(served.url.replace("127.0.0.1", "papers.example"))
            page.get_by_label("Name").fill("ann")
            page.get_by_label("Password").fill("ann's secret")
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_selector("#conversation .welcome")
            page.click(".signed-in button")
            page.get_by_label("Password").wait_for()
