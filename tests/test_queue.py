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

from index.errors import OnrecordError
from rag.question.scope import EVERYTHING, Scope
from rag.schema import Answer, Turn
from ui.core.app_state import Floor
from ui.core.ask import in_turn
from ui.core.cancel import Stops
from ui.core.queue import Line, QueueClosedError, QueueFullError, Ticket
from ui.logs.question_log import Asked
from ui.server.app import Site
from ui.server.run import start
from ui.web.app import build_app
from ui.web.chat.conversation_html import conversation_html
from ui.web.chat.run_turn import converse
from ui.web.chat.state import answered, asked, in_line


def served(line: Line, visitors: Sequence[str]) -> list[int]:
    """The order in which questions asked in this order are answered, one question a visitor at a time."""
    tickets = [line.join(visitor) for visitor in visitors]
    order: list[int] = []
    while len(order) < len(tickets):
        called = [n for n, ticket in enumerate(tickets) if ticket.called and n not in order]
        assert called, "somebody waits while nobody is answered"
        assert max(Counter(visitors[n] for n in called).values()) == 1
        order.append(called[0])
        line.leave(tickets[called[0]])
    return order


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.integers(1, 4))
@settings(deadline=None)
def test_everybody_is_answered_round_by_round(asked_by: list[int], at_once: int) -> None:
    visitors = [str(n) for n in asked_by]
    order = served(Line(at_once), visitors)
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
    order = served(Line(1), ["many"] * 10 + ["one"])
    assert order.index(10) == 1


def test_places_are_told_as_they_change() -> None:
    line = Line(1)
    first, second, third = (line.join(name) for name in "abc")
    told: dict[str, list[int]] = {"b": [], "c": []}

    def wait(ticket: Ticket) -> None:
        with ticket:
            for place in ticket.waits():
                told[ticket.visitor].append(place)

    threads = [threading.Thread(target=wait, args=(ticket,)) for ticket in (second, third)]
    assert list(first.waits()) == []
    for thread in threads:
        thread.start()
    until(lambda: told == {"b": [1], "c": [2]})
    line.leave(first)
    for thread in threads:
        thread.join(60)
    assert told["b"] == [1, 0]
    assert told["c"] in ([2, 1, 0], [2, 0])


def test_who_stops_or_leaves_gives_the_place_up() -> None:
    line = Line(1)
    first, second = line.join("a"), line.join("b")
    stop = threading.Event()
    stop.set()
    with second:
        assert list(second.waits(stop)) == []
    third = line.join("c")
    assert next(third.waits()) == 1
    line.leave(first)
    line.leave(first)  # twice does no harm
    assert third.called


def test_a_line_is_only_so_long_and_closes() -> None:
    line = Line(1, longest=2)
    held = [line.join(name) for name in "abc"]
    with pytest.raises(QueueFullError, match="2 questions are waiting"):
        line.join("d")
    places = held[1].waits()
    assert next(places) == 1
    line.close()
    with pytest.raises(QueueClosedError, match="being stopped"):
        next(places)
    with pytest.raises(QueueClosedError):
        line.join("e")
    assert not line.settled(0.05)
    line.leave(held[0])
    assert line.settled(0.05)
    assert not held[2].called


@dataclass
class Slow:
    """Answers each question with itself after a moment; notes how many are answered at once, and in which order."""

    seconds: float = 0.05
    order: list[str] = field(default_factory=list)
    most: int = 0
    now: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        scope: Scope = EVERYTHING,
        stop: threading.Event | None = None,
    ) -> Iterator[Answer]:
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
    logged: list[Asked] = []
    floor = Floor(Line(1), log=logged.append)
    slow = Slow()
    assert [type(said) for said in in_turn(slow, floor, "ann", "fine")] == [Answer]
    with pytest.raises(RuntimeError):
        list(in_turn(slow, floor, "ann", "crash"))
    left = in_turn(slow, floor, "ann", "left")
    next(left)
    left.close()  # type: ignore[attr-defined]  # it is a generator
    stop = threading.Event()
    stop.set()
    assert list(in_turn(slow, floor, "ann", "stopped", stop=stop)) == []
    assert floor.line.settled(0)
    assert [(one.question, one.refused, one.error, one.stopped) for one in logged] == [
        ("fine", True, "", False), ("crash", False, "RuntimeError", False), ("left", True, "", True),
        ("stopped", False, "", True),
    ]  # fmt: skip
    assert "stopped" not in slow.order
    assert [one.waited for one in logged] == [1, 1, 1, 1]  # from one look at the clock to the next


def test_the_place_is_shown_until_the_answer_begins() -> None:
    talk = asked((), "Why?")
    for place, shown in ((1, "next"), (2, "2nd"), (3, "3rd"), (11, "11th"), (21, "21st"), (112, "112th")):
        assert f"You are {shown} in line…" in conversation_html(in_line(talk, place))
    assert "in line" not in conversation_html(in_line(talk, 0))
    assert "in line" not in conversation_html(answered(in_line(talk, 2), answer_to("Why?")))
    floor = Floor(Line(1))
    ahead = floor.line.join("somebody")
    steps = converse(Slow(), Shelf(), "Mine?", (), floor=floor, visitor="me")
    next(steps)
    assert "You are next in line…" in conversation_html(next(steps).talk)
    floor.line.leave(ahead)
    assert "Reading the documents…" in conversation_html(next(steps).talk)
    assert [step.talk[-1].answer for step in steps][-1].reason == "Mine?"  # type: ignore[union-attr]


def test_all_answers_under_way_can_be_ended() -> None:
    stops = Stops()
    events = [stops.begin(name) for name in "abc"]
    stops.end_all()
    assert all(event.is_set() for event in events)


@pytest.fixture(scope="module")
def busy() -> Iterator[tuple[str, Slow]]:
    slow, floor = Slow(0.03), Floor(Line(2))
    app = build_app(slow, Shelf(), floor=floor)
    yield start(app, "127.0.0.1", free_port(), Site(floor=floor)), slow
    app.close(verbose=False)
    assert floor.line.settled(60)


def test_twenty_people_asking_at_once_are_all_answered_and_see_their_own(busy: tuple[str, Slow]) -> None:
    """Through Gradio, as twenty programs with conversations of their own."""
    url, slow = busy
    clients = [client(url) for _ in range(20)]
    ready = threading.Barrier(20)

    def ask(n: int) -> list[str]:
        history: list[dict[str, str]] = []
        ready.wait(30)
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
    floor, slow = Floor(Line(1)), Slow(0.02)
    gate = floor.line.join("whoever is answered now")
    joined: list[int] = []
    shown: dict[int, list[Any]] = {n: [] for n in range(20)}

    def page(n: int) -> None:
        steps = converse(slow, Shelf(), f"mine {n}", (), floor=floor, visitor=f"visitor {n}")
        next(steps)
        first = next(steps)
        joined.append(n)
        shown[n] = [first.talk[-1].place]
        for step in steps:
            shown[n].append(step.talk[-1].place or step.talk[-1])

    threads = []
    for n in range(20):
        threads.append(threading.Thread(target=page, args=(n,)))
        threads[-1].start()
        until(lambda n=n: len(joined) > n)
    assert joined == list(range(20))
    floor.line.leave(gate)
    for thread in threads:
        thread.join(60)
    assert slow.order == [f"mine {n}" for n in range(20)]
    for n in range(20):
        places = [place for place in shown[n] if isinstance(place, int)]
        assert places[0] == n + 1
        assert places == sorted(places, reverse=True)
        assert shown[n][-1].answer.reason == f"mine {n}"


def test_one_waits_while_another_is_answered() -> None:
    scripted, floor = Scripted(), Floor(Line(1))
    app = build_app(scripted, Shelf(), floor=floor)
    url = start(app, "127.0.0.1", free_port(), Site(floor=floor))
    try:
        first, second = (client(url) for _ in range(2))
        held = first.submit("a slow one", api_name="/ask")
        until(lambda: scripted.asked)
        waiting = second.submit("Article 5?", api_name="/ask")
        until(lambda: floor.line._waiting)
        assert len(scripted.asked) == 1
        scripted.gate.set()
        assert waiting.result(timeout=60)["refused"] is False
        assert held.result(timeout=60)["question"] == "a slow one"
    finally:
        app.close(verbose=False)


def test_a_full_line_is_told_in_the_conversation() -> None:
    floor = Floor(Line(1, longest=0))
    floor.line._answering.append(Ticket(floor.line, "other", 0, 0))
    with pytest.raises(OnrecordError):
        floor.line.join("me")
    *_, last = converse(Slow(), Shelf(), "Why?", (), floor=floor, visitor="me")
    assert "Ask again in a minute" in last.talk[-1].error
