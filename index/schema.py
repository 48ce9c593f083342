"""The nouns of the index. Every offset, here and anywhere, counts characters of ``Document.text``."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Section:
    """Where a heading or a page begins: ``start`` is an offset, ``kind`` is ``"heading"`` or ``"page"``.

    A page's ``label`` is its number in the file, from 1, or names what the format has for pages: ``"slide 2"``.
    """

    start: int
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Document:
    """One text as it was read, normalised once.

    ``id`` comes from the content, so the same text has the same id wherever it lies. ``source`` is the path
    it was read from. ``metadata`` holds only what the file itself says: ``date`` (ISO 8601), ``outlet``,
    ``author``, ``url``, ``format``; and ``note``, what of the file could not be read.
    """

    id: str
    title: str
    source: str
    text: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A slice of a document: ``text == document.text[start:end]``, always.

    ``title``, ``source`` and ``metadata`` are the document's, carried along so that a hit can be shown
    without another read. ``pages`` are those its words stand on; the first may begin before it.
    """

    document_id: str
    start: int
    end: int
    text: str
    title: str = ""
    source: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    pages: tuple[Section, ...] = ()

    @property
    def id(self) -> str:
        """``document:start-end``, unique in an index."""
        return f"{self.document_id}:{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found.

    ``score`` orders the hits of one question and means nothing across questions. ``ranks`` says why the
    passage is here, 1 being the best: ``{"dense": 3, "keyword": 1}``. ``copies`` are the passages that were
    found too and say nearly nothing but the same words, such as other outlets' prints of one wire report; best first.
    """

    passage: Passage
    score: float
    ranks: Mapping[str, int] = field(default_factory=dict)
    copies: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What the index knows of one file: which bytes it held (``sha256``) and which document they became."""

    path: str
    sha256: str
    document_id: str


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A row of the document list: everything but the text. ``size`` counts characters; ``pages`` are where pages
    begin.
    """

    id: str
    title: str
    source: str
    metadata: Mapping[str, str]
    size: int
    passages: int
    pages: tuple[Section, ...] = ()
