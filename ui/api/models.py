"""The records that every interface returns, as the OpenAPI and the tools describe them."""

from typing import Literal

from pydantic import BaseModel, Field

Verdict = Literal["supported", "partly", "unsupported"]


class Place(BaseModel):
    """Words of a document: `text` is exactly characters `start` to `end` of its text."""

    text: str
    document: str = Field(description="The document's id")
    title: str
    source: str = Field(description="The name of the file that it was read from, without its folders")
    metadata: dict[str, str] = Field(description="What the file says of itself: date, outlet, author, url")
    pages: list[tuple[int, str]] = Field(description="Where each page of it begins, in characters, and its name")
    headings: list[tuple[int, str, int]] = Field(
        default=[], description="The headings that it stands under or holds: where each begins, its text, its level"
    )
    start: int = Field(description="In characters (code points) of the document's text")
    end: int


class AnswerWords(BaseModel):
    """The words of a citation that answer: characters `start` to `end` of the document's text."""

    text: str
    start: int
    end: int


class Citation(Place):
    """The words that a claim rests on, and where they stand. The same object in every interface."""

    marker: int = Field(description="The number in square brackets that stands for it in the answer")
    speaker: str = Field(description="Whose words they report, as far as the document says safely")
    manner: Literal["direct", "reported", ""] = Field(description="Whether the document quotes or retells them")
    answer: AnswerWords | None = Field(
        default=None, description="Which of them answer the question, where that is known"
    )
    page: str = Field(description='Where in the file they stand, such as "p. 3"; empty in files without pages')
    heading: str = Field(
        description='The headings they stand under, such as "Paisley › How long it takes"; empty where there are none'
    )
    also_in: list[Place] = Field(description="Where other documents carry the same words")
    carriers: list[str] = Field(description="The outlets that carry them there")


class Claim(BaseModel):
    """One sentence of an answer and what checking it against the documents found."""

    text: str
    verdict: Verdict
    reason: str
    citations: list[int] = Field(description="Markers of the citations that it rests on")


class Passage(Place):
    """A passage that was found."""

    score: float = Field(description="Orders the passages of one question, and means nothing across questions")
    ranks: dict[str, int] = Field(description="Its rank in each way of searching, from 1")
    copies: list[Place] = Field(description="Passages of other documents that say nearly the same words")


class SearchedScope(BaseModel):
    """What was searched: dates in ISO 8601, null where there is no bound."""

    since: str | None
    until: str | None
    as_of: str | None
    outlets: list[str]
    documents: list[str]


class Slice(BaseModel):
    """Characters `start` to `end` of the first hit's document."""

    start: int
    end: int


class Verification(BaseModel):
    """What stands behind an answer beside its citations."""

    refused: bool = Field(description="True when nothing in the documents answers")
    reason: str = Field(description="What a refusal says")
    confidence: float = Field(description="From 0 to 1: the evidence that the question is answered")
    answerer: str = Field(description='"quoted", or the name of the language model that wrote')
    where: str = Field(description="Where that model runs")
    query: str = Field(description="The question as it was searched")
    scope: SearchedScope
    note: str = Field(description="What to know about how it was answered")
    kind: str = Field(description='What kind of answer was asked for: "fact", "overview", "list_documents" and so on')
    lead: str = Field(description="What is said before the claims without citing: what a list is of, a greeting")
    perhaps: Slice | None = Field(description="On a refusal, a sentence that perhaps answers")
    claims: list[Claim]


class AnswerRecord(Verification):
    """An answer on the record."""

    question: str
    answer: str = Field(description="The text with its markers, or the refusal")
    citations: list[Citation]
    hits: list[Passage] = Field(description="The passages looked at, best first; on a refusal the closest ones")
    timings: dict[str, float] = Field(description="Seconds by step")
    done: bool = Field(description="False while the answer still grows")


class DocumentRecord(BaseModel):
    """A document without its text."""

    id: str
    title: str
    outlet: str
    date: str
    source: str
    size: int = Field(description="Characters of its text")
    passages: int


class DocumentText(BaseModel):
    """A part of a document: `text` is its characters `start` to `end`."""

    id: str
    title: str
    outlet: str
    date: str
    source: str
    metadata: dict[str, str]
    size: int = Field(description="Characters of the whole text")
    start: int
    end: int
    next: int | None = Field(description="Where to go on reading; null at the end")
    text: str


class Fault(BaseModel):
    """What went wrong: a sentence for people and a kind for programs."""

    message: str
    type: str


class ErrorRecord(BaseModel):
    """The body of every response that is no success."""

    error: Fault
