"""From files on disk to highlighted words in a browser, with the real model, index and command."""

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import SEEDS, watched
from playwright.sync_api import expect
from web_browser import IN_BROWSER, PATIENCE, comes_to, launched
from web_fixtures import free_port

from rag.prompts import CLOSEST_PASSAGES, NO_ANSWER

pytestmark = IN_BROWSER
ONRECORD = Path(sys.executable).parent / "onrecord"
OWN = """Harbour bridge to close for repairs

The old harbour bridge will close on 3 March, the mayor, Ada Quill, told reporters.
Ferries will run every ten minutes until the bridge opens again in June. <img src=x onerror="window.__pwned=1">
"""


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of ``onrecord chat`` over the starter documents and one of our own."""
    home = tmp_path_factory.mktemp("chat")
    (home / "bridge.txt").write_text(OWN, encoding="utf-8")
    env = watched(home / "network.log")
    subprocess.run([ONRECORD, "index", SEEDS / "documents", "bridge.txt"], cwd=home, env=env, check=True, timeout=200)
    port = free_port()
    examples = SEEDS / "questions.txt"
    command = [ONRECORD, "chat", "--port", str(port), "--examples", examples]
    with (
        (home / "log").open("w") as log,
        subprocess.Popen(command, cwd=home, env=env, stdout=log, stderr=log) as server,
    ):
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_until_up(url, server)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=30)
    assert not (home / "network.log").exists(), (home / "network.log").read_text()


def _wait_until_up(url: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(240):
        assert server.poll() is None, "the chat stopped by itself"
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError("the chat did not come up in two minutes")


@pytest.fixture(scope="module")
def page(chat: str) -> Iterator[Any]:
    with launched() as browser:
        opened = browser.new_page()
        opened.set_default_timeout(PATIENCE)
        opened.goto(chat)
        yield opened


def ask(page: Any, question: str) -> None:
    page.fill("#question textarea", question)
    page.keyboard.press("Enter")


def marked(page: Any, words: str) -> None:
    """The highlighted words hold ``words``, and the reader can see them."""
    page.wait_for_function("w => document.querySelector('#source mark.active')?.textContent.includes(w)", arg=words)
    expect(page.locator("#source mark.active")).to_be_visible()


def test_a_stranger_asks_reads_and_sees_the_cited_words(page: Any) -> None:
    page.get_by_text("What did Hegseth say about Article 5?").first.click()
    page.wait_for_selector("button.cite")
    marked(page, "the force should not have Article 5 protections")
    ask(page, "When will the harbour bridge close?")
    page.wait_for_function("document.querySelectorAll('button.cite').length > 1")
    marked(page, "will close on 3 March")
    page.locator("button.cite").first.click()
    marked(page, "the force should not have Article 5 protections")


def test_what_the_documents_do_not_say_is_not_answered(page: Any) -> None:
    ask(page, "How do I bake sourdough bread?")
    page.locator(".refusal", has_text=NO_ANSWER).wait_for()
    expect(page.get_by_text(CLOSEST_PASSAGES).first).to_be_visible()


def test_text_of_a_document_stays_text(page: Any) -> None:
    ask(page, "How often will ferries run?")
    marked(page, "every ten minutes")
    expect(page.locator("#source")).to_contain_text('onerror="window.__pwned=1"', use_inner_text=True)
    comes_to(page, "window.__pwned", None)


def test_the_evals_tab_is_there(page: Any) -> None:
    page.get_by_role("tab", name="Evals").click()
    page.get_by_role("tab", name="Evals", selected=True).wait_for()
