"""The nouns of an answer. Offsets count characters of the cited document's text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from index.schema import Hit, Passage
from index.text.headings import format_heading, heading_path
from index.text.pages import format_pages
from rag.question.kind import Kind
from rag.question.scope import EVERYTHING, Scope

Manner = Literal["direct", "reported", ""]
_GROUPED = ("overview", "list_documents", "list_people", "list_items")  # shown document by document
Verdict = Literal["supported", "partly", "unsupported"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier exchange of a conversation.

    >>> Turn("Who runs the harbour?", "Ines Varga does.").question
    'Who runs the harbour?'
    """

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Citation:
    """The words that support a claim: ``document.text[start:end]``, which lie within ``passage``.

    ``marker`` is the number shown, from 1 in order of first use; two claims that cite the same words share it.
    ``speaker`` is whose words they report, where the document says so clearly, and ``manner`` whether it quotes or
    retells them; both are empty for words that report nobody's. ``also_in`` is where other documents carry these words,
    small edits apart: one exact slice of each. ``answer`` is where in the document the words stand, among those cited,
    that answer the question; None where that is not known.
    """

    marker: int
    passage: Passage
    start: int
    end: int
    speaker: str = ""
    manner: Manner = ""
    also_in: tuple[Passage, ...] = ()
    answer: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        """The cited words, exactly as they stand in the document."""
        return text_at(self.passage, self.start, self.end)

    @property
    def answer_text(self) -> str:
        """The words that answer the question; empty where they are not known."""
        return text_at(self.passage, *self.answer) if self.answer else ""

    @property
    def page(self) -> str:
        """Where in the file the words stand, to be shown: ``"p. 3"``, ``"slide 2"``; empty in files without pages."""
        return format_pages(self.passage.pages, self.start, self.end)

    @property
    def heading(self) -> str:
        """The headings that the words stand under: ``"Paisley › How long it takes"``; empty where there are none."""
        return format_heading(self.passage, self.start)


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, what it cites, and whether those words support it."""

    text: str
    citations: tuple[Citation, ...]
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, or the refusal to give one.

    ``query`` is the question as it was searched, ``kind`` what kind of answer it asks for. ``lead`` is what is said
    before the claims without resting on words of a document: what a list is of, a greeting, how many documents there
    are. Without ``claims`` and ``lead`` it is ``refused``; then ``perhaps`` is a sentence of the first hit that may
    answer, where one does. ``hits`` are the passages considered, best first, and on a
    refusal the closest ones. ``confidence`` in [0, 1] is the probability that the documents answer the question.
    ``answerer`` is ``"quoted"`` or the name of the model that wrote, which runs ``where``. ``timings`` are seconds by
    step. While an answer streams, each step is an ``Answer`` with ``done`` false; the last one has it true. ``draft``
    is what a model has written that is not checked yet, and is empty at the end. ``scope`` is what was searched;
    ``note`` says so in words where that was not everything.

    >>> refusal = Answer("Who won?", "Who won?", claims=(), hits=(), refused=True, reason="The documents don't say.")
    >>> refusal.text
    "The documents don't say."
    """

    question: str
    query: str
    claims: tuple[Claim, ...]
    hits: tuple[Hit, ...]
    refused: bool
    reason: str = ""
    confidence: float = 0.0
    answerer: str = "quoted"
    where: str = ""
    draft: str = ""
    done: bool = True
    timings: Mapping[str, float] = field(default_factory=dict)
    scope: Scope = EVERYTHING
    note: str = ""
    kind: Kind = "fact"
    lead: str = ""
    perhaps: Citation | None = None

    @property
    def is_list(self) -> bool:
        """Whether the claims are points of a list, each on a line of its own, and not one running text."""
        return self.kind in ("overview", "list_documents", "list_people", "list_items", "table", "compare")

    @property
    def group_titles(self) -> tuple[str, ...]:
        """The line above each claim: the title of its document where a list turns to it; mostly empty.

        In the summary of one document it is the heading that the claim stands under.
        """
        first = [claim.citations[0] if claim.citations else None for claim in self.claims]
        documents = [cited.passage.document_id if cited else "" for cited in first]
        if self.kind not in _GROUPED or self.answerer != "quoted":
            return ("",) * len(first)
        titles = [cited.passage.title if cited else "" for cited in first]
        if len(set(documents)) <= 1:
            titles = [_outermost_heading(cited) if cited and self.kind == "overview" else "" for cited in first]
            documents = titles
        turns = [n == 0 or documents[n] != documents[n - 1] for n in range(len(documents))]
        return tuple(title if turn else "" for title, turn in zip(titles, turns, strict=True))

    @property
    def text(self) -> str:
        """The answer with its markers, after its lead; the refusal where there is none."""
        if self.refused:
            return self.reason
        said = [text_with_markers(claim) for claim in self.claims]
        if self.is_list:
            points = [f"- {point}" for point in said]
            lines = (line for pair in zip(self.group_titles, points, strict=True) for line in pair)
            return "\n".join(filter(None, [self.lead, *lines]))
        return " ".join(filter(None, [self.lead, *said]))

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation once, by marker."""
        found = {c.marker: c for claim in self.claims for c in claim.citations}
        return tuple(found[marker] for marker in sorted(found))


def _outermost_heading(citation: Citation) -> str:
    path = heading_path(citation.passage.headings, citation.start, citation.passage.title)
    return path[0] if path else ""


def text_at(passage: Passage, start: int, end: int) -> str:
    """Return the words from ``start`` to ``end`` of the document, which lie within ``passage``."""
    return passage.text[start - passage.start : end - passage.start]


def text_with_markers(claim: Claim) -> str:
    """Return the claim's text followed by its markers: ``"The force should not … [1][2]"``."""
    return claim.text + "".join(f" [{c.marker}]" if i == 0 else f"[{c.marker}]" for i, c in enumerate(claim.citations))
