"""Read question sets to train on: questions with answer spans in a context, or without an answer."""

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Sets whose licence allows a model trained on them to be shipped, and the most questions asked of one context.
# Left out: bioasq, tweetqa (licence not seen in their repositories), subjqa (unclear by source).
SHIPPABLE: dict[str, int] = {
    "squadshifts_amazon_reviews": 2,
    "squadshifts_reddit": 2,
    "squadtrain_routerlens": 20,
    "squadtrain_emptycity": 20,
    "fairytaleqa": 20,
    "policyqa_dev": 3,
    "policyqa_test": 3,
    "friendsqa": 10,
    "qed_dev": 20,
    "sleepqa": 20,
    "qamr_dev_test": 4,
    "qadiscourse": 4,
    "condaqa": 20,
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question over a context; ``answers`` are (start, end) in characters of it, empty where it holds none."""

    text: str
    context: str
    answers: tuple[tuple[int, int], ...]
    source: str

    @property
    def answerable(self) -> bool:
        """Whether the context holds the answer."""
        return bool(self.answers)


def read_questions(folder: Path, seed: int = 0) -> list[Question]:
    """Read every shippable set in ``folder``, at most so many questions a context, in a shuffled order.

    Raises FileNotFoundError when none of the sets is there.
    """
    found: list[Question] = []
    rng = random.Random(seed)
    for name, most in SHIPPABLE.items():
        file = folder / f"qa-{name}.jsonl.gz"
        if file.exists():
            found += _capped(list(_rows(file, name)), most, rng)
    if not found:
        raise FileNotFoundError(f"{folder} holds none of the question sets: give the folder with qa-*.jsonl.gz")
    rng.shuffle(found)
    return found


def _rows(file: Path, name: str) -> Iterator[Question]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            spans = {(a["start"], a["start"] + len(a["text"])) for a in row["answers"] if a["text"].strip()}
            if spans or row["unanswerable"]:
                yield Question(" ".join(row["question"].split()), row["context"], tuple(sorted(spans)), name)


def _capped(questions: list[Question], most: int, rng: random.Random) -> list[Question]:
    by_context: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        by_context[question.context].append(question)
    return [q for group in by_context.values() for q in rng.sample(group, min(most, len(group)))]
