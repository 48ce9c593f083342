"""Split a text into terms, as keyword search and evidence scoring see it."""

import re
import unicodedata

_SPACELESS = r"\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"  # scripts written without spaces
_TOKEN = re.compile(
    r"(?P<acronym>(?:[^\W\d_]\.){2,})"
    r"|(?P<number>\d[\d,]*(?:\.\d+)?)"
    rf"|(?P<spaceless>[{_SPACELESS}]+)"
    r"|(?P<word>[^\W_]+)"
)
_WORD = re.compile(rf"\d[\d.,]*\d|[{_SPACELESS}]|[^\W_{_SPACELESS}]+")
_POSSESSIVE = re.compile(r"[’']s\b")

STOPWORDS = frozenset(
    (
        "a about above after again against all am an and any are aren as at be because been before being below "
        "between both but by can cannot could couldn d did didn do does doesn doing don down during each few for from "
        "further had hadn has hasn have haven having he her here hers herself him himself his how i if in into is isn "
        "it its itself just ll m me more most mustn my myself no nor not now of off on once only or other ought our "
        "ours ourselves out over own re s same shan she should shouldn so some such t than that the their theirs them "
        "themselves then there these they this those through to too under until up us ve very was wasn we were weren "
        "what when where which while who whom why will with won would wouldn you your yours yourself yourselves"
    ).split()
)

# Names that would be lost among the function words if case were folded.
_ACRONYMS = frozenset({"US", "WHO"})


def terms(text: str) -> list[str]:
    """Return the stemmed terms of ``text`` in order, without English function words.

    Case and accents are folded, ``U.S.`` and ``US`` become one term that the pronoun "us" does not match, ``1,000`` is
    ``1000``, and scripts written without spaces give overlapping pairs of characters. Stemming is Snowball's English
    (Porter 2), which leaves other languages' words mostly as they are.

    >>> terms("The bridges of the U.S. cost 1,000 dollars")
    ['bridg', 'US', 'cost', '1000', 'dollar']
    """
    found: list[str] = []
    for match in _TOKEN.finditer(_POSSESSIVE.sub("", text)):
        token = match.group()
        if match["acronym"]:
            found.append(_fold_unless_acronym(token.replace(".", "").upper()))
        elif match["number"]:
            found.append(token.replace(",", ""))
        elif match["spaceless"]:
            found.extend(token[i : i + 2] for i in range(max(1, len(token) - 1)))
        elif token in _ACRONYMS or token.casefold() not in STOPWORDS:
            found.append(_fold_unless_acronym(token))
    return stem_tokens(found)


def fold_words(text: str) -> list[str]:
    """Return every word of ``text`` in order, function words too, without case or accents.

    ``1,000`` is ``1000``; each character of a script written without spaces is a word. Use it to compare two texts word
    for word, where ``terms`` would make "not" and nothing the same.
    """
    return [_fold_number_or_word(token) for token in _WORD.findall(text)]


def fold_word_spans(text: str) -> list[tuple[str, int, int]]:
    """Return the words of ``fold_words`` with their places: ``(word, start, end)`` in characters of ``text``."""
    return [(_fold_number_or_word(match.group()), *match.span()) for match in _WORD.finditer(text)]


def _fold_number_or_word(token: str) -> str:
    return token.casefold().replace(",", "") if token.isascii() else fold_token(token)


def _fold_unless_acronym(token: str) -> str:
    return token if token in _ACRONYMS else fold_token(token)


def fold_token(token: str) -> str:
    """Return ``token`` without case or accents."""
    decomposed = unicodedata.normalize("NFKD", token.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def stem_tokens(tokens: list[str]) -> list[str]:
    """Return each token's Snowball English stem."""
    import Stemmer

    return list(Stemmer.Stemmer("english").stemWords(tokens))


def fold_word(word: str) -> str:
    """Fold case, remove accents and straighten apostrophes, so that equal words compare equal.

    >>> fold_word("Müller’s")
    "muller's"
    """
    return fold_token(word.replace("’", "'"))
