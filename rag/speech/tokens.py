"""The words and marks of a text at their offsets, as the rules of reported speech read them."""

import re
from dataclasses import dataclass

MASK = "\ue000"  # stands for quoted characters, which are not the reporter's grammar
_TOKEN = re.compile(rf"{MASK}+|[^\W_]+(?:[-'’&][^\W_]+)*(?:(?<=s)['’](?= [^\W_]))?|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a mark, or a run of quoted characters, at its offsets in the document."""

    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        """The word in lower case, without a possessive ending."""
        return strip_possessive(self.text).casefold()

    @property
    def is_quoted(self) -> bool:
        """Whether it stands for quoted words."""
        return self.text[:1] == MASK


def tokenize(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Return the tokens of ``text[start:end]``, at their offsets in ``text``.

    >>> [token.text for token in tokenize("Varga's plan, she said.")]
    ["Varga's", 'plan', ',', 'she', 'said', '.']
    """
    return [Token(m.group(), *m.span()) for m in _TOKEN.finditer(text, start, len(text) if end is None else end)]


def strip_possessive(word: str) -> str:
    """Return the word without a possessive ending."""
    return word[:-2] if word[-2:] in ("'s", "’s") else word.rstrip("'’")


def is_possessive(word: str) -> bool:
    """Tell whether the word ends as a possessive does."""
    return word[-2:] in ("'s", "’s", "s'", "s’")
