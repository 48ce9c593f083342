"""A growing answer as the chunks of a streamed chat completion."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from fastapi.sse import format_sse_event

from rag.schema import Answer, Claim
from ui.api.openai.completion import ReplyHeader, record_fields, usage
from ui.api.openai.errors import error_record
from ui.api.openai.models import MODEL
from ui.api.openai.text import RenderAnswer, answer_markdown, unsent_text
from ui.api.sse import event
from ui.core.failures import failure_of

_DONE = format_sse_event(data_str="[DONE]").decode()


async def chunks(
    reply: ReplyHeader,
    first: Answer | None,
    later: AsyncGenerator[Answer, None],
    *,
    with_usage: bool,
    render: RenderAnswer = answer_markdown,
) -> AsyncGenerator[str, None]:
    """Yield the events of one reply. The last chunk with a choice has the citations; an error ends the events."""
    tell = _ChunkWriter(reply, with_usage)
    async with aclosing(later):
        try:
            yield tell.chunk({"role": "assistant", "content": ""})
            sent_claims: tuple[Claim, ...] = ()
            written: list[str] = []
            async for answer in _with_first(first, later):
                # Most answers are only another draft.
                if answer.done or (answer.claims is not sent_claims and _can_be_shown(answer)):
                    new = unsent_text(sent_claims, answer, render)
                    sent_claims = answer.claims
                    if new:
                        written.append(new)
                        yield tell.chunk({"content": new})
                if answer.done:
                    yield tell.chunk(record_fields(answer), "stop")
            if with_usage:
                yield tell.usage("".join(written))
        except Exception as error:
            yield event(error_record(failure_of(error)))
    yield _DONE


class _ChunkWriter:
    """Writes the chunks of one reply."""

    def __init__(self, reply: ReplyHeader, with_usage: bool) -> None:
        self._reply = reply
        # When usage is requested, OpenAI sends the key in every chunk, null except in the last.
        self._head: dict[str, Any] = {
            "id": reply.id,
            "object": "chat.completion.chunk",
            "created": reply.created,
            "model": MODEL,
        }
        self._no_usage = {"usage": None} if with_usage else {}

    def chunk(self, delta: dict[str, Any], finish: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event({**self._head, "choices": [choice], **self._no_usage})

    def usage(self, written: str) -> str:
        return event({**self._head, "choices": [], "usage": usage(self._reply, written)})


def _can_be_shown(answer: Answer) -> bool:
    # While the documents support nothing that is written, a quoted answer may still replace it.
    return any(claim.verdict != "unsupported" for claim in answer.claims)


async def _with_first(first: Answer | None, later: AsyncIterator[Answer]) -> AsyncGenerator[Answer, None]:
    if first is not None:
        yield first
    async for answer in later:
        yield answer
