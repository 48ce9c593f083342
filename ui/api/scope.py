"""Which documents a program asks about."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from index.text.dates import DATE_FORMS
from rag.question.scope import Scope, ScopeError, parse_scope, select_documents
from ui.core.failures import ConflictError, NotFoundError
from ui.core.protocols import Groups, Library
from ui.core.scope import within

NO_DATE = f"is no date: write {DATE_FORMS}"
_MAX_NAMES = 100  # outlets or ids of one request

_YEAR = "^(1[0-9]|20)[0-9]{2}$"
_MONTH = "^(1[0-9]|20)[0-9]{2}-(0[1-9]|1[0-2])$"
_DATE: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "format": "date"},
        {"type": "string", "pattern": _YEAR},
        {"type": "string", "pattern": _MONTH},
        {"type": "string", "const": ""},
    ],
}


def _date(text: str) -> str:
    if text and not (re.fullmatch(_YEAR, text) or re.fullmatch(_MONTH, text)):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or day.isoformat() != text:
            raise ValueError(f"{NO_DATE}, as in 2025-02")
    return text


DateText = Annotated[str, AfterValidator(_date), WithJsonSchema(_DATE)]
Name = Annotated[str, Field(max_length=300)]


class ScopeFields(BaseModel):
    """The bounds of a scope; those left out set none."""

    model_config = ConfigDict(extra="forbid", strict=True)

    since: DateText = Field(default="", description=f"Published on this date or later: {DATE_FORMS}")
    until: DateText = Field(default="", description="Published on this date or earlier")
    as_of: DateText = Field(
        default="",
        description='The day the reader stands at: nothing later is searched, and "last week" counts from it',
    )
    outlets: list[Name] = Field(default=[], max_length=_MAX_NAMES, description="Published by one of these")
    documents: list[Name] = Field(default=[], max_length=_MAX_NAMES, description="The documents with one of these ids")
    collections: list[Name] = Field(
        default=[],
        max_length=_MAX_NAMES,
        description="The documents in one of these collections of the library, by name",
    )


ReadScope = Callable[[ScopeFields], Scope]
"""Says which scope a program describes. Raises Contradiction and NotHeldError."""


def read_scope_fields(library: Library, groups: Groups | None, fields: ScopeFields) -> Scope:
    """Return the scope that ``fields`` describe; its collections are those of ``groups``.

    Raises ConflictError for bounds that exclude each other, NotFoundError for an unknown outlet, document or
    collection.
    """
    try:
        scope = parse_scope(fields.since, fields.until, fields.as_of, fields.outlets, fields.documents)
    except ScopeError as error:
        raise ConflictError(str(error)) from None
    try:
        if scope.outlets or scope.documents:
            documents = library.documents()
            _check_documents(scope, {info.id for info in documents})
            select_documents(documents, scope)
        return within(scope, fields.collections, groups)
    except ScopeError as error:
        raise NotFoundError(str(error)) from None


def _check_documents(scope: Scope, documents: set[str]) -> None:
    # The message of `select` names the command line, which a program does not have.
    unknown = [id_ for id_ in scope.documents if id_ not in documents]
    if unknown:
        raise NotFoundError(
            f"The index holds no document {', '.join(map(repr, unknown))}. Passages and citations name theirs."
        )
