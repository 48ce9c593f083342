"""The requests and responses of the REST interface."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from rag.question.validate import MAX_LENGTH
from rag.schema import Turn
from ui.api.models import DocumentRecord, Passage
from ui.api.scope import ScopeFields

NO_WORDS = "has no words: write what to look for in letters or numbers"
_MAX_TURNS = 50
_MAX_HITS = 50  # passages of one search
_MAX_ANSWER_LENGTH = 20_000

# Something besides spaces and ASCII punctuation. Written so that every dialect of patterns reads it alike, which
# \p{L} is not; `ui.core.streaming` answers what passes and holds neither a letter nor a digit.
_SOMETHING = r"[^\s!-/:-@\[-`{-~]"


def _something(text: str) -> str:
    if not re.search(_SOMETHING, text):
        raise ValueError(NO_WORDS)
    return text


Words = Annotated[
    str, Field(max_length=MAX_LENGTH, json_schema_extra={"pattern": _SOMETHING}), AfterValidator(_something)
]


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


# JSON has no integers, so 8.0 is one too.
Count = Annotated[int, BeforeValidator(_whole)]


class EarlierTurn(BaseModel):
    """One earlier exchange."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: str = Field(max_length=MAX_LENGTH, description="What was asked")
    answer: str = Field(default="", max_length=_MAX_ANSWER_LENGTH, description="What was answered")


class AskRequest(ScopeFields):
    """A question, the exchanges before it, and the documents to put it to."""

    question: Words = Field(
        description="The question, as a person would ask it", examples=["What did the minister say about Article 5?"]
    )
    history: list[EarlierTurn] = Field(default=[], max_length=_MAX_TURNS, description="Earlier exchanges, oldest first")

    def turns(self) -> tuple[Turn, ...]:
        """Return the history as the pipeline takes it."""
        return tuple(Turn(turn.question, turn.answer) for turn in self.history)


class SearchRequest(ScopeFields):
    """Words to find passages by, in which documents, and how many."""

    query: Words = Field(description="What to look for, in words or as a question", examples=["Article 5 guarantee"])
    k: Count = Field(default=8, ge=1, le=_MAX_HITS, description="At most so many passages, 8 if left out")


class SearchQuery(SearchRequest):
    """The same in a query string, where every value is text."""

    model_config = ConfigDict(extra="forbid", strict=False)


class SearchResponse(BaseModel):
    """The passages found, best first."""

    query: str
    hits: list[Passage]


class DocumentList(BaseModel):
    """A page of the document list, by title."""

    total: int = Field(description="How many documents there are")
    offset: int
    documents: list[DocumentRecord]
