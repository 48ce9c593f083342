"""Questions that ask for two things, and questions that compare two."""

from collections.abc import Callable

import pytest

from rag.pipeline import Pipeline
from rag.question.parts import Parts, question_parts
from rag.schema import Turn


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("When is rent due and how much is it?", ("When is rent due", "how much is it")),
        ("who is the manager, and what is her number", ("who is the manager", "what is her number")),
        ("is it open on Saturday and can I bring my dog", ("is it open on Saturday", "can I bring my dog")),
        ("Where is it? How much does it cost?", ("Where is it", "How much does it cost")),
        ("who rents out the boats and when", ("who rents out the boats", "when: rents out the boats")),
        ("where do I park and how much?", ("where do I park", "how much: do I park")),
    ],
)
def test_a_question_for_two_things_is_cut_in_two(question: str, parts: tuple[str, ...]) -> None:
    assert question_parts(question) == Parts(parts)


@pytest.mark.parametrize(
    "question",
    [
        "Do I pay for gas and electricity?",
        "How do I add and remove users?",
        "what is the rent and the deposit",
        "what did Brook say and do about parking",
        "Who does the accounts and by when?",
        "What did the mayor say when she was asked who pays?",
        "Does she know what is in the box and where it stands?",
        "is it hotter than usual",
        "is it cheaper than last year",
        "is there more than one pool",
    ],
)
def test_a_question_for_one_thing_stays_whole(question: str) -> None:
    assert question_parts(question) == Parts((question,))


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("how do maternity leave and partner leave differ", ("maternity leave", "partner leave")),
        ("difference between bypass and anvil secateurs", ("bypass secateurs", "anvil secateurs")),
        ("compare the cost of the oak table with the pine table", ("cost of oak table", "cost of pine table")),
        ("plot vs half plot", ("plot", "half plot")),
        ("hall hire for outsiders versus locals", ("hall hire for outsiders", "hall hire for locals")),
        ("how did revenue change from 2023 to 2024", ("revenue 2023", "revenue 2024")),
        ("how do Finch and Kalb differ on the wall?", ("Finch the wall", "Kalb the wall")),
        ("what do Varga and Salk say about it?", ("what did Varga say about it", "what did Salk say about it")),
    ],
)
def test_a_comparison_is_cut_into_its_sides(question: str, sides: tuple[str, ...]) -> None:
    assert question_parts(question) == Parts(sides, compared=True)


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        (
            "is the basic plan cheaper than the pro plan?",
            ("how much does basic plan cost", "how much does pro plan cost"),
        ),
        (
            "which takes longer to bake, the pie or the loaf",
            ("how long does pie take to bake", "how long does loaf take to bake"),
        ),
        ("basic plan or pro plan, which is better", ("basic plan", "pro plan")),
        (
            "is the lake room more expensive than the garden room",
            ("how much does lake room cost", "how much does garden room cost"),
        ),
        ("is partner leave longer than maternity leave?", ("how long is partner leave", "how long is maternity leave")),
        ("which is heavier, the oak table or the pine table", ("how heavy is oak table", "how heavy is pine table")),
        ("does the oak weigh more than the pine", ("how much does oak weigh", "how much does pine weigh")),
        (
            "is a junior ticket cheaper than a senior one",
            ("how much does junior ticket cost", "how much does senior ticket cost"),
        ),
    ],
)
def test_more_and_less_compare_too_and_one_sentence_may_answer(question: str, sides: tuple[str, ...]) -> None:
    assert question_parts(question) == Parts(sides, compared=True, single=True)


RENT = (
    "Tenancy\n\nThe rent is due on the fifth of each month. It is paid by standing order.\n\nThe rent amounts to £875."
)
CATS = "Pets\n\nCats sleep sixteen hours a day.\n\nDogs sleep twelve hours a day."


def test_each_part_is_answered_and_what_is_not_is_told(indexed: Callable[..., Pipeline]) -> None:
    pipeline = indexed(rent=RENT)
    answer = pipeline.ask("When is the rent due and what does the rent amount to?")
    assert answer.kind == "several"
    assert "fifth of each month" in answer.text
    assert "£875" in answer.text
    partly = pipeline.ask("When is the rent due and who composed the opera Zuleika?")
    assert "fifth of each month" in partly.text
    assert "who composed the opera Zuleika" in partly.note


def test_parts_on_a_new_subject_are_not_mixed_with_the_turn_before(indexed: Callable[..., Pipeline]) -> None:
    earlier = Turn("how long do cats sleep", "Cats sleep sixteen hours a day.")
    answer = indexed(rent=RENT, pets=CATS).ask("when is the rent due and how is it paid", [earlier])
    assert answer.kind == "several"
    assert "cats" not in answer.query
    assert {citation.passage.title for citation in answer.citations} == {"Tenancy"}


def test_a_comparison_needs_both_sides(indexed: Callable[..., Pipeline]) -> None:
    pipeline = indexed(pets=CATS)
    answer = pipeline.ask("compare the sleep of cats and dogs")
    assert answer.kind == "compare"
    assert answer.text.startswith("- ")
    assert {"Cats", "Dogs"} == {claim.text.split()[0] for claim in answer.claims}
    assert pipeline.ask("compare the sleep of cats and zebras").refused


def test_one_sentence_may_answer_for_both_sides(indexed: Callable[..., Pipeline]) -> None:
    pipeline = indexed(works="Works\n\nLeaseholders pay about £2,150 for a flat with one room, £2,900 for two rooms.")
    answer = pipeline.ask("what do leaseholders pay: one room vs two rooms")
    assert not answer.refused
    assert "£2,150" in answer.text
