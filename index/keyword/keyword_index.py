"""The keyword index on disk beside Chroma, kept in step with it: derived, and never the only truth."""

import os
import shutil
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from index.errors import IndexBusyError
from index.keyword.bm25 import Bm25Index, KeywordIndexError
from index.system.locking import lock
from index.schema import Passage

Found = TypeVar("Found")

_FORMAT = "1"  # to be raised when terms or fields change
_AT_ONCE = 2_000  # passages in one commit


class KeywordIndex:
    """The keyword index of one named collection, in a folder of its own.

    What is put waits, and is committed with what else waits: at the next question, when there is much of it, and by
    ``settle``. A process that ends before loses nothing, since at its first use the index is compared with ``listed``
    (each finished document's passages, counted) and what differs is read anew with ``read``; so is everything where
    the folder is missing, damaged or of another make. ``made_with`` names what passages are made with.

    One process at a time writes, under a lock of the folder's own, since several may find something missing at once.
    Who must wait for it derives everything in memory, and who may only read the folder, which tantivy cannot open as it
    is, works on a copy. Safe to use from several threads.
    """

    def __init__(
        self,
        folder: Path,
        made_with: Callable[[], str],
        listed: Callable[[], Mapping[str, int]],
        read: Callable[[Sequence[str]], Iterable[Passage]],
    ) -> None:
        self._folder = folder
        self._made_with = made_with
        self._listed = listed
        self._read = read
        self._index: Bm25Index | None = None
        self._in_step = False
        self._alone = False  # whether no other process has this index, so that no lock is needed
        self._copy: TemporaryDirectory[str] | None = None
        self._waiting: dict[str, tuple[Passage, ...]] = {}
        self._much = 0
        self._lock = threading.RLock()

    def best(self, query: str, k: int, within: frozenset[str] | None = None) -> dict[str, float]:
        """As ``Bm25Index.best``, of the store as it stands."""
        return self._asked(lambda index: index.best(query, k, within))

    def idf(self, term: str) -> float:
        """As ``Bm25Index.idf``, of the store as it stands."""
        return self._asked(lambda index: index.idf(term))

    def __len__(self) -> int:
        """How many passages there are."""
        return len(self._ready())

    def put(self, document_id: str, passages: Sequence[Passage]) -> None:
        """Have these passages of a document and no others, soon; none removes it."""
        with self._lock:
            self._waiting[document_id] = tuple(passages)
            self._much += max(1, len(passages))
            if self._much >= _AT_ONCE:
                self.settle()

    def settle(self) -> None:
        """Commit what waits. Never fails: what could not be written is caught up with later."""
        with self._lock:
            waiting, self._waiting, self._much = self._waiting, {}, 0
            if not waiting:
                return
            try:
                if self._index is not None and self._alone:
                    self._index.put(waiting)
                else:
                    with lock(self._folder, write=True):
                        self._index = self._index or self._opened() or self._made_anew()
                        self._index.put(waiting)
            except (IndexBusyError, OSError, KeywordIndexError):
                self._forget()

    def mark_stale(self) -> None:
        """Compare with the store at the next question, since others have changed it or the index."""
        with self._lock:
            if self._in_step and not self._alone:
                self._index = None  # what is open is as of when it was opened
            self._in_step = False

    def differing(self) -> int | None:
        """Of how many documents what lies on disk is not what it should be; None where nothing there can be read.

        It changes nothing: where nothing was asked yet, nothing has to be there.
        """
        with self._lock:
            index = self._opened()
            try:
                return None if index is None else len(self._differing(index))
            except KeywordIndexError:
                return None

    def exists(self) -> bool:
        """Whether anything lies on disk."""
        return self._place.exists()

    def restart(self) -> None:
        """Empty it of everything."""
        with self._lock:
            self._waiting, self._much = {}, 0
            self._forget()
            shutil.rmtree(self._folder, ignore_errors=True)

    def replace_with(self, other: "KeywordIndex") -> None:
        """Have what ``other`` holds, which holds nothing afterwards. What cannot be moved is derived when asked for."""
        with self._lock, other._lock:
            other.settle()
            other._forget()
            self.restart()
            with suppress(OSError):
                other._folder.rename(self._folder)
            other.restart()

    def _asked(self, ask: Callable[[Bm25Index], Found]) -> Found:
        index = self._ready()
        try:
            return ask(index)
        except KeywordIndexError:
            with self._lock:
                if self._index is index:
                    self._discard()
            return ask(self._ready())

    def _ready(self) -> Bm25Index:
        """The index, in step with the store."""
        with self._lock:
            self.settle()
            if self._index is None or not self._in_step:
                self._catch_up()
            assert self._index is not None
            return self._index

    def _catch_up(self) -> None:
        try:
            self._index = self._index or self._opened()
            if self._index is None or self._differing(self._index):
                with lock(self._folder, write=True):
                    self._index = self._index or self._opened() or self._made_anew()
                    self._bring_in_step(self._index)
            self._in_step = True
        except (IndexBusyError, OSError, KeywordIndexError):
            self._work_alone()

    def _discard(self) -> None:
        """Have it made anew, since what is there is damaged."""
        self._forget()
        try:
            with lock(self._folder, write=True):
                shutil.rmtree(self._place)
        except (IndexBusyError, OSError):
            self._work_alone()

    def _work_alone(self) -> None:
        index = self._copied() or Bm25Index()
        self._bring_in_step(index)
        self._index, self._in_step, self._alone = index, True, True

    def _copied(self) -> Bm25Index | None:
        """A copy of what is there, where that may only be read."""
        if os.access(self._folder, os.W_OK):
            return None
        try:
            copy = TemporaryDirectory(prefix="onrecord-keyword-")
            for file in self._place.iterdir():
                if not file.name.startswith(".tantivy"):
                    shutil.copyfile(file, Path(copy.name) / file.name)
            index = Bm25Index(Path(copy.name))
        except (OSError, KeywordIndexError):
            return None
        self._copy = copy
        return index

    def _forget(self) -> None:
        self._index, self._in_step, self._alone = None, False, False

    def _bring_in_step(self, index: Bm25Index) -> None:
        differing = self._differing(index)
        for part in _parts(differing):
            documents: dict[str, list[Passage]] = {id_: [] for id_ in part}
            for passage in self._read([id_ for id_ in part if differing[id_]]):
                documents[passage.document_id].append(passage)
            index.put(documents)

    def _differing(self, index: Bm25Index) -> dict[str, int]:
        """The documents of which other passages are here than should be, and how many should be."""
        here, there = index.documents(), self._listed()
        gone = dict.fromkeys(here.keys() - there.keys(), 0)
        return gone | {id_: count for id_, count in there.items() if here.get(id_, 0) != count}

    @property
    def _place(self) -> Path:
        return self._folder / f"{_FORMAT}-{zlib.crc32(self._made_with().encode()):08x}"

    def _opened(self) -> Bm25Index | None:
        """The index on disk; None where there is none that can be used."""
        place = self._place
        if not (place / "meta.json").exists():
            return None
        try:
            return Bm25Index(place)
        except KeywordIndexError:
            return None

    def _made_anew(self) -> Bm25Index:
        for other in self._folder.iterdir():
            if other.is_dir():
                shutil.rmtree(other)
        return Bm25Index(self._place)


def _parts(counts: Mapping[str, int]) -> Iterator[list[str]]:
    """The documents, those together that have about as many passages as one commit takes."""
    part: list[str] = []
    size = 0
    for id_, count in counts.items():
        part.append(id_)
        size += max(1, count)
        if size >= _AT_ONCE:
            yield part
            part, size = [], 0
    if part:
        yield part
