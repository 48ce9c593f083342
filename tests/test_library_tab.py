"""The Library tab, in a real browser and without one."""

import re
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import WordEmbedder
from playwright.sync_api import expect
from waiting import until
from web_browser import IN_BROWSER, WIDE, Visit, comes_to, drawn, open_page
from web_fixtures import free_port

from index.chunking.chunk import Chunking
from index.config import IndexConfig
from index.embedding.protocol import Vectors
from index.storage.open import SharedStore, index_fingerprint, open_shared
from rag.config import RagConfig
from rag.pipeline import Pipeline, make_pipeline
from ui.core.protocols import Tab
from ui.library.collections import Collections
from ui.library.files import LibraryFolder, library_folder
from ui.library.listing import ListQuery
from ui.library.models import Item, Job, Upload
from ui.library.paste import FETCHES_NOTHING
from ui.library.service import LibraryService
from ui.library.steps import Deps
from ui.library.trash import Trash
from ui.library.uploads.check import check_file
from ui.server.run import start
from ui.web.app import build_app
from ui.web.chat.run_turn import open_place
from ui.web.library import words as labels
from ui.web.library.actions import LibraryActions
from ui.web.library.jobs_html import jobs_html, time_left
from ui.web.library.list_html import list_html
from ui.web.library.tab import build_library

PHONE = {"width": 390, "height": 800}
SMALL = Chunking(30)
HOSTILE = '<img src=x onerror="window.__pwned=1"> ${window.__pwned=1} {{value}}'


# What can be used but has no name that a screen reader could say.
NAMELESS = """() => [...document.querySelectorAll("#library :is(button, input, textarea, select, summary)")]
  .filter((one) => one.checkVisibility() && one.type !== "file")
  .filter((one) => !(one.ariaLabel || one.textContent.trim() || one.labels?.length || one.getAttribute("aria-labelledby")))
  .map((one) => one.outerHTML)"""


class Unhurried(WordEmbedder):
    """Takes its time while told to, so that there is progress to see."""

    wait = 0.0

    def embed(self, texts: Sequence[str]) -> Vectors:
        time.sleep(self.wait)
        return super().embed(texts)


@dataclass
class Site:
    shelf: LibraryService
    pipeline: Pipeline
    embedder: Unhurried
    given: Path
    url: str = ""

    def add(self, collection: str = "", **texts: str) -> Job:
        job = self.shelf.add([Upload(self.file(f"{n}.txt", t), f"{n}.txt") for n, t in texts.items()], collection)
        assert job.over.wait(60)
        return job

    def file(self, name: str, text: str) -> Path:
        path = self.given / name
        path.write_text(text, encoding="utf-8")
        return path


def article(town: str, arches: int = 11, outlet: str = "Reuters", date: str = "2025-02-12") -> str:
    return (
        f"Title: The bridge of {town}\nOutlet: {outlet}\nDate: {date}\n\n"
        f"The bridge of {town} has {arches} arches. It was built of stone."
    )


@pytest.fixture
def make(folder: Path) -> Callable[..., Site]:
    def made(shared: SharedStore, config: IndexConfig, **more: Any) -> Site:
        embedder = Unhurried()
        pipeline = make_pipeline(shared.store, embedder, RagConfig(), None)
        root = library_folder(config)
        kept = LibraryFolder(root)
        collections = Collections(root, shared.store.documents)
        deps = Deps(shared.store, embedder, SMALL, kept, Trash(kept.trash), collections)
        return Site(LibraryService(deps, shared.exclusive, check_file, **more), pipeline, embedder, folder)

    return made


@pytest.fixture
def library(make: Callable[..., Site], config: IndexConfig) -> Iterator[Site]:
    with open_shared(config, index_fingerprint(WordEmbedder(), SMALL)) as shared:
        site = make(shared, config)
        yield site
        site.shelf.close()


# Without a browser


def test_what_documents_say_shows_as_text(library: Site) -> None:
    library.add(HOSTILE[:9], a=f"Title: {HOSTILE}\nOutlet: {HOSTILE}\n\nThe bridge has eleven arches.")
    job = library.shelf.add([Upload(library.given / "no", f"{HOSTILE}.exe")])
    actions = LibraryActions(library.shelf, lambda _: True)
    rows = actions._rows()
    assert rows[0].title == HOSTILE
    library.shelf.remove([rows[0].id]).over.wait(60)
    html = jobs_html(library.shelf, HOSTILE) + list_html(
        rows, ListQuery(collection=HOSTILE), [HOSTILE], library.shelf.deps.trash.entries()
    )
    assert job.items[0].said
    assert "<img" not in html
    assert html.count("&lt;img") > 5


def test_who_may_not_change_the_library_reads_it(library: Site) -> None:
    library.add(arles=article("Arles"))
    actions = LibraryActions(library.shelf, lambda _: False)
    request: Any = SimpleNamespace()
    drawn = actions.draw(ListQuery(), request)
    assert labels.READ_ONLY in drawn[2]
    assert drawn[3]["visible"] is False
    assert "The bridge of Arles" in drawn[8]
    assert "data-do" not in drawn[5] + drawn[8]
    (id_,) = [info.id for info in library.pipeline.store.documents()]
    for sent in ({"do": "remove", "ids": [id_]}, {"do": "reindex"}, {"do": "empty"}, {"do": "put", "name": "x"}):
        refused = actions.change(ListQuery(), SimpleNamespace(_data=sent), request)  # type: ignore[arg-type]
        assert labels.READ_ONLY in refused[5]
    assert labels.READ_ONLY in actions.paste(request, "", ListQuery(), "text", "", "", "", "")[10]
    assert len(library.pipeline.store.documents()) == 1
    assert library.shelf.deps.collections.names() == ()


@pytest.mark.parametrize(
    "sent",
    [
        {}, {"do": "remove"}, {"do": "remove", "ids": "abc"}, {"do": "cancel", "job": "../x"}, {"do": "restore", "ids": [1]},
        {"do": "put", "ids": [], "name": ""}, {"do": "drop", "name": "none"}, {"do": "undo"}, {"do": ["x"]},
        {"do": "restore", "ids": ["../.."]}, {"do": "remove", "ids": ["nothing there"]},
    ],
)  # fmt: skip
def test_the_page_may_send_anything(library: Site, sent: dict[str, Any]) -> None:
    library.add(arles=article("Arles"))
    actions = LibraryActions(library.shelf, lambda _: True)
    actions.change(ListQuery(), SimpleNamespace(_data=sent), SimpleNamespace())  # type: ignore[arg-type]
    actions.open(SimpleNamespace(_data={"open": "../../etc/passwd"}))  # type: ignore[arg-type]
    assert len(library.pipeline.store.documents()) == 1


def test_what_ends_while_the_page_is_drawn_is_shown_by_the_next_look(
    library: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.embedder.wait = 0.3
    job = library.shelf.add([Upload(library.file("arles.txt", article("Arles")), "arles.txt")])
    rows_as_of_now = LibraryActions._rows

    def rows_then_the_end(actions: LibraryActions) -> Any:
        rows = rows_as_of_now(actions)
        assert job.over.wait(60)
        return rows

    monkeypatch.setattr(LibraryActions, "_rows", rows_then_the_end)
    drawn = LibraryActions(library.shelf, lambda _: True).draw(ListQuery(), SimpleNamespace())  # type: ignore[arg-type]
    assert "The bridge of Arles" not in drawn[8]
    assert drawn[1].active


def test_a_closed_library_says_why_on_the_page(make: Callable[..., Site], config: IndexConfig) -> None:
    with open_shared(config, index_fingerprint(WordEmbedder(), SMALL)) as shared:
        shelf = make(shared, config, closed="The index may only be read.").shelf
        drawn = LibraryActions(shelf, lambda _: True).draw(ListQuery(), SimpleNamespace())  # type: ignore[arg-type]
        assert "The index may only be read." in drawn[2]
        assert drawn[3]["visible"] is False


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""), (0.2, labels.ALMOST_DONE), (1.2, labels.TIME_LEFT.format("1 second")), (59, labels.TIME_LEFT.format("59 seconds")),
        (150, labels.TIME_LEFT.format("2 minutes")), (7000, labels.TIME_LEFT.format("2 hours")),
    ],
)  # fmt: skip
def test_time_left_in_words(seconds: float | None, said: str) -> None:
    assert time_left(seconds) == said


def test_a_long_job_shows_what_matters_first() -> None:
    items = tuple(Item("", f"{n}.txt", 10, "done" if n < 90 else "waiting") for n in range(100))
    items[95].state, items[95].said = "failed", "It is broken."
    items[96].state, items[96].done, items[96].total = "working", 1, 4
    shelf: Any = SimpleNamespace(jobs=lambda: (Job("add", items),), seconds_left=lambda _: 90.0)
    html = jobs_html(shelf)
    assert html.count("<li") == 31
    assert html.index("96.txt") < html.index("95.txt") < html.index("90.txt")
    assert "being read: 1 of 4 passages, about 2 minutes left" in html
    assert 'aria-valuenow="25"' in html
    assert "Adding: 91 of 100 files, 1 failed" in html


def test_a_finished_job_offers_to_replace_earlier_files_of_the_same_name() -> None:
    job = Job("add", (Item("", "notes.txt", 10, "done", earlier=("d1",)),))
    shelf: Any = SimpleNamespace(jobs=lambda: (job,), seconds_left=lambda _: None)
    assert "replace_earlier" not in jobs_html(shelf)
    job.over.set()
    assert 'data-do="replace_earlier"' in jobs_html(shelf)


# In the browser


@pytest.fixture
def site(library: Site) -> Iterator[Site]:
    app = build_app(
        library.pipeline,
        library.pipeline.store,
        tabs=[Tab("Library", partial(build_library, library.shelf))],
        groups=library.shelf.collections,
    )
    library.url = start(app, "127.0.0.1", free_port())
    yield library
    app.close(verbose=False)


@pytest.fixture
def visit(site: Site, chromium: Any, request: pytest.FixtureRequest) -> Iterator[Visit]:
    context = chromium.new_context(viewport=getattr(request, "param", WIDE))
    one = open_page(context, site.url)
    one.page.get_by_role("tab", name="Library").click()
    one.page.wait_for_selector("#library-files input[type=file]", state="attached")
    yield one
    comes_to(one.page, "document.documentElement.scrollWidth <= innerWidth", True)
    context.close()
    assert one.errors == []
    assert [url for url in one.requests if not url.startswith((site.url, "data:", "blob:"))] == []


def titles(page: Any) -> list[str]:
    return [str(text).removeprefix("The bridge of ") for text in page.locator(".library-open").all_inner_texts()]


def wait_for_titles(page: Any, *wanted: str) -> None:
    page.wait_for_function(
        "w => JSON.stringify([...document.querySelectorAll('.library-open')].map(b => b.textContent)) === w",
        arg="[" + ",".join(f'"The bridge of {town}"' for town in wanted) + "]",
    )


def told(page: Any, words: str | re.Pattern[str]) -> None:
    page.locator("#library-jobs").get_by_text(words).first.wait_for()


class TestInTheBrowser:
    pytestmark = IN_BROWSER

    @pytest.mark.parametrize("visit", [WIDE, PHONE], indirect=True)
    def test_upload_search_sort_delete_undo_and_ask_one_collection(self, site: Site, visit: Visit) -> None:
        page = visit.page
        site.embedder.wait = 3.0
        files = [
            site.file("arles.txt", article("Arles", 11)),
            site.file("brno.txt", article("Brno", 12, "AP", "2024-05-01")),
            site.file("broken.txt", "\0\1\2" * 50),
        ]
        page.get_by_label(labels.INTO_COLLECTION).fill("Stone bridges")
        page.get_by_label(labels.INTO_COLLECTION).press("Enter")
        page.set_input_files("#library-files input[type=file]", files)
        told(page, re.compile(r"Adding: \d of 3 files"))
        page.get_by_role("progressbar").first.wait_for()
        told(page, "Added: 2 of 3 files, 1 failed")
        site.embedder.wait = 0.0
        expect(page.locator(".library-job .failed").first).to_contain_text(
            "broken.txt is not text", use_inner_text=True
        )
        wait_for_titles(page, "Arles", "Brno")
        expect(page.get_by_role("columnheader", name="Title")).to_have_attribute("aria-sort", "ascending")
        page.get_by_role("button", name="Date", exact=False).first.click()
        page.wait_for_selector("th.date[aria-sort=descending]")
        page.get_by_role("button", name="Date", exact=False).first.click()
        wait_for_titles(page, "Brno", "Arles")
        comes_to(page, "document.activeElement.dataset.key", "sort-date")
        page.get_by_label(labels.SEARCH).fill("arl")
        wait_for_titles(page, "Arles")
        expect(page.locator(".library-count").first).to_have_text("1 of 2 documents", use_inner_text=True)
        page.get_by_role("button", name=f"{labels.DELETE} The bridge of Arles").click()
        told(page, "Deleted: The bridge of Arles")
        page.get_by_text(labels.NONE_FOUND).wait_for()
        page.get_by_role("button", name=labels.UNDO).click()
        wait_for_titles(page, "Arles")
        page.get_by_label(labels.SEARCH).fill("")
        wait_for_titles(page, "Brno", "Arles")
        site.add(cork=article("Cork", 13, "Cork Echo"))
        page.get_by_role("tab", name="Chat").click()
        page.locator("#masthead").get_by_text("3 documents").wait_for()
        page.click("#sources-control > button")
        page.click("#collections input")
        page.get_by_role("option", name="Stone bridges").click()
        page.get_by_text("Sources: Stone bridges").wait_for()
        visit.ask("How many arches has the bridge of Cork?")
        page.wait_for_selector("#conversation .exchange :is(.sources, .refusal)")
        expect(page.locator("#conversation").first).not_to_contain_text("Cork Echo", use_inner_text=True)
        visit.ask("How many arches has the bridge of Brno?")
        page.locator(".claim", has_text="has 12 arches").first.wait_for()

    def test_by_keyboard_alone(self, site: Site, visit: Visit) -> None:
        site.add(arles=article("Arles"), brno=article("Brno"))
        page = visit.page
        page.reload()
        page.wait_for_selector("#conversation .welcome")
        page.get_by_role("tab", name="Library").focus()
        page.keyboard.press("Enter")
        wait_for_titles(page, "Arles", "Brno")

        def tab_to(name: str) -> None:
            for _ in range(60):
                page.keyboard.press("Tab")
                focused = page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent")
                if str(focused).strip().startswith(name):
                    return
            raise AssertionError(f"no way to {name!r} by Tab")

        page.get_by_role("button", name=labels.PASTE).click()
        page.get_by_role("button", name=labels.ADD).wait_for()
        comes_to(page, f"({NAMELESS})()", [])
        page.get_by_role("button", name=labels.PASTE).click()
        page.get_by_role("tab", name="Library").focus()
        tab_to("The bridge of Arles")
        page.keyboard.press("Enter")
        page.wait_for_selector("#library-pane .text")
        page.wait_for_function("() => document.activeElement.classList.contains('back')")
        expect(page.locator("#library-pane .text").first).to_contain_text("has 11 arches", use_inner_text=True)
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.activeElement.dataset.open")
        page.wait_for_selector("#library-pane .text", state="hidden")
        tab_to(f"{labels.DELETE} The bridge of Arles")
        page.keyboard.press("Enter")
        wait_for_titles(page, "Brno")
        page.wait_for_function("() => document.activeElement.closest('#library-list')")
        page.get_by_role("button", name=labels.UNDO).focus()
        page.keyboard.press("Enter")
        wait_for_titles(page, "Arles", "Brno")
        tab_to(f"{labels.CHOOSE} The bridge of Brno")
        page.keyboard.press("Space")
        page.keyboard.press("Shift+Tab")
        page.locator("#library-name").focus()
        page.keyboard.type("Mine")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text("Mine", exact=True).last.wait_for()
        assert site.shelf.collections.names() == ("Mine",)
        expect(page.locator("#library-list").first).not_to_contain_text(labels.PUT_BACK, use_inner_text=True)

    def test_paste_reindex_the_trash_and_what_was_chosen(self, site: Site, visit: Visit) -> None:
        page = visit.page
        page.get_by_text(labels.NO_DOCUMENTS).last.wait_for()
        page.get_by_role("button", name=labels.PASTE).click()
        page.get_by_label(labels.PASTED_TEXT).fill("https://example.org/a")
        page.get_by_role("button", name=labels.ADD).click()
        told(page, FETCHES_NOTHING)
        expect(page.get_by_label(labels.PASTED_TEXT)).to_have_value("https://example.org/a")
        page.get_by_label(labels.PASTED_TEXT).fill(
            "<html><body><article>" + "<p>The bridge of Delft has 14 arches.</p>" * 8 + "</article></body></html>"
        )
        page.locator("#library-title").get_by_label("Title").fill("The bridge of Delft")
        page.get_by_label(labels.PUBLISHED_ON).fill("2025-03-01")
        page.get_by_role("button", name=labels.ADD).click()
        wait_for_titles(page, "Delft")
        expect(page.get_by_label(labels.PASTED_TEXT)).to_have_value("")
        expect(page.locator("#library-list tbody").first).to_contain_text("1 March 2025", use_inner_text=True)
        (info,) = site.pipeline.store.documents()
        kept = Path(info.source)
        kept.write_text(kept.read_text(encoding="utf-8").replace("14 arches", "15 arches"), encoding="utf-8")
        page.get_by_role("button", name=f"{labels.REINDEX} The bridge of Delft").click()
        told(page, "Re-indexed: The bridge of Delft")
        page.get_by_role("button", name="The bridge of Delft", exact=True).click()
        page.get_by_text("has 15 arches").first.wait_for()
        page.get_by_role("button", name=labels.BACK_TO_LIST).click()
        page.get_by_label(labels.CHOOSE_ALL).check()
        page.get_by_role("button", name=labels.DELETE_CHOSEN).click()
        page.get_by_text("1 document in the trash").click()
        page.get_by_role("button", name=f"{labels.PUT_BACK} The bridge of Delft").click()
        wait_for_titles(page, "Delft")
        expect(page.get_by_label(labels.CHOOSE_ALL)).not_to_be_checked()
        page.get_by_role("button", name=labels.REINDEX_CHOSEN).click()
        told(page, labels.CHOOSE_FIRST)

    def test_a_folder_is_chosen_whole_and_a_job_is_cancelled(self, site: Site, visit: Visit) -> None:
        page = visit.page
        site.embedder.wait = 5.0
        deep = site.given / "press" / "2025"
        deep.mkdir(parents=True)
        for town in ("Arles", "Brno", "Cork", "Delft", "Evora"):
            (deep / f"{town}.txt").write_text(article(town), encoding="utf-8")
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name=labels.CHOOSE_FOLDER).click()
        chooser.value.set_files(site.given / "press")
        told(page, re.compile("Adding: [1-4] of 5 files"))
        page.get_by_role("button", name=labels.CANCEL).click()
        told(page, re.compile(r"Added: \d of 5 files, \d cancelled"))
        held = len(site.pipeline.store.documents())
        assert 0 < held < 5
        kept = list(library_files(site).rglob("*.txt"))
        assert len(kept) == held
        assert {path.parent for path in kept} == {library_files(site) / "press" / "2025"}
        page.locator(".library-file", has_text=re.compile(r"^press/2025/\w+\.txt$")).first.wait_for()

    def test_files_and_folders_are_dropped(self, site: Site, visit: Visit) -> None:
        page = visit.page
        page.evaluate(
            """text => {
              const file = (name) => ({name, isFile: true, isDirectory: false,
                file: (done) => done(new File([text.replaceAll("Arles", name)], name + ".txt"))});
              const folder = (name, entries) => ({name, isFile: false, isDirectory: true, createReader: () => {
                let parts = [entries, []]; return {readEntries: (done) => done(parts.shift())};}});
              const entries = [folder("press", [file("Brno"), folder("deep", [file("Cork")]), file(".hidden")])];
              const event = new Event("drop", {bubbles: true, cancelable: true});
              event.dataTransfer = {items: entries.map((entry) => ({webkitGetAsEntry: () => entry})), files: []};
              document.querySelector("#library-files button, #library-files label").dispatchEvent(event);
            }""",
            article("Arles"),
        )
        wait_for_titles(page, "Brno", "Cork")
        expect(page.locator(".library-file")).to_have_text(
            ["press/Brno.txt", "press/deep/Cork.txt"], use_inner_text=True
        )
        with_file = page.evaluate_handle(
            """text => {
              const carried = new DataTransfer();
              carried.items.add(new File([text], "arles.txt", {type: "text/plain"}));
              return carried;
            }""",
            article("Arles"),
        )
        page.dispatch_event("#library-files button", "drop", {"dataTransfer": with_file})
        wait_for_titles(page, "Arles", "Brno", "Cork")

    def test_an_archive_is_listed_document_by_document(self, site: Site, visit: Visit) -> None:
        page = visit.page
        archive = site.given / "news.zip"
        with zipfile.ZipFile(archive, "w") as made:
            made.writestr("arles.txt", article("Arles"))
            made.writestr("in/brno.txt", article("Brno"))
            made.writestr("cut.pdf", b"%PDF-1.4 cut")
        page.set_input_files("#library-files input[type=file]", [archive])
        told(page, "Added: 2 of 3 files, 1 failed")
        expect(page.locator(".library-job .failed").first).to_contain_text(
            "news.zip/cut.pdf is no whole PDF", use_inner_text=True
        )
        wait_for_titles(page, "Arles", "Brno")
        page.get_by_label(labels.SEARCH).fill("news.zip")
        page.get_by_label(labels.CHOOSE_ALL).check()
        page.get_by_role("button", name=labels.DELETE_CHOSEN).click()
        page.get_by_text(labels.NO_DOCUMENTS).last.wait_for()
        page.get_by_role("button", name=labels.UNDO).click()
        wait_for_titles(page, "Arles", "Brno")

    def test_what_is_pressed_is_what_is_clicked_though_the_list_changes_meanwhile(
        self, site: Site, visit: Visit
    ) -> None:
        page = visit.page
        site.add(brno=article("Brno"), cork=article("Cork"))
        site.embedder.wait = 3.0
        page.set_input_files("#library-files input[type=file]", [site.file("arles.txt", article("Arles"))])
        told(page, "Adding: 0 of 1 file")
        page.get_by_role("button", name=f"{labels.DELETE} The bridge of Brno").hover()
        page.mouse.down()
        until = time.monotonic() + 60
        while site.shelf.busy() and time.monotonic() < until:
            page.wait_for_timeout(50)
        page.wait_for_timeout(900)  # a look at the work and what it draws
        page.mouse.up()
        wait_for_titles(page, "Arles", "Cork")
        told(page, "Deleted: The bridge of Brno")

    def test_the_keyboard_stays_where_it_is_when_more_is_listed_above(self, site: Site, visit: Visit) -> None:
        page = visit.page
        site.add(brno=article("Brno"))
        page.set_input_files("#library-files input[type=file]", [site.file("brno2.txt", article("Cork"))])
        wait_for_titles(page, "Brno", "Cork")
        page.get_by_role("button", name=f"{labels.REINDEX} The bridge of Brno").focus()
        page.set_input_files("#library-files input[type=file]", [site.file("arles.txt", article("Arles"))])
        wait_for_titles(page, "Arles", "Brno", "Cork")
        comes_to(page, "document.activeElement.ariaLabel", "Re-index The bridge of Brno")

    def test_the_last_of_quick_clicks_counts(self, site: Site, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
        page = visit.page
        site.add(arles=article("Arles"), brno=article("Brno", 12))
        page.reload()
        page.get_by_role("tab", name="Library").click()
        wait_for_titles(page, "Arles", "Brno")
        shown, begun, over = open_place, list[int](), list[int]()

        def slowly(*of: Any, **more: Any) -> Any:
            begun.append(1)
            time.sleep(1.0)
            over.append(1)
            return shown(*of, **more)

        monkeypatch.setattr("ui.web.library.actions.open_place", slowly)
        page.evaluate(
            "() => document.querySelectorAll('.library-open').forEach((b, n) => setTimeout(() => b.click(), 250 * n))"
        )
        page.get_by_text("has 12 arches").first.wait_for()
        until(lambda: len(over) == len(begun))
        drawn(page)
        expect(page.locator("#library-pane .text").first).to_contain_text("has 12 arches", use_inner_text=True)


def library_files(site: Site) -> Path:
    return site.shelf.deps.folder.files
