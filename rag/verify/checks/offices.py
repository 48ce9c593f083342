"""Check that a claim gives an office to the person who holds it in the source."""

import re
from collections.abc import Iterator

from index.text.sentences import sentence_spans
from rag.speech.asked_speaker import same_person
from rag.speech.people import People, Role, find_people
from rag.speech.tokens import tokenize
from rag.verify.checks.base import CitedText, Finding

# "The defence secretary is Anna Berg" says what "Anna Berg is the defence secretary" does.
_OFFICE_FIRST = re.compile(
    r"^(?:The |A )?(?P<office>[\w' -]{3,60}?) (?:is|was) (?P<name>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){0,3})\W*$"
)
_MIN_OFFICE_WORDS = 2  # that make an office one person's: "minister" alone is many people's


def office_findings(claim: str, source: CitedText) -> Iterator[Finding]:
    """Yield an office that the claim gives to somebody although, in the source, another person holds it."""
    said = _people_in(claim)
    if turned := _OFFICE_FIRST.match(claim):
        said = _join_people(said, _people_in(f"{turned['name']} is the {turned['office'].lower()}."))
    there = _people_in("\n".join([*source.sentences, source.title, source.around])) if said.roles else said
    for name, roles in said.roles.items():
        for role in roles:
            holders = there.holders_of(role)
            if (
                holders
                and _names_one_holder(role, holders)
                and not any(_is_same_holder(name, holder, there) for holder in holders)
            ):
                yield Finding("roles", "wrong", f"there the {' '.join(role)} is {holders[0]}, not {name}")
                return


def _names_one_holder(role: Role, holders: tuple[str, ...]) -> bool:
    return len(role) >= _MIN_OFFICE_WORDS and len(holders) == 1


def _is_same_holder(name: str, holder: str, there: People) -> bool:
    return same_person(name, holder) or same_person(holder, name) or there.full_name(name) in ("", holder)


def _people_in(text: str) -> People:
    return find_people(tokenize(text, start, end) for start, end in sentence_spans(text))


def _join_people(one: People, other: People) -> People:
    return People({**one.names, **other.names}, {**one.roles, **other.roles}, one.places | other.places)
