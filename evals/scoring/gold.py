"""The gold of each case: its evidence as spans, and its gold documents with grades."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evals.datasets.cases import CasesError
from evals.datasets.resolve import find_document, gold_documents, resolve_evidence
from evals.schema import Case
from evals.scoring.metrics.spans import Interval
from index.schema import Document
from index.storage.store import Store


@dataclass(frozen=True, slots=True)
class Gold:
    """The gold of one case: ``spans`` of documents, and grades above 0 by document id."""

    spans: tuple[Interval, ...] = ()
    documents: Mapping[str, int] = field(default_factory=dict)


def find_gold(cases: Sequence[Case], store: Store) -> dict[str, Gold]:
    """Find the gold of every case by its id, in the indexed documents.

    Reads only the documents that the cases name. Raises ``CasesError`` with every piece of evidence that is not
    there.
    """
    return resolve_gold(cases, _named_documents(cases, store))


def resolve_gold(cases: Iterable[Case], documents: Mapping[str, Document]) -> dict[str, Gold]:
    """Resolve the gold of every case by its id; ``documents`` by id or by the name a case gives them."""
    gold: dict[str, Gold] = {}
    problems: dict[str, None] = {}
    for case in cases:
        try:
            spans = tuple((s.document_id, s.start, s.end) for s in resolve_evidence(case, documents))
            gold[case.id] = Gold(spans, gold_documents(case, documents))
        except CasesError as error:
            problems |= dict.fromkeys(error.problems)
    if problems:
        raise CasesError(list(problems))
    return gold


def case_groups(cases: Sequence[Case], gold: Mapping[str, Gold]) -> dict[str, str]:
    """Return the cluster of each case: its own group, else its gold document; empty when it stands alone.

    A case on several documents stands alone. When all cases rest on one document, there is nothing to cluster
    by and each stands alone: intervals then speak of further questions about that document, not of others.
    """
    own = {case.id: case.group or _only(gold[case.id].documents) for case in cases}
    if any(case.group for case in cases) or len({group for group in own.values() if group}) > 1:
        return own
    return dict.fromkeys(own, "")


def _only(documents: Mapping[str, int]) -> str:
    return next(iter(documents)) if len(documents) == 1 else ""


def _named_documents(cases: Iterable[Case], store: Store) -> dict[str, Document]:
    """Load the documents that cases name, by that name; all that fit, by id, where a name fits several."""
    by_file: dict[str, dict[str, Document]] = defaultdict(dict)
    known: dict[str, Document] = {}
    for info in store.documents():
        # Without the text: only ids and sources decide which document is meant.
        known[info.id] = by_file[_file(info.source)][info.id] = Document(info.id, info.title, info.source, "")
    named: dict[str, Document] = {}
    for name in dict.fromkeys(name for case in cases for name in _names(case)):
        fitting = {name: known[name]} if name in known else by_file.get(_file(name), {})
        try:
            named[name] = store.document(find_document(name, fitting).id)
        except LookupError:
            named |= fitting
    return named


def _names(case: Case) -> Iterable[str]:
    return (*case.documents, *case.relevance, *(item.document for item in case.evidence))


def _file(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]
