"""Read claims with their evidence to train the checker on: public inference sets, and claims written for this."""

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Sets whose licence allows a model trained on them to be shipped, and how many pairs are taken of each.
# Left out: sick (non-commercial), rte and climate_fever (terms not seen), semi_auto (part of unclear origin).
SHIPPABLE: dict[str, int] = {
    "te_new_protocols": 5_000,
    "fever_athnlp": 2_000,
    "fm2": 2_500,
    "conjnli": 1_500,
    "cad_nli": 1_500,
    "docnli_mnli": 2_500,
    "docnli_fever": 1_000,
    "snli_devtest": 1_000,
}
LONGEST = 160  # tokens of claim and evidence together
_LONGEST_CLAIM = 60
WRITTEN_CLAIMS = Path(__file__).parent / "claims"


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim with evidence, and whether the evidence supports all of it."""

    claim: str
    evidence: str
    supported: bool


@dataclass(frozen=True, slots=True)
class TokenPair:
    """Token ids of ``[CLS] claim [SEP] evidence [SEP]``; ``first`` is where the evidence's begin."""

    ids: tuple[int, ...]
    first: int
    supported: bool


def read_public_pairs(folder: Path, seed: int = 0) -> list[Pair]:
    """Read a share of every shippable set in ``folder``, shuffled. Raises FileNotFoundError when none is there."""
    rng = random.Random(seed)
    found: list[Pair] = []
    for name, most in SHIPPABLE.items():
        file = folder / f"nli-{name}.jsonl.gz"
        if file.exists():
            rows = list(_public_rows(file))
            found += rng.sample(rows, min(most, len(rows)))
    if not found:
        raise FileNotFoundError(f"{folder} holds none of the inference sets: give the folder with nli-*.jsonl.gz")
    rng.shuffle(found)
    return found


def read_written_pairs(folder: Path = WRITTEN_CLAIMS) -> list[Pair]:
    """Read the claims written for training, in the order of their files."""
    rows = [
        json.loads(line) for file in sorted(folder.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines()
    ]
    return [Pair(row["claim"], row["evidence"], row["label"] == "supported") for row in rows]


def _public_rows(file: Path) -> Iterator[Pair]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Pair(row["hypothesis"], row["premise"], row["label"] == "entail")


def token_pairs(pairs: Sequence[Pair], tokenizer: Any) -> list[TokenPair]:
    """Cut each pair into token ids; evidence that is too long loses its end."""
    cls, sep = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    cut = []
    for pair in pairs:
        claim = tokenizer.encode(pair.claim, add_special_tokens=False).ids[:_LONGEST_CLAIM]
        evidence = tokenizer.encode(pair.evidence, add_special_tokens=False).ids[: LONGEST - len(claim) - 3]
        cut.append(TokenPair((cls, *claim, sep, *evidence, sep), len(claim) + 2, pair.supported))
    return cut
