"""Split a sentence into words to compare, and align one sentence with another."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from index.text.month_names import MONTHS
from index.text.terms import STOPWORDS, fold_word, stem_tokens
from rag.speech.lexicon import HONORIFICS, OFFICE_TITLES
from rag.speech.word_classes import DAY_WORDS

_WORD = re.compile(
    r"(?:[^\W\d_]\.){2,}"
    r"|[$£€¥]?\d+(?:[.,:]\d+)*(?:st|nd|rd|th|s)?\b%?"
    r"|[^\W\d_][^\W_]*(?:['’][^\W\d_]+)?"
    r"|[%&]"
)
_SENTENCE_START = re.compile(r"[.!?:;…\n]|[“\"«„]")
# Words that are capitalised by grammar or style rather than as a name.
_NO_NAME = (
    STOPWORDS
    | DAY_WORDS
    | frozenset(map(str.casefold, MONTHS))
    | HONORIFICS
    | OFFICE_TITLES
    | frozenset(
        "congressman congresswoman representative vice deputy general chairman chairwoman king queen prince princess "
        "pope saint st jr sr inc ltd co corp plc internet".split()
    )
)
# Offices and periods written as capitals, which are not names.
_INITIALS = frozenset("ceo cfo coo cto mp mps pm vp q1 q2 q3 q4 h1 h2 tv am".split())
_IRREGULAR = (
    "say said|tell told|buy bought|sell sold|win won|lose lost|beat beaten|rise rose risen|"
    "fall fell fallen|go went gone|come came|take took taken|give gave given|get got|make made|"
    "see saw seen|know knew known|find found|leave left|think thought|bring brought|"
    "begin began begun|keep kept|hold held|write wrote written|stand stood|hear heard|mean meant|"
    "meet met|run ran|pay paid|speak spoke spoken|lead led|grow grew grown|build built|send sent|"
    "spend spent|fight fought|catch caught|teach taught|break broke broken|choose chose chosen|"
    "drive drove driven|draw drew drawn|steal stole stolen|strike struck|shoot shot|feel felt|"
    "become became|understand understood|withdraw withdrew"
)
_BASE_FORMS = {form: line.split()[0] for line in _IRREGULAR.split("|") for form in line.split()[1:]}
_HYPHENS = re.compile(r"(?<=\w)[-‐‑–](?=\w)")
_MAX_CHANGED_WORDS = 4  # a longer replacement is another wording, not an exchange
_MIN_ALIGNED = 0.55  # share of a claim's words found in order from which single differences matter


@dataclass(frozen=True, slots=True)
class Word:
    """One word at its place. ``key``, its stem, is what it is compared by; ``first`` says that it begins a sentence."""

    text: str
    low: str
    key: str
    start: int
    end: int
    first: bool = False


def words(text: str) -> tuple[Word, ...]:
    """Return the words of ``text`` in order; "didn't" is "did" and "not", "cannot" is "can" and "not"."""
    found = list(_split(text))
    keys = stem_tokens([_BASE_FORMS.get(low, low) for _, low, _, _, _ in found])
    return tuple(Word(t, low, key, a, b, first) for (t, low, a, b, first), key in zip(found, keys, strict=True))


def _split(text: str) -> Iterator[tuple[str, str, int, int, bool]]:
    before = 0
    flat = _HYPHENS.sub(" ", text)
    for match in _WORD.finditer(flat):
        start, end = match.span()
        first = before == 0 or _SENTENCE_START.search(flat, before, start) is not None
        before = end
        token = match.group()
        low = fold_word(token.replace(",", "") if token[:1].isdigit() else token).strip(".").replace(".", "")
        if low.endswith("n't"):
            stem_of = {"won't": "will", "can't": "can", "shan't": "shall"}.get(low, low[:-3])
            yield token[:-3], stem_of, start, end, first
            yield "not", "not", start, end, False
        elif low == "cannot":
            yield "can", "can", start, end, first
            yield "not", "not", start, end, False
        else:
            yield token, low.removesuffix("'s").rstrip("'"), start, end, first


def is_name(found: Sequence[Word], at: int, known: frozenset[str] = frozenset()) -> bool:
    """Tell whether the word at ``at`` is part of a name by its capital.

    The first word of a sentence is when it is ``known`` to be, is all capitals, or stands before another capital.
    """
    word = found[at]
    if not word.text[:1].isupper() or (word.low in _NO_NAME and not (word.text.isupper() and len(word.low) > 1)):
        return False
    if len(word.low) == 1 or word.low in _INITIALS:
        return False
    if not word.first:
        return True
    following = found[at + 1] if at + 1 < len(found) else None
    alignment = (
        following is not None and following.text[:1].isupper() and not following.first and following.low not in _NO_NAME
    )
    return (
        word.low in known or (word.text.isupper() and len(word.low) > 1) or (alignment and not word.low.endswith("ly"))
    )


def named_inside(found: Sequence[Word]) -> frozenset[str]:
    """Return folded words that stand capitalised inside a sentence, so that they are names wherever they stand."""
    return frozenset(word.low for n, word in enumerate(found) if not word.first and is_name(found, n))


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between equal words: the claim's words and the source's, either of which may be empty.

    ``inside`` says that equal words stand on both sides.
    """

    claim: tuple[Word, ...]
    source: tuple[Word, ...]
    inside: bool

    def adds_only(self, these: Sequence[Word]) -> bool:
        """Tell whether the claim has no words of its own there but ``these``, so that they are in another's place."""
        held = {word.key for word in these}
        here, there = ({w.key for w in side if w.low not in STOPWORDS} - held for side in (self.claim, self.source))
        return here <= there


@dataclass(frozen=True, slots=True)
class Alignment:
    """A claim aligned with its most similar sentence. ``share`` of the claim's words stand there in order."""

    share: float
    changes: tuple[Change, ...]
    source: tuple[Word, ...]
    matched: frozenset[str]

    @property
    def is_close(self) -> bool:
        """Whether the claim is the sentence with changes, so that each change matters."""
        return self.share >= _MIN_ALIGNED


def align(claim: Sequence[Word], sentences: Sequence[Sequence[Word]]) -> Alignment:
    """Align the claim with the one of ``sentences`` that holds most of its words in order."""
    found = (_align_one(claim, sentence) for sentence in sentences)
    return max(found, key=lambda one: one.share, default=Alignment(0.0, (), (), frozenset()))


def _align_one(claim: Sequence[Word], source: Sequence[Word]) -> Alignment:
    matcher = SequenceMatcher(None, [w.key for w in claim], [w.key for w in source], autojunk=False)
    blocks = matcher.get_matching_blocks()
    matched = sum(block.size for block in blocks)
    keys = frozenset(claim[n].key for block in blocks for n in range(block.a, block.a + block.size))
    changes: list[Change] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal" and max(b - a, d - c) <= _MAX_CHANGED_WORDS:
            inside = a > 0 and b < len(claim) and c > 0 and d < len(source)
            changes.append(Change(tuple(claim[a:b]), tuple(source[c:d]), inside))
    return Alignment(matched / len(claim) if claim else 0.0, tuple(changes), tuple(source), keys)
