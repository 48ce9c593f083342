"""Whether a claim gives an office to somebody else than the source does."""

import re
from collections.abc import Iterator

from index.text.sentences import sentence_spans
from rag.speech.asked_speaker import same_person
from rag.speech.people import Cast, Role, cast
from rag.speech.tokens import tokens
from rag.verify.checks.base import Cited, Finding

# "The defence secretary is Anna Berg" says what "Anna Berg is the defence secretary" does.
_TURNED = re.compile(
    r"^(?:The |A )?(?P<office>[\w' -]{3,60}?) (?:is|was) (?P<name>[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){0,3})\W*$"
)
_TELLING = 2  # words of an office that say whose it is: "minister" alone is many people's


def office_findings(claim: str, source: Cited) -> Iterator[Finding]:
    """The claim says that somebody holds an office which, there, another person holds and this one does not."""
    said = _cast(claim)
    if turned := _TURNED.match(claim):
        said = _joined(said, _cast(f"{turned['name']} is the {turned['office'].lower()}."))
    there = _cast("\n".join([*source.sentences, source.title, source.around])) if said.roles else said
    for name, roles in said.roles.items():
        for role in roles:
            holders = there.in_role(role)
            if holders and _telling(role, holders) and not any(_same(name, holder, there) for holder in holders):
                yield Finding("roles", "wrong", f"there the {' '.join(role)} is {holders[0]}, not {name}")
                return


def _telling(role: Role, holders: tuple[str, ...]) -> bool:
    return len(role) >= _TELLING and len(holders) == 1


def _same(name: str, holder: str, there: Cast) -> bool:
    return same_person(name, holder) or same_person(holder, name) or there.full(name) in ("", holder)


def _cast(text: str) -> Cast:
    return cast(tokens(text, start, end) for start, end in sentence_spans(text))


def _joined(one: Cast, other: Cast) -> Cast:
    return Cast({**one.names, **other.names}, {**one.roles, **other.roles}, one.places | other.places)
