"""A scorer: the metric of one case, its bounds, and the value of a missing answer."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from evals.schema import Case
from evals.scoring.gold import Gold
from index.errors import OnrecordError
from rag.schema import Answer

_EPSILON = 1e-9


class UnscoredError(OnrecordError):
    """A value that was due is missing, such as that of a judge's reply that cannot be read."""


@dataclass(frozen=True, slots=True)
class AnsweredCase:
    """One answered case: the case, its gold, the answer, and the documents' texts by id."""

    case: Case
    gold: Gold
    answer: Answer
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scorer:
    """One metric.

    ``score`` gives a value within ``bounds``, or None where the metric does not apply to the answer; it
    raises ``UnscoredError`` for a value that was due and is missing. ``applies`` says whether a case that gave no
    answer counts as the worst value. ``about`` says in words what is measured, ``source`` who defined it, and
    ``details`` what else belongs to a record of it, such as a prompt.
    """

    name: str
    about: str
    source: str
    score: Callable[[AnsweredCase], float | None]
    applies: Callable[[Case, Gold], bool]
    higher_is_better: bool = True
    bounds: tuple[float, float] = (0.0, 1.0)
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def worst(self) -> float:
        """The value that a crash counts as."""
        return self.bounds[0] if self.higher_is_better else self.bounds[1]


@dataclass(frozen=True, slots=True)
class Scores:
    """Values by metric, None where one does not apply, and the reason for each that is missing."""

    values: Mapping[str, float | None]
    unscored: Mapping[str, str]


def score_all(scorers: Iterable[Scorer], asked: AnsweredCase) -> Scores:
    """Score an answer by every scorer. One that fails, or leaves its bounds, is unscored with the reason."""
    values: dict[str, float | None] = {}
    unscored: dict[str, str] = {}
    for scorer in scorers:
        try:
            values[scorer.name] = _within(scorer.score(asked), scorer.bounds)
        except UnscoredError as error:
            values[scorer.name], unscored[scorer.name] = None, one_line(error)
        except Exception as error:  # one scorer's fault must cost neither the case nor the run
            values[scorer.name], unscored[scorer.name] = None, f"{type(error).__name__}: {one_line(error)}"
    return Scores(values, unscored)


def worst_scores(scorers: Iterable[Scorer], case: Case, gold: Gold) -> dict[str, float | None]:
    """Return the scores of a case that gave no answer: the worst of every metric that applies to it."""
    return {scorer.name: scorer.worst if scorer.applies(case, gold) else None for scorer in scorers}


def one_line(error: object) -> str:
    """Put an error's message on one line, cut to 300 characters."""
    text = " ".join(str(error).split())
    return text if len(text) <= 300 else text[:299] + "…"  # noqa: PLR2004


def first_cited_claim(answer: Answer) -> str:
    """Return the first sentence of an answer that cites anything, without its markers."""
    return next((claim.text for claim in answer.claims if claim.citations), "")


def answer_text(answer: Answer) -> str:
    """Return the words of an answer without its markers; empty when it refuses."""
    return " ".join(claim.text for claim in answer.claims)


def _within(value: float | None, bounds: tuple[float, float]) -> float | None:
    if value is None:
        return None
    low, high = bounds
    # Written so that NaN fails it.
    if not low - _EPSILON <= value <= high + _EPSILON:
        raise UnscoredError(f"{value} lies outside {low:g} to {high:g}")
    return min(high, max(low, float(value)))
