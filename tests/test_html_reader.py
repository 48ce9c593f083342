import gzip
import json
import re
import statistics
from collections import Counter
from pathlib import Path

import pytest

from index.errors import UnreadableFileError
from index.reading.load import load
from index.schema import Document

PAGES = Path(__file__).parents[1].parent / "shared" / "data" / "html"


def read(page: str | bytes) -> Document:
    return load(Path("a.html"), page.encode() if isinstance(page, str) else page)


PAGE = """<!DOCTYPE html><html lang="en"><head><title>Talks resume | Daily</title>
<meta property="og:title" content="Talks resume"><meta property="og:site_name" content="Daily">
<meta property="article:published_time" content="2025-02-12T10:00:00Z"><meta name="author" content="Ann Lee">
<link rel="canonical" href="https://daily.example/talks"></head>
<body><nav><a href="/">Home</a> <a href="/news">News</a></nav>
<main><h1>Talks resume</h1><p>The ministry  said
so on <b>Tuesday</b>.<br>It was late.</p><h2>Figures</h2><ul><li>one</li><li><p>two</p></li></ul>
<table><tr><th>Year<th>Sum<tr><td><p>2020</p><td>15</table><pre>a  b
c</pre><p>&lt;script&gt;alert(1)&lt;/script&gt;</p><script>var hidden = 1</script><p hidden>unseen</p></main>
<footer>Copyright 2019 Daily</footer></body></html>"""


def test_a_page_becomes_its_article() -> None:
    document = read(PAGE)
    assert document.text == (
        "Talks resume\n\nThe ministry said so on Tuesday.\nIt was late.\n\nFigures\n\n- one\n- two\n\n"
        "Year | Sum\nYear: 2020; Sum: 15\n\na  b\nc\n\n<script>alert(1)</script>"
    )
    assert document.title == "Talks resume"
    assert document.metadata == {
        "format": "html",
        "date": "2025-02-12",
        "outlet": "Daily",
        "author": "Ann Lee",
        "url": "https://daily.example/talks",
        "lang": "en",
    }
    assert [document.text[s.start :].split("\n")[0] for s in document.sections] == ["Talks resume", "Figures"]


def test_json_ld_speaks_for_the_page() -> None:
    facts = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "Talks resume",
        "datePublished": "2025-02-12T10:00:00Z",
        "author": {"@type": "Person", "name": "Ann Lee"},
        "publisher": {"@type": "Organization", "name": "The Daily"},
    }
    document = read(f'<script type="application/ld+json">{json.dumps(facts)}</script><p>The story of the talks.</p>')
    assert document.title == "Talks resume"
    assert document.metadata == {"format": "html", "date": "2025-02-12", "author": "Ann Lee", "outlet": "The Daily"}


def test_a_day_the_article_mentions_is_not_its_date() -> None:
    assert "date" not in read("<p>He was born on 1999-05-05 in Oslo.</p>").metadata


def test_bare_words_are_a_page_too() -> None:
    assert read("just words &amp; more").text == "just words & more"


def test_a_page_of_links_still_has_text() -> None:
    assert "Page nine" in read("<body>" + "".join(f"<a href=/{n}>Page {n}</a> " for n in ("one", "nine"))).text


@pytest.mark.parametrize("declaration", ['<meta charset="koi8-r">', '<?xml version="1.0" encoding="koi8-r"?>'])
def test_the_declared_encoding_is_used(declaration: str) -> None:
    assert read(f"{declaration}<p>Да.</p>".encode("koi8_r")).text == "Да."


def test_what_breaks_the_extractor_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RecursionError

    monkeypatch.setattr("trafilatura.bare_extraction", broken)
    with pytest.raises(UnreadableFileError, match=r"a\.html cannot be read as HTML"):
        read("<nav><a href=/>Home</a></nav><p>The story.</p>")


def shingles(text: str, size: int) -> Counter[tuple[str, ...]]:
    tokens = re.findall(r"\w+", text)
    return Counter(tuple(tokens[i : i + size]) for i in range(max(1, len(tokens) - size + 1)))


def precision_and_recall(found: str, marked: str, size: int) -> tuple[float, float]:
    found_shingles, marked_shingles = shingles(found, size), shingles(marked, size)
    shared = (found_shingles & marked_shingles).total()
    return shared / found_shingles.total(), shared / marked_shingles.total()


@pytest.mark.skipif(not PAGES.exists(), reason="the article extraction benchmark's pages are not here")
def test_articles_are_extracted_as_people_mark_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Token F1 as https://github.com/scrapinghub/article-extraction-benchmark defines it (runs of four
    tokens, F1 of mean precision and mean recall), and, stricter, the mean over pages of each page's own F1.

    What is measured is which words are taken. The column names that stand in every row of a table, more often than
    on the page, are left out: they are written, not extracted.
    """
    monkeypatch.setattr("index.reading.formats.markup.html.write_out_tables", lambda tree: None)
    truth = json.loads((PAGES / "ground-truth.json").read_text(encoding="utf-8"))
    texts = {key: read(gzip.decompress((PAGES / "html" / f"{key}.html.gz").read_bytes())).text for key in truth}
    for size in (4, 1):
        scores = [precision_and_recall(texts[key], truth[key]["articleBody"], size) for key in truth]
        precision, recall = (statistics.mean(side) for side in zip(*scores, strict=True))
        of_means = 2 * precision * recall / (precision + recall)
        mean = statistics.mean(2 * p * r / (p + r) if p + r else 0.0 for p, r in scores)
        assert of_means >= 0.95, f"F1 {of_means:.4f} over runs of {size}"
        assert mean >= 0.95, f"mean F1 {mean:.4f} over runs of {size}"
