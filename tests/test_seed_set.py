"""The starter set: the examples of the README are among its questions."""

from pathlib import Path

from evals.datasets.cases import load_cases

SEEDS = Path(__file__).parents[1] / "seeds"


def test_the_question_of_the_readme_is_in_both_files() -> None:
    examples = (SEEDS / "questions.txt").read_text(encoding="utf-8").splitlines()
    assert len(examples) == 5
    assert set(examples) <= {case.question for case in load_cases(SEEDS / "evals" / "article.jsonl")}
    assert examples[0] == "What did Hegseth say about Article 5?"
