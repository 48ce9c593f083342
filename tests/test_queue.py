"""The line: a fair order, a place for everybody who waits, and nobody sees what is another's."""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from waiting import until
from web_clients import client
from web_fixtures import Scripted, Shelf, answer_to, free_port

from rag.schema import Answer, Turn
from ui.core.app_state import AppState
from ui.core.ask import QuestionRequest, ask_queued
from ui.core.cancel import CancelRegistry
from ui.core.queue import STOPPING, FairQueue, QueueClosedError, QueueFullError, Ticket
from ui.logs.question_log import QuestionEntry
from ui.server.app import Site
from ui.server.run import start
from ui.web.app import build_app
from ui.web.chat.render.conversation import IN_LINE, READING, conversation_html
from ui.web.chat.run_turn import run_turn
from ui.web.chat.state import with_answer, with_position, with_question


def served(line: FairQueue, visitors: Sequence[str]) -> list[int]:
    """The order in which questions asked in this order are answered, one question a visitor at a time."""
    tickets = [line.join(visitor) for visitor in visitors]
    order: list[int] = []
    while len(order) < len(tickets):
        called = [n for n, ticket in enumerate(tickets) if ticket.admitted and n not in order]
        assert called, "somebody waits while nobody is answered"
        assert max(Counter(visitors[n] for n in called).values()) == 1
        order.append(called[0])
        line.leave(tickets[called[0]])
    return order


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.integers(1, 4))
@settings(deadline=None)
def test_everybody_is_answered_round_by_round(asked_by: list[int], at_once: int) -> None:
    visitors = [str(n) for n in asked_by]
    order = served(FairQueue(at_once), visitors)
    assert sorted(order) == list(range(len(visitors)))
    rounds = [visitors[:n].count(visitors[n]) for n in range(len(visitors))]
    if at_once == 1:
        # Those who ask first are answered first, the second questions after all the first ones. Only who comes when
        # nobody is there at all starts at once.
        assert order == sorted(range(len(visitors)), key=lambda n: (rounds[n], n))
    for visitor in set(visitors):
        own = [n for n in order if visitors[n] == visitor]
        assert own == sorted(own)


def test_one_question_waits_behind_no_more_than_one_of_who_asks_many() -> None:
    order = served(FairQueue(1), ["many"] * 10 + ["one"])
    assert order.index(10) == 1


def test_places_are_told_as_they_change() -> None:
    line = FairQueue(1)
    first, second, third = (line.join(name) for name in "abc")
    told: dict[str, list[int]] = {"b": [], "c": []}

    def wait(ticket: Ticket) -> None:
        with ticket:
            for place in ticket.positions():
                told[ticket.visitor].append(place)

    threads = [threading.Thread(target=wait, args=(ticket,)) for ticket in (second, third)]
    assert list(first.positions()) == []
    for thread in threads:
        thread.start()
    until(lambda: told == {"b": [1], "c": [2]})
    line.leave(first)
    for thread in threads:
        thread.join(60)
    assert told["b"] == [1, 0]
    assert told["c"] in ([2, 1, 0], [2, 0])


def test_who_stops_or_leaves_gives_the_place_up() -> None:
    line = FairQueue(1)
    first, second = line.join("a"), line.join("b")
    stop = threading.Event()
    stop.set()
    with second:
        assert list(second.positions(stop)) == []
    third = line.join("c")
    assert next(third.positions()) == 1
    line.leave(first)
    line.leave(first)  # twice does no harm
    assert third.admitted


def test_a_line_is_only_so_long_and_closes() -> None:
    line = FairQueue(1, max_waiting=2)
    held = [line.join(name) for name in "abc"]
    with pytest.raises(QueueFullError, match="2 questions are waiting"):
        line.join("d")
    places = held[1].positions()
    assert next(places) == 1
    line.close()
    with pytest.raises(QueueClosedError, match=STOPPING):
        next(places)
    with pytest.raises(QueueClosedError):
        line.join("e")
    assert not line.wait_idle(0.05)
    line.leave(held[0])
    assert line.wait_idle(0.05)
    assert not held[2].admitted


@dataclass
class Slow:
    """Answers each question with itself after a moment; notes how many are answered at once, and in which order."""

    seconds: float = 0.05
    order: list[str] = field(default_factory=list)
    most: int = 0
    now: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def stream(self, question: str, history: Sequence[Turn] = (), *_: Any, **__: Any) -> Iterator[Answer]:
        with self.lock:
            self.order.append(question)
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            time.sleep(self.seconds)
            if "crash" in question:
                raise RuntimeError("secret")
            said = "|".join([*(turn.question for turn in history), question])
            yield Answer(question, question, (), (), True, reason=said)
        finally:
            with self.lock:
                self.now -= 1


def test_in_turn_gives_the_turn_on_whatever_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.core.ask.time", SimpleNamespace(monotonic=partial(next, count())))
    logged: list[QuestionEntry] = []
    app_state = AppState(FairQueue(1), log=logged.append)
    slow, asked = Slow(), partial(QuestionRequest, visitor="ann")
    assert [type(said) for said in ask_queued(slow, app_state, asked("fine"))] == [Answer]
    with pytest.raises(RuntimeError):
        list(ask_queued(slow, app_state, asked("crash")))
    left = ask_queued(slow, app_state, asked("left"))
    next(left)
    left.close()  # type: ignore[attr-defined]  # it is a generator
    stop = threading.Event()
    stop.set()
    assert list(ask_queued(slow, app_state, asked("stopped"), stop)) == []
    assert app_state.queue.wait_idle(0)
    assert [(one.question, one.refused, one.error, one.stopped) for one in logged] == [
        ("fine", True, "", False), ("crash", False, "RuntimeError", False), ("left", True, "", True),
        ("stopped", False, "", True),
    ]  # fmt: skip
    assert "stopped" not in slow.order
    assert [one.waited for one in logged] == [1, 1, 1, 1]  # from one look at the clock to the next


def test_the_place_is_shown_until_the_answer_begins() -> None:
    talk = with_question((), "Why?")
    for place, shown in ((1, "next"), (2, "2nd"), (3, "3rd"), (11, "11th"), (21, "21st"), (112, "112th")):
        assert f"You are {shown} in line…" in conversation_html(with_position(talk, place))
    assert "in line" not in conversation_html(with_position(talk, 0))
    assert "in line" not in conversation_html(with_answer(with_position(talk, 2), answer_to("Why?")))
    app_state = AppState(FairQueue(1))
    ahead = app_state.queue.join("somebody")
    steps = run_turn(Slow(), Shelf(), "Mine?", (), app_state=app_state, visitor="me")
    next(steps)
    assert f"{IN_LINE.format('next')}…" in conversation_html(next(steps).chat)
    app_state.queue.leave(ahead)
    assert f"{READING}…" in conversation_html(next(steps).chat)
    assert [step.chat[-1].answer for step in steps][-1].reason == "Mine?"  # type: ignore[union-attr]


def test_all_answers_under_way_can_be_ended() -> None:
    stops = CancelRegistry()
    events = [stops.begin(name) for name in "abc"]
    stops.cancel_all()
    assert all(event.is_set() for event in events)


@pytest.fixture(scope="module")
def busy() -> Iterator[tuple[str, Slow]]:
    slow, app_state = Slow(0.03), AppState(FairQueue(2))
    app = build_app(slow, Shelf(), app_state=app_state)
    yield start(app, "127.0.0.1", free_port(), Site(app_state=app_state)), slow
    app.close(verbose=False)
    assert app_state.queue.wait_idle(60)


def test_twenty_people_asking_at_once_are_all_answered_and_see_their_own(busy: tuple[str, Slow]) -> None:
    """Through Gradio, as twenty programs with conversations of their own."""
    url, slow = busy
    clients = [client(url) for _ in range(20)]
    ready = threading.Barrier(20)

    def ask(n: int) -> list[str]:
        history: list[dict[str, str]] = []
        ready.wait(120)
        said = []
        for turn in range(3):
            question = f"{n}-{turn} " + "x" * random.randrange(5)
            answer = clients[n].predict(question, history, api_name="/ask")
            said.append(answer["reason"])
            history.append({"question": question.strip(), "answer": answer["reason"]})
        return said

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(20)))
    for n, said in enumerate(answers):
        assert [len(one.split("|")) for one in said] == [1, 2, 3]
        assert all(part.startswith(f"{n}-") for one in said for part in one.split("|"))
    assert slow.most == 2
    # Nobody's last question came before somebody else's first.
    turns = [int(question.split("-")[1][0]) for question in slow.order]
    assert max(index for index, turn in enumerate(turns) if turn == 0) < min(
        index for index, turn in enumerate(turns) if turn == 2
    )


def test_twenty_pages_see_places_in_order_and_their_own_answers() -> None:
    """As twenty pages would: the steps that each would show."""
    app_state, slow = AppState(FairQueue(1)), Slow(0.02)
    gate = app_state.queue.join("whoever is answered now")
    joined: list[int] = []
    shown: dict[int, list[Any]] = {n: [] for n in range(20)}

    def page(n: int) -> None:
        steps = run_turn(slow, Shelf(), f"mine {n}", (), app_state=app_state, visitor=f"visitor {n}")
        next(steps)
        first = next(steps)
        joined.append(n)
        shown[n] = [first.chat[-1].place]
        for step in steps:
            shown[n].append(step.chat[-1].place or step.chat[-1])

    threads = []
    for n in range(20):
        threads.append(threading.Thread(target=page, args=(n,)))
        threads[-1].start()
        until(lambda n=n: len(joined) > n)
    assert joined == list(range(20))
    app_state.queue.leave(gate)
    for thread in threads:
        thread.join(60)
    assert slow.order == [f"mine {n}" for n in range(20)]
    for n in range(20):
        places = [place for place in shown[n] if isinstance(place, int)]
        assert places[0] == n + 1
        assert places == sorted(places, reverse=True)
        assert shown[n][-1].answer.reason == f"mine {n}"


def test_one_waits_while_another_is_answered() -> None:
    scripted, app_state = Scripted(), AppState(FairQueue(1))
    app = build_app(scripted, Shelf(), app_state=app_state)
    url = start(app, "127.0.0.1", free_port(), Site(app_state=app_state))
    try:
        first, second = (client(url) for _ in range(2))
        held = first.submit("a slow one", api_name="/ask")
        until(lambda: scripted.asked)
        waiting = second.submit("Article 5?", api_name="/ask")
        until(lambda: app_state.queue._waiting)
        assert len(scripted.asked) == 1
        scripted.gate.set()
        assert waiting.result(timeout=60)["refused"] is False
        assert held.result(timeout=60)["question"] == "a slow one"
    finally:
        app.close(verbose=False)


def test_a_full_line_is_told_in_the_conversation() -> None:
    app_state = AppState(FairQueue(1, max_waiting=0))
    app_state.queue._admitted.append(Ticket(app_state.queue, "other", 0, 0))
    with pytest.raises(QueueFullError) as full:
        app_state.queue.join("me")
    *_, last = run_turn(Slow(), Shelf(), "Why?", (), app_state=app_state, visitor="me")
    assert last.chat[-1].error == str(full.value)
