"""The reader: what it marks lies in its sentence, and it tells an answer from what only sounds like one."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import ModelMissingError
from index.schema import Passage, Section
from index.text.sentences import sentence_spans
from rag.config import RagConfig
from rag.pipeline import Pipeline
from rag.reading.reader.onnx_reader import NO_READER, OnnxReader, SentenceReader, make_reader
from rag.reading.reader.reread import make_rereader
from rag.retrieval.cross_encoder import CachedCrossEncoder, OnnxCrossEncoder

MUSEUM = "The museum in Oban opened in May 1961. Its first director was Rory Salt. It shows 340 boats, and is run by the town."


@pytest.fixture(scope="module")
def reader() -> SentenceReader:
    made = make_reader(RagConfig().reader)
    assert made is not None
    return made


def passage(text: str, at: int = 0, title: str = "") -> Passage:
    return Passage("d", at, at + len(text), text, title)


def sentences(given: Passage) -> list[tuple[Passage, int, int]]:
    return [(given, given.start + a, given.start + b) for a, b in sentence_spans(given.text)]


@pytest.mark.parametrize(
    ("question", "sentence", "answer"),
    [
        ("When did the museum open?", 0, "1961"),
        ("Who was the first director?", 1, "Rory Salt"),
        ("How many boats does the museum show?", 2, "340"),
    ],
)
def test_the_sentence_that_answers_is_found_and_its_words_marked(
    reader: SentenceReader, question: str, sentence: int, answer: str
) -> None:
    readings = reader.read(question, sentences(passage(MUSEUM)))
    assert max(range(3), key=lambda n: readings[n].here) == sentence
    assert answer in MUSEUM[readings[sentence].start : readings[sentence].end]


@pytest.mark.parametrize(
    ("answered", "unanswered"),
    [
        ("When did the museum open?", "When did the museum burn down?"),
        ("Who was the first director?", "Who was the last gardener?"),
        ("How many boats does the museum show?", "How many paintings were stolen?"),
    ],
)
def test_a_question_that_the_text_does_not_answer_is_less_likely_answered(
    reader: SentenceReader, answered: str, unanswered: str
) -> None:
    given = sentences(passage(MUSEUM))
    yes, no = (max(r.answered for r in reader.read(question, given)) for question in (answered, unanswered))
    assert yes > no


def test_offsets_are_those_of_the_document(reader: SentenceReader) -> None:
    (here,) = reader.read("Who was the first director?", sentences(passage(MUSEUM))[1:2])
    (there,) = reader.read("Who was the first director?", sentences(passage(MUSEUM, at=5_000))[1:2])
    assert (there.start, there.end) == (here.start + 5_000, here.end + 5_000)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.text(alphabet="abc éñ😀漢字.,\n\t0ب", min_size=1, max_size=200), min_size=1, max_size=4),
    st.text(alphabet="who is 漢😀?", min_size=1, max_size=120),
)
def test_marked_words_lie_in_their_sentence_whatever_is_read(
    reader: SentenceReader, parts: list[str], question: str
) -> None:
    given = passage(". ".join(parts), at=7, title="A title 😀")
    given = replace(given, headings=(Section(0, "heading", "Above " * 20, 1),))
    read = sentences(given)
    for (_, start, end), reading in zip(read, reader.read(question, read), strict=True):
        assert start <= reading.start <= reading.end <= end
        assert 0 <= reading.here <= 1


def test_a_sentence_longer_than_the_window_is_read_from_its_beginning(reader: SentenceReader) -> None:
    long = "The museum opened in 1961" + " and so on" * 300 + "."
    (reading,) = reader.read("When did the museum open?", [(passage(long), 0, len(long))])
    assert long[reading.start : reading.end] in long[:600]


def test_nothing_is_read_of_no_sentences(reader: SentenceReader) -> None:
    assert reader.read("Who?", []) == ()


def test_there_is_no_reader_of_another_name() -> None:
    assert make_reader(NO_READER) is None
    with pytest.raises(ModelMissingError, match="no reader 'large'"):
        make_reader("large")


def test_a_file_that_is_not_the_checked_one_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.reading.reader.onnx_reader._SHA256", "0" * 64)
    with pytest.raises(ModelMissingError, match="not the one that was checked"):
        OnnxReader().read("Who?", sentences(passage(MUSEUM)))


def test_the_best_sentences_are_read_in_their_place(seed_pipeline: Pipeline) -> None:
    question = "What did Hegseth say about Article 5?"
    hits = seed_pipeline.search(question)
    quotes = seed_pipeline.ranker.rank(question, hits, seed_pipeline.store.keyword.idf)
    read = [q.kind == "reader" for q in quotes]
    assert read == sorted(read, reverse=True)
    assert sum(read) == min(RagConfig().read_in_place, len(quotes))
    assert all(q.start <= q.answer[0] <= q.answer[1] <= q.end for q in quotes if q.answer)


def test_another_cross_encoder_than_the_fitted_one_reads_nothing_again(tmp_path: object) -> None:
    other = CachedCrossEncoder(OnnxCrossEncoder("other", tmp_path))  # type: ignore[arg-type]
    assert make_rereader(other, RagConfig()) is None
    assert make_rereader(None, RagConfig()) is None
