"""A model of Anthropic's, or of a server that speaks its messages protocol.

This uses Anthropic's own library: LlamaIndex's class over it fails with each model that is newer than its table of
names, and with the library's present version altogether.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from rag.llm.backend import CancellableRequest, IncompleteReplyError, Piece, ReplyRefusedError
from rag.llm.http import HttpModel, fetch_json, get_path, valid_token_count
from rag.llm.protocol import Message

_VERSION = "2023-06-01"


class AnthropicModel(HttpModel):
    """A model behind Anthropic's messages protocol. ``url`` is the server's, without the ``/v1``."""

    def load(self) -> None:
        """Import the library."""
        import anthropic  # noqa: F401

    def pieces(self, messages: Sequence[Message], max_tokens: int, call: CancellableRequest) -> Iterator[Piece]:
        """Yield the reply as it arrives; see ``Backend.pieces``."""
        import httpx2
        from anthropic import Anthropic

        request: dict[str, Any] = {
            "model": self._name,
            "messages": [{"role": one.role, "content": one.text} for one in messages if one.role != "system"],
            "max_tokens": max_tokens,  # and no temperature, which the newer models refuse
            "stream": True,
        }
        if system := "\n\n".join(one.text for one in messages if one.role == "system"):
            request["system"] = system
        with httpx2.Client(**self._client_options(httpx2, call, max_tokens)) as http:
            client = Anthropic(
                api_key=self._key, base_url=self._url, max_retries=0, timeout=self._seconds, http_client=http
            )
            for event in client.messages.create(**request):
                if event.type == "content_block_delta" and event.delta.type == "text_delta" and event.delta.text:
                    yield Piece(event.delta.text)
                elif event.type == "content_block_delta" and event.delta.type == "thinking_delta":
                    yield Piece(event.delta.thinking, hidden=True)
                elif event.type == "message_delta" and event.delta.stop_reason:
                    _check_stop_reason(event.delta.stop_reason)
                    return
        raise IncompleteReplyError

    def reported_context(self) -> int:
        """Return the context that the server's list of models gives."""
        headers = {"x-api-key": self._key, "anthropic-version": _VERSION}
        reply = fetch_json("GET", f"{self._url}/v1/models/{self._name}", headers)
        return valid_token_count(get_path(reply, "max_input_tokens"))


def _check_stop_reason(reason: str) -> None:
    if reason == "refusal":
        raise ReplyRefusedError("it refuses to answer this")
