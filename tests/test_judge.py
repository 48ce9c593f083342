from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

import pytest
from eval_fixtures import CASES, good, header, prepared_set

from evals.runner.judge import PROMPT, agreement, make_judge, parse_verdict
from evals.runner.records import Result
from evals.runner.run import evaluate, with_figures
from evals.scoring.deterministic import deterministic_scorers
from evals.scoring.scorer import UnscoredError


class QueuedModel:
    """Gives the replies it was given, in order, and keeps the prompts."""

    def __init__(self, replies: Sequence[str]) -> None:
        self.replies = deque(replies)
        self.prompts: list[str] = []

    def __call__(self, prompt: str) -> str:
        self.prompts.append(prompt)
        return self.replies.popleft()


RIGHT, PARTLY, WRONG = (f'{{"verdict": "{word}", "reason": "so"}}' for word in ("right", "partly", "wrong"))


def judged(replies: Sequence[str]) -> tuple[QueuedModel, tuple[Result, ...]]:
    model = QueuedModel(replies)
    scorers = (*deterministic_scorers(), make_judge(model, model="queued"))
    asked = replace(prepared_set(), scorers=scorers)
    return model, tuple(evaluate(asked, good, CASES))


def test_a_malformed_reply_is_unscored_shown_and_counted() -> None:
    replies = [RIGHT, "I think it is right.", WRONG, '{"verdict": "splendid"}', RIGHT, "", PARTLY, '["right"]']
    model, results = judged(replies)
    values = [result.scores["judged_right"] for result in results[:8]]
    assert values == [1, None, 0, None, 1, None, 0.5, None]
    assert "I think it is right." in results[1].unscored["judged_right"]
    assert "splendid" in results[3].unscored["judged_right"]
    made = header()
    found = with_figures(replace(made, results=results)).estimates["judged_right"]
    assert (found.n, found.unscored, found.mean) == (4, 8, pytest.approx(2.5 / 4))
    assert len(model.prompts) == 8, "a case that is not answerable is not judged"


def test_a_model_that_fails_costs_the_value_not_the_case() -> None:
    _, results = judged([RIGHT] * 7)
    assert results[7].status == "answered"
    assert "IndexError" in results[7].unscored["judged_right"]


def test_the_prompt_holds_question_references_and_answer_and_is_recorded() -> None:
    model, _ = judged([RIGHT] * 8)
    assert "How many arches has the bridge of Arles?" in model.prompts[0]
    assert "- 11" in model.prompts[0]
    assert "The bridge of Arles has 11 arches." in model.prompts[0]
    details = make_judge(model, model="queued").details
    assert (details["prompt"], details["version"], details["model"]) == (PROMPT, "1", "queued")


def test_agreement_with_the_deterministic_scorers_is_reported() -> None:
    _, results = judged([RIGHT] * 6 + [WRONG, "?"])
    summary = with_figures(replace(header(), results=results)).summary["judge"]
    assert summary[0]["with"] == "answer_contained"
    assert (summary[0]["n"], summary[0]["agree"]) == (7, pytest.approx(6 / 7))
    assert summary[0]["disagree"] == ["arches-Ghent"]
    assert summary[0]["kappa"] == pytest.approx(0)


def test_kappa_is_cohens() -> None:
    _, results = judged([RIGHT] * 8)
    values = [(1, 1)] * 3 + [(1, 0)] + [(0, 1)] * 2 + [(0, 0)] * 2
    made = [replace(r, scores={"a": float(x), "b": float(y)}) for r, (x, y) in zip(results, values, strict=False)]
    found = agreement(made[:8], "a", "b")
    chance = (4 / 8) * (5 / 8) + (4 / 8) * (3 / 8)
    assert found["kappa"] == pytest.approx((5 / 8 - chance) / (1 - chance))
    assert agreement([], "a", "b")["kappa"] is None


@pytest.mark.parametrize("reply", ["", "{", "null", "{}", '{"verdict": 3}', '{"verdict": null}', "right"])
def test_only_the_object_asked_for_is_read(reply: str) -> None:
    with pytest.raises(UnscoredError):
        parse_verdict(reply)


def test_talk_around_the_object_does_no_harm() -> None:
    assert parse_verdict('Sure!\n```json\n{"verdict": "Right", "reason": "x"}\n```') == 1
