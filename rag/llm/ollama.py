"""A model served by Ollama."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from rag.llm.address import shown
from rag.llm.backend import Call, Piece, UnfinishedError, UnsaidError
from rag.llm.http import ask_json, chat_messages, most_bytes, options, tokens, under
from rag.llm.protocol import Message

_MOST_CONTEXT = 8192
_UNTOLD = 4096


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
        return shown(self._url)

    def ready(self) -> None:
        """Import the library, and ask for the model's context."""
        import llama_index.llms.ollama  # noqa: F401

        with suppress(UnsaidError):
            self.told_context()

    def pieces(self, messages: Sequence[Message], max_tokens: int, call: Call) -> Iterator[Piece]:
        """See ``Backend.pieces``."""
        import httpx
        from llama_index.llms.ollama import Ollama
        from ollama import Client

        settings = options(httpx, call, self._seconds, most_bytes(max_tokens), keyless=not self._key)
        with Client(self._url, headers=self._headers(), **settings) as client:
            llm = Ollama(
                model=self._name,
                base_url=self._url,
                temperature=0.0,
                context_window=self._context or _UNTOLD,
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
        raise UnfinishedError

    def told_context(self) -> int:
        """What the model's own settings ask for, else what it was made for, at most 8,192."""
        if not self._context:
            said = ask_json("POST", f"{self._url}/api/show", self._headers(), {"model": self._name})
            made_for = min(_MOST_CONTEXT, _made_for(under(said, "model_info")))
            self._context = _set(under(said, "parameters")) or made_for or _UNTOLD
        return self._context

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}"} if self._key else {}


def _set(parameters: Any) -> int:
    """``num_ctx`` of a Modelfile, which Ollama gives as lines of text."""
    for line in parameters.splitlines() if isinstance(parameters, str) else []:
        match line.split():
            case ["num_ctx", number] if number.isdecimal():
                return tokens(int(number))
    return 0


def _made_for(info: Any) -> int:
    found = info.items() if isinstance(info, dict) else ()
    return next((tokens(value) for key, value in found if key.endswith(".context_length")), 0)
