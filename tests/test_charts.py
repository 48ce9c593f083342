"""The numbers of a chart are read from the file that shows it, beside its title."""

import io
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from lxml import etree
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from index.reading.formats.office.chart import chart_blocks
from index.reading.load import load

_C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
SALES = "Category | Kettles | Share\n\nCategory: March; Kettles: 144; Share: 25%\n\nCategory: June; Share: 40.5%"


def slides() -> Any:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = "Sales"
    data = CategoryChartData()
    data.categories = ["March", "June"]
    data.add_series("Kettles", (144, None))
    data.add_series("Share", (0.25, 0.405), number_format="0.##%")
    slide.shapes.add_chart(XL_CHART_TYPE.LINE, Inches(1), Inches(1), Inches(5), Inches(3), data)
    return presentation


def saved(document: Any) -> bytes:
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def test_a_chart_on_a_slide_is_read_as_a_table() -> None:
    assert load(Path("a.pptx"), saved(slides())).text == f"Sales\n\n{SALES}"


def test_a_chart_in_a_word_document_stands_after_its_paragraph() -> None:
    with zipfile.ZipFile(io.BytesIO(saved(slides()))) as package:
        chart = next(package.read(name) for name in package.namelist() if "/charts/chart" in name)
    document = docx.Document()
    part = Part(PackURI("/word/charts/chart1.xml"), "application/xml", chart, document.part.package)
    id_ = document.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    drawing = parse_xml(f'<c:chart xmlns:c="{_C}" xmlns:r="{office}" r:id="{id_}"/>')
    document.add_paragraph("Sales rose.").runs[0]._r.append(drawing)
    document.add_paragraph("The end.")
    assert load(Path("a.docx"), saved(document)).text == f"Sales rose.\n\n{SALES}\n\nThe end."


@pytest.mark.parametrize(
    ("inside", "texts"),
    [
        (
            "<chart><title><tx><rich><p><r><t>Sales </t></r><r><t>2025</t></r></p></rich></tx></title></chart>",
            ["Sales 2025"],
        ),
        ("<chart><plotArea><ser><val/></ser></plotArea></chart>", []),
        ('<chart><plotArea><ser><val><pt idx="99999999"><v>1</v></pt></val></ser></plotArea></chart>', []),
        (
            '<chart><plotArea><ser><yVal><pt idx="1"><v>n/a</v></pt></yVal></ser></plotArea></chart>',
            ["Category | Series 1", "Series 1: n/a"],
        ),
    ],
)
def test_what_a_chart_lacks_breaks_nothing(inside: str, texts: list[str]) -> None:
    root = etree.fromstring(f'<chartSpace xmlns="{_C}">{inside}</chartSpace>')
    assert [block.text for block in chart_blocks(root)] == texts


def test_a_link_on_a_slide_keeps_its_address() -> None:
    presentation = Presentation()
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    frame = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(5), Inches(1)).text_frame
    frame.paragraphs[0].add_run().text = "Apply with "
    link = frame.paragraphs[0].add_run()
    link.text, link.hyperlink.address = "the form", "https://forms.tarn.example/starter-7"
    assert (
        load(Path("a.pptx"), saved(presentation)).text == "Apply with the form (https://forms.tarn.example/starter-7)"
    )
