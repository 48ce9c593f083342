"""Any server that speaks OpenAI's chat completions: OpenAI, vLLM, llama.cpp, LM Studio and many more."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from rag.llm.address import display_host, host_of, is_private, without_path
from rag.llm.backend import CancellableRequest, IncompleteReplyError, Piece, ReplyRefusedError
from rag.llm.http import chat_messages, client_options, fetch_json, get_path, max_reply_bytes, valid_token_count
from rag.llm.protocol import Message

_PLACEHOLDER_KEY = "none"  # the library insists on one; it is not sent
_CONTEXT_KEYS = ("max_model_len", "context_length", "context_window")  # vLLM; OpenRouter, Together; Groq


class OpenAICompatible:
    """``url`` ends where ``/chat/completions`` begins. ``key`` may be empty, and is then not sent.

    ``seconds`` is how long a read may wait at all.
    """

    def __init__(self, name: str, url: str, key: str, seconds: float) -> None:
        self._name = name
        self._url = url
        self._key = key
        self._seconds = seconds

    @property
    def where(self) -> str:
        """Host and port."""
        return display_host(self._url)

    def load(self) -> None:
        """Import the library."""
        import llama_index.llms.openai_like  # noqa: F401

    def pieces(self, messages: Sequence[Message], max_tokens: int, call: CancellableRequest) -> Iterator[Piece]:
        """See ``Backend.pieces``."""
        import httpx
        from llama_index.llms.openai_like import OpenAILike

        settings = client_options(httpx, call, self._seconds, max_reply_bytes(max_tokens), keyless=not self._key)
        with httpx.Client(**settings) as client:
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
            for got in llm.stream_chat(chat_messages(messages)):
                if got.additional_kwargs.get("thinking_delta"):
                    yield Piece(got.additional_kwargs["thinking_delta"], hidden=True)
                if got.delta:
                    yield Piece(got.delta)
                if reason := _finish_reason(got.raw):
                    _check_finish_reason(reason)
                    return
        raise IncompleteReplyError

    def reported_context(self) -> int:
        """llama.cpp, LM Studio, vLLM and several hubs say, each elsewhere."""
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        near = is_private(host_of(self._url))
        ways = (self._llama_cpp, self._listed, self._lm_studio) if near else (self._listed,)
        return next((told for way in ways if (told := way(headers))), 0)

    def _llama_cpp(self, headers: dict[str, str]) -> int:
        said = fetch_json("GET", f"{without_path(self._url)}/props", headers)
        return valid_token_count(get_path(said, "default_generation_settings", "n_ctx"))

    def _lm_studio(self, headers: dict[str, str]) -> int:
        said = fetch_json("GET", f"{without_path(self._url)}/api/v0/models/{quote(self._name, safe='')}", headers)
        return valid_token_count(get_path(said, "loaded_context_length"))

    def _listed(self, headers: dict[str, str]) -> int:
        said = get_path(fetch_json("GET", f"{self._url}/models", headers), "data")
        models = [model for model in said if isinstance(model, dict)] if isinstance(said, list) else []
        ours = [model for model in models if model.get("id") == self._name] or (models if len(models) == 1 else [])
        return next(
            (
                valid_token_count(model.get(key))
                for model in ours
                for key in _CONTEXT_KEYS
                if valid_token_count(model.get(key))
            ),
            0,
        )


def _finish_reason(raw: Any) -> str:
    choices = getattr(raw, "choices", None)
    return (choices[0].finish_reason or "") if choices else ""


def _check_finish_reason(reason: str) -> None:
    if reason == "content_filter":
        raise ReplyRefusedError("its content filter stopped it")
