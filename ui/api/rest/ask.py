"""``POST /ask`` and ``/ask/stream``: a question in, an answer on the record out."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from rag.schema import Answer
from ui.api.disconnect import unless_left
from ui.api.empty_message import or_wordless
from ui.api.models import AnswerRecord
from ui.api.rest.errors import errors
from ui.api.rest.models import AskRequest
from ui.api.scope import ScopeOf
from ui.api.serialize import answer_record
from ui.api.sse import EventStream, event, event_schema
from ui.core.client import visitor_of
from ui.core.failures import failure_of
from ui.core.streaming import Ask, Asked, growing, whole
from ui.core.worker_pool import Room

_STREAM: dict[str, Any] = {
    "description": (
        "Server-sent events: `answer` with the answer as far as it has grown, any number of times; then `done` with "
        "all of it, or `error`. The data of the first two is an AnswerRecord."
    ),
    "content": {"text/event-stream": {"schema": event_schema("answer", "done", "error")}},
}


def add_ask(router: APIRouter, put: Ask, scope_of: ScopeOf, room: Room) -> None:
    """Add both to ``router``; ``put`` asks questions, of the documents that ``scope_of`` says."""
    put = or_wordless(put)

    async def asked(body: AskRequest, request: Request) -> Asked:
        scope = await run_in_threadpool(scope_of, body)
        return Asked(body.question, body.turns(), scope, visitor_of(request.scope))

    @router.post(
        "/ask",
        operation_id="ask",
        summary="Answer a question",
        response_model=AnswerRecord,
        responses=errors(400, 404, 409, 413, 422, 429, 500, 503),
    )
    async def ask(body: AskRequest, request: Request) -> dict[str, Any]:
        """Every sentence of the answer is cited to the exact words of a document, and checked against them.

        `refused` is true, with the closest passages in `hits`, when the documents don't say.
        """
        answer = await unless_left(request, whole(put, await asked(body, request), room))
        return answer_record(answer)

    @router.post(
        "/ask/stream",
        operation_id="askStream",
        summary="Answer a question, sentence by sentence",
        status_code=200,
        response_class=EventStream,
        responses={200: _STREAM, **errors(400, 404, 409, 413, 422, 429, 500, 503)},
    )
    async def ask_stream(body: AskRequest, request: Request) -> EventStream:
        """The answer as it grows. Leaving stops it."""
        answers = growing(put, await asked(body, request), room)
        # Waiting for the beginning gives what cannot be asked its status.
        first = await unless_left(request, anext(answers, None))
        return EventStream(_events(first, answers))


async def _events(first: Answer | None, later: AsyncGenerator[Answer, None]) -> AsyncGenerator[str, None]:
    async with aclosing(later):
        try:
            if first is not None:
                yield _event(first)
            async for answer in later:
                yield _event(answer)
        except Exception as error:
            failure = failure_of(error)
            yield event({"error": {"message": failure.message, "type": failure.kind}}, "error")


def _event(answer: Answer) -> str:
    return event(answer_record(answer), "done" if answer.done else "answer")
