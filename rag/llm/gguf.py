"""A model's file, run in this process by llama.cpp."""

import atexit
import json
import os
import queue
import secrets
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rag.llm.backend import CancellableRequest, IncompleteReplyError, Piece, ReplyRefusedError, ServerUnavailableError
from rag.llm.http import get_path, valid_token_count
from rag.llm.protocol import Message, ModelFailedError

_MAGIC = b"GGUF"
_DEFAULT_CONTEXT = 4096
_INFO_TIMEOUT = 5.0


def is_gguf(file: Path) -> bool:
    """Tell whether ``file`` begins as a GGUF file does. Raises OSError when it cannot be read."""
    with file.open("rb") as opened:
        return opened.read(len(_MAGIC)) == _MAGIC


class GgufModel:
    """A model file, loaded at first use for ``context`` tokens, 4,096 where that is 0. Replies are made one at a time.

    xllamacpp opens a port on 127.0.0.1 for every model it runs. It is only used here to ask for the context, and its
    key is random and known to nobody else.
    """

    where = "this computer"

    def __init__(self, file: Path, context: int) -> None:
        self._file = file
        self._context = context
        self._key = secrets.token_urlsafe(32)
        self._lock = threading.Lock()
        self._server: Any = None
        self._running: set[threading.Thread] = set()
        self._leaving = False

    def load(self) -> None:
        """Load the file. Raises ModelFailedError when that fails."""
        with self._lock:
            if self._server is None:
                self._server = self._load()
                atexit.register(self._wait_for_replies)

    def _load(self) -> Any:
        import xllamacpp

        params = xllamacpp.CommonParams()
        params.model.path = str(self._file)
        params.n_ctx = self._context or _DEFAULT_CONTEXT
        params.n_parallel = 1
        params.api_keys = [self._key]
        params.cache_ram_mib = 0  # otherwise up to 8 GiB of earlier requests are cached
        params.endpoint_slots = False
        params.ui = False
        params.warmup = False
        params.verbosity = -1
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = _thread_count()
        try:
            return xllamacpp.Server(params)
        except Exception as error:  # xllamacpp says only that it failed
            raise ModelFailedError(
                f"The language model in {self._file} could not be loaded. Check that the file is whole and that "
                f"there is memory for it ({self._file.stat().st_size / 1e9:.1f} GB and more)."
            ) from error

    def reported_context(self) -> int:
        """Return the context of the loaded model: the tokens asked for, fewer where it was trained for fewer."""
        self.load()
        request = urllib.request.Request(
            f"{self._server.listening_address}/props", headers={"Authorization": f"Bearer {self._key}"}
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=_INFO_TIMEOUT) as reply:
                return valid_token_count(get_path(json.load(reply), "default_generation_settings", "n_ctx"))
        except (OSError, ValueError) as error:
            raise ServerUnavailableError from error

    def pieces(self, messages: Sequence[Message], max_tokens: int, call: CancellableRequest) -> Iterator[Piece]:
        """Yield the reply as it arrives; see ``Backend.pieces``.

        The library calls back for each token, and stops when the callback says so.
        """
        asked = {
            "messages": [{"role": message.role, "content": message.text} for message in messages],
            "max_tokens": max_tokens,
            "temperature": 0.0,
            "stream": True,
        }
        coming: queue.SimpleQueue[Any] = queue.SimpleQueue()

        def said(chunk: Any) -> bool:
            coming.put(chunk)
            return call.cancelled or self._leaving

        def run() -> None:
            try:
                self._server.handle_chat_completions(asked, said)
            except Exception as error:  # handed to whoever reads
                coming.put(error)
            finally:
                coming.put(None)
                self._running.discard(threading.current_thread())

        thread = threading.Thread(target=run, name="onrecord-gguf", daemon=True)
        self._running.add(thread)
        thread.start()
        while (chunk := coming.get()) is not None:
            if isinstance(chunk, Exception):
                raise chunk
            yield from _pieces_of(chunk)
            if _is_finished(chunk):
                return
        raise IncompleteReplyError

    def _wait_for_replies(self) -> None:
        """Wait until llama.cpp has ended its replies, because it would call back into an interpreter that has gone."""
        self._leaving = True
        for thread in list(self._running):
            thread.join()


def _thread_count() -> int:
    """Return half the cores.

    The threads of llama.cpp spin while they wait for each other, so one without a core slows them all.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, available // 2)


def _pieces_of(chunk: Any) -> Iterator[Piece]:
    if error := get_path(chunk, "error", "message"):
        raise ReplyRefusedError(str(error))
    delta = get_path(_first_choice(chunk), "delta")
    if thought := get_path(delta, "reasoning_content"):
        yield Piece(thought, hidden=True)
    if text := get_path(delta, "content"):
        yield Piece(text)


def _is_finished(chunk: Any) -> bool:
    return bool(get_path(_first_choice(chunk), "finish_reason"))


def _first_choice(chunk: Any) -> Any:
    choices = get_path(chunk, "choices")
    return choices[0] if choices else None
