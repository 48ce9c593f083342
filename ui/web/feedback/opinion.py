"""A reader's opinion of an answer, and the state of the form that makes a case of it."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Opinion:
    """The judgement of an answer: ``good`` is None while there is none.

    ``editing`` is true while the form of a case is open. ``problem`` is what must be changed before the case can be
    kept, ``kept`` the message once it is.
    """

    good: bool | None = None
    editing: bool = False
    problem: str = ""
    kept: str = ""


def rated(opinion: Opinion, good: bool) -> Opinion:
    """Return the opinion after a press of 👍 or 👎; pressing the same one again removes it."""
    return Opinion() if opinion.good is good else Opinion(good)


def opened(opinion: Opinion) -> Opinion:
    """Return the opinion with its form open; only a judged answer has one."""
    return opinion if opinion.good is None else replace(opinion, editing=True, problem="", kept="")


def closed(opinion: Opinion) -> Opinion:
    """Return the opinion with its form closed and nothing kept."""
    return replace(opinion, editing=False, problem="")


def refused(opinion: Opinion, problem: str) -> Opinion:
    """Return the opinion with its form still open and the problem to correct."""
    return replace(opinion, problem=problem)


def kept(opinion: Opinion, said: str) -> Opinion:
    """Return the opinion after its case was kept."""
    return replace(opinion, editing=False, problem="", kept=said)
