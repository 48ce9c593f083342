"""Tell the language of a text, by its script or by py3langid, a naive Bayes model over pieces of words."""

import re
from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ENGLISH = "en"
SNOWBALL_NAMES = {
    "de": "german", "fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese", "nl": "dutch",
}  # fmt: skip
"""The languages, beside English, whose words are stemmed, with Snowball's names for them."""
SPACELESS = frozenset({"zh", "ja"})
"""The languages written without spaces."""

# Languages that are told apart from ours, so that their texts are not taken for one of ours.
_NEIGHBOURS = tuple("da sv no fi pl cs hu ro tr ru uk bg el ar he fa vi id".split())
_SURE_OF_TEXT, _SURE_OF_QUESTION = 0.9, 0.65  # probabilities; no English text of ours comes near the lower
_LEAST_WORDS_OF_QUESTION = 4  # that tell its language where no letter does
_MOST_CHARACTERS = 2_000  # of a text that are looked at
_WORD = re.compile(r"[^\W\d_]+")
_KANA, _HAN = re.compile(r"[\u3041-\u3096\u30a1-\u30fa]"), re.compile(r"[\u3400-\u9fff]")
# Words that hardly stand in a text of another language, unlike "die", "was", "in" and "of": no model is needed.
_ENGLISH_ONLY = frozenset(
    "the and what who when where how which why does did you your with for from have has are this that there their "
    "they would should could".split()
)
_ENGLISH_SHARE = 0.1  # of such words among all, from which on a text is English


def language_of(text: str) -> str:
    """Return the language of a passage: "en", a key of ``SNOWBALL_NAMES``, "zh" or "ja"; "" where that is not sure.

    >>> language_of("The bridge was closed."), language_of("Die Brücke wurde gesperrt."), language_of("C-204; 17")
    ('en', 'de', '')
    """
    return _detect(text, _SURE_OF_TEXT)


def question_language(question: str) -> str:
    """Return the language of a question, which is told from fewer words than ``language_of`` wants.

    Two or three plain words that ask nothing are as likely a name, which is at home in any language.

    >>> question_language("Wer bist du?"), question_language("Noor van Dalen")
    ('de', '')
    """
    language = _detect(question, _SURE_OF_QUESTION)
    short = len(_WORD.findall(question)) < _LEAST_WORDS_OF_QUESTION and question.isascii()
    return "" if short and "?" not in question and language in SNOWBALL_NAMES else language


def may_be_english(question: str, held: Collection[str]) -> bool:
    """Tell whether ``question`` is English, or its language not sure and all that the documents ``held`` English."""
    language = question_language(question)
    return language == ENGLISH or (not language and set(held) <= {ENGLISH})


def _detect(text: str, sure: float) -> str:
    text = text[:_MOST_CHARACTERS]
    words = [word.casefold() for word in _WORD.findall(text)]
    if not words:
        return ""
    han, letters = len(_HAN.findall(text)), sum(map(len, words))
    if kana := len(_KANA.findall(text)):
        return "ja" if 2 * (kana + han) >= letters else ""
    if 2 * han >= letters:
        return "zh"
    if sum(word in _ENGLISH_ONLY for word in words) >= _ENGLISH_SHARE * len(words):
        return ENGLISH
    language, probability = _identifier().classify(text)
    known = language == ENGLISH or language in SNOWBALL_NAMES
    return str(language) if known and probability >= sure else ""


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([ENGLISH, *SNOWBALL_NAMES, *_NEIGHBOURS])
    return identifier
