"""An answer that grows as the chunks of a streamed chat completion."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from rag.schema import Answer, Claim
from ui.doors.events import event
from ui.doors.failures import failure_of
from ui.openai.completion import Reply, on_record, usage
from ui.openai.schema import MODEL
from ui.openai.text import Shown, content_of, what_is_new
from ui.openai.told import error_record

_END = "data: [DONE]\n\n"


async def chunks(
    reply: Reply,
    first: Answer | None,
    later: AsyncGenerator[Answer, None],
    *,
    with_usage: bool,
    shown: Shown = content_of,
) -> AsyncGenerator[str, None]:
    """The events of one reply. The last chunk with a choice has the citations; an error ends the events."""
    tell = _Teller(reply, with_usage)
    async with aclosing(later):
        try:
            yield tell.chunk({"role": "assistant", "content": ""})
            told: tuple[Claim, ...] = ()
            wrote: list[str] = []
            async for answer in _with_first(first, later):
                # Most of what comes is only another draft.
                if answer.done or (answer.claims is not told and _can_be_shown(answer)):
                    new = what_is_new(told, answer, shown)
                    told = answer.claims
                    if new:
                        wrote.append(new)
                        yield tell.chunk({"content": new})
                if answer.done:
                    yield tell.chunk(on_record(answer), "stop")
            if with_usage:
                yield tell.usage("".join(wrote))
        except Exception as error:
            yield event(error_record(failure_of(error)))
    yield _END


class _Teller:
    """Writes chunks of one reply."""

    def __init__(self, reply: Reply, with_usage: bool) -> None:
        self._reply = reply
        # OpenAI has the key in every chunk, null but in the last, when it is asked for.
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
    # As long as nothing written is held by the documents, their own words may still take its place.
    return any(claim.verdict != "unsupported" for claim in answer.claims)


async def _with_first(first: Answer | None, later: AsyncIterator[Answer]) -> AsyncGenerator[Answer, None]:
    if first is not None:
        yield first
    async for answer in later:
        yield answer
