"""Chat completions as OpenAI has them, what an answer on the record adds, and what is left out.

Source: https://platform.openai.com/docs/api-reference/chat
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ui.api.models import Citation, Verification
from ui.api.scope import ScopeFields

MODEL = "onrecord"
_MESSAGES = 1_000

Said = Annotated[str, Field(pattern=r"\S")]


class TextPart(BaseModel):
    """A part of a message's content."""

    model_config = ConfigDict(strict=True)

    type: Literal["text"]
    text: Said


class UserMessage(BaseModel):
    """What the user says. The last one is the question."""

    model_config = ConfigDict(strict=True)

    role: Literal["user"]
    content: Said | Annotated[list[TextPart], Field(min_length=1)]


class OtherMessage(BaseModel):
    """What else was said. An assistant's words are the answer to the question before them; others are not read."""

    model_config = ConfigDict(strict=True)

    role: Literal["system", "developer", "assistant", "tool", "function"]
    content: Any = None


Message = Annotated[UserMessage | OtherMessage, Field(discriminator="role")]
_ONE_QUESTION: dict[str, Any] = {
    "contains": {"type": "object", "properties": {"role": {"const": "user"}}, "required": ["role"]}
}


class StreamOptions(BaseModel):
    """How to stream."""

    model_config = ConfigDict(strict=True)

    include_usage: bool | None = None


class CompletionRequest(BaseModel):
    """A conversation to go on with. Parameters that are not listed, such as a temperature, change nothing."""

    model_config = ConfigDict(strict=True)

    model: str = Field(default=MODEL, description="Whatever is named, the one model of `/v1/models` answers")
    messages: list[Message] = Field(min_length=1, max_length=_MESSAGES, json_schema_extra=_ONE_QUESTION)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = Field(default=None, description="There is one answer")
    onrecord: ScopeFields | None = Field(default=None, description="Which documents to put the question to")


class Usage(BaseModel):
    """Words read and written, since a quoted answer has no tokens."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class AssistantMessage(BaseModel):
    """The answer: Markdown in which everything from documents is escaped, with markers such as [1]."""

    role: Literal["assistant"]
    content: str
    refusal: None = None
    citations: list[Citation]
    onrecord: Verification


class Choice(BaseModel):
    """The one choice."""

    index: Literal[0]
    message: AssistantMessage
    logprobs: None = None
    finish_reason: Literal["stop"]


class Completion(BaseModel):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: Usage


class Model(BaseModel):
    """A model that can be named."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelList(BaseModel):
    """Every model that can be named."""

    object: Literal["list"]
    data: list[Model]
