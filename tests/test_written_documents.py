"""Documents and questions written to train on: what is quoted stands there, and windows hold what they say."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path, PurePath

import pytest
from conftest import SEEDS
from tokenizers import Tokenizer

from evals.research.calibration.written_set import ALONE, WRITTEN, written_sets
from evals.research.training.segments import load_tokenizer
from evals.research.training.written import (
    WrittenDocument,
    WrittenQuestion,
    find_quote,
    read_written,
    written_windows,
)
from index.reading.load import load
from rag.retrieval.cross_encoder import packaged_folder

CABINS = """# Hill cabins

## Dogs

Dogs stay in the porch. Nobody may take one into a bedroom.

## Leaving

Please hand in your key by ten. Breakfast ends at nine. The bus to the valley leaves at half past ten.

| Cabin | Beds | A night |
| --- | --- | --- |
| Larch | 4 | £60 |
| Birch | 6 | £85 |
"""


@pytest.fixture(scope="module")
def written() -> list[WrittenDocument]:
    return read_written()


@pytest.fixture(scope="module")
def tokenizer() -> Iterator[Tokenizer]:
    yield load_tokenizer(packaged_folder())


def asked(question: str, *sentences: str, answer: str = "") -> WrittenDocument:
    return WrittenDocument(
        load(Path("cabins.md"), CABINS.encode()), (WrittenQuestion(question, sentences, answer),), "reader"
    )


def test_every_quote_stands_in_its_document_and_its_answer_in_the_quote(written: list[WrittenDocument]) -> None:
    for one in written:
        for question in one.questions:
            assert all(find_quote(one.document.text, sentence) for sentence in question.sentences), question
            assert not question.sentences or find_quote(question.sentences[0], question.answer), question
            assert bool(question.sentences) == bool(question.answer)


def test_there_are_enough_of_them_and_a_third_of_the_questions_has_no_answer(written: list[WrittenDocument]) -> None:
    questions = list(chain.from_iterable(one.questions for one in written))
    assert len({one.document.source for one in written}) == len(written) >= 250
    assert len(questions) >= 3_000
    whole = [question for question in questions if not question.changed_from]
    assert 0.2 < sum(not question.sentences for question in whole) / len(whole) < 0.45
    assert 0.15 < sum(one.part == "evidence" for one in written) / len(written) < 0.35


def test_a_changed_question_has_no_answer_and_comes_from_one_that_has(written: list[WrittenDocument]) -> None:
    for one in written:
        answered = {question.text for question in one.questions if question.sentences}
        for question in one.questions:
            assert not question.changed_from or (question.changed_from in answered and not question.sentences), question


def test_what_answers_the_question_it_came_from_is_read_beside_a_changed_one(tokenizer: Tokenizer) -> None:
    original = WrittenQuestion("where do dogs stay", ("Dogs stay in the porch.",), "in the porch")
    changed = WrittenQuestion("where do cats stay", (), "", "where do dogs stay")
    whole = replace(asked("", ""), questions=(original, changed))
    windows = list(written_windows([whole], tokenizer))
    of_changed = [one for one in windows if "cats" in tokenizer.decode(one.ids[: one.first])]
    assert of_changed
    assert not any(one.starts for one in of_changed)
    assert any("dogs" in tokenizer.decode(one.ids[one.first :]).casefold() for one in of_changed)


def test_none_is_a_document_that_is_measured(written: list[WrittenDocument]) -> None:
    measured = {file.name for file in SEEDS.rglob("*.*")}
    assert not measured & {PurePath(one.document.source).name for one in written}


def test_the_window_around_an_answer_marks_it_and_others_mark_nothing(tokenizer: Tokenizer) -> None:
    document = asked("when do we have to be out", "Please hand in your key by ten.", answer="by ten")
    windows = list(written_windows([document], tokenizer))
    marked = [window for window in windows if window.starts]
    assert len(windows) >= 2
    assert marked
    for window in marked:
        assert tokenizer.decode(list(window.ids[window.starts[0] : window.ends[0] + 1])) == "by ten"
    for window in windows:
        assert tokenizer.decode(list(window.ids[1 : window.first - 1])) == "when do we have to be out"


def test_no_window_of_a_question_without_an_answer_marks_one(tokenizer: Tokenizer) -> None:
    windows = list(written_windows([asked("can i bring my cat")], tokenizer))
    assert windows
    assert not any(window.starts for window in windows)


def test_windows_are_the_same_for_the_same_seed(tokenizer: Tokenizer) -> None:
    documents = [asked("can i bring my cat"), asked("what is a night in birch", "| Birch | 6 | £85 |", answer="£85")]
    first, again, other = (list(written_windows(documents, tokenizer, seed)) for seed in (1, 1, 3))
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("Dogs  stay in\nthe porch", "Dogs stay in the porch"),
        ("**Dogs** stay", "Dogs stay"),
        ("| Birch | 6 | £85 |", "Birch; Beds: 6; A night: £85"),
        ("Cats stay in the porch", None),
        ("—", None),
    ],
)
def test_a_quote_is_found_whatever_stands_between_its_words(quote: str, found: str | None) -> None:
    text = load(Path("cabins.md"), CABINS.encode()).text
    span = find_quote(text, quote)
    if found is None:
        assert span is None
    else:
        assert span is not None
        assert text[slice(*span)].replace("\n", "; ").endswith(found.split("; ")[-1])


def test_each_kept_document_is_asked_among_others_and_alone(written: list[WrittenDocument]) -> None:
    together, *alone = written_sets()
    kept = {one.document.id for one in written if one.part == "evidence"}
    assert together.name == WRITTEN
    assert {one.name for one in alone} == {ALONE}
    assert together.documents.keys() == kept == set(chain.from_iterable(one.documents for one in alone))
    assert sum(len(one.answerable) for one in alone) == len(together.answerable) > len(together.unanswerable)
    assert all(together.gold[case.id] for case in together.answerable)
