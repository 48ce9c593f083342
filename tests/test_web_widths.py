"""Whatever is written, the page fits the window: long words, other scripts, markup in titles, a full list."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from web_browser import IN_BROWSER, comes_to, launched, open_page
from web_fixtures import Shelf, claim, free_port

from index.schema import Document, Hit
from rag.schema import Answer
from ui.conversations.store import ConversationStore
from ui.server.run import start
from ui.web.app import build_app

pytestmark = IN_BROWSER
WIDTHS = (320, 390, 768, 1280, 1920)
LINES = "\n".join(f"Line {n} of an answer that goes on and on, and then further." for n in range(40))
WILD = (
    "W" * 400,
    "<script>window.__pwned=1</script><img src=x onerror=window.__pwned=1>",
    "قال الوزير إن العضوية غير واقعية وأضاف أن المحادثات ستستمر إلى أجل غير مسمى",
    "国防部长周三表示乌克兰加入北约是不现实的并建议基辅应当放弃赢回全部领土的希望" * 4,
    "👩‍👩‍👧‍👦🏳️‍🌈" * 60,
    LINES,
)
WRITTEN = tuple(
    Document(
        f"d{n}", f"Title {words}", f"{'f' * 200}{n}.txt", words, {"outlet": f"Outlet{words}", "date": "2025-02-12"}
    )
    for n, words in enumerate(WILD)
)


class Wild:
    """Answers everything with all that is hard to fit."""

    def stream(self, question: str, *_: Any, **__: Any) -> Iterator[Answer]:
        claims = tuple(claim(each, each.text, n) for n, each in enumerate(WRITTEN, 1))
        hits = tuple(Hit(each.citations[0].passage, 0.5) for each in claims)
        if "nothing" in question:
            yield Answer(question, question, (), hits, True, reason="The documents don't say.")
        else:
            yield Answer(question, question, claims, hits, False)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Any]:
    store = ConversationStore(tmp_path)
    app = build_app(Wild(), Shelf(WRITTEN), conversations=store, examples=WILD, suggest=lambda *_: WILD)
    url = start(app, "127.0.0.1", free_port())
    with launched() as chromium:
        context = chromium.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
        visit = open_page(context, url)
        yield visit.page
        assert visit.errors == []
        comes_to(visit.page, "typeof window.__pwned", "undefined")
    app.close(verbose=False)


def fits(page: Any, stage: str) -> list[str]:
    """The widths at which something sticks out, of the page or of what the reader scrolls in it."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        if width == WIDTHS[0]:
            page.evaluate("document.querySelector('[data-fold][aria-expanded=\"false\"]')?.click()")
        stuck_out = page.evaluate(
            "() => ['html', '#conversation', '#source .page', '#kept', '#followups'].filter((each) => {"
            " const node = document.querySelector(each); return node && node.scrollWidth > node.clientWidth + 1 })"
        )
        found += [f"{stage} at {width}: {each}" for each in stuck_out]
    page.set_viewport_size({"width": 1280, "height": 800})
    return found


def test_nothing_sticks_out_at_any_width(page: Any) -> None:
    found = fits(page, "empty")
    for question in (*WILD, "nothing"):
        page.fill("#question textarea", question[:2_000])
        page.keyboard.press("Enter")
        page.wait_for_selector(".talk[aria-busy=false] :is(.sources, .refusal)")
        if question != "nothing":
            page.keyboard.press("Escape")
            page.locator("#kept-list .row[aria-current]").wait_for(state="attached")
        if question in (WILD[0], WILD[-1], "nothing"):
            found += fits(page, question[:10])
        page.evaluate("document.querySelector('#kept-list [data-new]').click()")
        page.wait_for_selector(".welcome")
    expect(page.locator("#kept-list .row")).to_have_count(len(WILD) + 1)
    page.locator("[data-more]").first.click()
    page.locator(".card").first.wait_for(state="detached")
    found += fits(page, "list")
    assert not found, "\n".join(found)


def test_axe_finds_nothing_in_the_list(page: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for question in WILD[:3]:
        page.fill("#question textarea", question)
        page.keyboard.press("Enter")
        page.locator("#kept-list .row[aria-current]").wait_for()
        page.wait_for_selector(".talk[aria-busy=false] .sources")
        if question != WILD[2]:
            page.click("#kept-list [data-new]")
            page.wait_for_selector(".welcome")
    page.locator("[data-more]").first.click()
    broken = axe.run(page, context="#kept").response["violations"]
    assert [f"{rule['id']}: {node['html'][:120]}" for rule in broken for node in rule["nodes"]] == []
    names = page.locator("#kept [data-more]").evaluate_all("all => all.map(b => b.ariaLabel)")
    assert len(set(names)) == 2
