"""Find what a question speaks of as known: "the letters"."""

from collections.abc import Sequence

from index.text.terms import STOPWORDS
from rag.speech.tokens import Token


def definite_nouns(found: Sequence[Token]) -> list[str]:
    """Return the words right after "the" that nothing behind them explains, as "of the town" would."""
    nouns: list[str] = []
    for at, token in enumerate(found[:-1]):
        if token.low != "the":
            continue
        noun = found[at + 1].low
        after = found[at + 2].low if at + 2 < len(found) else ""
        if noun not in STOPWORDS and noun.isalpha() and after not in ("of", "for", "in", "between", "that", "who"):
            nouns.append(noun)
    return nouns
