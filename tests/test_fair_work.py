"""One way to work: whatever comes by whichever door takes its turn, and a visitor is who they are, not what they say."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from door_fixtures import Finding, app_of, until
from hypothesis import given, settings
from hypothesis import strategies as st
from web_browser import IN_BROWSER, launched, open_page
from web_clients import client
from web_fixtures import Shelf, answer_to, free_port

from evals.runner.worker_threads import run_in_threads
from index.schema import Hit
from rag.question.scope import EVERYTHING, Scope
from rag.schema import Answer
from ui.api.mount import add_api
from ui.auth.access import Access
from ui.conversations.export.export import FORMATS
from ui.conversations.store import ConversationStore
from ui.core.app_state import AppState
from ui.core.ask import WaitCancelledError, background_slot, queue_slot
from ui.core.cancel import CancelRegistry
from ui.core.client import gradio_visitor, visitor_named, visitor_of
from ui.core.queue import FairQueue, QueueClosedError, QueueFullError, TooManyWaitingError
from ui.core.roles import USER_KEY
from ui.logs.question_log import QuestionEntry
from ui.server.app import Site
from ui.server.run import start
from ui.web.app import build_app
from ui.web.chat.followups import followups
from ui.web.chat.source_filter import SourceFilter
from ui.web.chat.state import with_answer, with_question

_MCP = {"accept": "application/json, text/event-stream", "mcp-protocol-version": "2025-06-18"}


@dataclass
class Counting(Finding):
    """Holds everything back until the gate is open; notes how much was done at once, and in which order."""

    order: list[str] = field(default_factory=list)
    now: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def _counted(self, question: str) -> Iterator[None]:
        with self.lock:
            self.order.append(question)
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            assert self.gate.wait(60)
            yield
        finally:
            with self.lock:
                self.now -= 1

    def stream(self, question: str, *_: Any, **__: Any) -> Iterator[Answer]:
        with self._counted(question):
            yield replace(answer_to("arabic"), question=question)

    def search(self, query: str, k: int | None = None, scope: Scope = EVERYTHING) -> tuple[Hit, ...]:
        with self._counted(query):
            return answer_to("arabic").hits[:k]


def in_line(line: FairQueue) -> int:
    """How many are answered or wait."""
    with line._changed:
        return len(line._admitted) + len(line._waiting)


def tool_call(tool: str, **arguments: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}


@contextmanager
def site(pipeline: Any, app_state: AppState, **more: Any) -> Iterator[str]:
    """The page and the doors, as ``onrecord chat`` serves them."""
    app = build_app(pipeline, Shelf(), app_state=app_state, **more)
    doors = [partial(add_api, pipeline=pipeline, library=Shelf(), app_state=app_state)]
    try:
        yield start(
            app, "127.0.0.1", free_port(), Site(app_state=app_state, add_routes=doors, threads=app_state.capacity)
        )
    finally:
        app.close(verbose=False)


# Whatever runs a model


def test_eighty_at_once_by_all_doors_are_never_more_than_at_once() -> None:
    pytest.importorskip("mcp")
    pipeline, app_state = Counting(), AppState(FairQueue(4, 100))
    with (
        site(pipeline, app_state) as url,
        ThreadPoolExecutor(80) as pool,
        httpx.Client(base_url=url, timeout=120) as http,
    ):
        page = client(url)
        chat = {"messages": [{"role": "user", "content": "chat"}]}
        ways: list[Callable[[], Any]] = [
            lambda: http.get("api/v1/search", params={"query": "get"}).raise_for_status().json()["hits"],
            lambda: http.post("api/v1/search", json={"query": "post"}).raise_for_status().json()["hits"],
            lambda: http.post("mcp", json=tool_call("search", query="mcp"), headers=_MCP).json()["result"]["content"],
            lambda: http.post("mcp", json=tool_call("ask", question="mcp"), headers=_MCP).json()["result"]["content"],
            lambda: http.post("api/v1/ask", json={"question": "rest"}).raise_for_status().json()["claims"],
            lambda: http.post("api/v1/ask/stream", json={"question": "stream"}).raise_for_status().text,
            lambda: http.post("v1/chat/completions", json=chat).raise_for_status().json()["choices"],
            lambda: page.predict("gradio", [], api_name="/ask")["claims"],
        ]
        said = [pool.submit(ways[n % len(ways)]) for n in range(80)]
        assert until(lambda: in_line(app_state.queue) == 80, 60)
        assert pipeline.now == 4
        # Who only reads waits for no answer.
        assert http.get("api/v1/documents/news").json()["id"] == "news"
        assert http.post("mcp", json=tool_call("read", document="news"), headers=_MCP).json()["result"]["content"]
        assert page.predict("news", 0, 10, api_name="/source")["id"] == "news"
        pipeline.gate.set()
        assert all(one.result(60) for one in said)
    assert (pipeline.most, len(pipeline.order)) == (4, 80)
    assert app_state.queue.wait_idle(5)


def by_address(app: Any, use: Callable[[Callable[..., httpx.AsyncClient]], Awaitable[Any]]) -> Any:
    """What ``use`` gives back, with a way to make clients that come from an address and a port."""

    async def run() -> Any:
        def from_(host: str, port: int = 1) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(app, client=(host, port))
            return httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=60)

        return await asyncio.wait_for(use(from_), 120)

    return asyncio.run(run())


def test_one_address_with_many_connections_is_one_visitor() -> None:
    pipeline, app_state = Counting(), AppState(FairQueue(1, 100))

    async def use(from_: Callable[..., httpx.AsyncClient]) -> None:
        async def search(host: str, query: str, port: int) -> None:
            params = {"query": query}
            assert (await from_(host, port).get("/api/v1/search", params=params)).status_code == 200
            came.remove(query)

        came: list[str] = []
        tasks = []
        one = [("10.0.0.1", f"many {n}") for n in range(10)]
        six = [(f"2001:db8:1:1::{n + 1:x}", f"six {n}") for n in range(10)]
        for n, (host, query) in enumerate([*one, *six, ("10.0.0.2", "once"), ("2001:db8:1:2::1", "beside")]):
            came.append(query)
            tasks.append(asyncio.create_task(search(host, query, 40_000 + n)))
            while in_line(app_state.queue) < len(tasks):
                await asyncio.sleep(0.001)
        pipeline.gate.set()
        await asyncio.gather(*tasks)

    by_address(app_of(pipeline, Shelf(), app_state=app_state), use)
    assert pipeline.order[:5] == ["many 0", "six 0", "once", "beside", "many 1"]
    assert pipeline.order[5:] == [f"{who} {n}" for n in range(1, 10) for who in ("many", "six")][1:]


def test_what_a_client_says_of_itself_makes_no_visitor() -> None:
    mcp = pytest.importorskip("mcp")
    logged: list[QuestionEntry] = []

    async def by_protocol(url: str, mode: str) -> None:
        async with mcp.Client(f"{url}mcp", mode=mode) as program:
            assert not (await program.call_tool("ask", {"question": "arabic"})).is_error

    with site(Finding(), app_state := AppState(log=logged.append)) as url:
        for n in range(2):
            chat = {"messages": [{"role": "user", "content": "arabic"}], "user": f"user {n}"}
            claimed = {"mcp-session-id": f"session-{n}", "cookie": f"onrecord=made-up-{n}", "x-forwarded-user": f"u{n}"}
            httpx.post(f"{url}v1/chat/completions", json=chat, headers=claimed).raise_for_status()
            httpx.post(f"{url}api/v1/ask", json={"question": "arabic"}, headers=claimed).raise_for_status()
            call = tool_call("ask", question="arabic") | {"id": n}
            assert "error" not in httpx.post(f"{url}mcp", json=call, headers=_MCP | claimed).json()
            client(url).predict("arabic", [], api_name="/ask")
        for mode in ("legacy", "auto"):
            asyncio.run(asyncio.wait_for(by_protocol(url, mode), 60))
    assert [one.visitor for one in logged] == ["address 127.0.0.1"] * 10
    assert app_state.queue.wait_idle(5)


@pytest.mark.parametrize("path", ["/api/v1/ask", "/v1/chat/completions"])
def test_an_account_and_a_key_come_before_the_address(path: str) -> None:
    logged: list[QuestionEntry] = []
    app_state = AppState(log=logged.append)
    doors = app_of(Finding(), Shelf(), Access("k3y"), app_state=app_state)

    async def gate(scope: Any, receive: Any, send: Any) -> None:
        name = dict(scope["headers"]).get(b"x-test-user", b"").decode()
        await doors({**scope, USER_KEY: name}, receive, send)

    async def use(from_: Callable[..., httpx.AsyncClient]) -> None:
        body = {"question": "arabic"} if "ask" in path else {"messages": [{"role": "user", "content": "arabic"}]}
        for host in ("10.0.0.1", "10.0.0.2"):
            for headers in ({"x-test-user": "ana"}, {"authorization": "Bearer k3y"}):
                assert (await from_(host).post(path, json=body, headers=headers)).status_code == 200
            assert (await from_(host).post(path, json=body)).status_code == 401

    by_address(gate, use)
    assert [one.visitor for one in logged] == ["account ana", "key"] * 2


def test_an_address_is_the_same_however_it_is_written() -> None:
    def of(host: str) -> str:
        return visitor_of({"client": (host, 1)})

    assert of("10.0.0.1") == of("::ffff:10.0.0.1") == visitor_of({"client": ("10.0.0.1", 2)}) != of("10.0.0.2")
    assert of("2001:db8::1") == of("2001:0DB8:0:0:ffff::") != of("2001:db8:0:1::1")
    assert of("fe80::1%eth0") == of("fe80::2%eth1")
    assert visitor_of({}) == visitor_of({"client": None}) == of("")
    assert visitor_of({"client": ("10.0.0.1", 1), USER_KEY: "10.0.0.1"}) != of("10.0.0.1")  # an account called that


def test_a_session_of_the_page_is_no_visitor() -> None:
    from gradio import Request
    from starlette.requests import Request as Received

    received = Received({"type": "http", "headers": [], "client": ("10.0.0.1", 5)})
    ours = [Request(received, session_hash=name) for name in ("a", "b")]
    assert {gradio_visitor(one) for one in ours} == {visitor_named("", "10.0.0.1")}
    assert gradio_visitor(Request(received, username="ana", session_hash="a")) == visitor_named("ana", "10.0.0.1")


# A full line


def test_nobody_fills_the_line_for_others() -> None:
    line = FairQueue(1, max_waiting=4)
    held = line.join("somebody")
    greedy = [line.join("greedy") for _ in range(4)]
    with pytest.raises(TooManyWaitingError, match="4 of them yours"):
        line.join("greedy")
    others = [line.join("one"), line.join("two")]
    for lost in greedy[2:]:
        with pytest.raises(TooManyWaitingError, match="Others wait"):
            list(lost.positions())
    with pytest.raises(TooManyWaitingError):
        line.join("one")  # nobody has more than that would be
    three = line.join("three")
    with pytest.raises(QueueFullError) as full:
        line.join("four")
    assert not isinstance(full.value, TooManyWaitingError)
    for number, one in enumerate([held, greedy[0], *others, three]):
        assert one.admitted, number
        line.leave(one)


@given(st.lists(st.integers(0, 4), max_size=40), st.integers(1, 3), st.integers(0, 6))
@settings(deadline=None)
def test_a_full_line_shares_its_places(visitors: list[int], at_once: int, longest: int) -> None:
    line = FairQueue(at_once, longest)
    for n in visitors:
        name = f"address {n}"
        had = sum(one.visitor == name for one in line._waiting)
        try:
            line.join(name)
        except QueueFullError:
            assert all(sum(one.visitor == each.visitor for one in line._waiting) <= had + 1 for each in line._waiting)
    assert len(line._waiting) <= longest
    assert len(line._admitted) == min(at_once, len(visitors))


def test_programs_are_told_when_to_come_again() -> None:
    pipeline, app_state = Counting(), AppState(FairQueue(1, 2))
    line = app_state.queue

    async def use(from_: Callable[..., httpx.AsyncClient]) -> None:
        async def came(*requests: Awaitable[httpx.Response]) -> list["asyncio.Task[httpx.Response]"]:
            tasks = [asyncio.ensure_future(one) for one in requests]
            before = in_line(line)
            while in_line(line) < before + len(tasks):
                await asyncio.sleep(0.001)
            return tasks

        def search(host: str) -> Awaitable[httpx.Response]:
            return from_(host).get("/api/v1/search", params={"query": "x"})

        def chat(host: str) -> Awaitable[httpx.Response]:
            body = {"messages": [{"role": "user", "content": "x"}]}
            return from_(host).post("/v1/chat/completions", json=body)

        def told(reply: httpx.Response) -> tuple[int, bool]:
            assert "Traceback" not in reply.text
            assert reply.json()["error"]["message"]
            return reply.status_code, int(reply.headers.get("retry-after", 0)) > 0

        held = await came(search("10.0.0.1"), search("10.0.0.1"), search("10.0.0.1"))
        for again in (search, chat):
            assert told(await again("10.0.0.1")) == (429, True)
        other = asyncio.ensure_future(chat("10.0.0.2"))
        (lost,), _ = await asyncio.wait(held, return_when=asyncio.FIRST_COMPLETED)
        assert told(lost.result()) == (429, True)
        for again in (search, chat):
            assert told(await again("10.0.0.3")) == (503, True)
        pipeline.gate.set()
        assert (await other).status_code == 200
        assert sorted(one.result().status_code for one in [*(await asyncio.wait(held))[0]]) == [200, 200, 429]

    by_address(app_of(pipeline, Shelf(), app_state=app_state), use)


def test_who_leaves_while_they_wait_gives_the_place_up() -> None:
    pipeline, app_state = Counting(), AppState(FairQueue(1, 10))
    with site(pipeline, app_state) as url, ThreadPoolExecutor(1) as pool:
        first = pool.submit(httpx.get, f"{url}api/v1/search", params={"query": "held"}, timeout=60)
        assert until(lambda: in_line(app_state.queue) == 1)
        for way in (
            lambda http: http.get("api/v1/search", params={"query": "left"}),
            lambda http: http.post("api/v1/search", json={"query": "left"}),
            lambda http: http.post("mcp", json=tool_call("search", query="left"), headers=_MCP),
            lambda http: http.post("v1/chat/completions", json={"messages": [{"role": "user", "content": "left"}]}),
        ):
            with httpx.Client(base_url=url, timeout=0.5) as impatient, pytest.raises(httpx.ReadTimeout):
                way(impatient)
            assert until(lambda: in_line(app_state.queue) == 1)
        pipeline.gate.set()
        assert first.result(60).status_code == 200
    assert pipeline.order == ["held"]


def test_what_goes_on_beside_ends_with_its_visitor() -> None:
    stops = CancelRegistry()
    latest = stops.begin("a")
    with stops.additional("a") as one, stops.additional("a") as two, stops.additional("b") as other:
        stops.begin("a")
        assert latest.is_set()
        assert not one.is_set()
        stops.cancel("a")
        assert one.is_set() and two.is_set() and not other.is_set()
        stops.cancel_all()
        assert other.is_set()
    assert stops._additional == {}


# In the background


def test_background_work_gives_way_and_has_half_of_the_places() -> None:
    line = FairQueue(4)
    work = [line.join(f"address {n}", background=True) for n in range(4)]
    assert [one.admitted for one in work] == [True, True, False, False]
    people = [line.join(f"person {n}") for n in range(3)]
    assert [one.admitted for one in people] == [True, True, False]
    line.leave(work[0])
    assert people[2].admitted and not work[2].admitted
    line.leave(people[0])
    assert work[2].admitted


def test_background_work_has_its_turn_when_people_never_stop_coming() -> None:
    line = FairQueue(1)
    answered_, coming = line.join("first"), line.join("next")
    work = line.join("work", background=True)
    passed = 0
    while not work.admitted:
        line.leave(answered_)
        answered_, coming = coming, line.join("more")
        passed += 1
        assert passed < 20
    assert passed > 5


def test_background_work_is_the_first_to_lose_its_place() -> None:
    line = FairQueue(1, max_waiting=2)
    held = line.join("held")
    work = line.join("work", background=True)
    people = [line.join("one"), line.join("two")]
    with pytest.raises(QueueFullError):
        list(work.positions())
    with pytest.raises(QueueFullError):
        line.join("work", background=True)
    for one in (held, *people):
        assert one.admitted
        line.leave(one)


def test_background_work_stands_in_a_full_line_again_until_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.core.ask._RETRY_SECONDS", 0.001)
    line, stop = FairQueue(1, max_waiting=0), threading.Event()
    held, done = line.join("held"), threading.Event()

    def work() -> None:
        with background_slot(line, "work", stop):
            done.set()

    thread = threading.Thread(target=work)
    thread.start()
    line.leave(held)
    assert done.wait(120)
    thread.join(120)
    held = line.join("held")
    stop.set()
    with pytest.raises(WaitCancelledError), background_slot(line, "work", stop):
        raise AssertionError("it has no turn")
    line.close()
    with pytest.raises(QueueClosedError), background_slot(line, "work", threading.Event()):
        raise AssertionError("it has no turn")


def test_followups_are_made_in_a_turn_behind_people() -> None:
    made: list[str] = []

    def suggest(answer: Answer, *_: Any) -> Sequence[str]:
        made.append(answer.question)
        return ["And then?"]

    app_state, stop = AppState(FairQueue(1)), threading.Event()
    talk = with_answer(with_question((), "article 5"), answer_to("article 5"))
    mine = partial(queue_slot, app_state.queue, "me", stop, background=True)
    assert list(followups(suggest, talk, SourceFilter(), stop, mine)) == ["And then?"]
    held = app_state.queue.join("somebody")
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(followups, suggest, talk, SourceFilter(), stop, mine)
        assert until(lambda: in_line(app_state.queue) == 2)
        person = app_state.queue.join("else")
        app_state.queue.leave(held)
        assert person.admitted
        assert len(made) == 1
        app_state.queue.leave(person)
        assert list(coming.result(30)) == ["And then?"]
        # Who asks something else waits for none.
        held = app_state.queue.join("somebody")
        coming = pool.submit(followups, suggest, talk, SourceFilter(), stop, mine)
        assert until(lambda: in_line(app_state.queue) == 2)
        stop.set()
        assert list(coming.result(30)) == []
    assert (len(made), in_line(app_state.queue)) == (2, 1)


def test_the_page_makes_followups_in_line() -> None:
    from gradio import Request

    made: list[str] = []

    def suggest(answer: Answer, *_: Any) -> Sequence[str]:
        made.append(answer.question)
        return ["And then?"]

    app_state = AppState(FairQueue(1, max_waiting=0))
    app = build_app(Finding(), Shelf(), app_state=app_state, suggest=suggest)
    (on_answered, *_) = [fn.fn for fn in app.fns.values() if fn.fn and fn.name == "on_answered"]
    talk = with_answer(with_question((), "article 5"), answer_to("article 5"))
    request = Request(session_hash="s")
    app_state.cancels.begin("s")
    held = app_state.queue.join("somebody")
    assert "And then?" not in on_answered(request, talk, [], "", "", [])
    assert made == []
    app_state.queue.leave(held)
    assert "And then?" in on_answered(request, talk, [], "", "", [])


def test_waiting_for_a_turn_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("evals.runner.worker_threads.time.perf_counter", lambda: clock[0])

    @contextmanager
    def waits() -> Iterator[None]:
        clock[0] += 100
        yield

    def work(task: str) -> str:
        clock[0] += 1
        return task

    outcomes = list(run_in_threads("ab", work, lambda outcome: outcome, timeout=50, queue_turn=waits))
    assert [(one.value, one.seconds, one.timed_out) for one in outcomes] == [("a", 1, False), ("b", 1, False)]


def test_a_turn_that_cannot_be_had_is_no_failed_case() -> None:
    line = FairQueue(1)
    line.close()
    with pytest.raises(QueueClosedError):
        list(run_in_threads("ab", str, lambda outcome: outcome, queue_turn=partial(queue_slot, line, "evals")))


# Files to take away


def test_a_long_export_leaves_places_to_read() -> None:
    app_state = AppState(read_queue=FairQueue(4, what="requests"))
    exports = [app_state.read_queue.join(f"address {n}", background=True) for n in range(10)]
    assert sum(one.admitted for one in exports) == 2
    readers = [app_state.read_queue.join(f"reader {n}") for n in range(2)]
    assert all(one.admitted for one in readers)


class TestInTheBrowser:
    pytestmark = IN_BROWSER

    def test_the_list_waits_for_nobody_s_export(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        began, gate = threading.Event(), threading.Event()
        make = FORMATS["docx"].make

        def slow(*given: Any) -> bytes:
            began.set()
            assert gate.wait(60)
            return make(*given)

        monkeypatch.setitem(FORMATS, "docx", replace(FORMATS["docx"], make=slow))  # type: ignore[misc]
        app_state = AppState()
        with site(Finding(), app_state, conversations=ConversationStore(tmp_path)) as url, launched() as chromium:
            first, second = (open_page(chromium.new_context(), url) for _ in range(2))
            for visit in (first, second):
                visit.ask("Article 5?")
                visit.page.locator("#kept-list .row[aria-current]").wait_for()
            with first.page.expect_download() as download:
                first.page.get_by_role("button", name="Export as Word").click()
                assert began.wait(60)
                page = second.page
                page.get_by_role("button", name="Rename").click()
                page.get_by_label("Title").fill("Renamed")
                page.get_by_role("button", name="Save").click()
                page.locator("#kept-list .row", has_text="Renamed").wait_for()
                assert not gate.is_set()
                gate.set()
            assert Path(download.value.path()).read_bytes().startswith(b"PK")
        assert app_state.read_queue.wait_idle(5)
