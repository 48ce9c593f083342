"""Check whether an index is sound: one finding for each kind of thing that is wrong."""

import hashlib
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.duplicates.near_duplicates import NearDuplicateIndex
from index.errors import IndexBrokenError, IndexMissingError
from index.ingest.file_cache import is_file_cache_sound
from index.maintenance.data_files import find_damaged_files
from index.schema import DocumentInfo
from index.storage.chroma.vector_graph import are_valid_vectors
from index.storage.store import Store
from index.storage.upkeep import Orphans
from index.system.progress import Progress, no_progress

CHECKS = (
    "database", "files", "passages", "texts", "vectors", "graph", "tokens", "orphans", "keyword", "copies", "digests",
    "rebuild", "space",
)  # fmt: skip
_PASSAGES_PER_GROUP = 1_000  # passages read together
_MAX_SPLIT_SEARCHES = 30  # passages without a vector; with more, they are no longer told apart
_MIN_FREE_BYTES = 200_000_000  # with fewer free bytes a build may fail
_CONTENT_ID = re.compile(r"[0-9a-f]{16}")  # an id that `index.reading.load` made


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: which of ``CHECKS`` found it, a message, and the documents it is about."""

    check: str
    message: str
    documents: tuple[str, ...] = ()


@dataclass(slots=True)
class CheckResult:
    """What was found.

    With ``passages_unreadable``, all passages have to be made anew. ``damaged_graphs`` names collections whose vector
    graph is damaged; ``tokens_damaged`` says that the file of the token codes is.
    """

    documents: int = 0
    passages: int = 0
    passages_with_codes: int = 0
    findings: list[Finding] = field(default_factory=list)
    orphans: Orphans = field(default_factory=Orphans)
    passages_unreadable: bool = False
    damaged_graphs: tuple[str, ...] = ()
    tokens_damaged: bool = False

    def findings_of(self, check: str) -> tuple[Finding, ...]:
        """Return the findings of one check."""
        return tuple(finding for finding in self.findings if finding.check == check)

    def documents_with(self, *checks: str) -> tuple[str, ...]:
        """Return the documents that these checks found something about, each once."""
        ids = (id_ for finding in self.findings if finding.check in checks for id_ in finding.documents)
        return tuple(dict.fromkeys(ids))


def check_index(store: Store, data_dir: Path, *, tokens: bool, progress: Progress = no_progress) -> CheckResult:
    """Check everything about an index, a few documents at a time, so that any number fits into memory.

    With ``tokens``, passages must have token codes. ``progress`` is called with ``(done, total, document)``. Raises
    IndexBrokenError when not even the list of documents can be read.
    """
    infos = store.documents()
    found = CheckResult(documents=len(infos))
    _check_files(store, data_dir, found)
    _check_documents(store, infos, found, tokens=tokens, progress=progress)
    _check_orphans(store, found)
    _check_keyword_index(store, found)
    links = NearDuplicateIndex(store.local_folder, store.name)
    differing = links.count_out_of_step(frozenset(info.id for info in infos))
    if not links.is_sound():
        found.findings.append(Finding("copies", "what is kept of near-duplicates is damaged"))
    elif differing:
        found.findings.append(Finding("copies", f"near-duplicates of {differing} documents are not in step"))
    if not is_file_cache_sound(data_dir):
        found.findings.append(Finding("digests", "what is kept of files' digests cannot be read"))
    if store.upkeep.has_unfinished_rebuild():
        said = "a rebuild was stopped before its end; `onrecord rebuild` goes on with it, --repair removes it"
        found.findings.append(Finding("rebuild", said))
    free = shutil.disk_usage(data_dir).free
    if free < _MIN_FREE_BYTES:
        found.findings.append(Finding("space", f"only {free / 1e6:.0f} MB are free on the disk of {data_dir}"))
    return found


def _check_files(store: Store, data_dir: Path, found: CheckResult) -> None:
    """Check what the files themselves can show."""
    if not store.upkeep.database_is_sound():
        said = "Chroma's database is damaged: restore a backup, or move the folder away and index again"
        found.findings.append(Finding("database", said))
    found.findings += [Finding("files", said) for said in find_damaged_files(data_dir)]
    graphs = store.upkeep.damaged_graphs()
    found.damaged_graphs = tuple(graphs)
    found.findings += [Finding("graph", f"the graph of {kind}: {flaw}") for kind, flaw in graphs.items()]
    found.tokens_damaged = not store.upkeep.tokens_are_sound()
    if found.tokens_damaged:
        found.findings.append(Finding("tokens", "the file of the passages' tokens is damaged"))
    heads = store.upkeep.damaged_heads()
    if heads:
        said = f"{len(heads)} documents have lost their title or what else is known of them"
        found.findings.append(Finding("texts", said, heads))


def _check_documents(
    store: Store, infos: Sequence[DocumentInfo], found: CheckResult, *, tokens: bool, progress: Progress
) -> None:
    wrong: dict[str, list[str]] = {"passages": [], "texts": [], "vectors": [], "tokens": []}
    done = 0
    for some in _groups(infos):
        try:
            ids = [id_ for info in some for id_ in _check_document(store, info, found, wrong)]
        except IndexBrokenError as error:
            found.passages_unreadable = True
            found.findings.append(Finding("passages", f"passages cannot be read: {error}"))
            return
        _find_missing_vectors(store, ids, wrong["vectors"])
        coded = store.token_codes(ids) if _has_rotation(store, ids) else {}
        found.passages_with_codes += len(coded)
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


def _check_document(store: Store, info: DocumentInfo, found: CheckResult, wrong: dict[str, list[str]]) -> list[str]:
    """Check one document; returns the ids of its passages if they are worth a further look."""
    try:
        text = store.document(info.id).text
    except IndexMissingError:
        wrong["texts"].append(info.id)
        return []
    if _CONTENT_ID.fullmatch(info.id) and hashlib.sha256(text.encode()).hexdigest()[:16] != info.id:
        wrong["texts"].append(info.id)
        return []
    passages = store.passages_of(info.id)
    found.passages += len(passages)
    if len(passages) != info.passages or any(p.text != text[p.start : p.end] for p in passages):
        wrong["passages"].append(info.id)
    return [passage.id for passage in passages]


def _find_missing_vectors(store: Store, ids: Sequence[str], known: list[str]) -> None:
    """Add to ``known`` the passages without a vector; asked for one of them, Chroma fails for all that are asked for.

    They are told apart until there are many: making some anew that have a vector costs less than asking for each.
    """
    try:
        there = store.vectors(ids)
    except IndexBrokenError:
        if len(ids) == 1 or len(known) >= _MAX_SPLIT_SEARCHES:
            known += ids
            return
        half = len(ids) // 2
        _find_missing_vectors(store, ids[:half], known)
        _find_missing_vectors(store, ids[half:], known)
        return
    known += [id_ for id_ in ids if id_ not in there or not are_valid_vectors(there[id_][None])]


def _has_rotation(store: Store, ids: Sequence[str]) -> bool:
    """Tell whether the rotation of the codes is there; a passage whose vector cannot be read does not say."""
    try:
        sizes = {len(vector) for vector in store.vectors(ids[:1]).values()}
    except IndexBrokenError:
        return True
    return all(store.rotation(size) is not None for size in sizes)


def _check_orphans(store: Store, found: CheckResult) -> None:
    unfinished, left = store.upkeep.unfinished_documents(), store.upkeep.find_stale_documents()
    if unfinished:
        found.findings.append(Finding("orphans", f"{len(unfinished)} documents are only half written"))
    if left:
        found.findings.append(Finding("orphans", f"{len(left)} documents are of no file any more", tuple(left)))
    if found.passages_unreadable:
        return
    found.orphans = stray = store.upkeep.find_orphans()
    if stray:
        said = (
            f"{len(stray.passages)} passages, {len(stray.text_parts)} parts of texts, {len(stray.files)} files and the "
            f"tokens of {len(stray.documents_with_codes)} documents belong to no document"
        )
        found.findings.append(Finding("orphans", said))


def _check_keyword_index(store: Store, found: CheckResult) -> None:
    if not store.keyword.exists():
        return
    differing = store.keyword.count_out_of_step()
    if differing is None:
        found.findings.append(Finding("keyword", "the keyword index cannot be read"))
    elif differing:
        found.findings.append(Finding("keyword", f"the keyword index is not in step with {differing} documents"))


def _groups(infos: Sequence[DocumentInfo]) -> Iterator[list[DocumentInfo]]:
    """Group documents that together have about as many passages as are read at once."""
    some: list[DocumentInfo] = []
    size = 0
    for info in infos:
        some.append(info)
        size += max(1, info.passages)
        if size >= _PASSAGES_PER_GROUP:
            yield some
            some, size = [], 0
    if some:
        yield some
