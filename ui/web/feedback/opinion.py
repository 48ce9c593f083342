"""What a reader thinks of an answer, and how far they are in making a case of it."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Opinion:
    """``good`` is none while the answer has not been judged.

    ``editing`` while the form of a case is open. ``problem`` is what must be changed before it can be kept,
    ``kept`` says that it was, and where.
    """

    good: bool | None = None
    editing: bool = False
    problem: str = ""
    kept: str = ""


def rated(opinion: Opinion, good: bool) -> Opinion:
    """The opinion after a press of 👍 or 👎; the same one again takes it back."""
    return Opinion() if opinion.good is good else Opinion(good)


def opened(opinion: Opinion) -> Opinion:
    """The opinion with its form open; only an answer that was judged has one."""
    return opinion if opinion.good is None else replace(opinion, editing=True, problem="", kept="")


def closed(opinion: Opinion) -> Opinion:
    """The opinion with its form closed and nothing kept."""
    return replace(opinion, editing=False, problem="")


def refused(opinion: Opinion, problem: str) -> Opinion:
    """The opinion with its form still open, saying what must be changed."""
    return replace(opinion, problem=problem)


def kept(opinion: Opinion, said: str) -> Opinion:
    """The opinion after its case was kept."""
    return replace(opinion, editing=False, problem="", kept=said)
