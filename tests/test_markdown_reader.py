from pathlib import Path

import pytest

from index.reading.load import load
from index.schema import Document


def read(text: str) -> Document:
    return load(Path("a.md"), text.encode())


def test_marks_go_and_words_stay() -> None:
    document = read(
        "# Heading *one*\n\n"
        "Some [link](http://x.y), **bold**, ~~old~~ and ![an image](i.png)\nwrapped &amp; done.\n\n"
        "> quoted\n\nNext\n----\nEnd"
    )
    assert document.text == (
        "Heading one\n\nSome link (http://x.y), bold, old and an image wrapped & done.\n\nquoted\n\nNext\n\nEnd"
    )
    assert document.title == "Heading one"
    assert [(document.text[s.start :].split("\n")[0], s.kind, s.label) for s in document.sections] == [
        ("Heading one", "heading", "Heading one"),
        ("Next", "heading", "Next"),
    ]


def test_lists_and_tables_are_kept_line_by_line() -> None:
    assert read("- a\n- b\n  1. c\n  2. d\n- e\n\nText\n\n| x | y |\n|---|---|\n| 1 | *2* |\n\nEnd").text == (
        "- a\n- b\n1. c\n2. d\n- e\n\nText\n\nx | y\nx: 1; y: 2\n\nEnd"
    )


def test_code_stays_as_it_is_and_tags_go_elsewhere() -> None:
    text = read(
        "```html\n<script>x()</script>\n  <b>\n```\n\nUse `<b>` for <b>bold</b>.\n\n<div><p>Hello</p></div>\n"
    ).text
    assert text == "<script>x()</script>\n  <b>\n\nUse <b> for bold.\n\nHello"


def test_front_matter_is_noted_and_dropped() -> None:
    document = read(
        '---\ntitle: "NATO: a report"\ndate: 2025-02-12\nauthors: [Ann Lee, Bo Ek]\n'
        "source: https://ex.org/a\npublisher: Daily\nlang: en\n---\n\n# Other\n\nText."
    )
    assert document.text == "Other\n\nText."
    assert document.title == "NATO: a report"
    assert document.metadata == {
        "format": "markdown",
        "date": "2025-02-12",
        "author": "Ann Lee, Bo Ek",
        "url": "https://ex.org/a",
        "outlet": "Daily",
        "lang": "en",
    }


@pytest.mark.parametrize(
    "text", ["---\nonly a line\n---\n\nText.", "---\na: [b\n---\n\nText.", "---\nd: 2025-13-45\n---\n\nText."]
)
def test_what_is_no_front_matter_stays(text: str) -> None:
    assert text.split("\n")[1] in read(text).text


def test_the_first_heading_of_the_first_level_is_the_title() -> None:
    assert read("Draft.\n\n## Part\n\n# The *title*").title == "The title"
    assert read("## Part\n\nText.").title == "Part"
    assert (
        read("Just enough words for a sentence. And another.\n\n## Part").title == "Just enough words for a sentence."
    )
