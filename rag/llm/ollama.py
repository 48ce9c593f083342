"""A model served by Ollama."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from rag.llm.address import display_host
from rag.llm.backend import CancellableRequest, IncompleteReplyError, Piece, ServerUnavailableError
from rag.llm.http import chat_messages, client_options, fetch_json, get_path, max_reply_bytes, valid_token_count
from rag.llm.protocol import Message

_MAX_CONTEXT = 8192
_DEFAULT_CONTEXT = 4096


class OllamaModel:
    """``url`` is the server's. ``context`` is what is asked of it, 0 to ask what the model was made for.

    Ollama cuts a request that is longer than it was told to expect, from the front and without a word, so it is
    told (``num_ctx``), and what it is told is what ``told_context`` says. Models are made for up to a million
    tokens, which no small computer's memory holds, so no more than 8,192 are asked for unless configured.
    """

    def __init__(self, name: str, url: str, key: str, context: int, seconds: float) -> None:
        self._name = name
        self._url = url
        self._key = key
        self._context = context
        self._seconds = seconds

    @property
    def where(self) -> str:
        """Host and port."""
        return display_host(self._url)

    def load(self) -> None:
        """Import the library, and ask for the model's context."""
        import llama_index.llms.ollama  # noqa: F401

        with suppress(ServerUnavailableError):
            self.reported_context()

    def pieces(self, messages: Sequence[Message], max_tokens: int, call: CancellableRequest) -> Iterator[Piece]:
        """See ``Backend.pieces``."""
        import httpx
        from llama_index.llms.ollama import Ollama
        from ollama import Client

        settings = client_options(httpx, call, self._seconds, max_reply_bytes(max_tokens), keyless=not self._key)
        with Client(self._url, headers=self._headers(), **settings) as client:
            llm = Ollama(
                model=self._name,
                base_url=self._url,
                temperature=0.0,
                context_window=self._context or _DEFAULT_CONTEXT,
                additional_kwargs={"num_predict": max_tokens},
                client=client,
            )
            for got in llm.stream_chat(chat_messages(messages)):
                if got.additional_kwargs.get("thinking_delta"):
                    yield Piece(got.additional_kwargs["thinking_delta"], hidden=True)
                if got.delta:
                    yield Piece(got.delta)
                if got.raw and got.raw.get("done"):
                    return
        raise IncompleteReplyError

    def reported_context(self) -> int:
        """What the model's own settings ask for, else what it was made for, at most 8,192."""
        if not self._context:
            said = fetch_json("POST", f"{self._url}/api/show", self._headers(), {"model": self._name})
            made_for = min(_MAX_CONTEXT, _trained_context(get_path(said, "model_info")))
            self._context = _configured_context(get_path(said, "parameters")) or made_for or _DEFAULT_CONTEXT
        return self._context

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}"} if self._key else {}


def _configured_context(parameters: Any) -> int:
    """``num_ctx`` of a Modelfile, which Ollama gives as lines of text."""
    for line in parameters.splitlines() if isinstance(parameters, str) else []:
        match line.split():
            case ["num_ctx", number] if number.isdecimal():
                return valid_token_count(int(number))
    return 0


def _trained_context(info: Any) -> int:
    found = info.items() if isinstance(info, dict) else ()
    return next((valid_token_count(value) for key, value in found if key.endswith(".context_length")), 0)
