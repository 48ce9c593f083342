"""``POST /ask`` and ``/ask/stream``: a question in, an answer on the record out."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool

from rag.schema import Answer
from ui.api.disconnect import cancel_on_disconnect
from ui.api.models import AnswerRecord
from ui.api.rest.errors import errors
from ui.api.rest.models import AskRequest
from ui.api.scope import ReadScope
from ui.api.serialize import answer_record
from ui.api.sse import EventStream, event, event_schema
from ui.core.ask import QuestionRequest
from ui.core.client import visitor_of
from ui.core.failures import failure_of
from ui.core.streaming import AskFunction, final_answer, refuse_wordless, stream_answers
from ui.core.worker_pool import WorkerPool

_STREAM: dict[str, Any] = {
    "description": (
        "Server-sent events: `answer` with the answer as far as it has grown, any number of times; then `done` with "
        "all of it, or `error`. The data of the first two is an AnswerRecord."
    ),
    "content": {"text/event-stream": {"schema": event_schema("answer", "done", "error")}},
}


def add_ask(router: APIRouter, ask_fn: AskFunction, scope_of: ReadScope, pool: WorkerPool) -> None:
    """Add both routes to ``router``; ``ask_fn`` asks questions of the documents that ``scope_of`` returns."""
    ask_fn = refuse_wordless(ask_fn)

    async def asked(body: AskRequest, request: Request) -> QuestionRequest:
        scope = await run_in_threadpool(scope_of, body)
        return QuestionRequest(body.question, body.turns(), scope, visitor_of(request.scope))

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
        answer = await cancel_on_disconnect(request, final_answer(ask_fn, await asked(body, request), pool))
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
        answers = stream_answers(ask_fn, await asked(body, request), pool)
        # Waiting for the first answer lets a question that is not accepted get its own status.
        first = await cancel_on_disconnect(request, anext(answers, None))
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
