"""Answers go on while their reader looks at something else: kept where they belong, found again, and bounded."""

import re
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from playwright.sync_api import expect
from waiting import until
from web_browser import IN_BROWSER, Visit, comes_to, open_page
from web_fixtures import Scripted, Shelf, free_port

from ui.conversations.store import ConversationStore, new_id
from ui.core.app_state import AppState
from ui.core.cancel import CancelRegistry
from ui.core.queue import FairQueue
from ui.server.app import Site
from ui.server.run import start
from ui.web.app import build_app
from ui.web.chat.background_answers import BackgroundAnswer, BackgroundAnswers, TooManyAnswersError
from ui.web.chat.run_turn import TurnStep, run_turn
from ui.web.chat.state import ChatState, conversation_of, with_question
from ui.web.feedback import words as labels
from ui.web.sidebar.conversation_service import OwnedConversations


@pytest.fixture
def pipeline() -> Iterator[Scripted]:
    made = Scripted()
    yield made
    made.gate.set()


@pytest.fixture
def mine(tmp_path: Path) -> OwnedConversations:
    return OwnedConversations(ConversationStore(tmp_path), "ana", BackgroundAnswers(CancelRegistry()))


def begun(mine: OwnedConversations, pipeline: Scripted, question: str, talk: ChatState = ()) -> BackgroundAnswer:
    conversation = conversation_of(talk) or new_id()

    def steps(stop: threading.Event) -> Iterator[TurnStep]:
        keep = mine.keep()
        return run_turn(pipeline, Shelf(), question, talk, stop=stop, keep=keep, conversation=conversation)

    assert mine.background is not None
    return mine.background.begin(mine.owner, conversation, question, steps)


def over(job: BackgroundAnswer) -> BackgroundAnswer:
    until(lambda: job.over)
    return job


def rows(drawn: str) -> dict[str, str]:
    """The titles in the list, each with what stands beside it."""
    found = html.fromstring(drawn).xpath("//li")
    return {li.xpath("string(button)"): li.xpath("string(span[@class='mark'])") for li in found}


def test_an_answer_nobody_follows_is_kept_in_its_own_conversation(mine: OwnedConversations, pipeline: Scripted) -> None:
    first = begun(mine, pipeline, "a slow one")
    other = over(begun(mine, pipeline, "Article 5?"))
    assert rows(mine.sidebar(other.conversation)) == {"Article 5": "", "a slow one": "Answering…"}
    assert mine.elsewhere(other.conversation) == {first.conversation}
    assert mine.chat(first.conversation)[-1].waiting
    pipeline.gate.set()
    over(first)
    assert mine.elsewhere("") == frozenset()
    assert rows(mine.sidebar("")) == {"Article 5": "", "a slow one": ""}
    for job in (first, other):
        (turn,) = mine.store.read(job.conversation, "ana")
        assert turn.question == job.question
        assert mine.chat(job.conversation)[-1].finished


def test_who_follows_late_gets_it_as_it_stands_with_its_source(mine: OwnedConversations, pipeline: Scripted) -> None:
    job = begun(mine, pipeline, "a slow one")
    until(lambda: job.chat[-1].answer and job.chat[-1].answer.claims)
    followed = job.follow(threading.Event())
    step = next(followed)
    assert step.chat[-1].waiting
    assert step.pane is not None and step.pane.view is not None
    pipeline.gate.set()
    *_, last = followed
    assert last.chat[-1].finished
    assert all(step.pane is None for step in (last,))
    assert conversation_of(last.chat) == job.conversation


def test_who_looks_elsewhere_is_told_nothing_more(mine: OwnedConversations, pipeline: Scripted) -> None:
    look = threading.Event()
    job = begun(mine, pipeline, "a slow one")
    followed = job.follow(look)
    next(followed)
    look.set()
    pipeline.gate.set()
    assert list(followed) == []
    assert mine.store.read(over(job).conversation, "ana")


def test_one_owner_has_only_so_many_under_way(mine: OwnedConversations, pipeline: Scripted) -> None:
    jobs = [begun(mine, pipeline, f"slow {n}") for n in range(4)]
    with pytest.raises(TooManyAnswersError, match="4 of your questions"):
        begun(mine, pipeline, "one more")
    begun(OwnedConversations(mine.store, "ben", mine.background), pipeline, "slow for ben")
    mine.end(jobs[0].conversation)
    more = begun(mine, pipeline, "one more")
    pipeline.gate.set()
    for job in (*jobs, more):
        over(job)
    assert {each.title for each in mine.store.list("ana")} == {"slow 1", "slow 2", "slow 3", "one more"}


def test_a_failure_nobody_saw_is_told_when_its_conversation_is_opened(
    mine: OwnedConversations, pipeline: Scripted
) -> None:
    job = over(begun(mine, pipeline, "slow crash" if pipeline.gate.set() is None else ""))
    assert rows(mine.sidebar("")) == {"slow crash": "No answer…"}
    assert "Something went wrong" in mine.chat(job.conversation)[-1].error
    assert rows(mine.sidebar("")) == {}
    seen = begun(mine, pipeline, "another crash")
    assert list(seen.follow(threading.Event()))[-1].chat[-1].error
    assert rows(mine.sidebar("")) == {}


def test_what_is_deleted_while_it_answers_stays_deleted(mine: OwnedConversations, pipeline: Scripted) -> None:
    talk = mine.chat(over(begun(mine, pipeline, "Article 5?")).conversation)
    job = begun(mine, pipeline, "a slow one", talk)
    assert rows(mine.sidebar("")) == {"Article 5": "Answering…"}
    assert mine.attempt(job.conversation, ConversationStore.delete) == ""
    mine.end(job.conversation)
    pipeline.gate.set()
    over(job)
    assert mine.store.list("ana") == ()
    assert rows(mine.sidebar("")) == {}


def test_nobody_follows_or_ends_anothers(mine: OwnedConversations, pipeline: Scripted) -> None:
    job, ben = begun(mine, pipeline, "a slow one"), OwnedConversations(mine.store, "ben", mine.background)
    assert ben.job(job.conversation) is None
    assert rows(ben.sidebar(job.conversation)) == {}
    ben.end(job.conversation)
    assert not job.stop.is_set()


def test_an_answer_that_cannot_begin_does_not_count_among_those_under_way() -> None:
    underway = BackgroundAnswers(CancelRegistry())

    def broken(stop: threading.Event) -> Iterator[TurnStep]:
        raise MemoryError("no room")
        yield TurnStep(())

    for _ in range(6):
        with pytest.raises(MemoryError, match="no room"):
            underway.begin("ana", "c", "q", broken)
    assert underway.held("ana") == ()


def test_an_answer_that_breaks_under_way_says_so(caplog: pytest.LogCaptureFixture) -> None:
    underway = BackgroundAnswers(CancelRegistry())

    def breaks(stop: threading.Event) -> Iterator[TurnStep]:
        yield TurnStep(with_question((), "When?"))
        raise MemoryError("no room")

    job = over(underway.begin("ana", "c", "q", breaks))
    assert "went wrong" in job.chat[-1].error
    assert underway.held("ana") == (job,)  # until somebody is told
    assert "no room" in caplog.text


def test_the_end_of_the_server_ends_them_all(pipeline: Scripted) -> None:
    stops = CancelRegistry()
    underway = BackgroundAnswers(stops)
    jobs = [underway.begin("ana", f"{n}", "q", partial(waiting_for_stop)) for n in range(3)]
    stops.cancel_all()
    for job in jobs:
        over(job)
    assert underway.held("ana") == ()


def waiting_for_stop(stop: threading.Event) -> Iterator[TurnStep]:
    yield TurnStep(())
    assert stop.wait(120)


# In the browser


@pytest.fixture
def visit(chromium: Any, pipeline: Scripted, tmp_path: Path) -> Iterator[Visit]:
    app_state = AppState(FairQueue(2))
    app = build_app(pipeline, Shelf(), app_state=app_state, conversations=ConversationStore(tmp_path), feedback=unkept)
    context = chromium.new_context(viewport={"width": 1400, "height": 850})
    one = open_page(context, start(app, "127.0.0.1", free_port(), Site(app_state=app_state)))
    yield one
    assert one.errors == []
    context.close()
    pipeline.gate.set()
    app.close(verbose=False)


def unkept(*_: Any, **__: Any) -> Path:
    raise NotImplementedError


class TestInTheBrowser:
    pytestmark = IN_BROWSER

    def test_an_answer_goes_on_while_another_conversation_is_open(self, visit: Visit, pipeline: Scripted) -> None:
        page = visit.page
        visit.ask("a slow one")
        page.wait_for_selector("#conversation button.cite")
        page.get_by_text("Answering…").wait_for()
        page.click("#kept-list [data-new]")
        page.wait_for_selector(".welcome")
        page.wait_for_function("() => !document.querySelector('#kept-list [aria-current]')")
        expect(page.get_by_text("Answering…")).to_be_visible()
        page.click("#kept-list .row")
        page.wait_for_selector(".talk[aria-busy=true] button.cite")
        page.wait_for_selector("#source mark.active")
        expect(page.locator("#stop")).to_be_visible()
        expect(page.locator("#ask")).to_be_hidden()
        page.reload()  # as good as leaving and coming back
        page.wait_for_selector(".talk[aria-busy=true] button.cite")
        pipeline.gate.set()
        page.wait_for_selector(".talk[aria-busy=false] .sources")
        page.get_by_text("Answering…").wait_for(state="hidden")
        expect(page.locator(".exchange")).to_have_count(1)
        visit.ask("And NATO?")
        page.wait_for_selector(".exchange:nth-child(2) .sources")
        expect(page.locator("#kept-list .row")).to_have_count(1)

    def test_the_browsers_id_goes_to_the_server_alone_and_into_no_address(
        self, visit: Visit, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG")
        page, bodies = visit.page, []
        page.on("request", lambda request: bodies.append(request.post_data or ""))
        visit.ask("Article 5?")
        page.wait_for_selector("#kept-list .row[aria-current]")
        page.reload()
        page.wait_for_selector(".sources")
        (id_,) = {found for body in bodies for found in re.findall(r'"id": ?"([0-9a-f]{32})"', body)}
        assert not any(id_ in url for url in visit.requests)
        assert id_ not in page.content()
        assert id_ not in caplog.text
        assert page.context.cookies() == []

    def test_the_list_says_when_an_answer_elsewhere_is_there(self, visit: Visit, pipeline: Scripted) -> None:
        page = visit.page
        visit.ask("a slow one")
        page.get_by_text("Answering…").wait_for()
        page.click("#kept-list [data-new]")
        page.wait_for_selector(".welcome")
        pipeline.gate.set()
        page.get_by_text("Answering…").wait_for(state="hidden")
        expect(page.locator(".welcome")).to_have_count(1)
        page.click("#kept-list .row")
        page.wait_for_selector(".talk[aria-busy=false] .sources")

    def test_any_conversation_is_renamed_and_deleted_without_opening_it(self, visit: Visit) -> None:
        page = visit.page
        for question in ("Article 5?", "How is the weather?"):
            visit.ask(question)
            page.locator("#kept-list .row[aria-current]", has_text=question[:-1]).wait_for()
            page.wait_for_selector(".acts > [data-edit]")
            if question == "Article 5?":
                page.keyboard.press("Escape")
                page.keyboard.press("n")
                page.wait_for_selector(".welcome")
        more = page.get_by_role("button", name="Rename or delete Article 5")
        more.press("Enter")
        page.keyboard.press("Escape")
        expect(more).to_have_attribute("aria-expanded", "false")
        expect(more).to_be_focused()
        more.press("Enter")
        page.keyboard.type("<b>Mine</b>")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="<b>Mine</b>", exact=True).wait_for()
        page.wait_for_function("() => document.activeElement.matches('[data-more]')")
        asked: list[str] = []
        page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
        page.keyboard.press("Enter")
        for _ in range(2):
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.querySelectorAll('#kept-list .row').length === 1")
        assert asked == ["Delete “<b>Mine</b>” for good?"]
        expect(page.locator(".exchange .question")).to_have_text(["How is the weather?"], use_inner_text=True)

    def test_a_judgement_stays_until_it_is_taken_back(self, visit: Visit) -> None:
        page = visit.page
        visit.ask("Article 5?")
        page.get_by_role("button", name=labels.GOOD).click()
        page.wait_for_selector("[data-good=true][aria-pressed=true]")
        page.reload()
        page.wait_for_selector("[data-good=true][aria-pressed=true]")
        page.get_by_role("button", name=labels.MAKE_CASE).wait_for()
        page.get_by_role("button", name=labels.BAD).click()
        page.wait_for_selector("[data-good=false][aria-pressed=true]")
        page.click("#kept-list .row")
        page.wait_for_selector("[data-good=false][aria-pressed=true]")
        page.get_by_role("button", name=labels.BAD).click()
        page.wait_for_function("() => !document.querySelector('.vote[aria-pressed=true]')")
        page.reload()
        page.wait_for_selector(".vote")
        expect(page.locator(".vote[aria-pressed=true]")).to_have_count(0)

    def test_up_in_the_empty_box_edits_the_last_question(self, visit: Visit) -> None:
        page = visit.page
        visit.ask("Article 5?")
        page.wait_for_selector(".acts > [data-edit]")
        page.focus("#question textarea")
        page.keyboard.press("ArrowUp")
        page.wait_for_function("() => document.activeElement.matches('.edit-form textarea')")
        comes_to(page, "document.activeElement.value", "Article 5?")
        page.keyboard.press("Escape")
        page.keyboard.press("c")
        page.wait_for_function("() => document.activeElement.matches('#kept-list .row')")
        page.fill("#question textarea", "half typed")
        page.keyboard.press("ArrowUp")
        comes_to(page, "document.activeElement.closest('#question') !== null", True)
