"""A conversation as a file: everything that was said, and nothing from a document that does anything."""

import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from web_fixtures import answer_to

from rag.schema import Answer
from ui.conversations.export.export import FORMATS, export_conversation, file_name
from ui.conversations.export.html import to_html
from ui.conversations.export.markdown import turn_to_markdown
from ui.conversations.models import Conversation, StoredTurn
from ui.conversations.titles import printable_line

WHEN = "2025-06-01T12:30:00.000000+00:00"
ATTACK = "</title></style><script>window.__pwned=1</script><img src=x onerror=y> \" ' &lt; \x00\x07\ud800 {{x}}"


def held(*answers: Answer, title: str = "Title") -> tuple[Conversation, list[StoredTurn]]:
    turns = [StoredTurn(answer.question, answer, WHEN) for answer in answers]
    return Conversation("id", "ana", title, WHEN, WHEN, len(turns)), turns


def test_html_holds_every_sentence_and_its_footnote() -> None:
    answer = answer_to("article 5")
    page = html.fromstring(to_html(*held(answer, answer_to("weather"), answer)))
    shown = page.text_content()
    for claim in answer.claims:
        assert shown.count(printable_line(claim.text)) == 4  # twice as a sentence, twice as the words it rests on
    assert "The documents don't say." in shown
    assert "Example Wire, 2025-02-12 — hegseth-nato.txt, characters" in shown
    targets = [link.get("href") for link in page.iter("a")]
    assert targets == [f"#note-{n}" for n in range(1, 7)]
    assert [f"#{note.get('id')}" for note in page.iter("li")] == targets


@given(st.text(max_size=30) | st.just(ATTACK))
def test_hostile_text_shows_as_text_in_html(text: str) -> None:
    answer = answer_to("hostile")
    claims = tuple(replace(claim, text=text) for claim in answer.claims)
    made = to_html(*held(replace(answer, question=text, claims=claims, note=text), title=text))
    page = html.fromstring(made)
    kinds = {node.tag for node in page.iter() if isinstance(node.tag, str)}
    assert kinds <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "section", "sup", "a", "ol", "li",
    }  # fmt: skip
    assert len(page.findall(".//a")) == 1
    assert not [name for node in page.iter() for name in node.attrib if name.startswith("on") or name == "src"]
    (heading,) = page.findall(".//h1")
    assert heading.text_content() == printable_line(text)


def test_the_html_file_loads_and_runs_nothing() -> None:
    made = to_html(*held(answer_to("hostile"), title=ATTACK))
    assert "default-src 'none'" in made
    assert "<script" not in made
    assert "http://" not in made
    assert "https://" not in made


def test_docx_holds_every_sentence_and_its_note_and_no_link() -> None:
    docx = pytest.importorskip("docx")
    answer, hostile = answer_to("article 5"), answer_to("hostile")
    made = export_conversation("docx", *held(answer, replace(hostile, question=ATTACK), title=ATTACK))
    shown = "\n".join(paragraph.text for paragraph in docx.Document(BytesIO(made)).paragraphs)
    for claim in (*answer.claims, *hostile.claims):
        assert shown.count(printable_line(claim.text)) == 2
    assert printable_line(ATTACK) in shown
    assert "[4] “[link](javascript:window.__pwned=1)" in shown
    with ZipFile(BytesIO(made)) as parts:
        body = parts.read("word/document.xml").decode()
        outside = [name for name in parts.namelist() if name.endswith(".rels") and b"External" in parts.read(name)]
    assert "hyperlink" not in body
    assert "instrText" not in body
    assert outside == []


def test_without_python_docx_it_is_said_what_to_install() -> None:
    code = (
        "import sys; sys.modules['docx'] = None\n"
        "from ui.conversations.export.docx import to_docx, DocxMissingError\n"
        "try: to_docx(None, [])\nexcept DocxMissingError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "python-docx" in said


def test_one_answer_to_paste_has_its_footnotes_and_no_time() -> None:
    text = turn_to_markdown(StoredTurn("article 5?", answer_to("article 5"), ""))
    assert text.startswith("## article 5?\n\nthe force should not have Article 5 protections")
    assert [text.count(f"\n[^{n}]: ") for n in (1, 2, 3, 4)] == [1, 1, 1, 0]
    assert "Asked" not in text


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_called_after_the_title_and_can_be_called_that_anywhere(name: str) -> None:
    assert file_name(held(title='../../etc/passwd: "x" | <b>?')[0], name) == f"etc-passwd-x-b.{name}"
    assert file_name(held(title="…")[0], name) == f"conversation.{name}"


def test_a_list_keeps_its_lead_and_its_points_in_every_format() -> None:
    said = replace(answer_to("weather"), refused=False, reason="", hits=(), kind="about_library", lead="There are two.")
    listed = replace(answer_to("Article 5?"), kind="overview", lead="In short, this.")
    conversation, turns = held(said, listed)
    markdown = FORMATS["md"].make(conversation, turns).decode()
    assert markdown.count("\n- ") == len(listed.claims)
    page = html.fromstring(to_html(conversation, turns)).text_content()
    with ZipFile(BytesIO(FORMATS["docx"].make(conversation, turns))) as word:
        document = word.read("word/document.xml").decode()
    for shown in (markdown, page, document):
        assert "There are two." in shown
        assert "In short, this." in shown
    assert document.count("ListBullet") == len(listed.claims)
