"""Find names, numbers and dates that have changed places between a claim and a cited sentence."""

from collections import Counter
from collections.abc import Iterator, Sequence

from index.text.terms import STOPWORDS
from rag.verify.checks.amounts import find_amounts
from rag.verify.checks.base import CitedText, Finding
from rag.verify.checks.dates import find_dates
from rag.verify.checks.names import find_names, opens_as_name, same_people
from rag.verify.checks.wording import Alignment, Change, Word, is_name

_MIN_ALIGNED = 0.75  # share of a claim's words found in order from which positions are certain


def swap_findings(claim: Sequence[Word], alignment: Alignment, known: frozenset[str]) -> Iterator[Finding]:
    """Yield what the claim has between equal words where the source has something else of the same kind.

    All of it may stand elsewhere in the cited sentence, so that looking for it alone would find nothing wrong.
    """
    if alignment.share < _MIN_ALIGNED:
        return
    for change in alignment.changes:
        if not change.claim or not change.source:
            continue
        dates, numbers = _changed_dates(change), _changed_numbers(change)
        pair = dates or numbers
        if pair:
            yield Finding("date" if dates else "number", "wrong", f"the source says {pair[1]}, not {pair[0]}")
            return
        here, there = _names_among(change.claim, claim, known), _names_among(change.source, alignment.source, known)
        if here and there and change.adds_only([*here, *there]) and not _may_be_same_name(here, there):
            shown, other = (" ".join(word.text for word in run) for run in (here, there))
            yield Finding("name", "wrong", f"the source names {other}, not {shown}")
            return


def _changed_numbers(change: Change) -> tuple[str, str] | None:
    here, there = (find_amounts(" ".join(w.text for w in side)) for side in (change.claim, change.source))
    if len(here) == len(there) == 1 and not here[0].matches(there[0]):
        return here[0].text, there[0].text
    return None


def _changed_dates(change: Change) -> tuple[str, str] | None:
    here, there = (find_dates(" ".join(w.text for w in side)) for side in (change.claim, change.source))
    if len(here) == len(there) == 1 and not here[0].is_confirmed_by(there[0]) and not there[0].is_confirmed_by(here[0]):
        return here[0].text, there[0].text
    return None


def _names_among(side: Sequence[Word], whole: Sequence[Word], known: frozenset[str]) -> list[Word]:
    at = {word.start: n for n, word in enumerate(whole)}
    return [word for word in side if is_name(whole, at[word.start], known) or opens_as_name(word)]


def _may_be_same_name(here: Sequence[Word], there: Sequence[Word]) -> bool:
    """Tell whether one can be a way to write the other: words in common, a people for its country, initials."""
    if any(a.low == b.low or same_people(a.low, b.low) for a in here for b in there):
        return True
    for one, other in ((here, there), (there, here)):
        if len(one) == 1 and len(other) > 1 and one[0].low == "".join(word.low[0] for word in other):
            return True
    return False


# Words that mean the same with their sides exchanged.
_SYMMETRIC_WORDS = frozenset(
    "met meet meets married marri with between alongside versus vs join talk spoke speak agre discuss share".split()
)
_MAX_WORDS_BETWEEN = 7  # the two names
_LIST_WORDS = frozenset("and or nor & with versus vs between met".split())
_PASSIVE_VERBS = frozenset("was were is are been being be got".split())


def role_findings(claim: Sequence[Word], source: CitedText, known: frozenset[str]) -> Iterator[Finding]:
    """Yield two names on the other sides of a verb than in the source; "by" turns the sides round."""
    turned = next((pair for sentence in source.words for pair in _swapped_names(claim, sentence, known)), None)
    if turned:
        yield Finding("roles", "wrong", f"the source has {turned[0]} and {turned[1]} the other way about")
        return
    said = _relations(claim, known)
    held = {relation for sentence in source.words for relation in _relations(sentence, known)}
    for one, verb, other in said:
        if (one, verb, other) not in held and (other, verb, one) in held:
            first, second = (next(w.text for w in claim if w.low == low) for low in (one, other))
            yield Finding("roles", "wrong", f"the source has {first} and {second} the other way about")
            return


def _swapped_names(claim: Sequence[Word], source: Sequence[Word], known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield two names that have changed places around exactly the same words."""
    here, there = _words_between_names(claim, known), _words_between_names(source, known)
    for (one, other, between), texts in here.items():
        if (other, one, between) in there and (one, other, between) not in there:
            yield texts


def _words_between_names(
    found: Sequence[Word], known: frozenset[str]
) -> dict[tuple[str, str, tuple[str, ...]], tuple[str, str]]:
    """Return pairs of words of names with the words between them, where those are more than a list's."""
    at = [n for n in range(len(found)) if is_name(found, n, known)]
    enclosed = {}
    for n in at:
        for m in at:
            between = found[n + 1 : m]
            if 0 < len(between) <= _MAX_WORDS_BETWEEN and not {w.low for w in between} <= _LIST_WORDS:
                key = (found[n].low, found[m].low, tuple(w.key for w in between))
                enclosed[key] = (found[n].text, found[m].text)
    return enclosed


def _relations(found: Sequence[Word], known: frozenset[str]) -> list[tuple[str, str, str]]:
    """Return pairs of names with a word between them, the agent first: ``("varga", "defeat", "eckhart")``."""
    places = [(run[-1].low, run) for run in find_names(found, known)]
    at = {id(word): n for n, word in enumerate(found)}
    often = Counter(word.key for word in found)
    relations = []
    for n, (one, run) in enumerate(places):
        for other, later in places[n + 1 :]:
            between = found[at[id(run[-1])] + 1 : at[id(later[0])]]
            if not between or len(between) > _MAX_WORDS_BETWEEN or one == other:
                continue
            if any(w.low in _SYMMETRIC_WORDS or w.key in _SYMMETRIC_WORDS for w in between):
                continue
            doer, verbs, done_to = _agent_and_patient(one, between, other)
            relations += [(doer, verb, done_to) for verb in verbs if often[verb] == 1]
    return relations


def _agent_and_patient(one: str, between: Sequence[Word], other: str) -> tuple[str, list[str], str]:
    """Return who does what to whom: "Acme bought Borealis" and "Borealis was bought by Acme" say the same."""
    be = next((n for n, w in enumerate(between) if w.low in _PASSIVE_VERBS), len(between))
    by = next((n for n, w in enumerate(between) if n > be and w.low == "by"), -1)
    before = [w.key for w in between[:be] if w.low not in STOPWORDS and w.text.islower()]
    if by < 0:
        return one, [w.key for w in between if w.low not in STOPWORDS and w.text.islower()], other
    if before:  # "Varga said the line was paid for by Delmont": what is paid for is not Varga
        return one, before, other
    return other, [w.key for w in between[be:by] if w.low not in STOPWORDS and w.text.islower()], one
