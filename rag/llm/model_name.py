"""Which language model a name such as ``"ollama/llama3.2"`` means."""

from dataclasses import dataclass
from typing import Literal, get_args

from index.errors import SettingsError

Kind = Literal["openai", "ollama", "anthropic", "gguf"]


@dataclass(frozen=True, slots=True)
class Named:
    """A kind of backend, and the model's name there; for ``gguf`` the file."""

    kind: Kind
    name: str


def named(llm: str) -> Named:
    """Read ``kind/name``. Raises SettingsError for another shape or an unknown kind."""
    kind, _, name = llm.strip().partition("/")
    for known in get_args(Kind):
        if kind.strip().lower() == known and name.strip():
            return Named(known, name.strip())
    raise SettingsError(
        f"`llm` is {llm!r}, which names no language model. Write it as openai/NAME (any OpenAI-compatible server), "
        'ollama/NAME, anthropic/NAME or gguf/FILE, or leave it "" to have answers quoted.'
    )


def is_model(name: str) -> bool:
    """Whether ``name`` is written as a language model is, whatever else it may be."""
    kind, slash, rest = name.partition("/")
    return kind.strip().lower() in get_args(Kind) and bool(slash and rest.strip())
