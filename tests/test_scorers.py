from __future__ import annotations

from dataclasses import replace

import pytest
from eval_fixtures import CASES, DOCUMENTS, good, off, passage, prepared_set, quote, sentence
from hypothesis import given
from hypothesis import strategies as st

from evals.schema import Case, Evidence
from evals.scoring.deterministic import deterministic_scorers, gold_ranks, verbatim
from evals.scoring.diagnosis import explain_failure
from evals.scoring.duplicates import retrieved_documents
from evals.scoring.gold import Gold, case_groups, resolve_gold
from evals.scoring.metrics.spans import Interval
from evals.scoring.scorer import AnsweredCase, Scorer, UnscoredError, score_all, worst_scores
from index.schema import Hit, Passage
from rag.schema import Answer, Citation

CORK = DOCUMENTS["Cork"].id
TEXTS = {document.id: document.text for document in DOCUMENTS.values()}


def scored(answer: Answer, case: Case, scorers: tuple[Scorer, ...] = ()) -> dict[str, float | None]:
    gold = resolve_gold([case], DOCUMENTS)[case.id]
    return dict(score_all(scorers or deterministic_scorers(), AnsweredCase(case, gold, answer, TEXTS)).values)


def test_a_wrong_sentence_of_the_right_passage() -> None:
    case = CASES[2]
    values = scored(off(case.question), case)
    assert values["hit@1"] == values["passage_hit@1"] == values["span_recall"] == 1
    assert values["answer_contained"] == values["evidence_covered"] == values["citation_precision"] == 0
    assert values["citation_resolves"] == values["citation_support"] == values["refused_right"] == 1


def test_a_refusal_is_wrong_on_what_is_there_and_right_on_what_is_not() -> None:
    refusal = good("Who is mayor of Cork?")
    there = scored(refusal, next(case for case in CASES if case.id == "arches-Cork"))
    assert there["refused_right"] == there["answer_contained"] == there["exact_match"] == 0
    assert there["citation_precision"] == 0
    assert there["citation_support"] is None, "a refusal claims nothing that could be supported"
    assert there["hit@1"] == 1
    absent = scored(refusal, next(case for case in CASES if case.id == "mayor-Cork"))
    assert absent["refused_right"] == absent["exact_match"] == absent["token_f1"] == 1
    assert absent["answer_contained"] is None
    assert absent["hit@1"] is None


def test_ranks_count_passages_for_passages_and_documents_for_documents() -> None:
    case = next(case for case in CASES if case.id == "arches-Cork")
    text = DOCUMENTS["Cork"].text
    tail = Passage(DOCUMENTS["Cork"].id, 40, len(text), text[40:])
    hits = (Hit(tail, 3.0), Hit(passage("Brno"), 2.0), Hit(passage("Cork"), 1.0))
    values = scored(replace(good(case.question), hits=hits), case)
    assert values["mrr@10"] == 1
    assert values["passage_mrr@10"] == pytest.approx(1 / 3)
    assert (values["passage_hit@1"], values["passage_hit@4"]) == (0, 1)
    assert values["span_recall"] == 1
    assert values["span_precision"] == pytest.approx(
        len(sentence("Cork", 13)) / sum(len(hit.passage.text) for hit in hits)
    )


def test_a_citation_that_leads_elsewhere_does_not_resolve() -> None:
    case = CASES[0]
    wrong = replace(passage("Arles"), text=passage("Arles").text.replace("11", "99"))
    values = scored(quote(case.question, wrong, 0, 35), case)
    assert values["citation_resolves"] == 0
    unknown = replace(passage("Arles"), document_id="nowhere")
    assert scored(quote(case.question, unknown, 0, 35), case)["citation_resolves"] == 0


def test_support_is_asked_of_the_verifier_given() -> None:
    case = CASES[0]
    answer = good(case.question)
    claim = replace(answer.claims[0], text="Arles has a bridge of eleven arches.")
    loose = replace(answer, claims=(claim,))
    assert scored(loose, case)["citation_support"] == 0
    generous = deterministic_scorers(lambda said, evidence: "arches" in evidence)
    assert scored(loose, case, generous)["citation_support"] == 1
    assert scored(loose, case)["novel_words"] == pytest.approx(2 / 7), "a, eleven"


def test_verbatim_looks_past_white_space_only() -> None:
    assert verbatim("two  words", "here two\nwords stand")
    assert not verbatim("Two words", "two words")


def test_only_the_first_cited_sentence_counts_for_the_first() -> None:
    case = CASES[0]
    first, second = off(case.question).claims[0], good(case.question).claims[0]
    values = scored(replace(good(case.question), claims=(first, second)), case)
    assert (values["answer_contained"], values["answer_contained_first"]) == (1, 0)


def test_a_scorer_that_fails_leaves_its_value_out_with_the_reason() -> None:
    def failing(asked: AnsweredCase) -> float:
        raise UnscoredError("the reply\ncannot be read")

    def broken(asked: AnsweredCase) -> float:
        raise KeyError("verdict")

    made = [
        Scorer(name, "", "", score, lambda case, gold: True)
        for name, score in (("a", failing), ("b", broken), ("c", lambda _: 1.5), ("d", lambda _: float("nan")))
    ]
    found = score_all(made, AnsweredCase(CASES[0], Gold(), good(CASES[0].question), TEXTS))
    assert found.values == dict.fromkeys("abcd")
    assert found.unscored["a"] == "the reply cannot be read"
    assert "KeyError" in found.unscored["b"]
    assert "1.5" in found.unscored["c"]
    assert "nan" in found.unscored["d"]


def test_no_answer_is_the_worst_of_what_applies() -> None:
    asked = prepared_set()
    there, absent = CASES[0], CASES[-1]
    values = worst_scores(deterministic_scorers(), there, asked.gold[there.id])
    assert values.pop("novel_words") == 1
    assert set(values.values()) == {0.0}
    counted = {
        name
        for name, value in worst_scores(deterministic_scorers(), absent, asked.gold[absent.id]).items()
        if value is not None
    }
    assert counted == {"exact_match", "token_f1", "refused_right"}


def test_what_a_crash_is_scored_on_is_what_an_answer_is_scored_on() -> None:
    for case in CASES:
        gold = prepared_set().gold[case.id]
        none = worst_scores(deterministic_scorers(), case, gold)
        answered = scored(good("arches Cork"), case)
        if case.answerable:
            assert {name for name, v in none.items() if v is not None} == {
                n for n, v in answered.items() if v is not None
            }


def test_every_scorer_says_what_it_is() -> None:
    made = deterministic_scorers()
    assert len({scorer.name for scorer in made}) == len(made)
    assert all(scorer.about and scorer.source for scorer in made)


spans = st.tuples(st.sampled_from("ab"), st.integers(0, 50), st.integers(1, 30)).map(
    lambda t: (t[0], t[1], t[1] + t[2])
)


@given(st.lists(spans, max_size=6), st.lists(spans, min_size=1, max_size=4))
def test_a_gold_rank_is_the_first_passage_that_shares_half(passages: list[Interval], gold: list[Interval]) -> None:
    for span, rank in zip(gold, gold_ranks(passages, gold), strict=True):
        held = [
            p[0] == span[0]
            and len(set(range(*p[1:])) & set(range(*span[1:]))) * 2 >= min(p[2] - p[1], span[2] - span[1])
            for p in passages
        ]
        assert rank == (held.index(True) + 1 if any(held) else None)


def test_cases_on_one_document_stand_alone_and_on_several_go_by_document() -> None:
    two = [Case(f"c{i}", "?", evidence=(Evidence("Cork", "monks"),)) for i in range(2)]
    assert set(case_groups(two, resolve_gold(two, DOCUMENTS)).values()) == {""}
    three = [*two, Case("d", "?", evidence=(Evidence("Brno", "monks"),)), Case("e", "?", answerable=False)]
    assert case_groups(three, resolve_gold(three, DOCUMENTS)) == {
        "c0": CORK,
        "c1": CORK,
        "d": DOCUMENTS["Brno"].id,
        "e": "",
    }
    own = [replace(two[0], group="g"), two[1]]
    assert case_groups(own, resolve_gold(own, DOCUMENTS)) == {"c0": "g", "c1": CORK}


def test_a_citation_is_counted_by_its_words_not_its_passage() -> None:
    case = CASES[0]
    answer = good(case.question)
    whole = passage("Arles")
    wide = replace(answer.claims[0], citations=(Citation(1, whole, 0, len(whole.text)),))
    values = scored(replace(answer, claims=(wide,)), case)
    assert values["evidence_covered"] == 1
    assert values["citation_precision"] == 1, "it holds the whole of the shorter span"


def copied(town: str, rank_score: float = 1.0) -> tuple[Hit, Passage]:
    """A hit that is another outlet's print of a town's document, and that document's own passage."""
    held = passage(town)
    shown = Passage("elsewhere", 20, 20 + len(held.text), held.text.replace("It was", "It had been"))
    return Hit(shown, rank_score, copies=(Passage("third", 0, 9, "The bridge"), held)), held


def test_gold_in_a_copy_counts_at_the_rank_of_what_is_shown() -> None:
    case = next(case for case in CASES if case.id == "arches-Cork")
    hit, held = copied("Cork")
    before = Hit(passage("Brno"), 2.0)
    values = scored(replace(good(case.question), hits=(before, hit, Hit(passage("Delft"), 0.5))), case)
    plain = scored(replace(good(case.question), hits=(before, Hit(held, 1.0), Hit(passage("Delft"), 0.5))), case)
    assert values == plain
    assert values["mrr@10"] == values["passage_mrr@10"] == 1 / 2
    assert values["span_recall"] == 1
    alone = scored(replace(good(case.question), hits=(before, replace(hit, copies=()))), case)
    assert alone["mrr@10"] == alone["passage_mrr@10"] == alone["span_recall"] == 0


def test_gold_that_only_the_copy_says_was_not_found() -> None:
    case = next(case for case in CASES if case.id == "arches-Cork")
    hit, _ = copied("Cork")
    without = replace(hit, passage=replace(hit.passage, text=hit.passage.text.replace("13 arches", "30 arches")))
    values = scored(replace(good(case.question), hits=(without,)), case)
    assert values["passage_hit@1"] == values["span_recall"] == 0
    assert values["hit@1"] == 1, "the document is still named under the hit"


def test_what_is_shown_is_gold_before_its_copies_are() -> None:
    case = next(case for case in CASES if case.id == "arches-Cork")
    own = Hit(passage("Cork"), 1.0, copies=(passage("Brno"), passage("Delft")))
    answer = replace(good(case.question), hits=(own,))
    assert scored(answer, case) == scored(replace(answer, hits=(Hit(passage("Cork"), 1.0),)), case)


def test_several_gold_documents_of_one_family_follow_each_other() -> None:
    family = Hit(passage("Arles"), 1.0, copies=(passage("Cork"), passage("Brno")))
    answer = Answer("q", "q", (), (family, Hit(passage("Delft"), 0.5)), False)
    ids = {town: DOCUMENTS[town].id for town in ("Arles", "Brno", "Cork", "Delft")}
    assert retrieved_documents(answer) == (ids["Arles"], ids["Delft"])
    assert retrieved_documents(answer, {ids["Brno"], ids["Cork"]}) == (ids["Cork"], ids["Brno"], ids["Delft"])


def test_a_citation_counts_where_its_words_stand_in_the_gold_document_too() -> None:
    case = next(case for case in CASES if case.id == "arches-Cork")
    hit, held = copied("Cork")
    end = len(sentence("Cork", 13))
    carried = Passage(held.document_id, 0, end, held.text[:end])
    citation = Citation(1, hit.passage, 20, 20 + end, also_in=(carried,))
    claim = replace(good(case.question).claims[0], citations=(citation,))
    answer = replace(good(case.question), hits=(hit,), claims=(claim,))
    values = scored(answer, case)
    assert values["citation_precision"] == values["citation_recall"] == values["evidence_covered"] == 1
    gold = resolve_gold([case], DOCUMENTS)[case.id]
    assert explain_failure(replace(case, answers=("99",)), gold, answer) == ""
    silent = replace(answer, claims=(replace(claim, citations=(replace(citation, also_in=()),)),))
    assert scored(silent, case)["citation_recall"] == 0
    assert "another sentence was cited" in explain_failure(replace(case, answers=("99",)), gold, silent)
