"""Define the nouns of the index. Every offset, here and elsewhere, counts characters of ``Document.text``."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Section:
    """The beginning of a heading or a page: ``start`` is an offset, ``kind`` is ``"heading"`` or ``"page"``.

    A page's ``label`` is its number in the file, from 1, or the format's own name for it: ``"slide 2"``. A heading's
    ``label`` is its text and its ``level`` counts from 1, the highest; 0 where the file does not say, and for pages.
    """

    start: int
    kind: str
    label: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """One text as it was read, normalised once.

    ``id`` comes from the content, so the same text has the same id wherever it lies. ``source`` is the path it was read
    from. ``metadata`` holds only what the file itself says: ``date`` (ISO 8601), ``outlet``, ``author``, ``url``,
    ``format``; ``note``, which names what could not be read of the file; and ``file_date``, the day that a program put
    into the file where nothing says when it was published: a template's or an export's, which no filter goes by.

    >>> document = Document("d1", "Bridge", "bridge.txt", "The bridge opened.", {"date": "2021-05-04"})
    >>> document.text[4:10]
    'bridge'
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

    ``title``, ``source`` and ``metadata`` are the document's, carried along so that a hit can be shown without another
    read. ``pages`` are the pages it stands on, ``headings`` those above its beginning, outermost first, and
    those inside it; the first may begin before it.

    >>> Passage("d1", 4, 10, "bridge").id
    'd1:4-10'
    """

    document_id: str
    start: int
    end: int
    text: str
    title: str = ""
    source: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    pages: tuple[Section, ...] = ()
    headings: tuple[Section, ...] = ()

    @property
    def id(self) -> str:
        """``document:start-end``, unique in an index."""
        return f"{self.document_id}:{self.start}-{self.end}"


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found.

    ``score`` orders the hits of one question and means nothing across questions. ``ranks`` says how the passage was
    found, 1 being the best: ``{"dense": 3, "keyword": 1}``. ``copies`` are passages that were found too and say nearly
    the same words, such as other outlets' prints of one wire report; best first.
    """

    passage: Passage
    score: float
    ranks: Mapping[str, int] = field(default_factory=dict)
    copies: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as the index knows it: which bytes it held (``sha256``) and which document they became.

    ``path`` is absolute, as ``index.reading.stored_path`` writes it.
    """

    path: str
    sha256: str
    document_id: str


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A row of the document list: everything but the text.

    ``size`` counts characters; ``pages`` are the beginnings of pages.
    """

    id: str
    title: str
    source: str
    metadata: Mapping[str, str]
    size: int
    passages: int
    pages: tuple[Section, ...] = ()
