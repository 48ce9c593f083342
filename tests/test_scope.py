"""Which documents a question is put to, and in which order they are searched."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from conftest import WordEmbedder
from hypothesis import given
from hypothesis import strategies as st

from index.schema import Document, DocumentInfo, Passage
from index.storage.store import Store
from index.storage.writer import DocumentEntry
from index.text.dates import DATE_FORMS
from rag.config import RagConfig
from rag.pipeline import Pipeline, make_pipeline
from rag.prompts import describe_scope
from rag.question.scope import EVERYTHING, Scope, ScopeError, list_outlets, parse_scope, select_documents
from rag.retrieval.recency import newest_first, newest_first_on_ties
from rag.retrieval.search_order import plan_searches
from rag.serialize import to_dict

DAYS = st.dates(date(1990, 1, 1), date(2030, 12, 31))
WRITTEN = DAYS.flatmap(lambda d: st.sampled_from(["", d.isoformat(), f"{d:%Y-%m}", f"{d:%Y}", "soon"]))
OUTLETS = st.sampled_from(["", "AP", "ap", "Reuters", "Straße Post", "STRASSE POST"])
SCOPES = st.builds(
    Scope,
    since=st.none() | DAYS,
    until=st.none() | DAYS,
    as_of=st.none() | DAYS,
)


def info(number: int, day: str = "", outlet: str = "") -> DocumentInfo:
    return DocumentInfo(f"d{number}", f"Title {number}", f"{number}.txt", {"date": day, "outlet": outlet}, 10, 1)


LIBRARIES = st.lists(st.tuples(WRITTEN, OUTLETS), max_size=12).map(
    lambda rows: [info(n, day, outlet) for n, (day, outlet) in enumerate(rows)]
)


@given(LIBRARIES)
def test_without_bounds_every_document_is_in(library: list[DocumentInfo]) -> None:
    assert select_documents(library, EVERYTHING) == {one.id for one in library}


@given(LIBRARIES, SCOPES, DAYS, DAYS)
def test_narrowing_never_adds_a_document(library: list[DocumentInfo], scope: Scope, since: date, until: date) -> None:
    held = select_documents(library, scope)
    assert select_documents(library, scope.narrowed(since, until)) <= held
    assert select_documents(library, scope.narrowed(None, None)) == held
    assert select_documents(library, replace(scope, as_of=min(since, scope.as_of or since))) <= held


@given(LIBRARIES, DAYS)
def test_before_and_since_a_day_share_out_the_dated_documents(library: list[DocumentInfo], day: date) -> None:
    exact = [one for one in library if len(one.metadata["date"]) == 10]
    before = select_documents(exact, Scope(until=date.fromordinal(day.toordinal() - 1)))
    since = select_documents(exact, Scope(since=day))
    assert not before & since
    assert before | since == {one.id for one in exact}


@given(LIBRARIES, OUTLETS)
def test_outlets_are_the_same_in_either_case(library: list[DocumentInfo], outlet: str) -> None:
    if not any(one.metadata["outlet"].casefold() == outlet.casefold() for one in library) or not outlet:
        return
    assert select_documents(library, Scope(outlets=(outlet.upper(),))) == select_documents(
        library, Scope(outlets=(outlet.lower(),))
    )
    assert sum(outlet.casefold() == name.casefold() for name in list_outlets(library)) == 1


def test_a_month_or_a_year_counts_where_any_of_its_days_does() -> None:
    library = [info(1, "2025"), info(2, "2025-02"), info(3, "2025-02-12"), info(4), info(5, "2024-12-31")]
    assert select_documents(library, parse_scope(since="2025-02-10", until="2025-02-12")) == {"d1", "d2", "d3"}
    assert select_documents(library, parse_scope(since="2025-03")) == {"d1"}
    assert select_documents(library, parse_scope(until="2024")) == {"d5"}


def test_a_document_without_a_date_is_in_no_range_but_may_be_read_on_any_day() -> None:
    library = [info(1), info(2, "2025-02-12"), info(3, "2025-02-13"), info(4, "long ago")]
    assert select_documents(library, parse_scope(as_of="2025-02-12")) == {"d1", "d2", "d4"}
    assert select_documents(library, parse_scope(since="1900")) == {"d2", "d3"}


def test_unknown_outlets_and_documents_are_named_with_those_there_are() -> None:
    library = [info(1, outlet="Reuters"), info(2, outlet="AP"), info(3)]
    with pytest.raises(ScopeError, match=r"'BBC'.* The index has AP, Reuters"):
        select_documents(library, Scope(outlets=("ap", "BBC")))
    with pytest.raises(ScopeError, match="names an outlet"):
        select_documents([info(3)], Scope(outlets=("AP",)))
    with pytest.raises(ScopeError, match=r"no document 'd9'.*onrecord list"):
        select_documents(library, Scope(documents=("d1", "d9")))
    assert select_documents(library, Scope(documents=("d1",), outlets=("AP", "Reuters"))) == {"d1"}


@pytest.mark.parametrize("text", ["12 May", "2025-13", "2025-02-30", "yesterday", "25", "2025-02-12 10:00", "\x00"])
@pytest.mark.parametrize("name", ["since", "until", "as_of"])
def test_a_bad_date_names_the_forms_there_are(name: str, text: str) -> None:
    with pytest.raises(ScopeError, match=DATE_FORMS) as caught:
        parse_scope(**{name: text})
    assert name.replace("_", " ") in str(caught.value)


def test_dates_reach_from_their_first_to_their_last_day() -> None:
    assert parse_scope("2024", "2024", "2024-02") == Scope(
        date(2024, 1, 1), date(2024, 12, 31), as_of=date(2024, 2, 29)
    )
    assert parse_scope(" ", "", outlets=[" AP ", "", "AP"]) == Scope(outlets=("AP",))
    with pytest.raises(ScopeError, match="end before they begin"):
        parse_scope("2025", "2024")


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (parse_scope("2024", "2024"), "published in 2024"),
        (parse_scope("2025-02", "2025-02"), "published in February 2025"),
        (parse_scope("2025-02-12", "2025-02-12"), "published on 12 February 2025"),
        (parse_scope("2024", "2025-02"), "published between 1 January 2024 and 28 February 2025"),
        (parse_scope("2025-02", outlets=["AP", "Reuters"]), "by AP or Reuters published since 1 February 2025"),
        (parse_scope(until="2020"), "published up to 31 December 2020"),
        (parse_scope(as_of="2020"), "published up to 31 December 2020 or undated"),
        (parse_scope(documents=["d1"]), "among the one chosen"),
    ],
)
def test_a_scope_is_said_in_words(scope: Scope, words: str) -> None:
    assert describe_scope(scope) == words


# Which searches are made


LIBRARY = [info(1, "2025-02-12", "AP"), info(2, "2024-05-01", "Reuters"), info(3)]


def within(question: str, scope: Scope = EVERYTHING) -> list[frozenset[str] | None]:
    return [s.within for s in plan_searches(question, scope, lambda: LIBRARY, today=date(2025, 2, 19))]


def test_a_time_in_the_question_is_searched_first_and_only_where_something_is_dated_then() -> None:
    assert within("What did the mayor say?") == [None]
    assert within("What did the mayor say last week?") == [{"d1"}, None]
    assert within("What did the mayor say in May 2024?") == [{"d2"}, None]
    asked = [s.query for s in plan_searches("What is the latest on it?", EVERYTHING, lambda: LIBRARY)]
    assert asked == ["What is it?", "What is the latest on it?"]
    assert within("What did the mayor say in 2024?") == [{"d2"}, {"d2"}, None]
    assert within("What happened in 1966?") == [None]
    assert within("What did he say last week?", parse_scope(as_of="2024-05-08")) == [{"d2"}, {"d2", "d3"}]
    assert within("What did he say last week?", Scope(outlets=("reuters",))) == [{"d2"}]
    assert within("What did he say?", parse_scope(since="2030")) == [frozenset()]


def test_the_wider_search_owns_up_to_it_where_the_words_count_from_today() -> None:
    def notes(question: str) -> list[str]:
        return [s.note for s in plan_searches(question, EVERYTHING, lambda: LIBRARY, today=date(2025, 2, 19))]

    narrow, wide = notes("What did the mayor say last week?")
    assert narrow == (
        "Searched only documents published between 10 February 2025 and 16 February 2025, for “last week”."
    )
    assert wide.startswith("No document published between 10 February 2025 and 16 February 2025 (“last week”)")
    assert notes("What did the mayor say yesterday?")[0].startswith("No document published on 18 February 2025")
    assert notes("What happened in 1966?") == [""]
    assert notes("What did the mayor say?") == [""]


# Order


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.1 + 1e-9, 0.5]), st.sampled_from(["", "2024", "2025-02-12"]))))
def test_equal_scores_are_ordered_by_date_and_otherwise_stay(rows: list[tuple[float, str]]) -> None:
    numbered = [(n, *row) for n, row in enumerate(sorted(rows, key=lambda row: -row[0]))]
    order = newest_first_on_ties(numbered, lambda row: row[1], lambda row: row[2])
    assert sorted(order) == numbered
    for (n, score, day), (m, next_score, next_day) in pairwise(order):
        assert round(score, 6) >= round(next_score, 6)
        if round(score, 6) == round(next_score, 6):
            assert day > next_day or (day == next_day and n < m)


@given(st.lists(st.tuples(st.floats(0, 1), st.dates().map(date.isoformat)), max_size=10), st.floats(0.1, 1))
def test_newest_first_reorders_only_the_nearly_best_and_drops_none(rows: list[tuple[float, str]], near: float) -> None:
    rows.sort(key=lambda row: -row[0])
    order = newest_first(rows, lambda row: row[0], lambda row: row[1], near)
    assert sorted(order) == sorted(rows)
    close = [row for row in rows if row[0] >= near * rows[0][0]]
    assert sorted(order[: len(close)]) == sorted(close)
    assert [row[1] for row in order[: len(close)]] == sorted((row[1] for row in close), reverse=True)
    assert [row[0] for row in order[len(close) :]] == pytest.approx([row[0] for row in rows[len(close) :]], abs=1e-6)


# In a real index


def article(day: str, outlet: str, text: str) -> str:
    header = "".join(f"{name}: {value}\n" for name, value in (("Date", day), ("Outlet", outlet)) if value)
    return f"{header}\n{text}" if header else text


FERRIES = "The ferries across the harbour run every {} minutes, the mayor said."


@pytest.fixture
def ferries(indexed: Callable[..., Pipeline]) -> Pipeline:
    """Four articles that say the same of different numbers, one undated, and one on something else."""
    made = indexed(
        old=article("2020-05-05", "Old Wire", FERRIES.format("forty")),
        middle=article("2024-05-05", "Harbour Post", FERRIES.format("thirty")),
        new=article("2025-02-12", "Harbour Post", FERRIES.format("ten")),
        undated=FERRIES.format("ninety"),
        other=article("2025-02-13", "Old Wire", "Turnips fetched a good price on the market."),
    )
    return replace(made, config=replace(made.config, refuse_below=0.0))


QUESTION = "How often do the ferries run across the harbour"


def minutes(pipeline: Pipeline, question: str, scope: Scope = EVERYTHING) -> str:
    """The numbers of the best claim."""
    return pipeline.ask(question, scope=scope).claims[0].text.split(" minutes")[0].rsplit(" ", 1)[-1]


def test_only_documents_in_scope_are_found_and_all_of_them(ferries: Pipeline) -> None:
    found = ferries.search(QUESTION, 10, parse_scope(since="2024"))
    assert {hit.passage.metadata["date"] for hit in found} == {"2024-05-05", "2025-02-12", "2025-02-13"}
    found = ferries.search(QUESTION, 10, parse_scope(outlets=["old wire"]))
    assert {hit.passage.metadata["outlet"] for hit in found} == {"Old Wire"}
    assert len(found) == 2
    assert minutes(ferries, QUESTION, parse_scope(until="2020")) == "forty"
    assert minutes(ferries, QUESTION, parse_scope("2024", outlets=["harbour post"], as_of="2024-12")) == "thirty"


def test_an_emptied_search_says_which_documents_there_are_none_of(ferries: Pipeline) -> None:
    answer = ferries.ask(QUESTION, scope=parse_scope("1999", "1999", outlets=["Old Wire"]))
    assert answer.refused
    assert answer.text == "No document by Old Wire published in 1999 is in the index."
    assert answer.hits == ()
    assert to_dict(answer)["scope"] == {
        "since": "1999-01-01",
        "until": "1999-12-31",
        "as_of": None,
        "outlets": ["Old Wire"],
        "documents": [],
    }
    with pytest.raises(ScopeError, match="Harbour Post, Old Wire"):
        ferries.ask(QUESTION, scope=Scope(outlets=("BBC",)))
    assert ferries.search(QUESTION, scope=parse_scope(since="2030")) == ()


def test_a_time_in_the_question_chooses_the_article(ferries: Pipeline) -> None:
    assert minutes(ferries, f"{QUESTION} in May 2024?") == "thirty"
    assert minutes(ferries, f"{QUESTION} before 2021?") == "forty"
    today = Scope(as_of=date(2025, 2, 19))
    answer = ferries.ask(f"{QUESTION} last week?", scope=today)
    assert answer.query == f"{QUESTION}?"
    assert answer.question == f"{QUESTION} last week?"
    assert "ten minutes" in answer.text
    assert answer.scope.since == date(2025, 2, 10)
    assert answer.note.endswith("for “last week”.")


def test_a_time_that_holds_no_answer_is_not_kept_to(ferries: Pipeline) -> None:
    strict = replace(ferries, config=replace(ferries.config, refuse_below=0.3))
    plain = strict.ask(f"{QUESTION}?")
    assert not plain.refused
    # Only the turnips were written about on that day.
    answer = strict.ask(f"{QUESTION} yesterday?", scope=Scope(as_of=date(2025, 2, 14)))
    assert not answer.refused
    assert "other dates were searched too" in answer.note
    assert strict.ask(f"{QUESTION} in 1066?").scope == EVERYTHING
    assert len(strict.search(f"{QUESTION} in 1066?")) == 5


def test_the_latest_comes_first_and_the_rest_stays(ferries: Pipeline) -> None:
    found = ferries.search(f"{QUESTION}? the latest", 10)
    assert found[0].passage.metadata["date"] == "2025-02-12"
    assert len(found) == 5
    assert minutes(ferries, f"What is the latest: {QUESTION}?") == "ten"


def test_of_equally_good_passages_the_newest_comes_first(store: Store, words: WordEmbedder) -> None:
    # The same words in another order: the same score, and no copies of each other.
    for id_, day, text in (
        ("a", "2023-01-01", "On Friday the tunnel will be closed."),
        ("b", "2025-01-01", "Closed will be the tunnel on Friday."),
        ("c", "", "The tunnel on Friday will be closed."),
        ("d", "2024-01-01", "Will the tunnel be closed on Friday?"),
        ("e", "2024-01-01", "Be closed on Friday will the tunnel."),
    ):
        document = Document(id_, "", f"{id_}.txt", text, {"date": day} if day else {})
        store.add(document, [Passage(id_, 0, len(text), text)], words.embed([text]))
    found = make_pipeline(store, words, RagConfig(), None).search("When will the tunnel be closed?")
    assert len({round(hit.score, 6) for hit in found}) == 1
    assert [hit.passage.document_id for hit in found] == ["b", "d", "e", "a", "c"]


def add_all(store: Store, words: WordEmbedder, documents: Sequence[Document]) -> None:
    """Write each document as one passage, all at once."""
    passages = [Passage(document.id, 0, len(document.text), document.text) for document in documents]
    vectors = [words.embed([document.text]) for document in documents]
    store.add_all([DocumentEntry(*row) for row in zip(documents, [[p] for p in passages], vectors, strict=True)])


def test_a_filter_leaves_no_fewer_candidates_than_there_are(store: Store, words: WordEmbedder) -> None:
    """Many passages nearer to the question lie outside the scope; the few inside are all found still."""
    near = [Document(f"near{n}", "", f"{n}.txt", f"ferries run number {n}") for n in range(120)]
    far = [
        Document(f"far{n}", "", f"f{n}.txt", f"turnips are sold at stall {n}", {"outlet": "Market"}) for n in range(60)
    ]
    add_all(store, words, (*near, *far))
    pipeline = make_pipeline(store, words, RagConfig(candidates=50, top_k=50), None)
    found = pipeline.search("ferries run", 50, Scope(outlets=("market",)))
    assert len(found) == 50
    assert all(hit.passage.document_id.startswith("far") for hit in found)
    wanted = frozenset(d.id for d in far)
    assert len(store.nearest(words.embed_query("ferries run"), 60, wanted)) == 60
    assert store.nearest(words.embed_query("ferries run"), 60, frozenset()) == []


def test_more_documents_can_be_named_than_one_query_takes(
    store: Store, words: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = [Document(f"d{n}", "", f"{n}.txt", f"ferry number {n} runs") for n in range(30)]
    add_all(store, words, documents)
    vector = words.embed_query("ferry number 7 runs")
    at_once = store.nearest(vector, 10, frozenset(d.id for d in documents))
    monkeypatch.setattr("index.storage.chroma.vectors.IDS_PER_FILTER", 4)
    in_parts = store.nearest(vector, 10, frozenset(d.id for d in documents))
    assert in_parts[0][0] == at_once[0][0] == "d7:0-19"
    assert np.allclose([c for _, c in in_parts], [c for _, c in at_once], atol=1e-5)
    monkeypatch.setattr("index.storage.chroma.vectors.IDS_PER_FILTER", 30_000)
    unknown = frozenset(f"x{n}" for n in range(40_000)) | {"d7"}
    assert [id_ for id_, _ in store.nearest(vector, 10, unknown)] == ["d7:0-19"]
