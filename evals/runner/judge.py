"""A language model as one more scorer: it judges whether an answer is right, and its agreement is measured."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from evals.runner.records import Result
from evals.schema import Case
from evals.scoring.gold import Gold
from evals.scoring.scorer import AnsweredCase, Scorer, UnscoredError, answer_text, one_line

JUDGE_METRIC = "judged_right"
VERSION = "1"
PROMPT = """\
You compare an answer with reference answers to the same question. Judge only whether the answer says what a \
reference says; extra true detail does no harm, a contradiction does.

Question: {question}
Reference answers:
{references}
Answer: {answer}

Reply with one JSON object and nothing else:
{{"verdict": "right" | "partly" | "wrong", "reason": "one sentence"}}"""

_VERDICT_SCORES = {"right": 1.0, "partly": 0.5, "wrong": 0.0}
_OBJECT = re.compile(r"\{.*\}", re.DOTALL)
_PASS = 0.5


def make_judge(
    complete: Callable[[str], str], *, model: str = "", prompt: str = PROMPT, version: str = VERSION
) -> Scorer:
    """Make the scorer ``judged_right``: 1 right, 0.5 partly, 0 wrong; a refusal is wrong without asking the model.

    ``complete`` gives the model's reply to a prompt, within a time limit of its own. A reply that is not the
    object asked for, or an error, leaves the case unscored with that reason. Prompt, version and model are
    part of the run's record.
    """

    def score(asked: AnsweredCase) -> float | None:
        if not _applies(asked.case, asked.gold):
            return None
        if asked.answer.refused:
            return 0.0
        reply = complete(
            prompt.format(
                question=asked.case.question,
                references="\n".join(f"- {reference}" for reference in asked.case.answers),
                answer=answer_text(asked.answer),
            )
        )
        return parse_verdict(reply)

    digest = hashlib.sha256(prompt.encode()).hexdigest()[:12]
    return Scorer(
        JUDGE_METRIC,
        "a language model finds that the answer says what a reference says",
        f"prompt version {version} ({digest})" + (f", {model}" if model else ""),
        score,
        _applies,
        details={"prompt": prompt, "version": version, "sha256": digest, "model": model},
    )


def parse_verdict(reply: str) -> float:
    """Return the score of a reply. Raises ``UnscoredError``, quoting it, when it is not the object asked for."""
    found = _OBJECT.search(reply)
    try:
        held = json.loads(found[0] if found else "")
        return _VERDICT_SCORES[str(held["verdict"]).strip().lower()]
    except (ValueError, KeyError, TypeError):
        raise UnscoredError(f"the judge's reply cannot be read: {one_line(reply)!r}") from None


def agreement(results: Sequence[Result], judged: str, other: str) -> dict[str, Any]:
    """Measure how often two scorers are on the same side of one half, over the cases that both scored.

    ``kappa`` is Cohen's (1960), which takes off the agreement of chance; None when chance alone would agree
    always, or without a common case. ``disagree`` names the cases.
    """
    pairs = [
        (result.case_id, one >= _PASS, two >= _PASS)
        for result in results
        if result.status == "answered"
        and (one := result.scores.get(judged)) is not None
        and (two := result.scores.get(other)) is not None
    ]
    n = len(pairs)
    if not n:
        return {"with": other, "n": 0, "agree": None, "kappa": None, "disagree": []}
    agree = sum(one == two for _, one, two in pairs) / n
    yes_one, yes_two = sum(one for _, one, _ in pairs) / n, sum(two for _, _, two in pairs) / n
    chance = yes_one * yes_two + (1 - yes_one) * (1 - yes_two)
    return {
        "with": other,
        "n": n,
        "agree": agree,
        "kappa": (agree - chance) / (1 - chance) if chance < 1 else None,
        "disagree": [case for case, one, two in pairs if one != two],
    }


def _applies(case: Case, gold: Gold) -> bool:
    return case.answerable and bool(case.answers)
