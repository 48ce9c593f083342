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
from ui.api.disconnect import unless_left
from ui.api.empty_message import or_wordless
from ui.api.openai.chunks import chunks
from ui.api.openai.completion import Reply, completion
from ui.api.openai.errors import OpenAIError
from ui.api.openai.messages import UNREAD, said_in, text_of
from ui.api.openai.models import Completion, CompletionRequest
from ui.api.openai.tasks import task_reply
from ui.api.scope import ScopeFields, ScopeOf
from ui.api.sse import EventStream, event_schema
from ui.core.client import visitor_of
from ui.core.streaming import Ask, Asked, growing, whole
from ui.core.worker_pool import Room

_STREAMED = {"schema": event_schema("message")}


def add_chat(router: APIRouter, put: Ask, scope_of: ScopeOf, room: Room) -> None:
    """Add it to ``router``; ``put`` asks questions, of the documents that ``scope_of`` says."""
    put = or_wordless(put)

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
        reply = Reply(f"chatcmpl-{secrets.token_hex(12)}", int(time.time()), words)
        with_usage = bool(body.stream_options and body.stream_options.include_usage)
        said = said_in(body.messages)
        task = task_reply(body.messages)
        if task is not None:
            done = Answer(said.question, "", (), (), refused=False, reason=task, answerer="rules")
            if body.stream:
                return EventStream(chunks(reply, done, _nothing(), with_usage=with_usage, shown=_as_it_is))
            return JSONResponse(completion(reply, done, _as_it_is))
        scope = await run_in_threadpool(scope_of, body.onrecord or ScopeFields())
        asked = Asked(said.question, said.turns, scope, visitor_of(request.scope))
        ask = _noting(put, UNREAD) if said.unread else put
        if not body.stream:
            answer = await unless_left(request, whole(ask, asked, room))
            return JSONResponse(completion(reply, answer))
        answers = growing(ask, asked, room)
        # Waiting for the beginning gives what cannot be asked its status.
        first = await unless_left(request, anext(answers, None))
        return EventStream(chunks(reply, first, answers, with_usage=with_usage))


def _noting(put: Ask, note: str) -> Ask:
    """Ask ``put``, and add ``note`` to what it answers."""

    def ask(asked: Asked, stop: threading.Event) -> Iterator[int | Answer]:
        for said in put(asked, stop):
            yield said if isinstance(said, int) else replace(said, note=f"{said.note} {note}".strip())

    return ask


def _as_it_is(answer: Answer) -> str:
    return answer.reason


async def _nothing() -> AsyncGenerator[Answer, None]:
    no_answers: tuple[Answer, ...] = ()
    for answer in no_answers:
        yield answer
