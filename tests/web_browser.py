"""A real Chromium for the tests of the page."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
IN_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: make system"),
]
# Chromium draws its own toolbar as a page, in a process for each window, though nobody sees it. Of several lists of
# features it takes the last, so what Playwright switches off stands here too.
_OFF = (
    "InitialWebUI WebUIReloadButton WebUIToolbar WebUILocationBar WebUIHomeButton WebUIBackForwardButton "
    "WebUISplitTabsButton AvoidUnnecessaryBeforeUnloadCheckSync DestroyProfileOnBrowserClose HttpsUpgrades "
    "HttpsFirstBalancedModeAutoEnable LensOverlay MediaRouter PaintHolding ThirdPartyStoragePartitioning "
    "AvoidCorsURLLoaderRestartOnRedirect TcpPortRandomizationWin OptimizationHints NetworkTimeServiceQuerying AimEnabled "
    "PreconnectToSearch"
)
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", f"--disable-features={','.join(_OFF.split())}",
]  # fmt: skip
PATIENCE = 120_000  # milliseconds to wait for the page: whatever passes is quick, and a busy machine is slow
expect.set_options(timeout=PATIENCE)
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}

# The mark lies within the visible part of the pane's own scroller.
MARK_IN_VIEW = """() => {
  const mark = document.querySelector('#source mark.active')?.getBoundingClientRect();
  const page = document.querySelector('#source .page')?.getBoundingClientRect();
  return !!mark && mark.top >= page.top - 1 && mark.bottom <= Math.min(page.bottom, innerHeight) + 1;
}"""


@contextmanager
def launched(*flags: str) -> Iterator[Any]:
    """A browser with more ``flags``, closed at the end; whatever is waited for in it is waited for with patience."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*_FLAGS, *flags])
        make = browser.new_context

        def new_context(**options: Any) -> Any:
            context = make(**options)
            context.set_default_timeout(PATIENCE)
            return context

        browser.new_context = new_context  # type: ignore[method-assign]
        yield browser
        browser.close()


@dataclass
class Visit:
    page: Any
    requests: list[str]
    errors: list[str]

    def ask(self, question: str) -> None:
        self.page.fill("#question textarea", question)
        self.page.keyboard.press("Enter")

    def wait_for_mark(self, words: str) -> None:
        active = self.page.locator("#source mark.active")
        self.page.wait_for_function("w => document.querySelector('#source mark.active')?.textContent === w", arg=words)
        self.page.wait_for_function(MARK_IN_VIEW)
        expect(active).to_have_text(words, use_inner_text=True)


def comes_to(page: Any, expression: str, value: Any) -> None:
    """Wait until a JavaScript expression has the value; what is read once may be read before the page has done it."""
    page.wait_for_function(f"wanted => JSON.stringify(({expression}) ?? null) === JSON.stringify(wanted)", arg=value)


def drawn(page: Any) -> None:
    """Return once the page has done what was asked of it so far, and drawn it."""
    page.evaluate(
        "async () => { for (let n = 0; n < 3; n++) { await new Promise(requestAnimationFrame); "
        "await new Promise((done) => setTimeout(done)) } }"
    )


def open_page(context: Any, url: str) -> Visit:
    """The page with what it requests and what goes wrong in it."""
    page = context.new_page()
    one = Visit(page, [], [])
    page.on("request", lambda request: one.requests.append(request.url))
    page.on("pageerror", lambda error: one.errors.append(str(error)))
    page.goto(url)
    page.wait_for_selector("#conversation .welcome")
    page.wait_for_function("() => document.querySelector('#question textarea')")
    return one
