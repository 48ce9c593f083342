"""Kept conversations as a reader meets them: found again, asked anew, copied, taken away, shared."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from waiting import until
from web_browser import IN_BROWSER, Visit, comes_to, drawn, open_page
from web_fixtures import Scripted, Shelf, free_port

from rag.schema import Answer
from ui.conversations.store import NOT_SHARED, ConversationStore
from ui.server.run import start
from ui.web.app import build_app
from ui.web.sidebar.conversation_service import OwnedConversations

pytestmark = IN_BROWSER
DESK, PHONE = {"width": 1400, "height": 850}, {"width": 390, "height": 800}


@dataclass
class Site:
    store: ConversationStore
    port: int
    app: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def open(self) -> None:
        self.app = build_app(Scripted(), Shelf(), conversations=self.store, suggest=suggest)
        start(self.app, "127.0.0.1", self.port)

    def close(self) -> None:
        self.app.close(verbose=False)


def suggest(answer: Answer, history: Sequence[Any], scope: Any, stop: threading.Event) -> Sequence[str]:
    return ["What did <b>Hegseth</b> say about NATO?"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(ConversationStore(tmp_path_factory.mktemp("kept")), free_port())
    made.open()
    yield made
    made.close()


@pytest.fixture
def context(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    made = chromium.new_context(viewport=getattr(request, "param", DESK), accept_downloads=True)
    made.grant_permissions(["clipboard-read", "clipboard-write"])
    yield made
    made.close()


def asking(context: Any, site: Site) -> Visit:
    """A page on which the question of Article 5 is asked."""
    visit = open_page(context, site.url)
    visit.ask("Article 5?")
    return visit


def turns(page: Any) -> list[str]:
    return [str(text) for text in page.locator(".exchange .question").all_inner_texts()]


def wait_for_turns(page: Any, *questions: str) -> None:
    page.wait_for_function(
        "qs => JSON.stringify([...document.querySelectorAll('.exchange .question')].map(q => q.textContent))"
        " === JSON.stringify(qs) && document.querySelector('.talk').ariaBusy === 'false'",
        arg=list(questions),
    )


def test_conversations_come_back_after_a_reload_and_a_restart(site: Site, context: Any) -> None:
    visit = asking(context, site)
    page = visit.page
    page.wait_for_selector("#kept-list .row[aria-current]")
    expect(page.locator("#kept-list .row").first).to_have_text("Article 5", use_inner_text=True)
    page.click("#kept-list [data-new]")
    page.wait_for_selector(".welcome")
    page.wait_for_function("() => !document.querySelector('#kept-list [aria-current]')")
    page.reload()
    page.wait_for_selector("#kept-list .row")
    expect(page.locator(".welcome")).to_have_count(1)
    visit.ask("How is the weather?")
    wait_for_turns(page, "How is the weather?")
    page.locator("#kept-list .row[aria-current]", has_text="weather").wait_for()
    page.get_by_role("button", name="Article 5", exact=True).click()
    wait_for_turns(page, "Article 5?")
    page.reload()
    wait_for_turns(page, "Article 5?")
    page.click("button.cite >> nth=1")
    visit.wait_for_mark("Hegseth said NATO membership for Ukraine was unrealistic.")
    site.close()
    site.open()
    page.reload()
    wait_for_turns(page, "Article 5?")
    visit.ask("And NATO?")
    wait_for_turns(page, "Article 5?", "And NATO?")
    expect(page.locator("#kept-list .row")).to_have_count(2)
    assert visit.errors == []
    assert [url for url in visit.requests if not url.startswith((site.url, "data:", "blob:"))] == []


def test_the_last_of_quick_clicks_counts(site: Site, context: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = open_page(context, site.url)
    page = visit.page
    for question in ("Article 5?", "How is the weather?"):
        page.click("#kept-list [data-new]")
        visit.ask(question)
        wait_for_turns(page, question)
        page.wait_for_selector("#kept-list .row[aria-current]")
    page.locator("#kept-list .row", has_text="Article").wait_for()
    page.click("#kept-list [data-new]")
    page.wait_for_selector(".welcome")
    opened, begun, over = OwnedConversations.chat, list[str](), list[str]()

    def slowly(held: OwnedConversations, conversation: str) -> Any:
        begun.append(conversation)
        time.sleep(0.6)
        over.append(conversation)
        return opened(held, conversation)

    monkeypatch.setattr(OwnedConversations, "chat", slowly)
    page.locator("#kept-list .row", has_text="weather").click()
    until(lambda: begun)
    page.locator("#kept-list .row", has_text="Article").click()
    wait_for_turns(page, "Article 5?")
    until(lambda: len(over) == len(begun))
    drawn(page)
    assert turns(page) == ["Article 5?"]


def test_a_conversation_pressed_while_the_list_changes_is_opened(site: Site, context: Any) -> None:
    page = asking(context, site).page
    page.wait_for_selector("#kept-list .row[aria-current]")
    page.click("#kept-list [data-new]")
    page.wait_for_selector(".welcome")
    page.locator("#kept-list .row", has_text="Article").hover()
    page.mouse.down()
    page.evaluate("document.querySelector('#question textarea').focus()")
    page.keyboard.insert_text("How is the weather?")
    page.keyboard.press("Enter")
    wait_for_turns(page, "How is the weather?")
    page.wait_for_selector(".talk .status", state="detached")
    drawn(page)  # the list of two, were it drawn now
    page.mouse.up()
    wait_for_turns(page, "Article 5?")


def test_another_browser_sees_nothing_of_it(site: Site, context: Any, chromium: Any) -> None:
    visit = asking(context, site)
    visit.page.wait_for_selector("#kept-list .row")
    other = chromium.new_context(viewport=DESK)
    page = open_page(other, site.url).page
    page.locator("#kept-list .none").wait_for()
    expect(page.locator(".exchange")).to_have_count(0)
    other.close()


def test_rename_and_delete_by_keyboard(site: Site, context: Any) -> None:
    visit = asking(context, site)
    page = visit.page
    page.wait_for_selector("#kept-list .row")
    page.focus("[data-rename]")
    page.keyboard.press("Enter")
    page.keyboard.type("<img src=x onerror=window.__pwned=1> mine")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#kept-list .row').textContent.endsWith('> mine')")
    page.wait_for_function("() => document.activeElement.matches('[data-rename]')")
    expect(page.locator("#kept-list img")).to_have_count(0)
    asked: list[str] = []

    def accept(dialog: Any) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.on("dialog", accept)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector(".welcome")
    page.locator("#kept-list .none").wait_for()
    assert "mine” for good?" in asked[0]


def test_answer_again_and_edit_replace_the_exchange_in_the_store_too(site: Site, context: Any) -> None:
    visit = open_page(context, site.url)
    page = visit.page
    for question in ("Article 5?", "a long file"):
        visit.ask(question)
        page.wait_for_selector(f".exchange:has(.question:text-is('{question}')) .sources")
    page.click("[data-again]")
    wait_for_turns(page, "Article 5?", "a long file")
    page.click(".acts > [data-edit]")
    expect(page.locator(".edit-form textarea").first).to_have_value("a long file")
    page.keyboard.press("Escape")
    expect(page.locator(".edit-form:visible")).to_have_count(0)
    page.click(".acts > [data-edit]")
    page.keyboard.type("weather?")
    page.keyboard.press("Enter")
    wait_for_turns(page, "Article 5?", "weather?")
    page.click(".acts > [data-edit]")
    page.fill(".edit-form textarea", " ")
    page.keyboard.press("Enter")
    page.wait_for_selector(".problem")
    assert turns(page) == ["Article 5?", "weather?"]
    page.reload()
    wait_for_turns(page, "Article 5?", "weather?")


def test_copy_and_export(site: Site, context: Any, tmp_path: Path) -> None:
    visit = asking(context, site)
    page = visit.page
    page.wait_for_selector("#kept-list .row")
    page.click("[data-copy]")
    page.get_by_role("button", name="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("## Article 5?\n")
    assert "[^2]: “Hegseth said NATO membership for Ukraine was unrealistic.”" in copied
    for ending, beginning in (("md", b"# Article 5\n"), ("html", b"<!doctype html>")):
        with page.expect_download() as download:
            page.click(f"[data-export={ending}]")
        saved = tmp_path / download.value.suggested_filename
        download.value.save_as(saved)
        assert saved.name == f"Article-5.{ending}"
        assert saved.read_bytes().startswith(beginning)


def test_a_shared_link_is_read_by_others_and_revoked(site: Site, context: Any, chromium: Any) -> None:
    page = asking(context, site).page
    page.click("[data-share]")
    page.wait_for_selector("[data-token]")
    page.click("[data-copy-link]")
    page.get_by_role("button", name="Copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{site.url}?shared=")
    other = chromium.new_context(viewport=PHONE)
    read = other.new_page()
    read.goto(link)
    wait_for_turns(read, "Article 5?")
    expect(read.locator(".shared-head h2").first).to_have_text("Article 5", use_inner_text=True)
    comes_to(read, "document.querySelector('.shared-head').getBoundingClientRect().top >= 0", True)
    expect(read.locator("#composer:visible, #sources-control:visible, #kept:visible, .acts, .opinion")).to_have_count(0)
    read.click("button.cite >> nth=1")
    read.wait_for_selector("#source mark.active")
    page.click("[data-revoke]")
    page.wait_for_selector("[data-share]")
    read.reload()
    read.wait_for_selector(".problem")
    expect(read.locator(".problem").first).to_contain_text(NOT_SHARED, use_inner_text=True)
    other.close()


@pytest.mark.parametrize("context", [PHONE], indirect=True)
def test_on_a_phone_the_list_folds_and_a_follow_up_is_asked_with_one_tap(site: Site, context: Any) -> None:
    visit = asking(context, site)
    page = visit.page
    page.wait_for_selector("#followups .chip")
    expect(page.locator("#kept-rows:visible")).to_have_count(0)
    page.click("[data-fold]")
    expect(page.locator("[data-fold]").first).to_have_attribute("aria-expanded", "true")
    page.click("[data-share]")
    page.wait_for_selector("[data-token]")
    comes_to(page, "document.documentElement.scrollWidth <= innerWidth", True)
    page.click("[data-fold]")
    page.click("#followups .chip")
    wait_for_turns(page, "Article 5?", "What did <b>Hegseth</b> say about NATO?")
    comes_to(page, "document.documentElement.scrollWidth <= innerWidth", True)
