"""Ask a question from an event loop, and stop the work when the caller is gone."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing

from index.errors import OnrecordError, QuestionError
from rag.question.validate import validate_question
from rag.schema import Answer
from ui.core.app_state import AppState
from ui.core.ask import QuestionRequest, ask_queued
from ui.core.protocols import Answerer
from ui.core.worker_pool import WorkerPool

# Asks a question: yields the position in the queue while there is one, then the growing answer, until the event is
# set.
AskFunction = Callable[[QuestionRequest, threading.Event], Iterator[int | Answer]]


def ask_directly(pipeline: Answerer) -> AskFunction:
    """Return a function that asks ``pipeline`` at once, without a queue."""
    return lambda request, stop: pipeline.stream(request.question, request.history, request.scope, stop)


def ask_in_queue(pipeline: Answerer, app_state: AppState) -> AskFunction:
    """Return a function that asks ``pipeline`` when it is the visitor's turn in the queue of ``app_state``."""
    return lambda request, stop: ask_queued(pipeline, app_state, request, stop)


async def stream_answers(ask: AskFunction, request: QuestionRequest, pool: WorkerPool) -> AsyncGenerator[Answer, None]:
    """Yield the answer as it grows, the last with ``done`` true. Closing the generator stops the work.

    Raises what ``ask`` raises, and PoolFullError when the pool is full.
    """
    loop = asyncio.get_running_loop()
    items: asyncio.Queue[Answer | Exception | None] = asyncio.Queue()
    stop = threading.Event()

    def put(item: Answer | Exception | None) -> None:
        try:
            loop.call_soon_threadsafe(items.put_nowait, item)
        except RuntimeError:  # the event loop has ended: the server is stopping
            stop.set()

    def work() -> None:
        try:
            for item in ask(request, stop):
                if stop.is_set():
                    return
                if not isinstance(item, int):
                    put(item)
        except Exception as error:
            put(error)
        else:
            put(None)

    job = pool.submit(work)
    try:
        while (item := await items.get()) is not None:
            if isinstance(item, Exception):
                raise item
            yield item
    finally:
        stop.set()
        job.cancel()


async def final_answer(ask: AskFunction, request: QuestionRequest, pool: WorkerPool) -> Answer:
    """Return the finished answer. Cancelling stops the work; raises as ``stream_answers`` does."""
    answer = None
    async with aclosing(stream_answers(ask, request, pool)) as answers:
        async for answer in answers:  # noqa: B007
            pass
    if answer is None or not answer.done:
        raise OnrecordError("The question got no answer at all. Ask it again.")
    return answer


def has_words(question: str) -> bool:
    """Return whether the question holds a letter or a digit, so that there is something to look for."""
    return any(map(str.isalnum, question))


def refuse_wordless(ask_fn: AskFunction) -> AskFunction:
    """Return a function that asks ``ask_fn`` and answers a question without words with a refusal."""
    return lambda request, stop: ask_fn(request, stop) if has_words(request.question) else _refusal(request, stop)


def _refusal(request: QuestionRequest, stop: threading.Event) -> Iterator[Answer]:
    try:
        validate_question(request.question)
    except QuestionError as error:
        yield Answer(request.question, request.question, (), (), refused=True, reason=str(error), scope=request.scope)
