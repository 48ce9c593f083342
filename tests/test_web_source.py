"""The source pane shows exactly the document, with exactly the cited words marked, whatever they hold."""

import re
from html import unescape

from hypothesis import given
from hypothesis import strategies as st
from web_fixtures import HOSTILE, LONG, NEWS, passage

from index.schema import Document
from ui.web.chat.state import CitedPlace
from ui.web.document.source import WINDOW, earlier, later, marked_text, source_html, view_of
from ui.web.endpoints import source_record

TAG = re.compile(r"<[^>]*>")
MARKED = re.compile(r'<mark class="active"[^>]*>(.*?)</mark>', re.DOTALL)


def plain(html: str) -> str:
    return unescape(TAG.sub("", html))


def document(text: str) -> Document:
    return Document("d", "Title", "d.txt", text)


def cited(start: int, end: int, key: str = "0.1") -> CitedPlace:
    return CitedPlace(key, "d", start, end, key.rpartition(".")[2])


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    alphabet = st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("<>&\"'`${}😀e\u0301\n \u202e"))
    text = draw(st.text(alphabet, min_size=1, max_size=120))
    edge = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(edge, edge).map(sorted).filter(lambda s: s[0] < s[1]), min_size=1, max_size=5))
    return text, [(start, end) for start, end in spans]


@given(texts_with_spans())
def test_the_pane_holds_the_text_and_marks_the_cited_words(case: tuple[str, list[tuple[int, int]]]) -> None:
    text, spans = case
    places = [cited(start, end, f"0.{n}") for n, (start, end) in enumerate(spans, 1)]
    html = marked_text(text, view_of(document(text), places[0], places))
    assert plain(html) == text
    start, end = spans[0]
    assert plain("".join(MARKED.findall(html))) == text[start:end]
    assert not re.search(r"<(?!/?mark\b)", html)


def test_offsets_count_characters_not_utf16_units() -> None:
    found = passage(NEWS, "the force should not have Article 5 protections 🇺🇦")
    active = CitedPlace("0.1", NEWS.id, found.start, found.end, "1")
    html = marked_text(NEWS.text, view_of(NEWS, active, (active,)))
    assert plain(MARKED.findall(html)[0]) == found.text


def test_overlapping_citations_each_keep_their_number() -> None:
    one, two = cited(0, 8, "0.1"), cited(4, 12, "0.2")
    html = marked_text("abcdefghijklmnop", view_of(document("abcdefghijklmnop"), two, (one, two)))
    assert plain("".join(MARKED.findall(html))) == "efghijkl"
    assert 'id="cited-0.1"' in html
    assert html.count('id="cited-0.2"') == 1


def test_header_and_text_of_a_hostile_document_are_escaped() -> None:
    html = source_html(HOSTILE, view_of(HOSTILE, cited(0, 5), ()))
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;img src=x" in html
    assert "</article><h1>" not in html


def test_title_outlet_date_and_file_are_told() -> None:
    header = plain(source_html(NEWS, view_of(NEWS, cited(0, 5), ())).partition("</header>")[0])
    for part in (NEWS.title, "Example Wire", "12 February 2025", "hegseth-nato.txt"):
        assert part in header


def test_a_very_long_document_is_shown_around_the_cited_words() -> None:
    found = passage(LONG, "Line 150000 of the very long file.")
    active = CitedPlace("0.1", LONG.id, found.start, found.end, "1")
    view = view_of(LONG, active, (active,))
    html = source_html(LONG, view)
    assert len(html) < 3 * WINDOW
    assert found.text in html
    assert f"{view.first:,} earlier characters are not shown" in html
    wider = later(earlier(view, LONG), LONG)
    assert view.first - wider.first >= WINDOW
    assert wider.last - view.last >= WINDOW
    assert plain(marked_text(LONG.text, wider)) == LONG.text[wider.first : wider.last]


def test_offsets_outside_the_text_are_left_unmarked() -> None:
    html = source_html(document("short"), view_of(document("short"), cited(90, 99), (cited(90, 99),)))
    assert "short" in plain(html)
    assert "<mark" not in html


def test_the_source_record_is_clamped_to_the_text() -> None:
    record = source_record(document("one two three"), -5, 10**9)
    assert (record["start"], record["end"], record["text"]) == (0, 13, "one two three")
    assert '<mark class="active"' in record["html"]
    assert "<mark" not in source_record(document(""), 0, 0)["html"]
