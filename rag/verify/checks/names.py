"""Check that the names of a claim are in the cited sentences.

A surname stands for a full name, initials for a long one, "French" for "France". A name that only stands near by may be
the person that a pronoun of the cited sentence means.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from index.text.terms import STOPWORDS, fold_word
from rag.speech.lexicon import GROUPS, ROLES
from rag.speech.tokens import strip_possessive
from rag.speech.word_classes import DAY_WORDS
from rag.verify.checks.base import CitedText, Finding
from rag.verify.checks.quoted import blank_quotations
from rag.verify.checks.wording import Alignment, Word, is_name, words

_PRONOUNS = frozenset(
    "he she it they his her its their him them hers theirs i we our my you this these that those who which".split()
)
_PARTICLES = frozenset("of the and de la le van von der den bin al el for".split())
# Countries with words for their people that do not begin as the country does.
_PEOPLES = (
    "uk britain british briton britons united kingdom english england",
    "us usa america american americans united states",
    "france french frenchman",
    "netherlands dutch holland",
    "germany german germans berlin",
    "switzerland swiss",
    "wales welsh",
    "greece greek greeks greece",
    "denmark danish dane danes",
    "spain spanish spaniard",
    "poland polish pole poles",
    "turkey turkish turk türkiye turkiye",
    "sweden swedish swede swedes",
    "ireland irish",
    "thailand thai",
    "philippines filipino philippine",
    "eu europe european european union",
    "un united nations",
    "iraq iraqi iraqis",
    "israel israeli israelis",
    "peru peruvian",
    "norway norwegian",
    "cyprus cypriot",
    "kyiv kiev",
)
_OF_ONE_PEOPLE = tuple(frozenset(line.split()) for line in _PEOPLES)
_ENDINGS = ("an", "ian", "n", "ese", "ish", "i", "ic", "ist", "ans", "ians")
_OPENING_WORDS = (
    STOPWORDS | DAY_WORDS | ROLES | GROUPS
    | frozenset(
        "later earlier meanwhile instead still also yet since although though despite unlike according besides indeed "
        "thus therefore today many most several one two three mr mrs ms dr overall next last moreover furthermore "
        "nevertheless nonetheless within without following around hours days weeks months years".split()
    )
)  # fmt: skip
_MIN_SHARED_LETTERS = 4  # that a country and its adjective share


def name_findings(
    claim: Sequence[Word], source: CitedText, alignment: Alignment, known: frozenset[str]
) -> Iterator[Finding]:
    """Yield names that stand in another's place, or that no cited sentence has and none can mean."""
    around = frozenset(word.low for word in source.around_words)
    title = frozenset(fold_word(word) for word in source.title.split())
    unheard = _unknown_opening(claim, alignment, around | source.folded)
    if unheard:
        yield Finding("name", "missing", f"no cited sentence names {unheard}")
    everywhere = [*source.words, source.around_words]
    for name in find_names(claim, known):
        missing = [word for word in name if not _is_held(word.low, source.folded)]
        if not missing or _is_acronym(name, everywhere) or _is_acronym_in_source(name, source):
            continue
        shown = strip_possessive(" ".join(word.text for word in name))
        instead = _name_instead(missing, alignment)
        if instead:
            yield Finding("name", "wrong", f"the source names {instead}, not {shown}")
        elif name[-1] not in missing and _stands_together(name, source.around_words):
            continue
        elif all(_is_held(word.low, around) for word in name):
            if not (
                _has_reference(source)
                or all(_is_held(word.low, title) for word in missing)
                or _names_all(claim, source)
            ):
                yield Finding("name", "missing", f"{shown} is named near by, not in the cited sentence")
        else:
            yield Finding("name", "missing", f"no cited sentence names {shown}")


def _unknown_opening(claim: Sequence[Word], alignment: Alignment, around: frozenset[str]) -> str:
    """Return the word that opens the claim where the cited sentence has a pronoun or nothing.

    A word that stands near the cited sentence gives an empty text.
    """
    for change in alignment.changes if alignment.is_close else ():
        new = change.claim[0] if len(change.claim) == 1 and {w.low for w in change.source} <= {"he", "she"} else None
        if new and opens_as_name(new) and new.low not in around:
            return new.text
    return ""


def opens_as_name(word: Word) -> bool:
    """Tell whether a word that opens a sentence acts as a name there, where another sentence has something else."""
    return word.first and word.text[:1].isupper() and word.low not in _OPENING_WORDS and not word.low.endswith("ly")


def find_names(found: Sequence[Word], known: frozenset[str]) -> Iterator[tuple[Word, ...]]:
    """Yield the names in ``found``: runs of words that are names by their capitals."""
    marked = [is_name(found, n, known) for n in range(len(found))]
    for is_one, run in groupby(range(len(found)), key=lambda n: marked[n]):
        if is_one:
            yield tuple(found[n] for n in run)


def same_people(one: str, other: str) -> bool:
    """Tell whether two folded words name one country or people: "france" and "french", "italy" and "italian"."""
    if any(one in line and other in line for line in _OF_ONE_PEOPLE):
        return True
    short, long = sorted((one, other), key=len)
    root = next((n for n, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return root >= _MIN_SHARED_LETTERS and len(short) - root <= 2 and long[root:].removeprefix("y") in (*_ENDINGS, "")  # noqa: PLR2004


def _is_held(low: str, pool: frozenset[str]) -> bool:
    return low in pool or low.rstrip("s") in pool or any(same_people(low, other) for other in pool if len(other) > 1)


def _name_instead(missing: Sequence[Word], alignment: Alignment) -> str:
    """Return the name that stands in the source where the claim has another."""
    if not alignment.is_close:
        return ""
    lows = {word.low for word in missing}
    for change in alignment.changes:
        if any(word.low in lows for word in change.claim):
            other = [
                " ".join(word.text for word in run)
                for capital, run in groupby(change.source, key=_may_be_name)
                if capital
            ]
            if other and change.adds_only([*missing, *(w for w in change.source if _may_be_name(w))]):
                return other[-1]
    return ""


def _may_be_name(word: Word) -> bool:
    return word.text[:1].isupper() and word.low not in STOPWORDS | ROLES | GROUPS


def _stands_together(name: Sequence[Word], around: Sequence[Word]) -> bool:
    """Tell whether the words stand side by side near by: the full name of somebody cited by surname."""
    lows = [word.low for word in name]
    pool = [word.low for word in around]
    return any(pool[n : n + len(lows)] == lows for n in range(len(pool) - len(lows) + 1))


def _is_acronym(name: Sequence[Word], pools: Sequence[Sequence[Word]]) -> bool:
    """Tell whether it is an acronym of words that stand together in one of ``pools``: "NATO", "UN"."""
    if len(name) != 1 or not name[0].text.replace(".", "").isupper() or len(name[0].low) < 2:  # noqa: PLR2004
        return False
    return any(name[0].low == letters for pool in pools for letters in _initials(pool, len(name[0].low)))


def _initials(pool: Sequence[Word], length: int) -> Iterator[str]:
    capitals = [w for w in pool if w.text[:1].isupper() and w.low not in _PARTICLES]
    for n in range(len(capitals) - length + 1):
        yield "".join(w.low[0] for w in capitals[n : n + length])


def _is_acronym_in_source(name: Sequence[Word], source: CitedText) -> bool:
    """Tell whether the cited words have the name's initials: "WHO" for "World Health Organization"."""
    letters = "".join(word.low[0] for word in name)
    return len(letters) > 1 and any(w.low == letters and w.text.isupper() for s in source.words for w in s)


def _names_all(claim: Sequence[Word], source: CitedText) -> bool:
    """Tell whether the claim leaves out no name of the cited sentences, so that one more says what they are about."""
    said = frozenset(word.low for word in claim)
    held = (name for sentence in source.words for name in find_names(sentence, source.known_names))
    return all(any(_is_held(word.low, said) for word in name) for name in held)


def _is_unnamed_role(sentence: Sequence[Word], at: int) -> bool:
    """Tell whether a role stands at ``at`` without its holder's name: not "the mayor, Ines Varga"."""
    if sentence[at].low not in ROLES and sentence[at].low not in GROUPS:
        return False
    return at + 1 >= len(sentence) or not sentence[at + 1].text[:1].isupper()


def _has_reference(source: CitedText) -> bool:
    """Tell whether a cited sentence, outside what it quotes, has a word that can refer to somebody named before.

    A sentence that is all quotation may be anybody's; whose it is, the check of speakers tells.
    """
    for sentence in map(words, map(blank_quotations, source.sentences)):
        if not sentence or {word.low for word in sentence} & _PRONOUNS:
            return True
        for n, word in enumerate(sentence):
            if word.low == "the" and any(
                _is_unnamed_role(sentence, at) for at in range(n + 1, min(n + 4, len(sentence)))
            ):
                return True
    return False
