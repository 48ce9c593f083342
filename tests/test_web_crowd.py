"""Many people on the page at once, each in a browser of their own: who waits, who is answered, who sees what."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from web_browser import IN_BROWSER, Visit, launched, open_page
from web_fixtures import Shelf, answer_to, free_port

from rag.schema import Answer
from ui.conversations.store import ConversationStore
from ui.core.app_state import AppState
from ui.core.queue import FairQueue
from ui.server.app import Site
from ui.server.run import start
from ui.web.app import build_app
from ui.web.chat.render.conversation import IN_LINE, READING

pytestmark = IN_BROWSER
# Still, since all the browsers of this crowd are drawn by one machine.
_LOOKS: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}
_MEGABYTES = 8  # of the server's memory that a visitor may cost, with a conversation open


@dataclass
class Held:
    """Answers each question in words of its own, once the gate is open."""

    gate: threading.Event = field(default_factory=threading.Event)

    def stream(self, question: str, *_: Any, **__: Any) -> Iterator[Answer]:
        assert self.gate.wait(300)
        said = answer_to("article 5")
        first, *rest = said.claims
        yield replace(said, question=question, claims=(replace(first, text=f"Said to {question}"), *rest))


@dataclass
class Crowd:
    url: str
    pipeline: Held
    store: ConversationStore


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Crowd]:
    pipeline, app_state, store = Held(), AppState(FairQueue(1)), ConversationStore(tmp_path)
    app = build_app(pipeline, Shelf(), app_state=app_state, conversations=store)
    yield Crowd(start(app, "127.0.0.1", free_port(), Site(app_state=app_state)), pipeline, store)
    pipeline.gate.set()
    app.close(verbose=False)


@pytest.mark.parametrize("size", [5, pytest.param(20, marks=pytest.mark.slow)])
def test_each_waits_in_their_place_and_gets_their_own_answer(crowd: Crowd, size: int) -> None:
    names = [f"visitor-{n:02d}" for n in range(size)]
    with launched() as chromium:
        open_page(chromium.new_context(), crowd.url).page.context.close()  # what the first one loads for all
        before = _memory()
        visits: list[Visit] = []
        for n, name in enumerate(names):
            visits.append(open_page(chromium.new_context(**_LOOKS), crowd.url))
            visits[-1].ask(name)
            said = READING if n == 0 else IN_LINE.format("next" if n == 1 else _ordinal(n))
            visits[-1].page.locator("p.status", has_text=said).wait_for()
        # Of one more, while all the others wait; said below, since it tells how busy the machine is too.
        painted = min(_painted(chromium, crowd.url) for _ in range(3))
        crowd.pipeline.gate.set()
        for name, visit in zip(names, visits, strict=True):
            visit.page.wait_for_selector(".talk[aria-busy=false] .sources")
            expect(visit.page.locator(".exchange")).to_have_count(1)
            expect(visit.page.locator(".claims").first).to_contain_text(f"Said to {name}", use_inner_text=True)
            visit.page.locator("#kept-list .row[aria-current]").wait_for(state="attached")
            expect(visit.page.locator("#kept-list .row")).to_have_text([name])
            assert visit.errors == []
        grown = (_memory() - before) / size
        owners = _owners(crowd.store)
        print(f"{size} at once: first paint of one more {painted:.0f} ms, {grown:.1f} MB a visitor")
    assert len(owners) == len(set(owners)) == size
    assert grown < _MEGABYTES


def _ordinal(place: int) -> str:
    return f"{place}{'th' if 10 < place < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th')}"


def _painted(chromium: Any, url: str) -> float:
    """Milliseconds until a new visitor sees something."""
    context = chromium.new_context(**_LOOKS)
    page = open_page(context, url).page
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    found = float(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
    context.close()
    return found


def _memory() -> float:
    """What this process, which serves the page, holds in memory now, in megabytes."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def _owners(store: ConversationStore) -> list[str]:
    """Whose the kept conversations are, one for each of them."""
    with store._database.reading() as connection:
        return [str(row[0]) for row in connection.exec_driver_sql("select owner from conversations")]
