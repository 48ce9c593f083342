"""Chat completions as OpenAI defines them, and what an answer on the record adds.

Source: https://platform.openai.com/docs/api-reference/chat
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from ui.api.models import Citation, Verification
from ui.api.scope import ScopeFields

TEXT_OR_PARTS = "has to be text, or a list of parts that each have a type"
MODEL = "onrecord"
_MESSAGES = 1_000

_ROLES = ("system", "developer", "assistant", "tool", "function")
_TEXT_PART: dict[str, Any] = {
    "type": "object",
    "properties": {"type": {"const": "text"}, "text": {"type": "string", "pattern": r"\S"}},
    "required": ["type", "text"],
}
_PARTS: dict[str, Any] = {
    "type": "array",
    "description": "Text, and parts of other kinds, such as `image_url`, which are not read",
    "items": {"type": "object", "properties": {"type": {"type": "string"}}, "required": ["type"]},
    "contains": _TEXT_PART,
}
_BY_ROLE: list[dict[str, Any]] = [
    {
        "type": "object",
        "properties": {"role": {"const": "user"}, "content": {"anyOf": [{"type": "string", "pattern": r"\S"}, _PARTS]}},
        "required": ["role", "content"],
    },
    {"type": "object", "properties": {"role": {"enum": list(_ROLES)}}, "required": ["role"]},
]


def _described(schema: dict[str, Any]) -> None:
    for key in ("type", "properties", "required"):
        schema.pop(key)
    schema["anyOf"] = _BY_ROLE


class Message(BaseModel):
    """What was said. The last message of the user's is the question, and what the assistant said answers the one
    before it. Messages of other roles are not read.
    """

    model_config = ConfigDict(strict=True, json_schema_extra=_described)

    role: Literal["user", "system", "developer", "assistant", "tool", "function"]
    content: Any = None

    @field_validator("content")
    @classmethod
    def _text_or_parts(cls, content: Any, info: ValidationInfo) -> Any:
        # The schema describes a question. Earlier turns may be empty, as clients keep interrupted ones.
        if info.data.get("role") != "user" or content is None or isinstance(content, str):
            return content
        if isinstance(content, list) and all(isinstance(p, dict) and isinstance(p.get("type"), str) for p in content):
            return content
        raise ValueError(TEXT_OR_PARTS)


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
