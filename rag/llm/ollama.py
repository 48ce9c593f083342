"""A model served by Ollama."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from rag.llm.backend import CancellableRequest, IncompleteReplyError, Piece, ServerUnavailableError
from rag.llm.http import HttpModel, chat_messages, chunk_pieces, fetch_json, get_path, valid_token_count
from rag.llm.protocol import Message

_MAX_CONTEXT = 8192  # tokens asked for unless configured: what a small computer's memory holds
_DEFAULT_CONTEXT = 4096


class OllamaModel(HttpModel):
    """A model served by Ollama. ``context`` is the number of tokens to ask for, 0 to take the model's own.

    Ollama silently cuts the beginning of a request that is longer than it was told to expect, so it is always told
    (``num_ctx``), and ``reported_context`` returns what it was told. Models are trained for up to a million tokens,
    which no small computer's memory holds, so at most 8,192 are asked for unless configured.
    """

    def __init__(self, name: str, url: str, key: str, context: int, seconds: float) -> None:
        super().__init__(name, url, key, seconds)
        self._context = context

    def load(self) -> None:
        """Import the library, and ask for the model's context."""
        import llama_index.llms.ollama  # noqa: F401

        with suppress(ServerUnavailableError):
            self.reported_context()

    def pieces(self, messages: Sequence[Message], max_tokens: int, call: CancellableRequest) -> Iterator[Piece]:
        """Yield the reply as it arrives; see ``Backend.pieces``."""
        import httpx
        from llama_index.llms.ollama import Ollama
        from ollama import Client

        options = self._client_options(httpx, call, max_tokens)
        with Client(self._url, headers=self._key_headers(), **options) as client:
            llm = Ollama(
                model=self._name,
                base_url=self._url,
                temperature=0.0,
                context_window=self._context or _DEFAULT_CONTEXT,
                additional_kwargs={"num_predict": max_tokens},
                client=client,
            )
            for chunk in llm.stream_chat(chat_messages(messages)):
                yield from chunk_pieces(chunk)
                if chunk.raw and chunk.raw.get("done"):
                    return
        raise IncompleteReplyError

    def reported_context(self) -> int:
        """Return the context that the model's settings ask for, else what it was trained for, at most 8,192."""
        if not self._context:
            reply = fetch_json("POST", f"{self._url}/api/show", self._key_headers(), {"model": self._name})
            trained = min(_MAX_CONTEXT, _trained_context(get_path(reply, "model_info")))
            self._context = _configured_context(get_path(reply, "parameters")) or trained or _DEFAULT_CONTEXT
        return self._context


def _configured_context(parameters: Any) -> int:
    """Return ``num_ctx`` of a Modelfile, which Ollama gives as lines of text; 0 where it is not set."""
    for line in parameters.splitlines() if isinstance(parameters, str) else []:
        match line.split():
            case ["num_ctx", number] if number.isdecimal():
                return valid_token_count(int(number))
    return 0


def _trained_context(info: Any) -> int:
    values = info.items() if isinstance(info, dict) else ()
    return next((valid_token_count(value) for key, value in values if key.endswith(".context_length")), 0)
