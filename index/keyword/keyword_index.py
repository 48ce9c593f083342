"""Keep a keyword index on disk beside Chroma and in step with it; it is derived and never the only truth."""

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
from index.schema import Passage
from index.system.locking import lock

T = TypeVar("T")

_FORMAT = "3"  # raise it when terms or fields change
_PASSAGES_PER_COMMIT = 2_000  # passages in one commit


class KeywordIndex:
    """The keyword index of one named index, in a folder of its own.

    Replaced passages wait and are committed together: at the next question, when there are many, and by ``flush``. A
    process that ends before loses nothing: at first use the index is compared with ``listed``, which returns the number
    of passages of each finished document, and what differs is read again with ``read``. So is everything if the folder
    is missing, damaged, or of another ``made_with``, which names what passages are made with.

    One process at a time writes, under a lock of the folder's own, since several may find something missing at once. A
    process that would have to wait for the lock derives everything in memory. One that may only read the folder works
    on a copy, since tantivy cannot open it as it is. Safe to use from several threads.
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
        self._is_private = False  # no other process has this index, so no lock is needed
        self._copy: TemporaryDirectory[str] | None = None
        self._waiting: dict[str, tuple[Passage, ...]] = {}
        self._waiting_passages = 0
        self._lock = threading.RLock()

    def search(self, query: str, k: int, within: frozenset[str] | None = None) -> dict[str, float]:
        """Search the store as it stands; see ``Bm25Index.search``."""
        return self._query(lambda index: index.search(query, k, within))

    def idf(self, term: str) -> float:
        """Return a term's weight in the store as it stands; see ``Bm25Index.idf``."""
        return self._query(lambda index: index.idf(term))

    def vocabulary(self, prefix: str) -> dict[str, int]:
        """Return the terms of the store as it stands that begin with ``prefix``; see ``Bm25Index.vocabulary``."""
        return self._query(lambda index: index.vocabulary(prefix))

    def languages(self) -> frozenset[str]:
        """Return the languages of the passages as they stand; see ``Bm25Index.languages``."""
        return self._query(lambda index: index.languages())

    def __len__(self) -> int:
        """Count the passages."""
        return len(self._synced_index())

    def replace(self, document_id: str, passages: Sequence[Passage]) -> None:
        """Replace the passages of a document with the next commit; an empty sequence removes it."""
        with self._lock:
            self._waiting[document_id] = tuple(passages)
            self._waiting_passages += max(1, len(passages))
            if self._waiting_passages >= _PASSAGES_PER_COMMIT:
                self.flush()

    def flush(self) -> None:
        """Commit what waits. Never fails: what could not be written is added later."""
        with self._lock:
            waiting, self._waiting, self._waiting_passages = self._waiting, {}, 0
            if not waiting:
                return
            try:
                if self._index is not None and self._is_private:
                    self._index.replace(waiting)
                else:
                    with lock(self._folder, write=True):
                        self._index = self._index or self._open() or self._create()
                        self._index.replace(waiting)
            except (IndexBusyError, OSError, KeywordIndexError):
                self._close()

    def mark_stale(self) -> None:
        """Compare the index with the store at the next question, since others have changed one of them."""
        with self._lock:
            if self._in_step and not self._is_private:
                self._index = None  # the open index shows the state at its opening
            self._in_step = False

    def count_out_of_step(self) -> int | None:
        """Count the documents that are wrong or missing on disk; None when nothing there can be read.

        It changes nothing: before the first question, nothing has to be there.
        """
        with self._lock:
            index = self._open()
            try:
                return None if index is None else len(self._differing(index))
            except KeywordIndexError:
                return None

    def exists(self) -> bool:
        """Tell whether anything lies on disk."""
        return self._index_folder.exists()

    def clear(self) -> None:
        """Delete everything."""
        with self._lock:
            self._waiting, self._waiting_passages = {}, 0
            self._close()
            shutil.rmtree(self._folder, ignore_errors=True)

    def replace_with(self, other: "KeywordIndex") -> None:
        """Take over the files of ``other``, which is empty afterwards.

        What cannot be moved is derived at the next question.
        """
        with self._lock, other._lock:
            other.flush()
            other._close()
            self.clear()
            with suppress(OSError):
                other._folder.rename(self._folder)
            other.clear()

    def _query(self, ask: Callable[[Bm25Index], T]) -> T:
        index = self._synced_index()
        try:
            return ask(index)
        except KeywordIndexError:
            with self._lock:
                if self._index is index:
                    self._delete_damaged()
            return ask(self._synced_index())

    def _synced_index(self) -> Bm25Index:
        """Return the index, in step with the store."""
        with self._lock:
            self.flush()
            if self._index is None or not self._in_step:
                self._catch_up()
            assert self._index is not None
            return self._index

    def _catch_up(self) -> None:
        try:
            self._index = self._index or self._open()
            if self._index is None or self._differing(self._index):
                with lock(self._folder, write=True):
                    self._index = self._index or self._open() or self._create()
                    self._bring_in_step(self._index)
            self._in_step = True
        except (IndexBusyError, OSError, KeywordIndexError):
            self._use_private_index()

    def _delete_damaged(self) -> None:
        """Delete the damaged index, so that it is made again."""
        self._close()
        try:
            with lock(self._folder, write=True):
                shutil.rmtree(self._index_folder)
        except (IndexBusyError, OSError):
            self._use_private_index()

    def _use_private_index(self) -> None:
        index = self._open_copy() or Bm25Index()
        self._bring_in_step(index)
        self._index, self._in_step, self._is_private = index, True, True

    def _open_copy(self) -> Bm25Index | None:
        """Open a copy of the index if its folder may only be read, else None."""
        if os.access(self._folder, os.W_OK):
            return None
        try:
            copy = TemporaryDirectory(prefix="onrecord-keyword-")
            for file in self._index_folder.iterdir():
                if not file.name.startswith(".tantivy"):
                    shutil.copyfile(file, Path(copy.name) / file.name)
            index = Bm25Index(Path(copy.name))
        except (OSError, KeywordIndexError):
            return None
        self._copy = copy
        return index

    def _close(self) -> None:
        self._index, self._in_step, self._is_private = None, False, False

    def _bring_in_step(self, index: Bm25Index) -> None:
        differing = self._differing(index)
        for part in _groups_for_commits(differing):
            documents: dict[str, list[Passage]] = {id_: [] for id_ in part}
            for passage in self._read([id_ for id_ in part if differing[id_]]):
                documents[passage.document_id].append(passage)
            index.replace(documents)

    def _differing(self, index: Bm25Index) -> dict[str, int]:
        """Return the documents whose passages differ from the store's, and how many passages each should have."""
        here, there = index.passage_counts(), self._listed()
        gone = dict.fromkeys(here.keys() - there.keys(), 0)
        return gone | {id_: count for id_, count in there.items() if here.get(id_, 0) != count}

    @property
    def _index_folder(self) -> Path:
        return self._folder / f"{_FORMAT}-{zlib.crc32(self._made_with().encode()):08x}"

    def _open(self) -> Bm25Index | None:
        """Open the index on disk; None when there is none that can be used."""
        place = self._index_folder
        if not (place / "meta.json").exists():
            return None
        try:
            return Bm25Index(place)
        except KeywordIndexError:
            return None

    def _create(self) -> Bm25Index:
        for other in self._folder.iterdir():
            if other.is_dir():
                shutil.rmtree(other)
        return Bm25Index(self._index_folder)


def _groups_for_commits(counts: Mapping[str, int]) -> Iterator[list[str]]:
    """Group documents that together have about as many passages as one commit takes."""
    part: list[str] = []
    size = 0
    for id_, count in counts.items():
        part.append(id_)
        size += max(1, count)
        if size >= _PASSAGES_PER_COMMIT:
            yield part
            part, size = [], 0
    if part:
        yield part
