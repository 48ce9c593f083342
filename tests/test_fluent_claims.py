"""The fluent claims: every quote is whole sentences of its document, labels and wording are balanced."""

import json
from collections import Counter
from typing import get_args

import pytest
from conftest import SEEDS

from evals.research.claims.fluent import (
    FluentClaim,
    Half,
    check_fluent_claims,
    cite_quotes,
    kind_table,
    load_documents,
    load_fluent_claims,
    summary_table,
)
from index.text.sentences import sentence_spans
from index.text.terms import fold_words
from rag.schema import Verdict

PATH = SEEDS / "labels" / "claims.jsonl"
CLAIMS = load_fluent_claims(PATH)
DOCUMENTS = load_documents()


def shared_words(claim: FluentClaim) -> float:
    held, wanted = set(fold_words(" ".join(claim.quotes))), fold_words(claim.text)
    return sum(word in held for word in wanted) / len(wanted)


class SharedWords:
    """Entailment by the share of the claim's words that the premise holds."""

    supported = 0.8
    partly = 0.4

    def score(self, premise: str, claim: str) -> float:
        wanted = fold_words(claim)
        return sum(word in set(fold_words(premise)) for word in wanted) / len(wanted)


def test_every_claim_is_sound() -> None:
    assert len({one.id for one in CLAIMS}) == len({one.text for one in CLAIMS}) == len(CLAIMS) >= 400
    fields = {"id", "claim", "label", "citations", "kind", "half"}
    assert all(json.loads(line).keys() == fields for line in PATH.read_text("utf-8").splitlines())
    assert {one.label for one in CLAIMS} == set(get_args(Verdict))
    assert {one.document for one in CLAIMS} == DOCUMENTS.keys()


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_every_quote_is_a_whole_sentence_that_stands_once(name: str) -> None:
    document = DOCUMENTS[name]
    sentences = {document.text[a:b] for a, b in sentence_spans(document.text)}
    for claim in (one for one in CLAIMS if one.document == name):
        assert set(claim.quotes) <= sentences, claim.id
        assert all(document.text.count(quote) == 1 for quote in claim.quotes), claim.id
        assert tuple(c.text for c in cite_quotes(document, claim.quotes)) == claim.quotes
        assert len(set(claim.quotes)) == len(claim.quotes)


def test_a_quote_that_does_not_stand_is_refused() -> None:
    with pytest.raises(ValueError, match="substring"):
        cite_quotes(DOCUMENTS["court.txt"], ["Nobody was hurt in the flood."])


@pytest.mark.parametrize("half", get_args(Half))
def test_each_half_holds_whole_documents_and_balanced_labels(half: Half) -> None:
    mine = [one for one in CLAIMS if one.half == half]
    labels = Counter(one.label for one in mine)
    assert labels["partly"] <= 0.05 * len(mine)
    assert 0.45 <= labels["supported"] / len(mine) <= 0.55
    assert len(mine) >= 0.45 * len(CLAIMS)
    others = {one.document for one in CLAIMS if one.half != half}
    assert not {one.document for one in mine} & others


def test_false_claims_are_of_many_kinds_and_half_of_them_share_their_words_with_the_source() -> None:
    false = [one for one in CLAIMS if one.label == "unsupported"]
    kinds = Counter(one.kind for one in false)
    assert len(kinds) >= 12
    assert min(kinds.values()) >= 5
    close = sum(shared_words(one) >= 0.8 for one in false) / len(false)
    assert 0.35 <= close <= 0.65


def test_the_tables_name_every_half_and_kind() -> None:
    few = [one for one in CLAIMS if one.document in ("court.txt", "final.txt")]
    results = {"tune": check_fluent_claims(few, SharedWords())}
    lines = list(summary_table(results))
    assert len(lines) == 8
    assert lines[-1].endswith(f"n {sum(one.label == 'supported' for one in few)}) |")
    kinds = [line.split(" | ")[0].removeprefix("| ") for line in list(kind_table(results))[2:]]
    assert set(kinds) == {f"{'true' if one.label == 'supported' else 'false'}: {one.kind}" for one in few}
