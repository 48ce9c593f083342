"""Sets of others: every format in a small sample, and the public data where it lies beside the project."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.datasets.cases import load_cases
from evals.datasets.importers import FORMATS, DatasetImportError, ImportedSet, detect_format, import_set, write_import
from evals.datasets.importers.corpus import Corpus, locate_quote
from evals.datasets.resolve import gold_documents, resolve_all_evidence, resolve_evidence
from evals.schema import Case
from index.reading.load import load
from index.schema import Document

DATA = Path(__file__).parents[1].parent / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the public evaluation data is not beside the project")


def by_id(imported: ImportedSet) -> dict[str, Document]:
    return {document.id: document for document in imported.documents}


def words(imported: ImportedSet, case: Case) -> list[str]:
    """The texts of the case's evidence, through resolving."""
    documents = by_id(imported)
    return [documents[s.document_id].text[s.start : s.end] for s in resolve_evidence(case, documents)]


def gold_texts(imported: ImportedSet, case: Case) -> dict[str, int]:
    documents = by_id(imported)
    return {documents[name].text: grade for name, grade in gold_documents(case, documents).items()}


def put(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(value, list) and path.suffix == ".jsonl":
        value = "\n".join(json.dumps(row) for row in value)
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8", newline="")
    return path


def put_csv(path: Path, header: list[str], *rows: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture
def squad(tmp_path: Path) -> Path:
    context = "\ufeffIn 911\u00a0the  Normans\r\nsettled. Rollo led the Normans."
    asked = [
        {
            "id": "q1",
            "question": " Who led? ",
            "is_impossible": False,
            "answers": [
                {"text": "the Normans", "answer_start": context.rindex("the Normans")},
                {"text": "Rollo", "answer_start": context.index("Rollo")},
                {"text": "Rollo", "answer_start": context.index("Rollo")},
            ],
        },
        {
            "id": "q2",
            "question": "Led whom?",
            "answers": [{"text": "the Normans", "answer_start": context.rindex("the Normans")}],
        },
        {"id": "q2", "question": "Who lost?", "is_impossible": True, "answers": [], "plausible_answers": []},
        {"id": "q4", "question": "Where?", "answers": [{"text": "Paris", "answer_start": 3}]},
    ]
    article = {"title": "Normans", "paragraphs": [{"context": context, "qas": asked}]}
    return put(tmp_path / "dev.json", {"version": "v2.0", "data": [article]})


def test_squad(squad: Path) -> None:
    imported = import_set(squad)
    rollo, normans, lost, paris = imported.cases
    assert detect_format(squad) == "squad"
    assert (imported.documents[0].title, rollo.group, rollo.question) == ("Normans", "Normans", "Who led?")
    assert rollo.answers == ("the Normans", "Rollo")
    assert words(imported, rollo) == ["Rollo"]
    assert words(imported, normans) == ["the Normans"]
    assert normans.evidence[0].start == imported.documents[0].text.rindex("the Normans")
    assert (lost.answerable, lost.answers, lost.evidence, lost.documents) == (False, (), (), ())
    assert lost.id == "q2-2"
    assert (paris.answers, paris.evidence) == (("Paris",), ())
    assert any("q4" in note for note in imported.notes)


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    folder = tmp_path / "scifact"
    corpus = [
        {"_id": "d1", "title": "Cells", "text": "They divide.", "metadata": {}},
        {"_id": "d2", "title": "", "text": "Stars burn."},
        {"_id": "d3", "title": "", "text": " "},
    ]
    queries = [
        {"_id": "1", "text": "do cells divide"},
        {"_id": "2", "text": "stars"},
        {"_id": "3", "text": "unjudged"},
    ]
    put(folder / "corpus.jsonl", corpus)
    put(folder / "queries.jsonl", queries)
    put(folder / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore\n1\td1\t2\n1\td2\t1\n1\td9\t1\n")
    put(folder / "qrels" / "train.tsv", "query-id\tcorpus-id\tscore\n2\td2\t1\n2\td1\t0\n1\td1\t2\n")
    return folder


def test_beir(beir: Path) -> None:
    imported = import_set(beir)
    one, two = imported.cases
    assert detect_format(beir) == "beir"
    assert gold_texts(imported, one) == {"Cells\n\nThey divide.": 2, "Stars burn.": 1}
    assert gold_texts(imported, two) == {"Stars burn.": 1}
    assert (one.tags, two.tags, two.relevance) == (("test", "train"), ("train",), {})
    assert "document 'd3' is empty: left out" in imported.notes
    assert any(note.startswith("1 judgements of documents that are not in the corpus") for note in imported.notes)
    assert any(note.startswith("1 queries without a judged document") for note in imported.notes)


def test_beir_without_judgements_or_with_torn_ones(beir: Path) -> None:
    put(beir / "qrels" / "test.tsv", "1 0 d1 1\n1 d1")
    with pytest.raises(DatasetImportError, match=r"test\.tsv:2"):
        import_set(beir)
    for file in (beir / "qrels").iterdir():
        file.unlink()
    with pytest.raises(DatasetImportError, match=r"no \.tsv files"):
        import_set(beir)


@pytest.fixture
def chroma(tmp_path: Path) -> Path:
    text = "First\u00a0line.\r\n\r\n\r\nSaid twice. Said twice. The end."
    put(tmp_path / "notes.md", text)
    references = [{"content": "Said twice.", "start_index": 29, "end_index": 40}]
    both = [{"content": "First\u00a0line.", "start_index": 0, "end_index": 11}, *references]
    assert text[29:40] == "Said twice."
    return put_csv(
        tmp_path / "questions.csv",
        ["question", "references", "corpus_id"],
        ["What, twice?", json.dumps(references), "notes"],
        ["Both?", repr(both), "notes"],
        ["Gone?", json.dumps([{"content": "Nowhere", "start_index": 0, "end_index": 7}]), "notes"],
    )


@pytest.mark.parametrize("as_folder", [False, True])
def test_chroma(chroma: Path, as_folder: bool) -> None:
    imported = import_set(chroma.parent if as_folder else chroma)
    twice, both = imported.cases
    text = imported.documents[0].text
    assert "\r" not in text
    assert (twice.group, twice.answers) == ("notes", ())
    assert twice.evidence[0].start == text.rindex("Said twice.")
    assert words(imported, both) == ["First line.", "Said twice."]
    assert len(imported.notes) == 2


def test_chroma_needs_its_texts(chroma: Path) -> None:
    (chroma.parent / "notes.md").unlink()
    with pytest.raises(DatasetImportError, match=r"no text notes\.md"):
        import_set(chroma)


@pytest.fixture
def time(tmp_path: Path) -> Path:
    folder = tmp_path / "time"
    put(
        folder / "TIME.ALL",
        "*TEXT 017 01/04/63 PAGE 020\n\nTHE ALLIES AFTER\n\nNASSAU .\n\n"
        "*TEXT 020 01/11/63 PAGE 021\n\nRUSSIA .\n\n*STOP\n",
    )
    put(folder / "TIME.QUE", "*FIND      1\n\n RUSSIA OR\n\nNASSAU .\n\n*FIND   2\n\n NOTHING .\n\n*STOP\n")
    put(folder / "TIME.REL", "\n1  2 1 7\n\n2\n")
    return folder


def test_time_judges_by_place_in_the_file(time: Path) -> None:
    imported = import_set(time)
    (case,) = imported.cases
    assert detect_format(time) == detect_format(time / "TIME.QUE") == "smart"
    assert (case.id, case.question) == ("1", "RUSSIA OR NASSAU .")
    assert gold_texts(imported, case) == {"RUSSIA .": 1, "THE ALLIES AFTER NASSAU .": 1}
    assert imported.documents[0].metadata["date"] == "1963-01-04"
    assert imported.documents[0].title == "TIME 17, 1963-01-04, page 20"
    assert len(imported.notes) == 2


CISI = "      1     2\t0\t0.000000\n      3     1\t0\t0.000000\n"
MED = "1 0 2 1\n3 0 1 1\n"
CRAN = "1 2 3\n2 1 1\n2 2 -1\n"


@pytest.mark.parametrize(
    ("judgements", "name"),
    [(CISI, "CISI.REL"), (MED, "MED.REL"), (CRAN, "cranqrel")],
    ids=["cisi", "med", "cran"],
)
def test_smart(tmp_path: Path, judgements: str, name: str) -> None:
    put(
        tmp_path / "c.all.2",
        ".I 1\n.T\nOn wings\n.A\nAda\n.W\nWings\nlift.\n.I 2\n.T\nheat\n.W\nheat flows.\n.X\n9\n",
    )
    put(tmp_path / "c.qry", ".I 001\n.W\nwhat is\nheat\n.I 003\n.T\nx\n.W\nhow wings lift\n")
    put(tmp_path / name, judgements)
    imported = import_set(tmp_path)
    heat, wings = imported.cases
    assert (heat.question, wings.question) == ("what is heat", "how wings lift")
    assert gold_texts(imported, heat) == {"heat flows.": 1}
    assert gold_texts(imported, wings) == {"On wings\n\nWings lift.": 1}


def test_trec(tmp_path: Path) -> None:
    put(
        tmp_path / "texts.sgml",
        "<DOC>\n<DOCNO> FT911-1 </DOCNO>\n<HEADLINE>A &amp; B</HEADLINE>\n"
        "<TEXT>\n<p>Steel fell.</p>\n</TEXT>\n</DOC>\n"
        "<DOC><DOCNO>FT911-2</DOCNO><TEXT>Tin rose.</TEXT></DOC>",
    )
    put(
        tmp_path / "topics.301-302",
        "<top>\n<num> Number: 301\n<title> Tin prices\n\n<desc> Description:\nDid tin\nrise?\n\n"
        "<narr> Narrative:\nx\n</top>\n<top>\n<num> Number: 302\n<title> Zinc\n</top>\n",
    )
    put(tmp_path / "qrels.txt", "301 0 FT911-2 2\n301 0 FT911-1 1\n302 0 FT911-1 0\n")
    imported = import_set(tmp_path)
    (case,) = imported.cases
    assert (case.id, case.question) == ("301", "Did tin rise?")
    assert gold_texts(imported, case) == {"Tin rose.": 2, "Steel fell.": 1}
    assert imported.documents[0].title == "A & B"
    assert "topic 302: nothing is judged relevant: left out" in imported.notes


@pytest.mark.parametrize("name", ["results", "input_data"])
def test_ragchecker(tmp_path: Path, name: str) -> None:
    rows = [
        {
            "query_id": "000",
            "query": "How tall?",
            "gt_answer": "828 m",
            "response": "800 m",
            "retrieved_context": [
                {"doc_id": "7", "text": "It is 828 m."},
                {"doc_id": "7", "text": "It is in Dubai."},
            ],
        },
        {
            "query_id": "001",
            "query": "Why?",
            "gt_answer": "Pride",
            "retrieved_context": [{"text": "It is 828 m."}],
        },
        {"query_id": "002", "query": "Who?", "gt_answer": ""},
    ]
    imported = import_set(put(tmp_path / "r.json", {name: rows}))
    assert [(case.id, case.question, case.answers) for case in imported.cases] == [
        ("000", "How tall?", ("828 m",)),
        ("001", "Why?", ("Pride",)),
    ]
    assert [document.text for document in imported.documents] == ["It is 828 m.", "It is in Dubai."]
    assert not any(case.evidence or case.documents for case in imported.cases)
    assert any("no gt_answer" in note for note in imported.notes)


RAGAS = [
    {
        "user_input": "How tall?",
        "reference": "828 m",
        "reference_contexts": ["It is 828 m.", "Tallest."],
        "retrieved_contexts": ["It is in Dubai."],
        "synthesizer_name": "single_hop",
    },
    {"user_input": "Unlabelled?", "reference": "", "reference_contexts": []},
]


def ragas_files(folder: Path) -> Iterator[Path]:
    names = list(RAGAS[0])
    cells = [[row.get(name, "") for name in names] for row in RAGAS]
    yield put(folder / "rows.json", RAGAS)
    yield put(folder / "rows.jsonl", RAGAS)
    yield put(folder / "columns.json", {name: {"0": a, "1": b} for name, a, b in zip(names, *cells, strict=True)})
    yield put_csv(folder / "rows.csv", names, *cells)


def test_ragas_is_the_same_in_every_file_format(tmp_path: Path) -> None:
    for path in ragas_files(tmp_path):
        imported = import_set(path)
        (case,) = imported.cases
        assert detect_format(path) == "ragas"
        assert (case.question, case.answers, case.tags) == ("How tall?", ("828 m",), ("single_hop",))
        assert words(imported, case) == ["It is 828 m.", "Tallest."]
        assert {document.text for document in imported.documents} == {
            "It is 828 m.",
            "Tallest.",
            "It is in Dubai.",
        }
        assert len(imported.notes) == 1


def test_ragas_of_before_and_conversations(tmp_path: Path) -> None:
    old = {
        "question": "Who?",
        "contexts": ["Ada did."],
        "ground_truths": ["Ada", "A. Lovelace"],
        "answer": "Bo",
    }
    (case,) = import_set(put(tmp_path / "old.json", [old])).cases
    assert (case.answers, case.evidence) == (("Ada", "A. Lovelace"), ())
    said = [
        {"type": "human", "content": "Hi"},
        {"type": "ai", "content": "Hello"},
        {"type": "ai", "content": "there"},
        {"type": "human", "content": "Who?"},
        {"type": "ai", "content": "Ada"},
    ]
    (case,) = import_set(put(tmp_path / "talk.jsonl", [{"user_input": said, "reference": "Ada"}])).cases
    assert case.question == "Who?"
    assert [(turn.question, turn.answer) for turn in case.history] == [("Hi", "Hello\nthere")]


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    folder = tmp_path / "plain"
    corpus = [
        {
            "doc_id": "p0",
            "title": "Cats",
            "text": "Cats purr . Cats\u00a0sleep .",
            "date": "2022-06-12",
            "source": "cnn.com",
        },
        {"doc_id": "p1", "title": "", "text": "Dogs bark."},
        {"doc_id": "p2", "title": "", "text": "Dogs bark."},
    ]
    said = [{"role": "user", "text": "Cats?"}, {"role": "agent", "text": "They purr."}]
    queries = [
        {
            "qid": "c<::>1",
            "question": "what else",
            "answers": ["sleep"],
            "answerable": True,
            "gold": ["p0"],
            "selected_sentences": ["Cats\u00a0sleep .", "Cats fly ."],
            "history": said,
            "date": "2022-06-16",
            "answerability": "PARTIAL",
        },
        {
            "qid": "2",
            "question": "dogs?",
            "answers": ["bark"],
            "answerable": True,
            "gold": ["p2", "p1", "p9"],
        },
        {"qid": "3", "question": "cows?", "answers": ["I don't know"], "answerable": False, "gold": ["p1"]},
    ]
    put(folder / "corpus.jsonl", corpus)
    put(folder / "queries.jsonl", queries)
    put(
        folder / "unanswerable.json",
        [{"qid": "4", "question": "pigs?", "answers": [], "answerable": False, "gold": []}],
    )
    put(folder / "META.json", {"docs": 3})
    return folder


def test_plain(plain: Path) -> None:
    imported = import_set(plain)
    else_, dogs, cows, pigs = imported.cases
    assert detect_format(plain) == "plain"
    assert words(imported, else_) == ["Cats sleep ."]
    assert (else_.group, else_.as_of, else_.tags) == ("c", "2022-06-16", ("partial",))
    assert [(turn.question, turn.answer) for turn in else_.history] == [("Cats?", "They purr.")]
    assert gold_texts(imported, dogs) == {"Dogs bark.": 1}
    assert (cows.answerable, cows.answers, cows.documents, pigs.answerable) == (False, (), (), False)
    assert imported.documents[0].metadata == {"date": "2022-06-12", "outlet": "cnn.com"}
    assert len(imported.notes) == 3


@pytest.mark.parametrize("name", ["squad", "beir", "chroma", "time", "plain"])
def test_what_is_written_loads_as_the_same_documents_and_cases(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    imported = import_set(request.getfixturevalue(name))
    path = write_import(imported, tmp_path / "out")
    files = sorted((tmp_path / "out" / "documents").glob("*.txt"))
    loaded = {document.id: document for document in map(load, files)}
    assert {key: document.text for key, document in loaded.items()} == {
        key: document.text for key, document in by_id(imported).items()
    }
    cases = load_cases(path)
    assert resolve_all_evidence(cases, loaded) == resolve_all_evidence(imported.cases, by_id(imported))
    for written, case in zip(cases, imported.cases, strict=True):
        assert gold_documents(written, loaded) == gold_documents(case, by_id(imported))
        assert (written.id, written.question, written.answers) == (case.id, case.question, case.answers)
    with pytest.raises(DatasetImportError, match="holds a set already"):
        write_import(imported, tmp_path / "out")


def test_names_of_files_never_clash_or_leave_the_folder() -> None:
    corpus = Corpus()
    for name in ("../a/b", "..-a-b", "a/B", "A-b", "", "名" * 200, "/etc/passwd", "x" * 300):
        corpus.add(name, f"text of {name!r}")
    files = [document.source for document in corpus.documents]
    assert len({file.casefold() for file in files}) == len(files) == 8
    assert all("/" not in file and not file.startswith(".") and len(file.encode()) < 255 for file in files)


@given(st.text("ab \r\n\u00a0é\u0301\u200b", max_size=40), st.data())
def test_a_placed_quote_is_the_quote(raw: str, data: st.DataObject) -> None:
    corpus = Corpus()
    document = corpus.add("d", raw)
    if document is None:
        return
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, len(raw)))
    evidence = locate_quote(document, raw, raw[start:end], start)
    if evidence:
        assert document.text[evidence.start : evidence.end] == evidence.quote
    if raw == document.text and evidence and raw[start:end].strip() == raw[start:end]:
        assert (evidence.start, evidence.end) == (start, end)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("a.json", {"data": 3}, "cannot tell the format"),
        ("a.json", [], "cannot tell the format"),
        ("a.json", "{", "a.json:1: not JSON"),
        ("a.jsonl", "{}\n[1]", "cannot tell the format"),
        ("a.csv", "x,y\n1,2\n", "cannot tell the format"),
        ("a.bin", "x", "cannot tell the format"),
    ],
)
def test_what_is_no_known_set_is_refused_with_advice(tmp_path: Path, name: str, value: object, says: str) -> None:
    with pytest.raises(DatasetImportError, match=says):
        import_set(put(tmp_path / name, value))


def test_wrong_names_are_refused(tmp_path: Path, squad: Path) -> None:
    with pytest.raises(DatasetImportError, match="no such file or folder"):
        import_set(tmp_path / "none")
    with pytest.raises(DatasetImportError, match="use one of squad"):
        import_set(squad, "squid")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetImportError, match="cannot tell"):
        import_set(tmp_path / "empty")


@pytest.mark.parametrize("other", [{"hello": "world"}, {"data": [{"title": "x"}]}, {"results": [{"query": 3}]}, [1]])
@pytest.mark.parametrize("format", sorted(FORMATS))
def test_a_set_of_another_format_is_refused_not_crashed_on(tmp_path: Path, format: str, other: object) -> None:
    with pytest.raises(DatasetImportError):
        import_set(put(tmp_path / "other.json", other), format)


@needs_data
def test_all_spans_of_chroma_hold() -> None:
    imported = import_set(DATA / "chunking")
    with (DATA / "chunking" / "questions.csv").open(newline="", encoding="utf-8") as file:
        quotes = [item["content"] for row in csv.DictReader(file) for item in json.loads(row["references"])]
    held = [text for case in imported.cases for text in words(imported, case)]
    assert (len(imported.documents), len(imported.cases), len(held), imported.notes) == (5, 472, 790, ())
    assert [" ".join(text.split()) for text in held] == [" ".join(quote.split()) for quote in quotes]


@needs_data
def test_squad_answers_hold() -> None:
    imported = import_set(DATA / "squad2" / "dev-half-v2.0.json")
    answerable = [case for case in imported.cases if case.answerable]
    assert (len(imported.documents), len(imported.cases), len(answerable)) == (646, 6078, 2910)
    assert len({case.group for case in imported.cases}) == 16
    held = [words(imported, case) for case in answerable]
    exact = [bool(text) and text[0] in case.answers for case, text in zip(answerable, held, strict=True)]
    assert sum(exact) / len(exact) > 0.999


@needs_data
def test_time_is_read_and_its_last_judgements_meet_their_articles() -> None:
    imported = import_set(DATA / "time")
    cases = {case.id: case for case in imported.cases}
    assert len(imported.documents) == 423
    assert len(cases) == 79  # of 83 queries, four have no judgement
    assert sum(note.startswith("query") for note in imported.notes) == 4
    assert any("ZANZIBAR" in text for text in gold_texts(imported, cases["23"]))
    assert any(text.startswith("SOUTH KOREA") for text in gold_texts(imported, cases["15"]))


@needs_data
@pytest.mark.parametrize(
    ("name", "documents", "answerable", "others"),
    [("news2022", 1414, 191, 149), ("clapnq", 303, 150, 153), ("mtragun", 968, 163, 83)],
)
def test_plain_data(name: str, documents: int, answerable: int, others: int) -> None:
    imported = import_set(DATA / name)
    resolve_all_evidence(imported.cases, by_id(imported))
    assert len(imported.documents) == documents
    assert sum(case.answerable for case in imported.cases) == answerable
    assert sum(not case.answerable for case in imported.cases) == others
    assert all(case.documents for case in imported.cases if case.answerable)
