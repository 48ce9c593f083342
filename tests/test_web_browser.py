"""The web chat as a reader meets it, in a real Chromium."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect
from waiting import until
from web_browser import IN_BROWSER, MARK_IN_VIEW, NARROW, WIDE, Visit, comes_to, drawn, open_page
from web_fixtures import ARABIC, HOSTILE, LONG, Scripted, Shelf, free_port

from index.text.dates import DATE_FORMS
from rag.question.scope import EVERYTHING, parse_scope
from ui.core.protocols import Tab
from ui.server.run import start
from ui.web.app import build_app

pytestmark = IN_BROWSER
EXAMPLES = ("What did Hegseth say about Article 5?", "What is a hostile text?")


@dataclass
class Site:
    url: str
    pipeline: Scripted


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    pipeline = Scripted()
    app = build_app(pipeline, Shelf(), examples=EXAMPLES)
    yield Site(start(app, "127.0.0.1", free_port()), pipeline)
    app.close(verbose=False)


@contextmanager
def visiting(chromium: Any, app: Any) -> Iterator[Visit]:
    """A page of another app, which ends with it."""
    url = start(app, "127.0.0.1", free_port())
    context = chromium.new_context(viewport=WIDE)
    try:
        yield open_page(context, url)
    finally:
        context.close()
        app.close(verbose=False)


@pytest.fixture
def visit(site: Site, chromium: Any, request: pytest.FixtureRequest) -> Iterator[Visit]:
    context = chromium.new_context(viewport=getattr(request, "param", WIDE))
    one = open_page(context, site.url)
    yield one
    context.close()
    assert one.errors == []
    assert [url for url in one.requests if not url.startswith((site.url, "data:", "blob:"))] == []


def test_ask_read_and_check_a_citation(visit: Visit) -> None:
    page = visit.page
    visit.ask("What did Hegseth say about Article 5?")
    visit.wait_for_mark("the force should not have Article 5 protections 🇺🇦")
    page.wait_for_selector("#conversation .sources")
    expect(page.locator("#source header").first).to_contain_text("Example Wire", use_inner_text=True)
    expect(page.locator("#source header").first).to_contain_text("12 February 2025", use_inner_text=True)
    page.click("#conversation button.cite >> nth=1")
    visit.wait_for_mark("Hegseth said NATO membership for Ukraine was unrealistic.")
    expect(page.locator("button.cite >> nth=1")).to_have_attribute("aria-current", "true")
    comes_to(page, "document.querySelector('button.cite').ariaCurrent", None)
    comes_to(page, "window.scrollY", 0)


def test_clicking_the_open_citation_again_comes_back_to_it(visit: Visit) -> None:
    visit.ask("Article 5?")
    visit.wait_for_mark("the force should not have Article 5 protections 🇺🇦")
    visit.page.evaluate("document.querySelector('#source .page').scrollTop = 0")
    comes_to(visit.page, f"({MARK_IN_VIEW})()", False)
    visit.page.click("button.cite >> nth=0")
    visit.page.wait_for_function(MARK_IN_VIEW)


def test_by_keyboard_alone(visit: Visit) -> None:
    page = visit.page
    comes_to(page, "document.activeElement.closest('#question') !== null", True)
    page.keyboard.type("Article 5?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".sources")
    visit.wait_for_mark("the force should not have Article 5 protections 🇺🇦")
    for _ in range(12):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.textContent") == "2":
            break
    page.keyboard.press("Enter")
    visit.wait_for_mark("Hegseth said NATO membership for Ukraine was unrealistic.")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    visit.wait_for_mark("Opening paragraph 😀 with an emoji")


def test_sources_are_chosen_by_outlet_and_date_for_this_visitor_alone(visit: Visit, site: Site, chromium: Any) -> None:
    page = visit.page
    page.click("#sources-control > button")
    page.click("#outlets input")
    page.get_by_role("option", name="Example Wire").click()
    page.fill("#since input", "2025-02")
    page.get_by_text("Sources: Example Wire, from 2025-02").wait_for()
    visit.ask("Article 5?")
    page.wait_for_selector("#conversation .sources")
    assert site.pipeline.scopes[-1] == parse_scope(since="2025-02", outlets=["Example Wire"])
    expect(page.locator("#conversation .sources").first).to_contain_text("12 February 2025", use_inner_text=True)
    context = chromium.new_context()
    other = open_page(context, site.url)
    other.page.get_by_text("Sources: all").wait_for()
    other.ask("Article 5?")
    other.page.wait_for_selector(".sources")
    assert site.pipeline.scopes[-1] == EVERYTHING
    context.close()
    page.fill("#since input", "12 May")
    visit.ask("Article 5?")
    page.wait_for_selector(".problem")
    expect(page.locator(".problem").first).to_contain_text(DATE_FORMS, use_inner_text=True)


def test_nothing_to_choose_from_is_not_offered(chromium: Any) -> None:
    with visiting(chromium, build_app(Scripted(), Shelf((LONG,)), examples=EXAMPLES)) as one:
        one.ask("a long file")
        one.wait_for_mark("Line 150000 of the very long file.")
        expect(one.page.locator("#sources-control:visible")).to_have_count(0)


def test_an_example_is_asked_with_one_click(visit: Visit) -> None:
    visit.page.click("button.chip >> nth=0")
    visit.wait_for_mark("the force should not have Article 5 protections 🇺🇦")
    expect(visit.page.locator(".question").first).to_have_text(EXAMPLES[0], use_inner_text=True)


def test_hostile_text_shows_as_text(visit: Visit) -> None:
    question = "hostile <img src=x onerror='window.__pwned=1'> ${window.__pwned=1} {{value}} `x`"
    visit.ask(question)
    visit.wait_for_mark("[link](javascript:window.__pwned=1) **bold** $x^2$ &amp; &lt;b&gt;")
    page = visit.page
    expect(page.locator(".question").first).to_have_text(question, use_inner_text=True)
    comes_to(page, "document.querySelector('#source .text').textContent", HOSTILE.text)
    expect(page.locator("#source header").first).to_contain_text(HOSTILE.title, use_inner_text=True)
    expect(page.locator("#source header").first).to_contain_text(HOSTILE.metadata["outlet"], use_inner_text=True)
    expect(page.locator("#source header").first).to_contain_text(HOSTILE.metadata["date"], use_inner_text=True)
    expect(page.locator("#source img, #source script, #conversation img, #conversation a")).to_have_count(0)
    comes_to(page, "typeof window.__pwned", "undefined")


def test_refusal_shows_closest_passages_that_open(visit: Visit) -> None:
    page = visit.page
    visit.ask("How is the weather?")
    page.wait_for_selector(".closest-passages")
    expect(page.locator(".refusal").first).to_have_text("The documents don't say.", use_inner_text=True)
    expect(page.locator("#source mark")).to_have_count(0)
    page.click("button.closest >> nth=2")
    visit.wait_for_mark("Last line.")


def test_a_bad_question_is_answered_with_one_line_and_kept_in_the_box(visit: Visit) -> None:
    page = visit.page
    page.click("#ask")
    page.wait_for_selector(".problem")
    expect(page.locator(".problem").first).to_contain_text("empty", use_inner_text=True)
    visit.page.evaluate("document.querySelector('#question textarea').value = ''")
    visit.ask("x" * 100_000)
    page.wait_for_function("() => document.querySelector('.problem')?.textContent.includes('5,000')")
    page.wait_for_function("() => document.querySelector('#question textarea').value.length === 100000")
    assert "Traceback" not in page.content()
    comes_to(page, "document.documentElement.scrollWidth <= innerWidth", True)


def test_an_answer_streams_and_can_be_stopped(visit: Visit, site: Site) -> None:
    page = visit.page
    site.pipeline.gate.clear()
    visit.ask("a slow one")
    page.wait_for_selector("#conversation button.cite")
    expect(page.locator(".talk").first).to_have_attribute("aria-busy", "true")
    page.click("#stop")
    page.wait_for_function("() => document.querySelector('.status')?.textContent === 'Stopped.'")
    visit.ask("Article 5?")
    page.wait_for_selector(".exchange:nth-child(2) .sources")
    expect(page.locator(".exchange:nth-child(1) .status").first).to_have_text("Stopped.", use_inner_text=True)
    site.pipeline.gate.set()
    until(lambda: "a slow one" in site.pipeline.ended)  # what the stopped question still says must not come through
    visit.ask("NATO?")
    page.wait_for_selector(".exchange:nth-child(3) .sources")
    expect(page.locator(".exchange:nth-child(1) .status").first).to_have_text("Stopped.", use_inner_text=True)
    expect(page.locator(".exchange")).to_have_count(3)


def test_a_question_asked_while_another_is_answered_waits_in_the_box(visit: Visit, site: Site) -> None:
    page = visit.page
    site.pipeline.gate.clear()
    visit.ask("a slow one")
    page.wait_for_selector("#conversation button.cite")
    visit.ask("Article 5?")
    for _ in range(30):  # Enter is handled a while after it is pressed, and has to be before the first answer ends
        drawn(page)
    site.pipeline.gate.set()
    page.wait_for_selector(".sources")
    page.wait_for_selector("#ask")
    expect(page.locator(".exchange")).to_have_count(1)
    expect(page.locator("#question textarea").first).to_have_value("Article 5?")
    assert site.pipeline.asked[-1][0] == "a slow one"


def test_new_conversation_forgets(visit: Visit, site: Site) -> None:
    page = visit.page
    visit.ask("Article 5?")
    page.wait_for_selector(".sources")
    page.click("#clear")
    page.wait_for_selector(".welcome")
    expect(page.locator("#source mark")).to_have_count(0)
    page.wait_for_function("() => document.activeElement.closest('#question') !== null")
    visit.ask("NATO?")
    page.wait_for_selector(".sources")
    assert site.pipeline.asked[-1] == ("NATO?", ())


def test_a_ten_megabyte_document_opens_at_the_words_and_can_be_widened(visit: Visit) -> None:
    page = visit.page
    visit.ask("a long file")
    visit.wait_for_mark("Line 150000 of the very long file.")
    shown = page.evaluate("document.querySelector('#source .text').textContent.length")
    assert shown < len(LONG.text) / 100
    top = page.evaluate(
        "() => { const p = document.querySelector('#source .page'); p.scrollTop = 0; return p.scrollHeight }"
    )
    page.click("[data-more='earlier']")
    page.wait_for_function(
        "n => document.querySelector('#source .text').textContent.length > n + 19000",
        arg=shown,
    )
    # The reader stays where they were: what was at the top has moved down by as much as was put before it.
    page.wait_for_function(
        "top => { const p = document.querySelector('#source .page');"
        " return Math.abs(p.scrollHeight - top - p.scrollTop) < 60 }",
        arg=top,
    )


def test_right_to_left_text_runs_right_to_left(visit: Visit) -> None:
    visit.ask("arabic")
    visit.wait_for_mark("وأضاف أن المحادثات ستستمر.")
    comes_to(visit.page, "document.querySelector('#source .text').textContent", ARABIC.text)
    comes_to(visit.page, "getComputedStyle(document.querySelector('#source .text')).direction", "rtl")


@pytest.mark.parametrize("visit", [NARROW], indirect=True)
def test_narrow_screen(visit: Visit) -> None:
    page = visit.page
    for question in ("Article 5?", "hostile", "weather"):
        visit.ask(question)
        page.wait_for_selector(f".exchange[data-turn] .question:text-is('{question}')")
        page.wait_for_function("() => document.querySelector('.talk').ariaBusy === 'false'")
        comes_to(page, "document.documentElement.scrollWidth <= innerWidth", True)
    comes_to(
        page,
        "document.querySelector('#source').getBoundingClientRect().top"
        " > document.querySelector('#composer').getBoundingClientRect().top",
        True,
    )
    page.click("button.cite >> nth=0")
    visit.wait_for_mark("the force should not have Article 5 protections 🇺🇦")
    page.click("#source .back")
    page.wait_for_function("() => document.activeElement.dataset.open === '0.1'")


def test_two_visitors_see_only_their_own_conversation(visit: Visit, site: Site, chromium: Any) -> None:
    context = chromium.new_context()
    other = open_page(context, site.url)
    visit.ask("Article 5?")
    visit.page.wait_for_selector(".sources")
    expect(other.page.locator(".exchange")).to_have_count(0)
    other.ask("How is the weather?")
    other.page.wait_for_selector(".closest-passages")
    assert site.pipeline.asked[-1] == ("How is the weather?", ())
    expect(visit.page.locator(".exchange")).to_have_count(1)
    expect(visit.page.locator("#conversation").first).not_to_contain_text("weather", use_inner_text=True)
    context.close()


def test_a_tab_from_outside_stands_beside_the_chat(chromium: Any) -> None:
    def build() -> None:
        import gradio as gr

        gr.Markdown("Runs are listed here.", elem_id="runs")

    with visiting(chromium, build_app(Scripted(), Shelf(), examples=EXAMPLES, tabs=[Tab("Evals", build)])) as one:
        one.ask("Article 5?")
        one.wait_for_mark("the force should not have Article 5 protections 🇺🇦")
        one.page.get_by_role("tab", name="Evals").click()
        one.page.wait_for_selector("#runs:visible")
