"""Look whether an index is sound: one finding for each kind of thing that is not as it should be."""

import hashlib
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.duplicates.near_duplicates import NearDuplicateIndex
from index.errors import IndexBrokenError, IndexMissingError
from index.ingest.file_cache import is_file_cache_sound
from index.ingest.stale_documents import superseded
from index.maintenance.data_files import find_damaged_files
from index.system.progress import Progress, silent
from index.schema import DocumentInfo
from index.storage.store import Store, Stray
from index.storage.chroma.vector_graph import are_valid_vectors

CHECKS = (
    "database", "files", "passages", "texts", "vectors", "graph", "tokens", "orphans", "keyword", "copies", "digests",
    "rebuild", "space",
)  # fmt: skip
_AT_ONCE = 1_000  # passages read together
_MANY = 30  # passages without a vector, from which on they are no longer told apart
_ROOM = 200_000_000  # bytes free, below which a build may not end well
_FROM_TEXT = re.compile(r"[0-9a-f]{16}")  # an id that `index.reading.load` made


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: which of ``CHECKS``, in words, and the documents it is about."""

    check: str
    said: str
    documents: tuple[str, ...] = ()


@dataclass(slots=True)
class Examined:
    """What was found. ``unreadable`` are passages as a whole, so that they can only be made anew. ``graphs`` are those
    of vectors that are damaged, and ``tokens_damaged`` says that their file is."""

    documents: int = 0
    passages: int = 0
    coded: int = 0
    findings: list[Finding] = field(default_factory=list)
    stray: Stray = field(default_factory=Stray)
    unreadable: bool = False
    graphs: tuple[str, ...] = ()
    tokens_damaged: bool = False

    def of(self, check: str) -> tuple[Finding, ...]:
        """The findings of one check."""
        return tuple(finding for finding in self.findings if finding.check == check)

    def concerned(self, *checks: str) -> tuple[str, ...]:
        """The documents that these checks found something about, each once."""
        ids = (id_ for finding in self.findings if finding.check in checks for id_ in finding.documents)
        return tuple(dict.fromkeys(ids))


def examine(store: Store, data_dir: Path, *, tokens: bool, progress: Progress = silent) -> Examined:
    """Everything that an index can be checked for, a few documents at a time, so that any number fits into memory.

    With ``tokens`` passages must have the codes of theirs. ``progress`` is told ``(done, total, document)``. Raises
    IndexBrokenError where not even the list of documents can be read.
    """
    infos = store.documents()
    found = Examined(documents=len(infos))
    _files(store, data_dir, found)
    _each(store, infos, found, tokens=tokens, progress=progress)
    _orphans(store, found)
    _keyword(store, found)
    links = NearDuplicateIndex(store.beside, store.named)
    differing = links.differing(frozenset(info.id for info in infos))
    if not links.is_sound():
        found.findings.append(Finding("copies", "what is kept of near-duplicates is damaged"))
    elif differing:
        found.findings.append(Finding("copies", f"near-duplicates of {differing} documents are not in step"))
    if not is_file_cache_sound(data_dir):
        found.findings.append(Finding("digests", "what is kept of files' digests cannot be read"))
    if store.has_unfinished_rebuild():
        said = "a rebuild was stopped before its end; `onrecord rebuild` goes on with it, --repair removes it"
        found.findings.append(Finding("rebuild", said))
    free = shutil.disk_usage(data_dir).free
    if free < _ROOM:
        found.findings.append(Finding("space", f"only {free / 1e6:.0f} MB are free on the disk of {data_dir}"))
    return found


def _files(store: Store, data_dir: Path, found: Examined) -> None:
    """What can be told from the files as they lie there."""
    if not store.database_is_sound():
        said = "Chroma's database is damaged: restore a backup, or move the folder away and index again"
        found.findings.append(Finding("database", said))
    found.findings += [Finding("files", said) for said in find_damaged_files(data_dir)]
    graphs = store.damaged_graphs()
    found.graphs = tuple(graphs)
    found.findings += [Finding("graph", f"the graph of {kind}: {flaw}") for kind, flaw in graphs.items()]
    found.tokens_damaged = not store.tokens_are_sound()
    if found.tokens_damaged:
        found.findings.append(Finding("tokens", "the file of the passages' tokens is damaged"))
    heads = store.damaged_heads()
    if heads:
        said = f"{len(heads)} documents have lost their title or what else is known of them"
        found.findings.append(Finding("texts", said, heads))


def _each(store: Store, infos: Sequence[DocumentInfo], found: Examined, *, tokens: bool, progress: Progress) -> None:
    wrong: dict[str, list[str]] = {"passages": [], "texts": [], "vectors": [], "tokens": []}
    done = 0
    for some in _groups(infos):
        try:
            ids = [id_ for info in some for id_ in _one(store, info, found, wrong)]
        except IndexBrokenError as error:
            found.unreadable = True
            found.findings.append(Finding("passages", f"passages cannot be read: {error}"))
            return
        _without_vector(store, ids, wrong["vectors"])
        coded = store.token_codes(ids) if _have_rotation(store, ids) else {}
        found.coded += len(coded)
        if tokens:
            wrong["tokens"] += [id_ for id_ in ids if id_ not in coded]
        done += len(some)
        progress(done, len(infos), some[-1].source)
    said = {
        "passages": "have passages that are missing or not their exact words",
        "texts": "have lost some of their text",
        "vectors": "have passages without a vector",
        "tokens": "have passages without their tokens",
    }
    for check, of in wrong.items():
        documents = tuple(dict.fromkeys(id_.rpartition(":")[0] or id_ for id_ in of))
        if documents:
            found.findings.append(Finding(check, f"{len(documents)} documents {said[check]}", documents))


def _one(store: Store, info: DocumentInfo, found: Examined, wrong: dict[str, list[str]]) -> list[str]:
    """The ids of its passages, where they are worth a further look."""
    try:
        text = store.document(info.id).text
    except IndexMissingError:
        wrong["texts"].append(info.id)
        return []
    if _FROM_TEXT.fullmatch(info.id) and hashlib.sha256(text.encode()).hexdigest()[:16] != info.id:
        wrong["texts"].append(info.id)
        return []
    passages = store.passages_of(info.id)
    found.passages += len(passages)
    if len(passages) != info.passages or any(p.text != text[p.start : p.end] for p in passages):
        wrong["passages"].append(info.id)
    return [passage.id for passage in passages]


def _without_vector(store: Store, ids: Sequence[str], known: list[str]) -> None:
    """Add to ``known`` those that Chroma has no vector of, which it says by failing for all that are asked for at once.

    They are told apart until there are many: making some anew that have theirs costs less than asking for each.
    """
    try:
        there = store.vectors(ids)
    except IndexBrokenError:
        if len(ids) == 1 or len(known) >= _MANY:
            known += ids
            return
        half = len(ids) // 2
        _without_vector(store, ids[:half], known)
        _without_vector(store, ids[half:], known)
        return
    known += [id_ for id_ in ids if id_ not in there or not are_valid_vectors(there[id_][None])]


def _have_rotation(store: Store, ids: Sequence[str]) -> bool:
    """Whether codes can be met; a passage whose vector cannot be read does not say."""
    try:
        sizes = {len(vector) for vector in store.vectors(ids[:1]).values()}
    except IndexBrokenError:
        return True
    return all(store.rotation(size) is not None for size in sizes)


def _orphans(store: Store, found: Examined) -> None:
    unfinished, left = store.unfinished(), superseded(store)
    if unfinished:
        found.findings.append(Finding("orphans", f"{len(unfinished)} documents are only half written"))
    if left:
        found.findings.append(Finding("orphans", f"{len(left)} documents are of no file any more", tuple(left)))
    if found.unreadable:
        return
    found.stray = stray = store.stray()
    if stray:
        said = (
            f"{len(stray.passages)} passages, {len(stray.parts)} parts of texts, {len(stray.files)} files and the "
            f"tokens of {len(stray.coded)} documents belong to no document"
        )
        found.findings.append(Finding("orphans", said))


def _keyword(store: Store, found: Examined) -> None:
    if not store.keyword.exists():
        return
    differing = store.keyword.differing()
    if differing is None:
        found.findings.append(Finding("keyword", "the keyword index cannot be read"))
    elif differing:
        found.findings.append(Finding("keyword", f"the keyword index is not in step with {differing} documents"))


def _groups(infos: Sequence[DocumentInfo]) -> Iterator[list[DocumentInfo]]:
    """Documents that together have about as many passages as are read at once."""
    some: list[DocumentInfo] = []
    size = 0
    for info in infos:
        some.append(info)
        size += max(1, info.passages)
        if size >= _AT_ONCE:
            yield some
            some, size = [], 0
    if some:
        yield some
