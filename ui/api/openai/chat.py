"""``POST /v1/chat/completions``."""

import secrets
import threading
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from rag.schema import Answer
from ui.api.disconnect import cancel_on_disconnect
from ui.api.openai.chunks import chunks
from ui.api.openai.completion import ReplyHeader, completion
from ui.api.openai.errors import OpenAIError
from ui.api.openai.messages import UNREAD_NOTE, parse_messages, text_of
from ui.api.openai.models import Completion, CompletionRequest
from ui.api.openai.tasks import task_reply
from ui.api.scope import ReadScope, ScopeFields
from ui.api.sse import EventStream, event_schema
from ui.core.ask import QuestionRequest
from ui.core.client import visitor_of
from ui.core.streaming import AskFunction, final_answer, refuse_wordless, stream_answers
from ui.core.worker_pool import WorkerPool

_STREAMED = {"schema": event_schema("message")}


def add_chat(router: APIRouter, ask_fn: AskFunction, scope_of: ReadScope, pool: WorkerPool) -> None:
    """Add the route to ``router``; ``ask_fn`` asks questions of the documents that ``scope_of`` returns."""
    ask_fn = refuse_wordless(ask_fn)

    @router.post(
        "/chat/completions",
        operation_id="createChatCompletion",
        summary="Answer the last message of a conversation",
        response_model=Completion,
        responses={
            200: {"content": {"text/event-stream": _STREAMED}},
            "default": {"model": OpenAIError, "description": "What went wrong"},
        },
    )
    async def chat_completions(body: CompletionRequest, request: Request) -> Any:
        """As OpenAI has it. `citations` and `onrecord` stand in the message, or in the last chunk's delta.

        With `stream`, the events are chunks, and `[DONE]` at the end. A refusal is a message like any other, with
        `onrecord.refused` true. What clients ask for a title of the conversation is answered by rules.
        """
        words = sum(len(text_of(message.content).split()) for message in body.messages)
        reply = ReplyHeader(f"chatcmpl-{secrets.token_hex(12)}", int(time.time()), words)
        with_usage = bool(body.stream_options and body.stream_options.include_usage)
        parsed = parse_messages(body.messages)
        task = task_reply(body.messages)
        if task is not None:
            done = Answer(parsed.question, "", (), (), refused=False, reason=task, answerer="rules")
            if body.stream:
                return EventStream(chunks(reply, done, _nothing(), with_usage=with_usage, render=_as_it_is))
            return JSONResponse(completion(reply, done, _as_it_is))
        scope = await run_in_threadpool(scope_of, body.onrecord or ScopeFields())
        asked = QuestionRequest(parsed.question, parsed.turns, scope, visitor_of(request.scope))
        ask = _noting(ask_fn, UNREAD_NOTE) if parsed.unread else ask_fn
        if not body.stream:
            answer = await cancel_on_disconnect(request, final_answer(ask, asked, pool))
            return JSONResponse(completion(reply, answer))
        answers = stream_answers(ask, asked, pool)
        # Waiting for the first answer lets a question that is not accepted get its own status.
        first = await cancel_on_disconnect(request, anext(answers, None))
        return EventStream(chunks(reply, first, answers, with_usage=with_usage))


def _noting(ask_fn: AskFunction, note: str) -> AskFunction:
    """Return a function that asks ``ask_fn``, and adds ``note`` to its answers."""

    def ask(asked: QuestionRequest, stop: threading.Event) -> Iterator[int | Answer]:
        for item in ask_fn(asked, stop):
            yield item if isinstance(item, int) else replace(item, note=f"{item.note} {note}".strip())

    return ask


def _as_it_is(answer: Answer) -> str:
    return answer.reason


async def _nothing() -> AsyncGenerator[Answer, None]:
    no_answers: tuple[Answer, ...] = ()
    for answer in no_answers:
        yield answer
