"""What happens on each click in the Library tab. What the page sends may be anything, so it is checked."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup

from index.errors import OnrecordError
from index.reading.containers import container_of
from index.reading.stored_path import from_stored_path
from ui.core.gradio_behaviours import event_data
from ui.library.listing import ListQuery, Row, list_rows, sort_by
from ui.library.models import LibraryClosedError, Upload
from ui.library.paste import Paste, pasted_file
from ui.library.service import LibraryService
from ui.library.steps import documents_by_id
from ui.web.chat.run_turn import SourcePane, open_place, show_more
from ui.web.chat.state import CitedPlace
from ui.web.document.source import SourceView, empty_source_html
from ui.web.library import words
from ui.web.library.jobs_html import jobs_html
from ui.web.library.list_html import list_html

_PAGE_ROWS = 100  # rows that "show more" adds
_SLASH_STAND_IN = "\u2215"  # what list.js puts for the slash, since names that have one arrive without their folders
_NOTE = Markup('<p class="library-note" role="note">{}</p>')


@dataclass(frozen=True, slots=True)
class LibraryActions:
    """The handlers of the tab. Each returns the values of its components, in the order of ``LibraryComponents``."""

    service: LibraryService
    may: Callable[[gr.Request], bool]

    def draw(self, query: ListQuery, request: gr.Request, problem: str = "") -> list[Any]:
        """Return everything as it is now, with ``problem`` above the list."""
        may_change = self._may(request)
        # Read first: what ends while this is drawn is shown by the next tick.
        busy = self.service.busy()
        try:
            rows = self._rows()
            names = self.service.collections.names()
            listed = list_html(
                rows, query, names, self.service.deps.trash.entries() if may_change else (), may=may_change
            )
        except OnrecordError as error:
            rows, names, listed, problem = [], (), Markup(""), str(error)
        jobs = jobs_html(self.service, problem, may=may_change)
        outlets = sorted({row.outlet for row in rows if row.outlet}, key=str.casefold)
        return [
            (jobs, listed, problem),
            gr.Timer(active=busy),
            "" if may_change else _NOTE.format(self.service.closed or words.READ_ONLY),
            gr.update(visible=may_change),
            gr.update(choices=list(names)),
            jobs,
            gr.update(choices=[(words.ALL_OUTLETS, ""), *outlets]),
            gr.update(choices=[(words.ALL_COLLECTIONS, ""), *names]),
            listed,
        ]

    def tick(self, query: ListQuery, seen: tuple[str, str, str], request: gr.Request) -> list[Any]:
        """Return what ``draw`` does, leaving unchanged parts alone, so that nothing moves under the reader's hands."""
        drawn = self.draw(query, request, seen[2])
        jobs, listed, _ = drawn[0]
        if listed == seen[1]:
            drawn[2:5] = drawn[6:9] = [gr.skip()] * 3
        if jobs == seen[0]:
            drawn[5] = gr.skip()
        return drawn

    def add(self, given: Sequence[str] | str | None, into: str | None, request: gr.Request) -> tuple[None, str]:
        """Add the files that were dropped or chosen; empty the drop zone and return what went wrong."""
        paths = [Path(one) for one in ([given] if isinstance(given, str) else given or ())]
        uploads = [Upload(path, path.name.replace(_SLASH_STAND_IN, "/")) for path in paths]
        return None, self._attempt(lambda: self.service.add(uploads, (into or "").strip()), request)

    def paste(self, request: gr.Request, into: str | None, query: ListQuery, *values: str) -> list[Any]:
        """Add what was pasted; what is not accepted stays in its fields."""
        paste = Paste(*(one or "" for one in values))

        def keep() -> None:
            name, data = pasted_file(paste)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "pasted")
                path.write_bytes(data)
                self.service.add([Upload(path, name)], (into or "").strip())

        return self._done(keep, query, request, before=[""] * len(values))

    def want(self, request: gr.Request, query: ListQuery, *wanted: str) -> list[Any]:
        """Show the rows that are searched for: words, outlet, status, collection."""
        searched, outlet, status, collection = (one or "" for one in wanted)
        query = replace(
            query, words=searched, outlet=outlet, status=status, collection=collection, limit=ListQuery().limit
        )
        return [query, *self._only_list(query, request)]

    def arrange(self, query: ListQuery, event: gr.EventData, request: gr.Request) -> list[Any]:
        """Sort by a column, or show more rows."""
        sent = event_data(event)
        if "sort" in sent:
            column, descending = sort_by(query, str(sent["sort"]))
            query = replace(query, sort=column, descending=descending)
        elif sent.get("more"):
            query = replace(query, limit=query.limit + _PAGE_ROWS)
        return [query, *self._only_list(query, request)]

    def change(self, query: ListQuery, event: gr.EventData, request: gr.Request) -> list[Any]:
        """Do what a button of the list or of the jobs says."""
        return self._done(lambda: self._change(event_data(event)), query, request)

    def open(self, event: gr.EventData) -> tuple[Any, SourceView | None]:
        """Show a document from its beginning, or close the pane."""
        id_ = event_data(event).get("open")
        if not isinstance(id_, str) or not id_:
            return gr.update(value="", visible=False), None
        pane = open_place(self.service.deps.store, CitedPlace(id_, id_, 0, 0, ""), (), back=words.BACK_TO_LIST)
        return gr.update(value=pane.html, visible=True), pane.view

    def turn(self, view: SourceView | None, event: gr.EventData) -> tuple[Any, SourceView | None]:
        """Show more of the open document, or close it."""
        if event_data(event).get("close"):
            return gr.update(value="", visible=False), None
        pane = (
            SourcePane(empty_source_html())
            if view is None
            else show_more(self.service.deps.store, view, event_data(event).get("more"), back=words.BACK_TO_LIST)
        )
        return gr.update(value=pane.html), pane.view

    # Inside

    def _may(self, request: gr.Request) -> bool:
        return not self.service.closed and self.may(request)

    def _check(self, request: gr.Request) -> None:
        if not self._may(request):
            raise LibraryClosedError(self.service.closed or words.READ_ONLY)

    def _rows(self) -> list[Row]:
        store = self.service.deps.store
        documents = store.documents()
        gone = {info.source for info in documents if not container_of(from_stored_path(info.source)).exists()}
        place = self.service.deps.folder.shown
        return list_rows(documents, self.service.collections.members(), self.service.pending(), gone, place)

    def _only_list(self, query: ListQuery, request: gr.Request) -> list[Any]:
        drawn = self.draw(query, request)
        drawn[1:8] = [gr.skip()] * 7
        return drawn

    def _done(
        self, do: Callable[[], object], query: ListQuery, request: gr.Request, before: Sequence[Any] = ()
    ) -> list[Any]:
        """Return the page after ``do``; ``before`` comes first, and is left alone when ``do`` fails."""
        problem = self._attempt(do, request)
        first = [gr.skip()] * len(before) if problem else list(before)
        return [*first, *self.draw(query, request, problem)]

    def _attempt(self, do: Callable[[], object], request: gr.Request) -> str:
        try:
            self._check(request)
            do()
        except OnrecordError as error:
            return str(error)
        return ""

    def _change(self, sent: Mapping[str, Any]) -> None:
        ids = [id_ for id_ in sent.get("ids") or () if isinstance(id_, str)]
        name = str(sent.get("name") or "").strip()
        job = self.service.job(str(sent.get("job")))
        match sent.get("do"):
            case "remove" if ids:
                self.service.remove(ids)
            case "reindex":
                self.service.reindex(ids or None)
            case "cancel" if job:
                self.service.cancel(job)
            case "undo" if job:
                self.service.undo(job)
            case "replace_earlier" if job:
                self.service.replace_earlier(job)
            case "dismiss" if job:
                self.service.dismiss(job)
            case "restore":
                self.service.restore(ids)
            case "empty":
                self.service.empty_trash()
            case "put" if ids or name:
                self.service.collections.add(name, self._named(ids))
            case "take_out":
                self.service.collections.take_out(name, self._named(ids))
            case "drop":
                self.service.collections.drop(name)
            case _:
                raise OnrecordError(words.CHOOSE_FIRST)

    def _named(self, ids: Sequence[str]) -> Any:
        return documents_by_id(self.service.deps.store.documents(), ids)
