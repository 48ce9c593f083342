"""Choose the fixed words of an answer in other languages than English."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from index.text.language import question_language
from rag.languages.load import load_tables


@dataclass(frozen=True, slots=True)
class Messages:
    """What the product says in one language; ``{count}`` is a number of documents, ``{what}`` a name.

    ``one`` and ``many`` name the documents within ``nothing`` (nothing answers) and ``unsure`` (nothing surely
    does). ``other_language`` is said where no document is in the language of the question.
    """

    nothing: str
    unsure: str
    one: str
    many: str
    not_mentioned: str
    no_documents: str
    other_language: str
    hello: str
    welcome: str
    goodbye: str
    tool: str
    library: str
    in_short: str


OTHER_LANGUAGE = (
    "Your documents are in another language than this question, and I find little across languages. Ask in the "
    "language of the documents, or set a multilingual embedding model (--model) or a language model (--llm)."
)
"""What ``other_language`` is in English."""


@cache
def load_messages() -> Mapping[str, Messages]:
    """Load the packaged messages of each language, by its code."""
    return {language: Messages(**table["messages"]) for language, table in load_tables().items()}


def messages_for(question: str) -> Messages | None:
    """Return the messages in the language of ``question``; None where it is English or not sure."""
    return load_messages().get(question_language(question))


def documents_named(messages: Messages, count: int) -> str:
    """Name so many documents, as ``nothing``, ``unsure`` and ``library`` hold them."""
    return messages.one if count == 1 else messages.many.format(count=f"{count:,}")


def is_translated_refusal(text: str) -> bool:
    """Tell whether ``text`` is a refusal in one of the languages that have messages."""
    return any(pattern.match(text) for pattern in _refusals())


@cache
def _refusals() -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(re.sub(r"\\\{\w+\\\}", ".+", re.escape(template)))
        for one in load_messages().values()
        for template in (one.nothing, one.unsure, one.not_mentioned, one.no_documents, one.other_language)
    )
