"""Versions of one text: the newest answers, and what another says otherwise is told."""

from collections.abc import Sequence
from datetime import date

import pytest

from index.duplicates.versions import are_versions, compare_versions, version_words
from index.schema import Document, Hit, Passage
from index.text.sentences import sentence_spans
from rag.reading.preferences.newest_version import VersionPreference, Versions
from rag.reading.sentence_ranker import Quote

POLICY = (
    "Leave policy {year}\n\nValid from 1 January {year}.\n\nThis policy applies to all staff of Tarn Engineering. Every "
    "employee receives {days} days of paid leave a year. Requests are sent to {name} two weeks before the first day of "
    "leave. Part-time staff receive leave in proportion to their hours. Leave that was not taken is paid out."
)
PRICES = "Prices of the {town} branch\n\nHoses cost {a} crowns. Pumps cost {b} crowns. All prices hold for one year."


def made(source: str, text: str, title: str = "", **metadata: str) -> Document:
    return Document(source, title or text.partition("\n")[0], source, text, metadata)


def policy(year: int, days: int, name: str = "Nora Beck") -> Document:
    return made(f"leave_{year}.md", POLICY.format(year=year, days=days, name=name))


OLD, NEW = policy(2023, 24), policy(2026, 28, "Owen Strand")


def ask(question: str, *documents: Document, best: str, today: date = date(2026, 11, 1)) -> Versions:
    """Quote the sentence of the first document that holds ``best``, with all documents among the hits."""
    by_id = {document.id: document for document in documents}

    def passages(document_id: str) -> Sequence[Passage]:
        one = by_id[document_id]
        return [Passage(one.id, 0, len(one.text), one.text, one.title, one.source, one.metadata)]

    first = passages(documents[0].id)[0]
    quotes = [Quote(first, a, b, 0.8, ()) for a, b in sentence_spans(first.text) if best in first.text[a:b]]
    hits = [Hit(passages(id_)[0], 1.0) for id_ in by_id]
    return VersionPreference(by_id.__getitem__, passages, today).prefer_newest(quotes, hits, question)


def test_the_newest_version_answers_and_the_note_says_what_the_older_one_says() -> None:
    found = ask("How many days of leave do I get?", OLD, NEW, best="paid leave")
    assert [quote.passage.document_id for quote in found.quotes] == [NEW.id]
    assert "28 days" in found.quotes[0].text
    assert "Leave policy 2023" in found.note
    assert "24 days" in found.note
    assert found.dated is not None
    assert found.dated.text.strip() == "Valid from 1 January 2026."
    assert found.superseded == {OLD.id}


def test_a_named_or_an_old_version_answers_where_it_is_asked_for() -> None:
    named = ask("How many days of leave were there in 2023?", NEW, OLD, best="paid leave")
    assert ("24 days" in named.quotes[0].text, named.note) == (True, "")
    older = ask("How many days of leave were there formerly?", NEW, OLD, best="paid leave")
    assert "24 days" in older.quotes[0].text
    assert "28 days" in older.note


def test_a_version_that_does_not_hold_yet_is_told_and_does_not_answer() -> None:
    found = ask("How many days of leave do I get?", NEW, policy(2027, 30), best="paid leave")
    assert "28 days" in found.quotes[0].text
    assert "is newer" in found.note
    assert "30 days" in found.note


def test_words_that_are_the_same_in_both_are_quoted_from_the_newest_without_a_note() -> None:
    found = ask("What do part-time staff get?", OLD, NEW, best="Part-time")
    assert (found.quotes[0].passage.document_id, found.note, found.dated) == (NEW.id, "", None)


def test_what_only_the_old_version_says_is_quoted_with_a_word_on_the_newer_one() -> None:
    shorter = made("leave_2026.md", NEW.text.replace("Leave that was not taken is paid out.", ""))
    found = ask("What of leave that was not taken?", OLD, shorter, best="paid out")
    assert found.quotes[0].passage.document_id == OLD.id
    assert "Leave policy 2026" in found.note


def test_where_it_cannot_be_told_which_is_newer_the_best_stays_and_the_other_is_told() -> None:
    one, other = (made(f"fees{n}.txt", "Fees\n\n" + "The club is open to all. " * 3 + f"The fee is {fee} crowns a year.")
                  for n, fee in (("", 40), (" (2)", 45)))  # fmt: skip
    found = ask("What is the fee?", one, other, best="fee is")
    assert "40 crowns" in found.quotes[0].text
    assert "45 crowns" in found.note
    assert "older" not in found.note


@pytest.mark.parametrize(
    "other",
    [
        made("prices_2026.txt", PRICES.format(town="Hythe", a=12, b=31)),
        made("prices_hythe_2026.txt", PRICES.format(town="Dover", a=12, b=31)),
        made("hythe/prices_2026.txt", PRICES.format(town="Dover", a=12, b=31)),
        made("prices_2026.txt", PRICES.format(town="Dover", a=12, b=31), outlet="The Hythe Echo"),
        made("prices_2026.txt", "Prices of the Dover branch\n\nWe open a new shop in the harbour on Monday at nine."),
    ],
)
def test_what_differs_in_a_name_is_no_version(other: Document) -> None:
    one = made("prices_2025.txt", PRICES.format(town="Dover", a=10, b=30))
    assert not are_versions(one, other)
    assert ask("What do hoses cost?", one, other, best="Hoses").quotes[0].text.startswith("Hoses cost 10")


def test_manuals_of_two_models_are_no_versions() -> None:
    text = "Heron {n} manual\n\nThe tank holds {n} litres of air. Drain it every evening. Oil the pump once a month."
    assert not are_versions(made("h20.txt", text.format(n=20)), made("h35.txt", text.format(n=35)))


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (made("a.txt", "Fees", "Fees v1.9"), made("b.txt", "Fees", "Fees v1.10")),
        (made("fees_2024-11.txt", "Fees"), made("fees_2025-02.txt", "Fees")),
        (made("a.txt", "Fees\nLast revised: 3 May 2024"), made("b.txt", "Fees\nLast revised: 4 May 2024")),
        (made("a.txt", "Fees", date="2024-01-01"), made("b.txt", "Fees", date="2025-01-01")),
        (made("old/fees.txt", "Fees"), made("fees.txt", "Fees")),
        (made("a.txt", "Fees", file_date="2024-01-01"), made("b.txt", "Fees", file_date="2025-01-01")),
    ],
)
def test_the_newer_version_is_told_by_what_the_documents_state(older: Document, newer: Document) -> None:
    assert (compare_versions(newer, older), compare_versions(older, newer)) == (1, -1)


def test_signs_that_disagree_tell_nothing_and_the_file_date_comes_last() -> None:
    one = made("fees_2024.txt", "Fees", date="2025-01-01")
    other = made("fees_2025.txt", "Fees", date="2024-01-01")
    assert compare_versions(one, other) == 0
    first = made("fees_2024.txt", "Fees", file_date="2026-01-01")
    assert compare_versions(first, made("fees_2025.txt", "Fees", file_date="2020-01-01")) == -1


def test_the_words_that_mark_a_version() -> None:
    assert version_words(made("policy_v2_draft.docx", "x", "Policy 2026")) == {"v2", "draft", "2026"}
