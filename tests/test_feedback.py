"""An answer that a reader judged becomes a case that can be measured with."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect
from web_browser import IN_BROWSER, WIDE, Visit, comes_to, open_page
from web_fixtures import HOSTILE, NEWS, Scripted, Shelf, answer_to, free_port

from evals.datasets.cases import load_cases
from evals.datasets.resolve import resolve_evidence
from evals.schema import Case
from evals.web.feedback import KeepCaseError, keep_case, set_name
from rag.schema import Turn
from ui.server.run import start
from ui.web.app import build_app
from ui.web.chat.render.conversation import conversation_html
from ui.web.chat.state import ChatState, Exchange
from ui.web.feedback import words as labels
from ui.web.feedback.actions import keep, open_form, rate

LATER = "Later paragraph 3: allies listened to the speech."
SHELF = Shelf()


def kept(data: Path, question: str, good: bool, **edits: object) -> Case:
    """The last case of the set after keeping the answer to ``question``."""
    path = keep_case(data, answer_to(question), good, edits, read=SHELF.document)
    return load_cases(path)[-1]


def words(case: Case) -> list[str]:
    """What the evidence of a case says where it is found."""
    texts = {document.id: document for document in SHELF.held}
    return [texts[s.document_id].text[s.start : s.end] for s in resolve_evidence(case, texts)]


def test_a_good_answer_is_kept_with_its_words_and_the_spans_that_were_ticked(tmp_path: Path) -> None:
    case = kept(tmp_path, "article 5", True, citations=["1", "2"], tags="nato, article 5 ,nato")
    assert words(case) == [
        "the force should not have Article 5 protections 🇺🇦",
        "Hegseth said NATO membership for Ukraine was unrealistic.",
    ]
    assert case.question == "article 5"
    assert case.answers[0].startswith("the force should not have")
    assert "[1]" not in case.answers[0]
    assert case.answerable
    assert case.tags == ("thumbs-up", "nato", "article 5")
    assert (tmp_path / "evals" / "feedback.jsonl").exists()


def test_a_bad_answer_is_kept_with_the_words_the_reader_copied(tmp_path: Path) -> None:
    copied = "Later paragraph 3:  allies\nlistened to the speech."
    case = kept(tmp_path, "weather", False, quote=copied, reference="They listened.", set="the news")
    assert words(case) == [LATER]
    assert case.answers == ("They listened.",)
    assert case.answerable
    assert case.tags == ("thumbs-down",)
    assert Path(case.origin.rpartition(":")[0]) == tmp_path / "evals" / "the-news.jsonl"


def test_a_right_refusal_becomes_a_case_that_cannot_be_answered(tmp_path: Path) -> None:
    case = kept(tmp_path, "weather", True, reference="ignored", quote=LATER)
    assert (case.answerable, case.answers, case.evidence) == (False, (), ())


def test_earlier_turns_are_part_of_the_case(tmp_path: Path) -> None:
    said = (Turn("Who spoke?", "Hegseth."),)
    path = keep_case(tmp_path, answer_to("article 5"), True, {}, history=said, read=SHELF.document)
    assert load_cases(path)[0].history == said


def test_the_same_question_can_be_kept_again(tmp_path: Path) -> None:
    ids = [kept(tmp_path, "What of Article 5?", True).id for _ in range(3)]
    assert ids == ["what-of-article-5", "what-of-article-5-2", "what-of-article-5-3"]


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        ({"question": "  "}, "question is empty"),
        ({}, "Nothing says what would be right"),
        ({"quote": "words that stand nowhere"}, "in none of the documents"),
        ({"quote": "the talks went on and on."}, "exactly once"),
        ({"quote": "NATO"}, "too few"),
    ],
)
def test_what_must_be_changed_is_told_and_nothing_is_written(
    tmp_path: Path, edits: dict[str, object], said: str
) -> None:
    with pytest.raises(KeepCaseError, match=said):
        keep_case(tmp_path, answer_to("article 5"), False, edits, read=SHELF.document)
    assert not list(tmp_path.iterdir())


def test_a_set_that_cannot_be_read_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "evals").mkdir()
    path = tmp_path / "evals" / "feedback.jsonl"
    path.write_text("not json\n", encoding="utf-8")
    with pytest.raises(KeepCaseError, match=r"feedback\.jsonl:1"):
        kept(tmp_path, "article 5", True)
    assert path.read_text(encoding="utf-8") == "not json\n"


@given(st.text(max_size=200) | st.none() | st.integers())
def test_the_name_of_a_set_never_leads_anywhere_else(wanted: object) -> None:
    name = set_name(wanted)
    assert name
    assert Path(f"{name}.jsonl").name == f"{name}.jsonl"
    assert all(c.isalnum() or c == "-" for c in name)
    assert set_name(name) == name


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/x", "..", "a\\b", "C:evil", ".hidden", ""])
def test_a_case_stays_within_the_data_folder(tmp_path: Path, name: str) -> None:
    kept(tmp_path / "data", "article 5", True, set=name)
    assert [p.parent for p in tmp_path.rglob("*.jsonl")] == [tmp_path / "data" / "evals"]


# The conversation


def talk_of(*questions: str) -> ChatState:
    return tuple(Exchange(q, answer_to(q)) for q in questions)


def test_only_finished_answers_can_be_judged() -> None:
    half = Exchange("slow", answer_to("article 5"), stopped=True)
    html = conversation_html((*talk_of("article 5"), half, Exchange("x", error="No.")), judging=True)
    assert html.count('data-good="true"') == html.count('data-good="false"') == 1
    assert "data-rate" not in conversation_html(talk_of("article 5"))
    waiting = conversation_html((*talk_of("article 5"), Exchange("next")), judging=True)
    assert waiting.count(" disabled>") == 2
    assert rate((*talk_of("article 5"), Exchange("next")), {"turn": 0, "good": True})[0].opinion.good is None


def test_a_vote_can_be_changed_and_taken_back() -> None:
    talk = rate(talk_of("article 5"), {"turn": 0, "good": True})
    assert f'data-good="true" title="{labels.GOOD}" aria-label="{labels.GOOD}" aria-pressed="true"' in (
        conversation_html(talk, judging=True)
    )
    talk = rate(talk, {"turn": 0, "good": False})
    assert talk[0].opinion.good is False
    assert rate(talk, {"turn": 0, "good": False})[0].opinion.good is None


@pytest.mark.parametrize("sent", [{}, {"turn": 9, "good": True}, {"turn": True, "good": True}, {"turn": 0}])
def test_what_the_page_sends_may_be_anything(sent: dict[str, object]) -> None:
    talk = talk_of("article 5")
    assert rate(talk, sent) == talk
    assert open_form(talk, sent) == talk
    assert keep(talk, {**sent, "edits": {}}, refuse_to_keep, SHELF) == talk


def refuse_to_keep(*_: object, **__: object) -> Path:
    raise RuntimeError("secret detail")


def test_the_form_is_filled_in_and_escaped() -> None:
    talk = open_form(rate(talk_of("hostile <b>"), {"turn": 0, "good": True}), {"turn": 0})
    html = conversation_html(talk, judging=True).partition("<form")[2]
    assert "hostile &lt;b&gt;</textarea>" in html
    assert 'name="citations" value="1" checked' in html
    assert 'value="yes" checked' in html
    assert "<img" not in html
    assert HOSTILE.title not in html
    bad = conversation_html(open_form(rate(talk, {"turn": 0, "good": False}), {"turn": 0}), judging=True)
    assert 'value="1" checked' not in bad


def test_a_crash_while_keeping_is_told_without_its_details() -> None:
    talk = open_form(rate(talk_of("article 5"), {"turn": 0, "good": True}), {"turn": 0})
    talk = keep(talk, {"turn": 0, "edits": {}}, refuse_to_keep, SHELF)
    html = conversation_html(talk, judging=True)
    assert labels.NOTHING_KEPT in html
    assert "secret detail" not in html


def test_only_what_was_said_before_is_kept_with_an_answer(tmp_path: Path) -> None:
    talk = open_form(rate(talk_of("one", "two", "three"), {"turn": 1, "good": True}), {"turn": 1})
    talk = keep(talk, {"turn": 1, "edits": {"citations": ["1"]}}, partial(keep_case, tmp_path), SHELF)
    (case,) = load_cases(tmp_path / "evals" / "feedback.jsonl")
    assert [turn.question for turn in case.history] == ["one"]
    assert str(tmp_path / "evals" / "feedback.jsonl") in talk[1].opinion.kept


def test_the_page_finds_it_by_its_entry_point() -> None:
    (found,) = entry_points(group="onrecord.feedback")
    assert found.load() is keep_case


# In the browser


@pytest.fixture
def visiting(tmp_path: Path, chromium: Any) -> Iterator[Callable[..., Visit]]:
    app = build_app(Scripted(), SHELF, feedback=partial(keep_case, tmp_path))
    url = start(app, "127.0.0.1", free_port())
    contexts: list[Any] = []

    def visit(viewport: dict[str, int] = WIDE) -> Visit:
        contexts.append(chromium.new_context(viewport=viewport))
        return open_page(contexts[-1], url)

    yield visit
    for context in contexts:
        context.close()
    app.close(verbose=False)


@pytest.mark.parametrize("viewport", [WIDE, {"width": 390, "height": 780}])
@pytest.mark.usefixtures("chromium")
class TestInTheBrowser:
    pytestmark = IN_BROWSER

    def test_a_bad_answer_is_made_a_case(
        self, visiting: Callable[..., Visit], tmp_path: Path, viewport: dict[str, int]
    ) -> None:
        visit = visiting(viewport)
        page = visit.page
        visit.ask("How is the weather?")
        page.get_by_role("button", name=labels.BAD).click()
        page.get_by_role("button", name=labels.MAKE_CASE).click()
        form = page.locator(".case-form")
        page.wait_for_function("() => document.activeElement.name === 'question'")
        expect(form.get_by_label(labels.REFERENCE)).to_have_value("")
        expect(form.get_by_label("Yes")).to_be_checked()
        form.get_by_role("button", name=labels.KEEP).click()
        form.get_by_role("alert").filter(has_text="Nothing says what would be right").wait_for()
        form.get_by_label(labels.QUESTION).fill("What did the allies do?\n")
        form.get_by_label(labels.REFERENCE).fill("They listened to “the speech” <b>.")
        form.get_by_label(labels.OTHER_QUOTE).fill(LATER)
        form.get_by_label(labels.TAGS).fill("nato")
        form.get_by_label(labels.SET_NAME).fill("../my set")
        comes_to(page, "document.documentElement.scrollWidth <= innerWidth", True)
        form.get_by_role("button", name=labels.KEEP).click()
        page.get_by_text(labels.KEPT_IN).wait_for()
        (case,) = load_cases(tmp_path / "evals" / "my-set.jsonl")
        assert case.question == "What did the allies do?"
        assert case.answers == ("They listened to “the speech” <b>.",)
        assert words(case) == [LATER]
        assert case.tags == ("thumbs-down", "nato")
        assert visit.errors == []

    def test_a_good_answer_is_made_a_case_by_keyboard(
        self, visiting: Callable[..., Visit], tmp_path: Path, viewport: dict[str, int]
    ) -> None:
        page = (visit := visiting(viewport)).page
        visit.ask("Article 5?")
        page.get_by_role("button", name=labels.GOOD).focus()
        page.keyboard.press("Enter")
        page.wait_for_selector('.vote[aria-pressed="true"]')
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.activeElement.name === 'question'")
        page.get_by_label("[3]").uncheck()
        # Asking goes on while the form is open, and what was typed stays.
        page.get_by_label(labels.SET_NAME).fill("mine")
        visit.ask("arabic")
        page.wait_for_function("() => document.querySelectorAll('.vote').length === 4")
        expect(page.get_by_label(labels.SET_NAME)).to_have_value("mine")
        page.get_by_label(labels.SET_NAME).press("Enter")
        page.get_by_text(labels.KEPT_IN).wait_for()
        page.wait_for_function("() => document.activeElement.className === 'kept'")
        line = json.loads((tmp_path / "evals" / "mine.jsonl").read_text(encoding="utf-8"))
        assert [item["document"] for item in line["evidence"]] == [NEWS.id] * 2
        assert visit.errors == []
