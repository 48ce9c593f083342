"""Words and marks of a sentence at their offsets, as the rules of reported speech read them."""

import re
from dataclasses import dataclass

from index.text.month_names import WEEKDAYS

MASK = "\ue000"  # stands for quoted characters, which are somebody else's grammar
_TOKEN = re.compile(rf"{MASK}+|[^\W_]+(?:[-'’&][^\W_]+)*(?:(?<=s)['’](?= [^\W_]))?|[^\w\s]")
DAY_WORDS = frozenset([*map(str.casefold, WEEKDAYS), "yesterday", "today", "tonight"])


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a mark, or a run of quoted characters, at its offsets in the document."""

    text: str
    start: int
    end: int

    @property
    def low(self) -> str:
        """The word without regard to case and possessive."""
        return strip_possessive(self.text).casefold()

    @property
    def is_quoted(self) -> bool:
        """Whether it stands for quoted words."""
        return self.text[:1] == MASK


def tokenize(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The tokens of ``text[start:end]``, in document offsets."""
    return [Token(m.group(), *m.span()) for m in _TOKEN.finditer(text, start, len(text) if end is None else end)]


def strip_possessive(word: str) -> str:
    """The word without a possessive ending."""
    return word[:-2] if word[-2:] in ("'s", "’s") else word.rstrip("'’")


def is_possessive(word: str) -> bool:
    """Whether it ends as a possessive does."""
    return word[-2:] in ("'s", "’s", "s'", "s’")
