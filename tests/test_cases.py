"""Sets of cases: read, checked, saved, added to, and their evidence resolved."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evals.datasets.cases import CasesError, append_case, load_cases, save_cases
from evals.datasets.resolve import gold_documents, resolve_all_evidence, resolve_evidence
from evals.schema import Case, Evidence, Span
from index.schema import Document
from rag.schema import Turn

FULL = Case(
    id="a",
    question="Who said so?",
    history=(Turn("What?", "This."),),
    answers=("[1] he", "she, or “they”"),
    evidence=(Evidence("news/a.txt", "the words\nhere"), Evidence("b.txt", start=3, end=9)),
    tags=("who", "hard"),
    as_of="2025-02-12",
    documents=("b.txt",),
    relevance={"b.txt": 2},
    group="news",
)
NOT_ANSWERABLE = Case(id="b", question="no", answerable=False)

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).map(lambda s: f"x{s}x")


def write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(CasesError) as caught:
        load_cases(path)
    assert str(caught.value).splitlines() == list(caught.value.problems)
    return [problem.replace(str(path), path.name) for problem in caught.value.problems]


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".yaml", ".yml"])
def test_what_is_saved_is_loaded(tmp_path: Path, suffix: str) -> None:
    save_cases([FULL, NOT_ANSWERABLE], tmp_path / f"set{suffix}")
    assert load_cases(tmp_path / f"set{suffix}") == (FULL, NOT_ANSWERABLE)


@settings(max_examples=60, deadline=None)
@given(texts, texts, texts, st.sampled_from([".jsonl", ".csv", ".yaml"]))
@example("x", "x", "one\x85two\u2028three\u2029four", ".yaml")
def test_any_text_survives_any_format(
    tmp_path_factory: pytest.TempPathFactory, question: str, answer: str, quote: str, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("sets") / f"set{suffix}"
    case = Case("1", question, (Turn(quote, answer),), (answer,), (Evidence("d", quote),), tags=(answer,))
    save_cases([case], path)
    assert load_cases(path) == (case,)


def test_every_problem_is_reported_with_its_line(tmp_path: Path) -> None:
    sound = {"id": "1", "question": "Who?", "answers": "he"}
    path = write(
        tmp_path / "set.jsonl",
        sound,
        {**sound, "id": "2", "anwsers": ["x"]},
        "",
        "{not json",
        {"id": "1", "question": "Again?", "answers": ["he"]},
        {"question": "No id?", "answers": ["he"]},
        {"id": "5", "question": "Nothing known?"},
        {"id": "6", "question": "When?", "answers": ["x"], "as_of": "12 May"},
        {"id": "7", "question": "Where?", "answerable": False, "evidence": [{"document": "d", "quote": "q"}]},
        {"id": "8", "question": "Where?", "evidence": [{"document": "d", "quot": "q"}]},
        {"id": "9", "question": "Where?", "evidence": [{"document": "d", "start": 4}]},
        {"id": "10", "question": "Where?", "answers": "x", "answerable": "maybe"},
        "[1]",
    )
    found = problems(path)
    expected = [
        (2, "unknown field 'anwsers': did you mean 'answers'?"),
        (4, "not JSON"),
        (5, "id '1' is taken by line 1: choose another"),
        (6, "id is missing: give one"),
        (7, "add one, or set answerable to false"),
        (8, "'12 May' is not a date: write it as 2025-02-12"),
        (9, "not answerable, yet has evidence"),
        (10, "unknown field 'quot': did you mean 'quote'?"),
        (11, "start without end"),
        (12, "expected true or false, got 'maybe'"),
        (13, "expected an object"),
    ]
    assert len(found) == len(expected)
    for problem, (line, says) in zip(found, expected, strict=True):
        assert problem.startswith(f"set.jsonl:{line}: ")
        assert says in problem


def test_csv_may_give_evidence_in_columns_and_counts_lines_within_cells(tmp_path: Path) -> None:
    path = write(
        tmp_path / "set.csv",
        "id,question,answerable,document,quote,start,end,tags",
        '1,"Who,\nthen?",yes,d.txt,the words,,,"[""who"", ""hard""]"',
        "2,Where?,no,,,,,where",
    )
    one, two = load_cases(path)
    assert one.evidence == (Evidence("d.txt", "the words"),)
    assert (one.question, one.tags) == ("Who,\nthen?", ("who", "hard"))
    assert (two.answerable, two.evidence, two.tags) == (False, (), ("where",))
    write(path, "id,question,answer", '1,"Who,\nthen?",', "1,Where?,x", "3,a,b,c")
    assert [problem.split(": ", 1)[0] for problem in problems(path)] == [
        "set.csv:1", "set.csv:2", "set.csv:4", "set.csv:4", "set.csv:5",
    ]  # fmt: skip


def test_yaml_values_stay_as_written_and_errors_name_lines(tmp_path: Path) -> None:
    asked = "- id: 007", "  question: Norway?", "  answers: [no, 1963]", "  as_of: 2025-02-12"
    path = write(tmp_path / "set.yaml", *asked)
    assert load_cases(path) == (Case("007", "Norway?", answers=("no", "1963"), as_of="2025-02-12"),)
    write(path, "- id: 1", "  question: Who?", "  answers: x", "- id: 1", "  question: Who?", "  answers: x")
    assert problems(path) == ["set.yaml:4: id '1' is taken by line 1: choose another"]
    write(path, "- id: 1", "  question: [")
    assert problems(path)[0].startswith("set.yaml:")


def test_files_that_are_no_sets_are_refused(tmp_path: Path) -> None:
    assert "no such file" in problems(tmp_path / "none.jsonl")[0]
    assert "use .jsonl, .csv, .yaml or .yml" in problems(write(tmp_path / "set.txt", "x"))[0]
    assert "holds no cases" in problems(write(tmp_path / "empty.jsonl", ""))[0]
    (tmp_path / "latin.jsonl").write_bytes(b"\n\xe9")
    assert problems(tmp_path / "latin.jsonl") == ["latin.jsonl:2: not UTF-8: save the file as UTF-8"]


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".yaml"])
def test_append_adds_one_and_refuses_a_taken_id(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "new" / f"set{suffix}"
    append_case(FULL, path)
    append_case(NOT_ANSWERABLE, path)
    before = path.read_bytes()
    with pytest.raises(CasesError, match="id 'a' is taken"):
        append_case(FULL, path)
    with pytest.raises(CasesError, match="add one"):
        append_case(Case("c", "Who?"), path)
    assert path.read_bytes() == before
    assert load_cases(path) == (FULL, NOT_ANSWERABLE)


def test_append_mends_a_missing_last_line_end(tmp_path: Path) -> None:
    path = write(tmp_path / "set.jsonl", {"id": "1", "question": "Who?", "answers": ["he"]})
    append_case(NOT_ANSWERABLE, path)
    assert [case.id for case in load_cases(path)] == ["1", "b"]


TEXT = "Alpha said no. Beta said no.\nGamma said “yes” twice."
DOCUMENTS = {
    "1d": Document("1d", "One", "/data/news/one.txt", TEXT),
    "2d": Document("2d", "Two", "/data/old/one.txt", "Delta."),
    "3d": Document("3d", "Three", "/data/three.txt", "Epsilon."),
}


def case_with(*evidence: Evidence) -> Case:
    return Case("c", "Who?", evidence=evidence, origin="set.jsonl:7")


@pytest.mark.parametrize("name", ["1d", "news/one.txt", "/data/news/one.txt", "./news/one.txt", "news\\one.txt"])
def test_documents_are_found_by_id_or_end_of_path(name: str) -> None:
    spans = resolve_evidence(case_with(Evidence(name, "Beta said"), Evidence("three.txt", start=0, end=7)), DOCUMENTS)
    assert spans == (Span("1d", 15, 24), Span("3d", 0, 7))


def test_a_quote_is_normalised_and_its_white_space_fits_any() -> None:
    (span,) = resolve_evidence(case_with(Evidence("1d", "Beta\u00a0said\r\nno. Gamma\u200b said")), DOCUMENTS)
    assert TEXT[span.start : span.end] == "Beta said no.\nGamma said"


@pytest.mark.parametrize(
    ("evidence", "says"),
    [
        (Evidence("1d", "Omega"), "quote not found in '1d'"),
        (
            Evidence("1d", "said no"),
            "found 2 times in '1d': “said no”. Lengthen the quote or give start and end.",
        ),
        (Evidence("1d", "said no", 0, 5), "holds “Alpha”, not the quote “said no”; it stands at 6–13, 20–27"),
        (Evidence("3d", start=2, end=99), "has 8 characters"),
        (Evidence("one.txt", "Alpha"), "2 documents end in 'one.txt'"),
        (Evidence("ne.txt", "Alpha"), "no document 'ne.txt'"),
    ],
)
def test_evidence_that_does_not_hold_names_case_file_and_line(evidence: Evidence, says: str) -> None:
    with pytest.raises(CasesError) as caught:
        resolve_evidence(case_with(evidence), DOCUMENTS)
    assert str(caught.value).startswith("set.jsonl:7: case c: ")
    assert says in str(caught.value)


def test_a_span_settles_a_quote_that_stands_twice() -> None:
    assert resolve_evidence(case_with(Evidence("1d", "said no", 20, 27)), DOCUMENTS) == (Span("1d", 20, 27),)


def test_problems_of_all_cases_come_together() -> None:
    wrong = case_with(Evidence("1d", "Omega"), Evidence("4d", "x"))
    with pytest.raises(CasesError) as caught:
        resolve_all_evidence([wrong, case_with(Evidence("1d", "Alpha")), wrong], DOCUMENTS)
    assert len(caught.value.problems) == 4


def test_gold_documents_join_grades_documents_and_evidence() -> None:
    case = Case(
        "c",
        "Who?",
        evidence=(Evidence("1d", "Alpha"),),
        documents=("three.txt",),
        relevance={"2d": 3, "3d": 0},
    )
    assert gold_documents(case, DOCUMENTS) == {"1d": 1, "2d": 3, "3d": 1}
    with pytest.raises(CasesError, match="no document '9d'"):
        gold_documents(Case("c", "Who?", documents=("9d",)), DOCUMENTS)


@given(st.text("ab \n", min_size=1, max_size=30), st.data())
def test_a_unique_slice_resolves_to_itself(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = text[start:end]
    if quote != quote.strip() or not quote:
        return
    document = Document("d", "", "d.txt", text)
    try:
        (span,) = resolve_evidence(case_with(Evidence("d", quote)), {"d": document})
    except CasesError as error:
        assert "times" in str(error)
    else:
        assert text[span.start : span.end].split() == quote.split()


def test_a_short_csv_file_leaves_room_for_the_longer_cells_of_others(tmp_path: Path) -> None:
    load_cases(write(tmp_path / "set.csv", "id,question,answerable\na,Why?,false\n"))
    longest = "x" * 10_000
    assert next(csv.reader([longest])) == [longest]
