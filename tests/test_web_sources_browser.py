"""Citations as a reader meets them: cards, keys, what was also considered; and whether everybody can use them."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import expect
from waiting import until
from web_browser import IN_BROWSER, WIDE, Visit, comes_to, drawn, open_page
from web_fixtures import ARABIC, NEWS, Scripted, Shelf, free_port, passage

from index.schema import Hit
from rag.schema import Answer
from ui.server.run import start
from ui.web.app import build_app
from ui.web.chat.render.considered import RANKINGS
from ui.web.chat.render.conversation import READING
from ui.web.chat.run_turn import open_citation

pytestmark = IN_BROWSER
FIRST = "the force should not have Article 5 protections 🇺🇦"
SECOND = "Hegseth said NATO membership for Ukraine was unrealistic."
OTHER = "قال الوزير إن العضوية غير واقعية."
RANKED = f"3rd {RANKINGS['dense']}, 1st {RANKINGS['keyword']}, 2nd {RANKINGS['cross']}"
PHONE = {"width": 390, "height": 844}

# Gradio's own: its icon says "Settings" once more than the word beside it.
_NOT_OURS = {("image-redundant-alt", 'img[alt="Settings"]')}

_WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


# A card, by its id, is shown within a screen.
CARD_ON_SCREEN = """([card, screen]) => {
  const shown = document.getElementById(card);
  const box = shown?.matches(":popover-open") && shown.getBoundingClientRect();
  return !!box && box.left >= 0 && box.right <= screen.width && box.top >= 0 && box.bottom <= screen.height;
}"""


class Wide(Scripted):
    """Answers that found more than they cite; a written one has claims that hold, and one that does not."""

    def stream(self, question: str, *asked: Any) -> Iterator[Answer]:
        for answer in super().stream(question, *asked):
            yield self.widened(answer) if answer.claims else answer

    def widened(self, answer: Answer) -> Answer:
        found = Hit(passage(ARABIC, OTHER), 0.3, {"cross": 2, "dense": 3, "keyword": 1})
        written = "written" in answer.question
        claims = answer.claims
        if written and len(claims) > 1:
            claims = (claims[0], replace(claims[1], verdict="unsupported", reason="nothing says so"), *claims[2:])
        return replace(
            answer,
            claims=claims,
            answerer="ollama/llama" if written else "quoted",
            where="127.0.0.1:11434" if written else "",
            draft="and what comes next" if written and not answer.done else "",
            hits=(*answer.hits, found) if answer.done else (),
        )


@pytest.fixture(scope="module")
def pipeline() -> Wide:
    return Wide()


@pytest.fixture(scope="module")
def url(pipeline: Wide) -> Iterator[str]:
    app = build_app(pipeline, Shelf(), examples=("What did Hegseth say about Article 5?",))
    yield start(app, "127.0.0.1", free_port())
    app.close(verbose=False)


@pytest.fixture
def visit(url: str, chromium: Any, request: pytest.FixtureRequest) -> Iterator[Visit]:
    context = chromium.new_context(viewport=getattr(request, "param", WIDE))
    context.add_init_script(_WATCH_SHIFTS)
    one = open_page(context, url)
    yield one
    context.close()
    assert one.errors == []


def answered(visit: Visit, question: str = "Article 5?") -> Any:
    turns = visit.page.locator(".exchange").count()
    visit.ask(question)
    visit.page.wait_for_selector(f".exchange:nth-child({turns + 1}) .also")
    return visit.page


def leave_the_box(page: Any) -> None:
    page.focus("#question textarea")
    page.keyboard.press("Escape")
    comes_to(page, "document.activeElement === document.body", True)


def shown_card(page: Any) -> Any:
    page.wait_for_selector(".card:popover-open")
    return page.locator(".card:popover-open")


def test_a_card_shows_on_hover_and_goes_on_escape(visit: Visit) -> None:
    page = answered(visit)
    page.hover(".cite >> nth=2")
    card = shown_card(page).inner_text()
    for part in (NEWS.title, "Example Wire, 12 February 2025", "Opening paragraph", "Only the emoji is there."):
        assert part in card
    page.hover(".card:popover-open")  # the pointer may go into it
    page.wait_for_timeout(400)
    assert shown_card(page).count() == 1
    page.keyboard.press("Escape")
    expect(page.locator(".card:popover-open")).to_have_count(0)
    page.mouse.move(2, 2)
    page.hover(".cite >> nth=0")
    expect(shown_card(page)).to_contain_text(FIRST, use_inner_text=True)
    page.mouse.move(2, 2)
    page.wait_for_selector(".card:popover-open", state="hidden")


def test_a_card_shows_with_the_keyboard_and_is_what_describes_its_marker(visit: Visit, chromium: Any) -> None:
    page = answered(visit)
    page.keyboard.press("Shift+Tab")
    page.evaluate("document.querySelector('.chip, .cite').focus({ focusVisible: true })")
    expect(shown_card(page)).to_contain_text(FIRST, use_inner_text=True)
    page.keyboard.press("Tab")
    page.wait_for_function("w => document.querySelector('.card:popover-open')?.innerText.includes(w)", arg=SECOND)
    tree = page.locator(".claims").aria_snapshot()
    assert tree.count("Source 2") == 1
    described = page.evaluate(
        "() => document.getElementById(document.activeElement.getAttribute('aria-describedby')).innerText"
    )
    assert SECOND in described and NEWS.title not in described


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_a_card_stays_on_a_phone_s_screen(visit: Visit) -> None:
    page = answered(visit)
    for n in range(3):
        page.evaluate("n => document.querySelectorAll('.cite')[n].focus({ focusVisible: true })", n)
        page.wait_for_function(CARD_ON_SCREEN, arg=[page.locator(".cite").nth(n).get_attribute("data-card"), PHONE])
    comes_to(page, "document.documentElement.scrollWidth <= innerWidth", True)


def test_keys_walk_through_the_citations(visit: Visit) -> None:
    page = answered(visit)
    visit.wait_for_mark(FIRST)
    page.focus("#question textarea")
    page.keyboard.type("]j")  # typed, not obeyed
    expect(page.locator("#question textarea").first).to_have_value("]j")
    leave_the_box(page)
    page.keyboard.press("]")
    visit.wait_for_mark(SECOND)
    comes_to(page, "document.activeElement.textContent", "2")
    page.keyboard.press("j")
    page.wait_for_function("() => document.querySelector('#source .at').textContent === '3 of 3'")
    page.keyboard.press("]")
    page.wait_for_function("() => document.querySelector('#spoken').textContent === 'That was the last one.'")
    page.keyboard.press("[")
    page.keyboard.press("k")  # faster than the pane follows
    page.wait_for_function("() => document.querySelector('#source .at').textContent === '1 of 3'")
    visit.wait_for_mark(FIRST)
    comes_to(page, "document.activeElement.textContent", "1")
    page.keyboard.press("o")
    comes_to(page, "document.activeElement.className", "page")
    page.keyboard.press("Escape")
    comes_to(page, "document.activeElement.textContent", "1")


def test_the_last_of_quick_clicks_stays_open_though_an_earlier_reply_comes_late(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = answered(visit)
    visit.wait_for_mark(FIRST)
    asked, let_go, late = list[str](), threading.Event(), threading.Event()

    def held_up(library: Any, chat: Any, key: str) -> Any:
        asked.append(key)
        if key.endswith(".2"):
            assert let_go.wait(60)
            late.set()
        return open_citation(library, chat, key)

    monkeypatch.setattr("ui.web.chat.events.open_citation", held_up)
    page.click("button.cite >> nth=1")
    until(lambda: len(asked) == 1)
    page.click("button.cite >> nth=2")
    page.wait_for_function("() => document.querySelector('#source [data-shown]').dataset.shown.endsWith('.3')")
    let_go.set()
    until(late.is_set)
    until(lambda: len(asked) == 3)  # asked for again, since the late reply drew over it
    page.wait_for_function("() => document.querySelector('#source [data-shown]').dataset.shown.endsWith('.3')")
    assert [key.split(".")[-1] for key in asked] == ["2", "3", "3"]


def test_buttons_of_the_pane_walk_too_and_keep_the_keyboard(visit: Visit) -> None:
    page = answered(visit)
    visit.wait_for_mark(FIRST)
    page.wait_for_function("() => document.querySelector('#source .at').textContent === '1 of 3'")
    expect(page.locator("[data-step='-1']").first).to_have_attribute("aria-disabled", "true")
    page.focus("[data-step='1']")
    page.keyboard.press("Enter")
    visit.wait_for_mark(SECOND)
    comes_to(page, "document.activeElement.dataset.step", "1")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#source .at').textContent === '3 of 3'")
    comes_to(page, "document.activeElement.dataset.step", "1")
    page.wait_for_function(
        "() => document.querySelector('#spoken').textContent.startsWith('3 of 3. Source 3: Hegseth')"
    )


def test_what_was_also_considered_opens_and_stays_unfolded(visit: Visit) -> None:
    page = answered(visit)
    expect(page.locator(".also .ranks").first).to_be_hidden()
    page.click(".also summary")
    expect(page.locator(".also .ranks").first).to_have_text(RANKED, use_inner_text=True)
    page.click(".also button.closest")
    visit.wait_for_mark(OTHER)
    answered(visit, "and NATO?")
    comes_to(page, "[...document.querySelectorAll('.also')].map((fold) => fold.open)", [True, False])
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.wait_for_selector(".welcome")
    comes_to(answered(visit), "document.querySelector('.also').open", False)


def test_the_keys_are_listed_behind_a_question_mark(visit: Visit) -> None:
    page = visit.page
    leave_the_box(page)
    page.keyboard.press("?")
    page.wait_for_selector("dialog[open]")
    listed = page.locator("dialog kbd").all_inner_texts()
    assert {"/", "?", "[", "]", "n", "s", "o"} <= set(listed)
    for _ in range(5):  # the keyboard stays in the dialog, or goes to the browser's own bars
        page.keyboard.press("Tab")
        comes_to(page, "!!document.activeElement.closest('dialog') || document.activeElement === document.body", True)
    page.keyboard.press("n")  # not obeyed below an open dialog
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="hidden")
    page.keyboard.press("/")
    comes_to(page, "document.activeElement.closest('#question') !== null", True)
    page.click("button.keys")
    page.uncheck("dialog .single")
    page.click("dialog .close")
    page.reload()
    page.wait_for_selector("button.keys")
    leave_the_box(page)
    page.keyboard.press("?")
    drawn(page)
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_an_answer_is_said_once_and_a_draft_is_not(visit: Visit, pipeline: Wide) -> None:
    page = visit.page
    pipeline.gate.clear()
    said = page.evaluate_handle(
        "() => { const said = []; new MutationObserver(() => said.push(document.querySelector('#spoken').textContent))"
        ".observe(document.querySelector('#spoken'), { childList: true }); return said }"
    )
    visit.ask("a slow written one")
    page.wait_for_selector(".draft")
    drawn(page)
    assert [words for words in said.json_value() if words] == [f"{READING}."]
    pipeline.gate.set()
    page.wait_for_selector(".also")
    page.wait_for_function("() => document.querySelector('#spoken').textContent.includes('3 citations')")
    words = [words for words in said.json_value() if words]
    assert len(words) == 2
    assert SECOND in words[1] and "not supported: nothing says so" in words[1] and "✓" not in words[1]
    expect(page.locator(".talk").first).to_have_attribute("aria-live", "off")


# The requests and the bytes that the first words wait for.
_LOADED = """() => {
  const painted = performance.getEntriesByName("first-contentful-paint")[0].startTime;
  const before = performance.getEntriesByType("resource").filter((one) => one.responseEnd <= painted);
  return [before.length, before.reduce((sum, one) => sum + one.encodedBodySize, 0)];
}"""


@pytest.mark.parametrize("visit", [PHONE, {"width": 800, "height": 1000}, WIDE], indirect=True)
def test_it_is_there_at_once_and_nothing_jumps_as_an_answer_streams(visit: Visit, pipeline: Wide) -> None:
    page = visit.page
    requests, size = page.evaluate(_LOADED)
    assert requests < 50 and size < 500_000  # 20 and 150,000
    assert page.evaluate("window.shifted") < 0.1
    for question in ("a slow written one", "another slow written one"):
        pipeline.gate.clear()
        turns = page.locator(".exchange").count()
        visit.ask(question)
        page.wait_for_selector(f".exchange:nth-child({turns + 1}) .draft")
        # The question taking its place is the reader's doing, however late a busy machine draws it.
        page.wait_for_timeout(600)  # and what moves within half a second of a key is not counted at all
        page.evaluate("window.shifted = 0")
        pipeline.gate.set()
        page.wait_for_selector(f".exchange:nth-child({turns + 1}) .also")
        page.wait_for_timeout(200)
        assert page.evaluate("window.shifted") < 0.1


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_the_question_box_stays_within_reach_on_a_phone(visit: Visit) -> None:
    page = answered(visit)
    answered(visit, "and NATO?")
    page.evaluate("document.querySelector('.exchange').scrollIntoView({ block: 'start' })")
    box = "document.querySelector('#question textarea').getBoundingClientRect()"
    comes_to(page, f"innerHeight - 200 < {box}.top && {box}.bottom < innerHeight", True)
    page.focus(".exchange:nth-child(2) .also summary")
    comes_to(
        page,
        "document.activeElement.getBoundingClientRect().bottom"
        " <= document.querySelector('#composer').getBoundingClientRect().top + 1",
        True,
    )


def test_nothing_moves_by_itself_for_those_who_ask_for_that(url: str, chromium: Any, pipeline: Wide) -> None:
    context = chromium.new_context(viewport=WIDE, reduced_motion="reduce")
    one = open_page(context, url)
    pipeline.gate.clear()
    one.ask("a slow one")
    one.page.wait_for_selector(".status.working")
    comes_to(one.page, "getComputedStyle(document.querySelector('.status.working')).animationName", "none")
    pipeline.gate.set()
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (800, "dark"), (1400, "light")])
def test_axe_finds_nothing(url: str, chromium: Any, width: int, scheme: str) -> None:
    viewport = {"width": width, "height": 900}
    context = chromium.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    page, found = Checked(open_page(context, url)), []
    for stage in (page.empty, page.refused, page.written, page.card, page.dialog, page.chosen):
        stage()
        found += [f"{stage.__name__}: {problem}" for problem in page.violations()]
    wide = page.page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert found == []
    assert wide <= width


class Checked:
    """The page taken through what it can show, one stage after another."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.page = visit, visit.page
        self.page.add_style_tag(content="* { transition: none !important }")  # colours are read as they end up

    def empty(self) -> None:
        pass

    def refused(self) -> None:
        self.visit.ask("weather")
        self.page.wait_for_selector(".closest-passages")

    def written(self) -> None:
        answered(self.visit, "a written one").click(".also summary")

    def card(self) -> None:
        self.page.hover(".cite >> nth=1")
        shown_card(self.page)

    def dialog(self) -> None:
        self.page.keyboard.press("Escape")
        leave_the_box(self.page)
        self.page.keyboard.press("?")
        self.page.wait_for_selector("dialog[open]")

    def chosen(self) -> None:
        self.page.keyboard.press("Escape")
        self.page.click("#sources-control > button")
        self.page.wait_for_selector("#since input")

    def violations(self) -> list[str]:
        """What axe finds, in a line each; what is Gradio's own left out."""
        axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
        return [
            f"{rule['id']}: {node['html'][:120]}"
            for rule in axe.run(self.page).response["violations"]
            for node in rule["nodes"]
            if (rule["id"], str(node["target"][0])) not in _NOT_OURS
        ]
