"""``GET /documents`` and ``/documents/{id}``: what is indexed, and its text."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from ui.doors.library import held
from ui.doors.records import LONGEST_PAGE, PAGE, document_text
from ui.doors.schema import DocumentText
from ui.rest.schema import DocumentList
from ui.rest.told import error_model, errors
from ui.web.api import document_record
from ui.web.ports import Library

_ROWS = 1_000
_FARTHEST = 2**53 - 1  # the greatest whole number that every reader of JSON keeps exact
_WHERE_IDS_ARE = "GET /api/v1/documents lists those it holds."


def add_documents(router: APIRouter, library: Library) -> None:
    """Add both to ``router``."""

    @router.get(
        "/documents",
        operation_id="listDocuments",
        summary="List the documents",
        response_model=DocumentList,
        responses={**errors(422, 503), **error_model()},
    )
    def documents(
        offset: Annotated[int, Query(ge=0, le=_FARTHEST, description="Leave out so many")] = 0,
        limit: Annotated[int, Query(ge=1, le=_ROWS, description="At most so many")] = _ROWS,
    ) -> dict[str, Any]:
        """The indexed documents, without their texts."""
        every = library.documents()
        page = [document_record(info) for info in every[offset : offset + limit]]
        return {"total": len(every), "offset": offset, "documents": page}

    @router.get(
        "/documents/{id}",
        operation_id="readDocument",
        summary="Read a document",
        response_model=DocumentText,
        responses=errors(404, 422, 500, 503),
    )
    def document(
        id: Annotated[str, Path(max_length=300, description="As in the list or a citation")],
        start: Annotated[int, Query(ge=0, le=_FARTHEST, description="The first character")] = 0,
        end: Annotated[
            int | None,
            Query(ge=0, le=_FARTHEST, description=f"The character after the last; {PAGE:,} are read without it"),
        ] = None,
    ) -> dict[str, Any]:
        return document_text(held(library, id, _WHERE_IDS_ARE), start, end)

    document.__doc__ = (
        f"The text between two offsets, such as those of a citation, at most {LONGEST_PAGE:,} characters at once. "
        "`next` is where the following page starts."
    )
