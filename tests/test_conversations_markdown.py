"""A conversation as Markdown: footnotes that quote, and nothing from a document that does anything."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from web_fixtures import answer_to

from rag.schema import Answer
from ui.conversations.export.markdown import escape_markdown, to_markdown
from ui.conversations.models import Conversation, StoredTurn
from ui.conversations.titles import printable_line

ACTIVE = (
    "[x](javascript:alert(1)) ![i](https://evil.example/p.png) <script>1</script> <https://evil.example> `code` **b** "
    "https://evil.example www.evil.example a@evil.example &lt; &amp; [^1] | a | ~~s~~ $x^2$ {{x}} \\[y]\\(z) # h"
)
PIECES = [
    *ACTIVE.split(),
    "\n\n",
    "\n",
    "#",
    "- ",
    "1. ",
    "1) ",
    "+ ",
    "===",
    "---",
    "```",
    "~~~",
    ">",
    "    ",
    "[a]: b",
    "!",
    "[",
    "]",
    "(",
    ")",
]
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=8).map("".join) | st.lists(
    st.sampled_from(PIECES), max_size=8
).map(" ".join)


def exported(*answers: Answer, title: str = "Title") -> str:
    turns = [StoredTurn(answer.question, answer, "2025-06-01T12:30:00.000000+00:00") for answer in answers]
    return to_markdown(Conversation("id", "", title, "2025", "2025", len(turns)), turns)


def tokens(text: str) -> list[Token]:
    parsed = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    return [part for token in parsed for part in (token, *(token.children or ()))]


def test_sentences_have_footnotes_with_words_title_outlet_date_and_offsets() -> None:
    answer = answer_to("article 5")
    text = exported(answer, answer_to("weather"), answer)
    cited = answer.citations[1]
    assert "# Title\n" in text
    assert "## article 5\n\n*Asked 2025-06-01 12:30 UTC*" in text
    assert "Hegseth said NATO membership for Ukraine was unrealistic.[^2]" in text
    assert "[^2]: “Hegseth said NATO membership for Ukraine was unrealistic.” — Hegseth at NATO" in text
    assert f"Example Wire, 2025-02-12 — hegseth-nato.txt, characters {cited.start}–{cited.end}" in text
    assert "The documents don't say." in text
    # Numbers go on through the conversation, so that no two footnotes are called the same.
    assert [text.count(f"\n[^{n}]: ") for n in range(1, 8)] == [1, 1, 1, 1, 1, 1, 0]


def test_a_documents_text_is_shown_and_does_nothing() -> None:
    text = exported(answer_to("hostile"), title=ACTIVE)
    kinds = {token.type for token in tokens(text)}
    assert kinds <= {
        "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "text", "em_open", "em_close", "text_special",
    }  # fmt: skip


def shown(text: str) -> str:
    (paragraph,) = [t for t in MarkdownIt("commonmark").parse(f"x {escape_markdown(text)} x") if t.type == "inline"]
    assert paragraph.children is not None
    return "".join(child.content for child in paragraph.children)


@given(HOSTILE)
def test_whatever_is_escaped_shows_as_it_is(text: str) -> None:
    assert shown(text) == f"x {printable_line(text)} x"


@given(HOSTILE)
def test_whatever_is_escaped_is_one_paragraph_of_plain_text(text: str) -> None:
    found = tokens(escape_markdown(text))
    assert {token.type for token in found} <= {"paragraph_open", "paragraph_close", "inline", "text", "text_special"}


@pytest.mark.parametrize(
    "text", ["https://evil.example", "www.evil.example", "me@evil.example", "mailto:me", "HTTP://x"]
)
def test_no_bare_address_is_left_to_be_linked(text: str) -> None:
    assert text not in escape_markdown(f"See {text} now")


@given(HOSTILE, HOSTILE)
def test_footnotes_are_those_of_the_answers_alone(question: str, words: str) -> None:
    answer = answer_to("article 5")
    claims = tuple(replace(claim, text=words) for claim in answer.claims)
    text = exported(replace(answer, question=question, claims=claims, note=words), title=words)
    assert text.count("[^1]") == 2
    assert len(re.findall(r"(?m)^\[\^\d+\]: ", text)) == 3
