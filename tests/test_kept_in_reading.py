"""What readers used to lose: margins and numbers of Word files, folded answers, link targets, the fuller part of a mail."""

import io
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from index.reading.formats.links import spoken_target
from index.reading.load import load
from index.schema import Document
from index.text.sentences import sentence_spans

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word_file(document: Any) -> Document:
    made = io.BytesIO()
    document.save(made)
    return load(Path("a.docx"), made.getvalue())


def new_word_file() -> Any:
    import docx

    return docx.Document()


def add_list(document: Any, levels: list[tuple[str, str]]) -> str:
    """Add a list of ``(form, pattern)`` levels to the numbering of a Word file, and return its id."""
    from docx.oxml import parse_xml

    shown = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{pattern}"/></w:lvl>'
        for n, (form, pattern) in enumerate(levels)
    )
    root = document.part.numbering_part.element
    kinds = root.findall(f"{{{W}}}abstractNum")
    kinds[-1].addnext(parse_xml(f'<w:abstractNum xmlns:w="{W}" w:abstractNumId="90">{shown}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num xmlns:w="{W}" w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    return "90"


def add_numbered(document: Any, text: str, list_id: str, level: int, style: str | None = None) -> None:
    from docx.oxml import parse_xml

    paragraph = document.add_paragraph(text, style=style)
    paragraph._p.get_or_add_pPr().append(
        parse_xml(f'<w:numPr xmlns:w="{W}"><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>')
    )


def test_headers_and_footers_of_a_word_file_are_read_once_without_page_numbers() -> None:
    document = new_word_file()
    document.add_paragraph("The goods were delivered.")
    first, second = document.sections[0], document.add_section()
    first.header.paragraphs[0].text = "Corran Mills Ltd, Weir Road"
    first.footer.paragraphs[0].text = "Account no. CM-771"
    first.footer.add_paragraph("Page 1 of 2")
    second.header.is_linked_to_previous = False
    second.header.paragraphs[0].text = "Corran Mills Ltd, Weir Road"
    text = word_file(document).text
    assert text == "The goods were delivered.\n\nCorran Mills Ltd, Weir Road\n\nAccount no. CM-771"


def test_numbers_stand_as_word_shows_them() -> None:
    document = new_word_file()
    rules = add_list(document, [("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "%3)")])
    add_numbered(document, "Rent", rules, 0, "Heading 1")
    add_numbered(document, "It is paid monthly.", rules, 1)
    add_numbered(document, "Repairs", rules, 0, "Heading 1")
    add_numbered(document, "The tenant paints.", rules, 1)
    add_numbered(document, "The landlord repairs:", rules, 1)
    add_numbered(document, "the roof", rules, 2)
    add_numbered(document, "the gates", rules, 2)
    read = word_file(document)
    assert read.text == (
        "1. Rent\n\n1.1 It is paid monthly.\n\n2. Repairs\n\n2.1 The tenant paints.\n2.2 The landlord repairs:\n"
        "a) the roof\nb) the gates"
    )
    assert [section.label for section in read.sections] == ["1. Rent", "2. Repairs"]


def test_roman_numbers_and_those_of_styles() -> None:
    document = new_word_file()
    parts = add_list(document, [("upperRoman", "%1.")])
    for _ in range(4):
        add_numbered(document, "Part", parts, 0)
    document.add_paragraph("Boil water.", style="List Number")
    document.add_paragraph("Pour it.", style="List Number")
    assert "IV. Part" in word_file(document).text
    assert "1. Boil water." in word_file(document).text
    assert "2. Pour it." in word_file(document).text


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    from docx.oxml import parse_xml

    document = new_word_file()
    paragraph = document.add_paragraph("The yard opens at nine.")
    box = "<w:txbxContent><w:p><w:r><w:t>Ring twice.</w:t></w:r></w:p><w:p><w:r><w:t>Mind the dog.</w:t></w:r></w:p></w:txbxContent>"
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    paragraph._p.append(
        parse_xml(
            f'<w:r xmlns:w="{W}" xmlns:mc="{mc}"><mc:AlternateContent><mc:Choice Requires="wps">{box}</mc:Choice>'
            f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        )
    )
    document.add_paragraph("It closes at five.")
    text = word_file(document).text
    assert text == "The yard opens at nine.\n\nRing twice.\n\nMind the dog.\n\nIt closes at five."


def test_questions_on_buttons_are_headings_of_their_answers() -> None:
    page = "<nav><button>Menu</button><a href=/>Home</a></nav><h1>Help</h1>" + "".join(
        f"<h3><button aria-expanded=false>Question {n}?</button></h3><div>Answer {n} is this.</div>" for n in range(5)
    )
    page += "<details><summary>And dogs?</summary>They stay outside.</details><button>Buy now</button>"
    read = load(Path("faq.html"), page.encode())
    assert all(f"Question {n}?\n\nAnswer {n} is this." in read.text for n in range(5))
    assert "And dogs?\n\nThey stay outside." in read.text
    assert "Menu" not in read.text
    assert "Buy now" not in read.text
    assert [s.level for s in read.sections][:6] == [1, 3, 3, 3, 3, 3]


def test_headings_of_a_page_with_navigation_are_kept() -> None:
    links = "".join(f"<a href=/{n}>Go to page {n}</a> " for n in range(9))
    body = "".join(f"<h2>Part {n}</h2><p>{f'Sentence {n} of the guide says a thing. ' * 6}</p>" for n in range(4))
    read = load(Path("a.html"), f"<nav>{links}</nav><div><h1>The guide</h1>{body}</div>".encode())
    assert [s.label for s in read.sections] == ["The guide", "Part 0", "Part 1", "Part 2", "Part 3"]
    assert "Go to page" not in read.text


def test_an_address_to_be_read_is_written_beside_its_words() -> None:
    assert spoken_target("the form", "https://tarn.example/form") == " (https://tarn.example/form)"
    assert spoken_target("us", "mailto:a@b.example?subject=Hi") == " (a@b.example)"
    assert spoken_target("a@b.example", "mailto:a@b.example") == ""
    assert spoken_target("tarn.example/form", "https://tarn.example/form") == ""
    assert spoken_target("above", "#top") == ""
    assert spoken_target("long", "https://tarn.example/" + "x" * 200) == ""


def test_links_keep_their_targets_in_every_format() -> None:
    markdown = load(Path("a.md"), b"Apply [here](https://tarn.example/apply), or see [above](#top).")
    assert markdown.text == "Apply here (https://tarn.example/apply), or see above."
    many = " ".join(f"[w{n}](https://tarn.example/{n})" for n in range(60))
    assert "https" not in load(Path("a.md"), many.encode()).text
    page = '<p>Apply <a href="https://tarn.example/apply">here</a>; see the <a href="https://x.example">news</a>.</p>'
    assert load(Path("a.html"), page.encode()).text == "Apply here (https://tarn.example/apply); see the news."


def mail(plain: str, page: str) -> str:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@b.example", "Booking"
    message.set_content(plain)
    message.add_alternative(page, subtype="html")
    return load(Path("a.eml"), message.as_bytes()).text


def test_the_fuller_part_of_a_mail_is_read() -> None:
    page = "<h2>Confirmed</h2><p>You arrive on 17 April after 3 pm and pay 612 euros at the desk.</p>"
    assert "612 euros" in mail("This mail is in HTML.", page)
    assert "This mail" not in mail("This mail is in HTML.", page)
    own = "Confirmed. You arrive on 17 April after 3 pm, and pay 612 euros at the desk. Bo"
    assert own in mail(own, f"{page}<p>Bo</p><p>Sent from a telephone.</p>")


def test_rtf_is_read_in_the_charset_of_each_font() -> None:
    cyrillic = "".join(f"\\'{byte:02x}" for byte in "Склад открыт".encode("cp1251"))
    greek = "".join(f"\\'{byte:02x}" for byte in "ναός".encode("cp1253"))
    source = (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil\fcharset0 Arial;}{\f1\fnil\fcharset204 Arial;}"
        rf"{{\f2\fnil\fcharset161 Arial;}}}}\pard caf\'e9 {{\f1 {cyrillic}}} {{\f2 {greek}}} na\'efve\par}}"
    )
    assert load(Path("a.rtf"), source.encode("ascii")).text == "café Склад открыт ναός naïve"


def test_a_mail_saved_as_text_has_its_subject_for_a_title() -> None:
    text = "Subject: RE: Fwd: Grant for the slipway\nFrom: Ann <a@b.example>\nSent: Monday\n\nWe got it."
    assert load(Path("a.txt"), text.encode()).title == "Grant for the slipway"


def test_lines_that_state_fields_stay_apart() -> None:
    read = load(Path("a.md"), b"Project manager: Ann Lee\nSponsor: Bo Hill\n\nA line of prose that\ngoes on here.")
    assert [read.text[a:b] for a, b in sentence_spans(read.text)] == [
        "Project manager: Ann Lee",
        "Sponsor: Bo Hill",
        "A line of prose that goes on here.",
    ]


def test_a_table_without_column_names_leaves_no_empty_row() -> None:
    assert load(Path("a.md"), b"| | |\n|---|---|\n| a | b |\n").text == "a | b"


def test_numbers_of_clauses_end_no_sentence() -> None:
    text = "4.2. The landlord repairs the roof.\n4.3 The tenant paints.\nb. Nobody smokes."
    assert [text[a:b] for a, b in sentence_spans(text)] == text.split("\n")
