"""What happens on each click in the Library tab. What the page sends may be anything; it is looked up or told."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from index.errors import OnrecordError
from index.reading.containers import container_of
from index.reading.stored_path import from_stored_path
from ui.library.listing import Row, Wish, rows_of, sorted_by
from ui.library.models import LibraryClosedError, Upload
from ui.library.paste import Paste, pasted_file
from ui.library.service import Shelf
from ui.library.steps import named
from ui.web.chat.run_turn import Pane, open_place, show_more
from ui.web.chat.state import Cited
from ui.web.document.source import View, empty_html
from ui.web.library.jobs_html import jobs_html
from ui.web.library.list_html import list_html

_MORE = 100  # rows that "show more" adds
_FOLDED = "\u2215"  # what list.js puts for the slash, since names that have one arrive without their folders
_BACK = "Back to the list"
_NOT_YOU = "You may read the library, but not change it."


@dataclass(frozen=True, slots=True)
class Actions:
    """Each method gives what its components are to show, in the order of ``tab.Page``."""

    shelf: Shelf
    may: Callable[[gr.Request], bool]

    def draw(self, wish: Wish, request: gr.Request, problem: str = "") -> list[Any]:
        """Everything as it stands now; ``problem`` is told above the list."""
        may = self._may(request)
        # Asked before anything is read: what ends while this is drawn is shown by the next look.
        busy = self.shelf.busy()
        try:
            rows = self._rows()
            names = self.shelf.collections.names()
            listed = list_html(rows, wish, names, self.shelf.hands.trash.entries() if may else (), may=may)
        except OnrecordError as error:
            rows, names, listed, problem = [], (), "", str(error)
        jobs = jobs_html(self.shelf, problem, may=may)
        outlets = sorted({row.outlet for row in rows if row.outlet}, key=str.casefold)
        return [
            (jobs, listed, problem),
            gr.Timer(active=busy),
            "" if may else f'<p class="library-note" role="note">{_why(self.shelf.closed)}</p>',
            gr.update(visible=may),
            gr.update(choices=list(names)),
            jobs,
            gr.update(choices=[("All outlets", ""), *outlets]),
            gr.update(choices=[("All collections", ""), *names]),
            listed,
        ]

    def tick(self, wish: Wish, seen: tuple[str, str, str], request: gr.Request) -> list[Any]:
        """As ``draw``, leaving alone what looks as it did, so that nothing is taken from under the reader's hands."""
        drawn = self.draw(wish, request, seen[2])
        jobs, listed, _ = drawn[0]
        if listed == seen[1]:
            drawn[2:5] = drawn[6:9] = [gr.skip()] * 3
        if jobs == seen[0]:
            drawn[5] = gr.skip()
        return drawn

    def add(self, given: Sequence[str] | str | None, into: str | None, request: gr.Request) -> tuple[None, str]:
        """Take in the files that were dropped or chosen; empties the drop zone and gives back what went wrong."""
        paths = [Path(one) for one in ([given] if isinstance(given, str) else given or ())]
        uploads = [Upload(path, path.name.replace(_FOLDED, "/")) for path in paths]
        return None, self._attempt(lambda: self.shelf.add(uploads, (into or "").strip()), request)

    def paste(self, request: gr.Request, into: str | None, wish: Wish, *said: str) -> list[Any]:
        """Take in what was pasted; what cannot be taken stays in its fields."""
        paste = Paste(*(one or "" for one in said))

        def keep() -> None:
            name, data = pasted_file(paste)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "pasted")
                path.write_bytes(data)
                self.shelf.add([Upload(path, name)], (into or "").strip())

        return self._done(keep, wish, request, before=[""] * len(said))

    def want(self, request: gr.Request, wish: Wish, *wanted: str) -> list[Any]:
        """Show the rows that are searched for: words, outlet, status, collection."""
        words, outlet, status, collection = (one or "" for one in wanted)
        wish = replace(wish, words=words, outlet=outlet, status=status, collection=collection, most=Wish().most)
        return [wish, *self._only_list(wish, request)]

    def arrange(self, wish: Wish, event: gr.EventData, request: gr.Request) -> list[Any]:
        """Sort by a column, or show more rows."""
        sent = event._data
        if "sort" in sent:
            column, falling = sorted_by(wish, str(sent["sort"]))
            wish = replace(wish, sort=column, falling=falling)
        elif sent.get("more"):
            wish = replace(wish, most=wish.most + _MORE)
        return [wish, *self._only_list(wish, request)]

    def change(self, wish: Wish, event: gr.EventData, request: gr.Request) -> list[Any]:
        """Do what a button of the list or of the jobs says."""
        return self._done(lambda: self._change(event._data), wish, request)

    def open(self, event: gr.EventData) -> tuple[Any, View | None]:
        """Show a document from its beginning, or close the pane."""
        id_ = event._data.get("open")
        if not isinstance(id_, str) or not id_:
            return gr.update(value="", visible=False), None
        pane = open_place(self.shelf.hands.store, Cited(id_, id_, 0, 0, ""), (), back=_BACK)
        return gr.update(value=pane.html, visible=True), pane.view

    def turn(self, view: View | None, event: gr.EventData) -> tuple[Any, View | None]:
        """Show more of the open document, or close it."""
        if event._data.get("close"):
            return gr.update(value="", visible=False), None
        pane = (
            Pane(empty_html())
            if view is None
            else show_more(self.shelf.hands.store, view, event._data.get("more"), back=_BACK)
        )
        return gr.update(value=pane.html), pane.view

    # Inside

    def _may(self, request: gr.Request) -> bool:
        return not self.shelf.closed and self.may(request)

    def _check(self, request: gr.Request) -> None:
        if not self._may(request):
            raise LibraryClosedError(self.shelf.closed or _NOT_YOU)

    def _rows(self) -> list[Row]:
        store = self.shelf.hands.store
        documents = store.documents()
        gone = {info.source for info in documents if not container_of(from_stored_path(info.source)).exists()}
        place = self.shelf.hands.folder.shown
        return rows_of(documents, self.shelf.collections.members(), self.shelf.under_way(), gone, place)

    def _only_list(self, wish: Wish, request: gr.Request) -> list[Any]:
        drawn = self.draw(wish, request)
        drawn[1:8] = [gr.skip()] * 7
        return drawn

    def _done(self, do: Callable[[], object], wish: Wish, request: gr.Request, before: Sequence[Any] = ()) -> list[Any]:
        """What the page shows once ``do`` is done; ``before`` goes first, and is left alone when it cannot be."""
        problem = self._attempt(do, request)
        first = [gr.skip()] * len(before) if problem else list(before)
        return [*first, *self.draw(wish, request, problem)]

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
        job = self.shelf.job(str(sent.get("job")))
        match sent.get("do"):
            case "remove" if ids:
                self.shelf.remove(ids)
            case "reindex":
                self.shelf.reindex(ids or None)
            case "cancel" if job:
                self.shelf.cancel(job)
            case "undo" if job:
                self.shelf.undo(job)
            case "dismiss" if job:
                self.shelf.dismiss(job)
            case "restore":
                self.shelf.put_back(ids)
            case "empty":
                self.shelf.empty_trash()
            case "put" if ids or name:
                self.shelf.collections.add(name, self._named(ids))
            case "take_out":
                self.shelf.collections.take_out(name, self._named(ids))
            case "drop":
                self.shelf.collections.drop(name)
            case _:
                raise OnrecordError("Choose documents in the list first.")

    def _named(self, ids: Sequence[str]) -> Any:
        return named(self.shelf.hands.store.documents(), ids)


def _why(closed: str) -> str:
    return escape(closed or _NOT_YOU)
