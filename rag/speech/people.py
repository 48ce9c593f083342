"""The people in an article: their full names, and the roles they are introduced in."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from index.text.terms import fold_word
from rag.speech.lexicon import FEMALE_WORDS, MALE_WORDS, ROLES
from rag.speech.noun_phrases import Phrase, name_ending, phrase_starting
from rag.speech.tokens import Token, strip_possessive

Role = tuple[str, ...]
# "The president" is neither the vice president nor a former one.
_OFFICE_MODIFIERS = frozenset("vice deputy former ex acting assistant shadow late under then incoming outgoing".split())


@dataclass(frozen=True)
class People:
    """The people of one article.

    ``names`` are full names by their folded first or last word, ``roles`` the roles each full name is introduced in,
    and ``places`` the names that something is said to be in.
    """

    names: dict[str, tuple[str, ...]]
    roles: dict[str, tuple[Role, ...]]
    places: frozenset[str] = frozenset()

    def is_person(self, name: str) -> bool:
        """Tell whether ``name`` has a role, or is a full name and no place."""
        return name in self.roles or (name in self._people and name not in self.places)

    def full_name(self, name: str) -> str:
        """Return the full name that ``name`` is short for.

        A name that is short for none is returned as it is; one that could be two people's gives an empty text.
        """
        words = name.split()
        if len(words) != 1:
            return name
        found = self.names.get(fold_word(name), ())
        return name if not found else found[0] if len(found) == 1 else ""

    def holders_of(self, role: Role) -> tuple[str, ...]:
        """Return everybody introduced in a role that ``role`` can refer back to."""
        if role not in self._role_cache:
            posts = [self._holders.get(word, {}) for word in set(map(_normalize_spelling, role))]
            few = min(posts, key=len, default={})
            self._role_cache[role] = tuple(
                name for name in few if any(can_refer_to(role, held) for held in self.roles[name])
            )
        return self._role_cache[role]

    def gender(self, name: str) -> str:
        """Return ``"he"`` or ``"she"`` where a title or role tells, else empty."""
        words = {word for role in self.roles.get(name, ()) for word in role}
        return (
            "he"
            if words & MALE_WORDS and not words & FEMALE_WORDS
            else "she"
            if words & FEMALE_WORDS and not words & MALE_WORDS
            else ""
        )

    @cached_property
    def _people(self) -> frozenset[str]:
        return frozenset(name for held in self.names.values() for name in held)

    @cached_property
    def _holders(self) -> dict[str, dict[str, None]]:
        """The people whose roles contain a word, by word, in the order of ``roles``."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for name, held in self.roles.items():
            for word in {_normalize_spelling(word) for role in held for word in role}:
                found[word][name] = None
        return found

    @cached_property
    def _role_cache(self) -> dict[Role, tuple[str, ...]]:
        """Earlier results of ``holders_of``."""
        return {}


def can_refer_to(short: Role, role: Role) -> bool:
    """Tell whether ``short`` ("the secretary") can mean the holder of ``role`` ("US defence secretary").

    >>> can_refer_to(("secretary",), ("us", "defence", "secretary"))
    True
    >>> can_refer_to(("president",), ("vice", "president"))
    False
    """
    if not short or not role or _normalize_spelling(short[-1]) != _normalize_spelling(role[-1]):
        return False
    words, held = set(map(_normalize_spelling, short)), set(map(_normalize_spelling, role))
    return words <= held and not (held - words) & _OFFICE_MODIFIERS


def find_people(sentences: Iterable[Sequence[Token]]) -> People:
    """Return the people that ``sentences`` name, and the roles they are given."""
    runs: dict[str, None] = {}
    introduced: list[tuple[str, Role]] = []
    places: set[str] = set()
    for found in sentences:
        for at, token in enumerate(found):
            phrase = _name_ending(found, at) if token.text[:1].isupper() else None
            if phrase is None:
                continue
            runs[phrase.name] = None
            if phrase.first and found[phrase.first - 1].low in ("in", "at", "near", "outside"):
                places.add(phrase.name)
            introduced += [(phrase.name, role) for role in (phrase.role, _role_in_apposition(found, at)) if role]
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for name in runs:
        words = name.split()
        if len(words) > 1:
            names[fold_word(words[-1])][name] = None
    surnames = frozenset(names)
    for name in runs:  # first names only where nobody has them as a surname
        words = name.split()
        if len(words) > 1 and fold_word(words[0]) not in surnames:
            names[fold_word(words[0])][name] = None
    everyone = People({key: tuple(held) for key, held in names.items()}, {})
    roles: dict[str, dict[Role, None]] = defaultdict(dict)
    for name, role in introduced:
        roles[everyone.full_name(name)][role] = None
    roles.pop("", None)
    return People(everyone.names, {name: tuple(held) for name, held in roles.items()}, frozenset(places))


def _name_ending(found: Sequence[Token], at: int) -> Phrase | None:
    """Return the name whose last word stands at ``at``, also with a possessive ending."""
    following = found[at + 1] if at + 1 < len(found) else None
    if following and following.text[:1].isupper():
        return None
    token = found[at]
    plain = [*found[:at], Token(strip_possessive(token.text), token.start, token.end), *found[at + 1 : at + 2]]
    return name_ending(plain, at)


def _role_in_apposition(found: Sequence[Token], at: int) -> Role:
    """Return the role in "Ana Ruiz, the mayor," or "Ana Ruiz is the mayor" after the name ending at ``at``."""
    if at + 2 >= len(found) or found[at + 1].low not in (",", "is", "was"):
        return ()
    start = at + 2
    if found[start].text.isdigit() and start + 2 < len(found):  # an age
        start += 2
    phrase = phrase_starting(found, start)
    if phrase is None or phrase.name or not phrase.role or phrase.role[-1] not in ROLES:
        return ()
    ends = phrase.last + 1 >= len(found) or found[phrase.last + 1].text in ",.;" or found[at + 1].low != ","
    if not ends and found[phrase.last + 1].low not in ("of", "for", "at", "in", "who"):
        return ()
    tail = found[phrase.first : phrase.last + 1]
    of = next((n for n, token in enumerate(tail) if token.low in ("of", "for", "at")), len(tail))
    return (*(token.low for token in tail[of + 1 :] if token.low not in ("the", "a")), *phrase.role)


def _normalize_spelling(word: str) -> str:
    word = fold_word(word)
    return "defence" if word == "defense" else word
