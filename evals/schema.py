"""The nouns of evaluation. Gold is words of documents, never passages, so sets survive re-chunking."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.schema import Turn


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words of a document that answer a question.

    ``document`` is a document id, a file name, or the end of a path. The words are given by ``quote``,
    exactly as they stand there, or by ``start`` and ``end``, offsets into the document's text; given both,
    they must agree.

    >>> Evidence("Arles.txt", quote="The bridge of Arles has 11 arches.").document
    'Arles.txt'
    """

    document: str
    quote: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One question and what a good answer to it holds.

    ``answers`` are alternatives: any one is right. ``evidence`` belongs together: a full answer rests on all
    of it. ``documents`` are gold documents where a set judges no more than documents, and ``relevance`` their
    grades (above 0) where those differ. ``answerable`` says whether the documents hold the answer. ``as_of``
    is the date the question was asked (ISO 8601). ``group`` names what cases share that are not independent
    of each other, such as their article, for clustered intervals. ``origin`` is the ``file:line`` the case
    was read from.

    >>> Case("arches", "How many arches has the bridge of Arles?", answers=("11", "eleven")).answerable
    True
    """

    id: str
    question: str
    history: tuple[Turn, ...] = ()
    answers: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    answerable: bool = True
    tags: tuple[str, ...] = ()
    as_of: str = ""
    documents: tuple[str, ...] = ()
    relevance: Mapping[str, int] = field(default_factory=dict)
    group: str = ""
    origin: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Span:
    """Evidence found: characters ``start`` to ``end`` of a document's text."""

    document_id: str
    start: int
    end: int
