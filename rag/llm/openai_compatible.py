"""Any server that speaks OpenAI's chat completions: OpenAI, vLLM, llama.cpp, LM Studio and many more."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from rag.llm.address import host_of, is_private, without_path
from rag.llm.backend import CancellableRequest, IncompleteReplyError, Piece, ReplyRefusedError
from rag.llm.http import HttpModel, chat_messages, chunk_pieces, fetch_json, get_path, valid_token_count
from rag.llm.protocol import Message

_PLACEHOLDER_KEY = "none"  # the library insists on a key; this one is not sent
_CONTEXT_KEYS = ("max_model_len", "context_length", "context_window")  # vLLM; OpenRouter, Together; Groq


class OpenAICompatible(HttpModel):
    """A model behind OpenAI's chat completions. ``url`` ends where ``/chat/completions`` begins."""

    def load(self) -> None:
        """Import the library."""
        import llama_index.llms.openai_like  # noqa: F401

    def pieces(self, messages: Sequence[Message], max_tokens: int, call: CancellableRequest) -> Iterator[Piece]:
        """Yield the reply as it arrives; see ``Backend.pieces``."""
        import httpx
        from llama_index.llms.openai_like import OpenAILike

        with httpx.Client(**self._client_options(httpx, call, max_tokens)) as client:
            llm = OpenAILike(  # type: ignore[call-arg]  # its base takes the client
                model=self._name,
                api_base=self._url,
                api_key=self._key or _PLACEHOLDER_KEY,
                is_chat_model=True,
                temperature=0.0,
                max_tokens=max_tokens,
                max_retries=0,
                timeout=self._seconds,
                http_client=client,
            )
            for chunk in llm.stream_chat(chat_messages(messages)):
                yield from chunk_pieces(chunk)
                if reason := _finish_reason(chunk.raw):
                    _check_finish_reason(reason)
                    return
        raise IncompleteReplyError

    def reported_context(self) -> int:
        """Return the context that llama.cpp, LM Studio, vLLM or a hub reports; each does so at another address."""
        headers = self._key_headers()
        local = is_private(host_of(self._url))
        sources = (self._llama_cpp, self._listed, self._lm_studio) if local else (self._listed,)
        return next((context for source in sources if (context := source(headers))), 0)

    def _llama_cpp(self, headers: dict[str, str]) -> int:
        reply = fetch_json("GET", f"{without_path(self._url)}/props", headers)
        return valid_token_count(get_path(reply, "default_generation_settings", "n_ctx"))

    def _lm_studio(self, headers: dict[str, str]) -> int:
        url = f"{without_path(self._url)}/api/v0/models/{quote(self._name, safe='')}"
        return valid_token_count(get_path(fetch_json("GET", url, headers), "loaded_context_length"))

    def _listed(self, headers: dict[str, str]) -> int:
        listed = get_path(fetch_json("GET", f"{self._url}/models", headers), "data")
        models = [model for model in listed if isinstance(model, dict)] if isinstance(listed, list) else []
        ours = [model for model in models if model.get("id") == self._name] or (models if len(models) == 1 else [])
        counts = (valid_token_count(model.get(key)) for model in ours for key in _CONTEXT_KEYS)
        return next(filter(None, counts), 0)


def _finish_reason(raw: Any) -> str:
    choices = getattr(raw, "choices", None)
    return (choices[0].finish_reason or "") if choices else ""


def _check_finish_reason(reason: str) -> None:
    if reason == "content_filter":
        raise ReplyRefusedError("its content filter stopped it")
