"""The printed page beside the text: a picture of it with boxes over the cited words."""

import base64
import re
import shutil
from pathlib import Path

from conftest import ROOT

from index.reading.load import load
from index.schema import Document
from ui.web.chat.state import CitedPlace
from ui.web.document.page_picture import picture_html
from ui.web.document.source import source_html, view_of

REPORT = ROOT / "tests" / "files" / "report.pdf"


def words(document: Document, start: int = 40, length: int = 60) -> tuple[int, int]:
    return start, start + length


def test_a_page_is_drawn_with_boxes_inside_it() -> None:
    document = load(REPORT)
    html = picture_html(document, *words(document))
    held = re.search(r'src="data:image/png;base64,([^"]+)"', html)
    assert held and base64.b64decode(held[1]).startswith(b"\x89PNG")
    assert 'alt="Page 1 of ' in html
    places = re.findall(r"left:([\d.]+)%;top:([\d.]+)%;width:([\d.]+)%;height:([\d.]+)%", html)
    assert places
    for left, top, width, height in (map(float, place) for place in places):
        assert 0 <= left <= left + width <= 100.01 and 0 <= top <= top + height <= 100.01
        assert width > 0 and height > 0


def test_words_of_another_page_show_that_page() -> None:
    document = load(REPORT)
    second = [s.start for s in document.sections if s.kind == "page"][1]
    assert 'alt="Page 2 of ' in picture_html(document, second, second + 40)


def test_no_picture_where_there_is_no_page_to_show(tmp_path: Path) -> None:
    gone = tmp_path / "gone.pdf"
    shutil.copy(REPORT, gone)
    document = load(gone)
    gone.unlink()
    assert picture_html(document, *words(document)) == ""
    gone.write_bytes(b"%PDF-1.4 broken")
    assert picture_html(document, *words(document)) == ""
    plain = tmp_path / "plain.txt"
    plain.write_text("The bridge opened in May. " * 9, encoding="utf-8")
    assert picture_html(load(plain), 0, 20) == ""


def test_the_pane_shows_the_page_before_the_text() -> None:
    document = load(REPORT)
    start, end = words(document)
    view = view_of(document, CitedPlace("0.1", document.id, start, end, "1"), ())
    html = source_html(document, view, picture=picture_html(document, start, end))
    assert html.index('class="printed"') < html.index('class="text"')
