"""``GET /documents`` and ``/documents/{id}``: what is indexed, and its text."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request

from ui.api.disconnect import cancel_on_disconnect
from ui.api.models import DocumentText
from ui.api.rest.errors import error_model, errors
from ui.api.rest.models import DocumentList
from ui.api.serialize import MAX_PAGE_LENGTH, PAGE_LENGTH, document_text, find_document
from ui.core.client import visitor_of
from ui.core.document_records import document_record
from ui.core.protocols import Library
from ui.core.worker_pool import WorkerPool

_ROWS = 1_000
_FARTHEST = 2**53 - 1  # the greatest whole number that every JSON parser keeps exact
_WHERE_IDS_ARE = "GET /api/v1/documents lists those it holds."


def add_documents(router: APIRouter, library: Library, pool: WorkerPool) -> None:
    """Add both routes to ``router``; they read in ``pool``."""

    @router.get(
        "/documents",
        operation_id="listDocuments",
        summary="List the documents",
        response_model=DocumentList,
        responses={**errors(422, 429, 503), **error_model()},
    )
    async def documents(
        request: Request,
        offset: Annotated[int, Query(ge=0, le=_FARTHEST, description="Leave out so many")] = 0,
        limit: Annotated[int, Query(ge=1, le=_ROWS, description="At most so many")] = _ROWS,
    ) -> dict[str, Any]:
        """The indexed documents, without their texts."""

        def listed() -> dict[str, Any]:
            every = library.documents()
            page = [document_record(info) for info in every[offset : offset + limit]]
            return {"total": len(every), "offset": offset, "documents": page}

        return await cancel_on_disconnect(request, pool.run_read(listed, visitor_of(request.scope)))

    @router.get(
        "/documents/{id}",
        operation_id="readDocument",
        summary="Read a document",
        response_model=DocumentText,
        responses=errors(404, 422, 429, 500, 503),
    )
    async def document(
        request: Request,
        id: Annotated[str, Path(max_length=300, description="As in the list or a citation")],
        start: Annotated[int, Query(ge=0, le=_FARTHEST, description="The first character")] = 0,
        end: Annotated[
            int | None,
            Query(ge=0, le=_FARTHEST, description=f"The character after the last; {PAGE_LENGTH:,} are read without it"),
        ] = None,
    ) -> dict[str, Any]:
        def read() -> dict[str, Any]:
            return document_text(find_document(library, id, _WHERE_IDS_ARE), start, end)

        return await cancel_on_disconnect(request, pool.run_read(read, visitor_of(request.scope)))

    document.__doc__ = (
        f"The text between two offsets, such as those of a citation, at most {MAX_PAGE_LENGTH:,} characters at once. "
        "`next` is where the following page starts."
    )
