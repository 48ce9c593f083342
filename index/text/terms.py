"""Split a text into terms, as keyword search and evidence scoring see it."""

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from index.text.language import SNOWBALL_NAMES

if TYPE_CHECKING:
    from tantivy import TextAnalyzer

_SPACELESS = r"\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"  # scripts written without spaces
_TOKEN = re.compile(
    r"(?P<acronym>(?:[^\W\d_]\.){2,})"
    r"|(?P<number>\d[\d,]*(?:\.\d+)?)"
    rf"|(?P<spaceless>[{_SPACELESS}]+)"
    r"|(?P<word>[^\W_]+)"
)
_WORD = re.compile(rf"\d[\d.,]*\d|[{_SPACELESS}]|[^\W_{_SPACELESS}]+")
_POSSESSIVE = re.compile(r"[’']s\b")
# Numbers as the continent writes them: "1.234,50", "1 234,50".
_CONTINENTAL_NUMBER = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:[.\u00a0\u202f ]\d{3})+(?![\d.])|\d+)(?:,\d+)?")

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


def terms(text: str, language: str = "") -> list[str]:
    """Return the stemmed terms of ``text`` in order, without the function words of its ``language``.

    Case and accents are folded, ``U.S.`` and ``US`` become one term that the pronoun "us" does not match, ``1,000`` is
    ``1000``, and scripts written without spaces give overlapping pairs of characters. Stemming is Snowball's, with a
    list of its function words for a key of ``SNOWBALL_NAMES``; for any other language it is English (Porter 2), which
    leaves other languages' words mostly as they are.

    >>> terms("The bridges of the U.S. cost 1,000 dollars")
    ['bridg', 'US', 'cost', '1000', 'dollar']
    >>> terms("Die Brücken kosten 1.000,50 Euro", "de")
    ['bruck', 'kost', '1000.50', 'euro']
    """
    if language in SNOWBALL_NAMES:
        return _terms_of_language(text, language)
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


def _terms_of_language(text: str, language: str) -> list[str]:
    import Stemmer

    written = _CONTINENTAL_NUMBER.sub(_decimal_point, text)
    tokens = (match.group().replace(",", "") for match in _TOKEN.finditer(written))
    telling = _analyzer(language).analyze(" ".join(tokens))
    stems = Stemmer.Stemmer(SNOWBALL_NAMES[language]).stemWords([token.casefold() for token in telling])
    return [fold_token(stem) for stem in stems]


def _decimal_point(number: re.Match[str]) -> str:
    whole, comma, rest = number.group().partition(",")
    return re.sub(r"\D", "", whole) + ("." if comma else "") + rest


def without_function_words(text: str, language: str) -> list[str]:
    """Return the words of ``text`` in lower case, in order, without the function words of a key of ``SNOWBALL_NAMES``.

    >>> without_function_words("Das Protokoll der Sitzung", "de")
    ['protokoll', 'sitzung']
    """
    return list(_analyzer(language).analyze(" ".join(re.findall(r"[^\W_]+", text))))


@cache
def _analyzer(language: str) -> "TextAnalyzer":
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    words = TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.lowercase())
    return words.filter(Filter.stopword(SNOWBALL_NAMES[language])).build()


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
