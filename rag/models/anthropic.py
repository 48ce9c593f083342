"""A model of Anthropic's, or of a server that speaks its messages protocol."""

from collections.abc import Iterator, Sequence

from rag.model import Message
from rag.models.address import shown
from rag.models.ask import Unsaid, ask_json, tokens, under
from rag.models.backend import Piece, Refused, Unfinished
from rag.models.call import Call
from rag.models.chat import chat_messages
from rag.models.wire import most_bytes, options

_VERSION = "2023-06-01"


class AnthropicModel:
    """``url`` is the server's, without the ``/v1``."""

    def __init__(self, name: str, url: str, key: str, seconds: float) -> None:
        self._name = name
        self._url = url
        self._key = key
        self._seconds = seconds

    @property
    def where(self) -> str:
        """The host."""
        return shown(self._url)

    def ready(self) -> None:
        """Import the library."""
        import llama_index.llms.anthropic  # noqa: F401

    def pieces(self, messages: Sequence[Message], max_tokens: int, call: Call) -> Iterator[Piece]:
        """See ``Backend.pieces``."""
        import anthropic
        import httpx2
        from llama_index.llms.anthropic import Anthropic

        settings = options(httpx2, call, self._seconds, most_bytes(max_tokens))
        with httpx2.Client(**settings) as client:
            llm = Anthropic(
                model=self._name,
                base_url=self._url,
                api_key=self._key,
                temperature=0.0,
                max_tokens=max_tokens,
                max_retries=0,
                timeout=self._seconds,
            )
            # The class takes no HTTP client, and its own follows redirects and cannot be ended from outside.
            llm._client = anthropic.Anthropic(
                api_key=self._key, base_url=self._url, max_retries=0, timeout=self._seconds, http_client=client
            )
            for got in llm.stream_chat(chat_messages(messages)):
                said = got.message.additional_kwargs
                if said.get("thinking_delta"):
                    yield Piece(said["thinking_delta"], hidden=True)
                if got.delta:
                    yield Piece(got.delta)
                if said.get("stop_reason") == "refusal":
                    raise Refused("it refuses to answer this")
                if said.get("stop_reason"):
                    return
        raise Unfinished

    def told_context(self) -> int:
        """What the server's list says, else the library's table of names."""
        from llama_index.llms.anthropic.utils import anthropic_modelname_to_contextsize

        headers = {"x-api-key": self._key, "anthropic-version": _VERSION}
        try:
            said = ask_json("GET", f"{self._url}/v1/models/{self._name}", headers)
            return tokens(under(said, "max_input_tokens")) or anthropic_modelname_to_contextsize(self._name)
        except (Unsaid, ValueError):
            return 0
