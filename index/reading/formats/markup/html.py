"""Read HTML pages: the article without what surrounds it, and what the page says of itself."""

import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from index.errors import UnreadableFileError
from index.reading.encoding import decode
from index.reading.formats.base import Block, Reading
from index.reading.formats.links import is_needed, spoken_target
from index.reading.formats.markup.element_tree import Element, tree_to_blocks
from index.reading.formats.markup.html_tables import write_out_tables
from index.text.dates import iso_date
from index.text.normalize import normalise, one_line

_DECLARED_ENCODING = re.compile(
    rb"""<(?:meta[^>]{0,200}?charset|\?xml[^>]{0,100}?encoding)\s*=\s*["']?\s*([\w:.-]{1,40})""",
    re.IGNORECASE,
)
DECLARATION_BYTES = 4096  # bytes
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")

# What bylines carry besides a name; the extractor sometimes takes it along.
_NOT_A_NAME = re.compile(
    r"\d|\b(?:is|was|the|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|june|july|august"
    r"|september|october|november|december)\b",
    re.IGNORECASE,
)

_NEVER_SHOWN = (
    *("script", "style", "noscript", "template", "head", "svg", "iframe", "object", "canvas"),
    *("select", "textarea", "dialog"),
)
_BOILERPLATE = frozenset({"nav", "aside", "footer", "header", "form"})
_SURROUNDING = re.compile(
    r"(?<![a-z])(?:comments?|disqus|related|recommend\w*|sidebar|share|sharing|social|newsletter|subscri\w*|promo\w*|"
    r"advert\w*|ads?|cookies?|breadcrumbs?|popular|trending|footer|menu|navbar|widgets?|teasers?|most-read|copyright)"
    r"(?![a-z])",
    re.IGNORECASE,
)
_MAX_SURROUNDING = 0.4  # of the page's words in one element that is dropped by its class
MAX_LINKED_SHARE = 0.05  # share of words in links; a page with more holds more than its article
MAX_STATEMENT_CHARACTERS = 80  # characters of a byline, a date or a title; what is longer is prose
# Above this many tags the extractor skips its fallbacks, whose cost is quadratic in paragraphs.
MAX_TAGS_FOR_EXTRACTION = 10_000
# Share of the words outside of links and navigation; with less, the extractor must have missed the article.
MIN_ARTICLE_SHARE = 0.5
MIN_STATED_ARTICLE_SHARE = 0.1  # of a page that says it is an article, around which more may stand than it holds
_STATES_ARTICLE = re.compile(
    r"<article\b|(?:og:type|twitter:card)[\"'][^>]{0,40}content=[\"']article|article:published_time|"
    r"[\"']@type[\"']\s*:\s*\[?\s*[\"'](?:\w*Article|BlogPosting)\b|itemtype=[\"']https?://schema.org/(?:\w*Article|BlogPosting)",
    re.IGNORECASE,
)
_NAMES_WHAT_FOLLOWS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "dt", "summary"})
_COMPARED = 60  # characters by which a block is found again


def read(data: bytes, path: Path) -> Reading:
    """Read the main content of a page.

    A page, or its one ``main`` or ``article``, is taken whole if it has next to no links and nothing around its
    content. From any other page trafilatura extracts the article, set to prefer precision, which gives the best token
    F1 of its settings on Zyte's article extraction benchmark (tests/test_html_reader.py). If it finds next to nothing,
    all text outside of navigation is taken.

    Raises:
        UnreadableFileError: empty, binary, in an unknown encoding, or not to be parsed as HTML.
    """
    page = normalise(decode(data, path, declared_encoding(data)))
    page = _XML_DECLARATION.sub("", page, count=1)
    # Third-party parsers meet arbitrary pages here; whatever they trip over, the file is at fault.
    try:
        blocks = _content(page)
        metadata = _metadata(page) if blocks else {}
    except Exception as error:
        raise UnreadableFileError(
            f"{path} cannot be read as HTML ({type(error).__name__}). Save its text as .txt and add that."
        ) from error
    if not blocks:
        raise UnreadableFileError(
            f"{path} holds no text: the page is empty or made by scripts. Save it as text instead."
        )
    return Reading(blocks, metadata.pop("title", ""), metadata)


def declared_encoding(data: bytes) -> str | None:
    """Return the encoding that a page states of itself, if it does."""
    found = _DECLARED_ENCODING.search(data[:DECLARATION_BYTES])
    return found[1].decode("ascii") if found else None


def visible_blocks(page: str) -> Iterator[Block]:
    """Yield all that a page shows, whether it is an article or not: for mails and chapters of books."""
    tree = _visible_tree(page)
    if tree is not None:
        _spell_out_links(tree)
        write_out_tables(tree)
        yield from tree_to_blocks(tree)


def _content(page: str) -> tuple[Block, ...]:
    tree = _visible_tree(page)
    if tree is None:
        return ()
    _spell_out_links(tree)
    write_out_tables(tree)
    for part in (tree, *_only_element(tree, "main"), *_only_element(tree, "article")):
        if _is_article_alone(part):
            return tuple(tree_to_blocks(part))
    whole = tuple(tree_to_blocks(tree))
    blocks = tuple(_extract_article(tree))
    _drop_surroundings(tree)
    words, linked = _count_words(tree)
    around = tuple(tree_to_blocks(tree))
    least = MIN_STATED_ARTICLE_SHARE if _STATES_ARTICLE.search(page) else MIN_ARTICLE_SHARE
    if sum(len(block.text.split()) for block in blocks) >= least * (words - linked):
        return restore_headings(blocks, around)
    return around or whole


def _visible_tree(page: str) -> Element | None:
    from lxml import html  # type: ignore[import-untyped]

    try:
        tree = html.document_fromstring(page, parser=html.HTMLParser(huge_tree=True, remove_comments=True))
    except html.etree.ParserError:  # nothing but white space and comments
        return None
    for element in list(tree.iter(*_NEVER_SHOWN)):
        _drop(element)
    for button in list(tree.iter("button")):
        if _opens_text(button):
            button.drop_tag()
        else:
            _drop(button)
    for element in tree.xpath("//*[@hidden or contains(translate(@style, ' ', ''), 'display:none')]"):
        _drop(element)
    return tree


def _opens_text(button: Element) -> bool:
    """Tell whether a button shows what stands below it, as the questions of a list of answers do."""
    if any(ancestor.tag in _BOILERPLATE for ancestor in button.iterancestors()):
        return False
    return button.get("aria-expanded") is not None or any(a.tag in _NAMES_WHAT_FOLLOWS for a in button.iterancestors())


def _spell_out_links(tree: Element) -> None:
    """Write the targets of links beside words that say nothing without them."""
    for link in tree.iter("a"):
        words = link.text_content()
        if is_needed(words, link.get("href")):
            link.tail = f"{spoken_target(words, link.get('href'))}{link.tail or ''}"


def _drop_surroundings(tree: Element) -> None:
    """Drop what stands around the content, by its tag or by what its class says, unless that holds most of the page."""
    for element in list(tree.iter(*_BOILERPLATE)):
        _drop(element)
    most = _MAX_SURROUNDING * len(tree.text_content().split())
    for element in tree.xpath("//*[@class or @id]"):
        named = _SURROUNDING.search(f"{element.get('class', '')} {element.get('id', '')}")
        if named is None or element.tag in {"html", "body"} or element.find(".//h1") is not None:
            continue
        if len(element.text_content().split()) <= most:
            _drop(element)


def _drop(element: Element) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _only_element(tree: Element, tag: str) -> list[Element]:
    found = list(tree.iter(tag))
    return found if len(found) == 1 else []


def _is_article_alone(part: Element) -> bool:
    words, linked = _count_words(part)
    return words > 0 and linked <= MAX_LINKED_SHARE * words and next(part.iter(*_BOILERPLATE), None) is None


def _count_words(part: Element) -> tuple[int, int]:
    """Count the words, and those of them in links."""
    linked = sum(len(link.text_content().split()) for link in part.iter("a"))
    return len(part.text_content().split()), linked


def _extract_article(tree: Element) -> Iterator[Block]:
    import trafilatura
    from lxml import html

    # It reports pages without an article to standard error, where they are no failure for us.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    page = html.tostring(tree, encoding="unicode")
    huge = page.count("<") > MAX_TAGS_FOR_EXTRACTION
    article = trafilatura.bare_extraction(page, include_comments=False, favor_precision=not huge, fast=huge)
    return tree_to_blocks(getattr(article, "body", None)) if article is not None else iter(())


def restore_headings(blocks: Sequence[Block], around: Sequence[Block]) -> tuple[Block, ...]:
    """Return the article's ``blocks`` with those headings before them that stand there among the blocks ``around``."""
    places: dict[str, int] = {}
    for n, block in enumerate(blocks):
        places.setdefault(block.text.strip()[:_COMPARED], n)
    above: dict[int, list[Block]] = {}
    waiting: list[Block] = []
    for block in around:
        key = block.text.strip()[:_COMPARED]
        if block.kind == "heading":
            waiting = [] if key in places else [*waiting, block]
        elif waiting:
            if key in places:
                above.setdefault(places[key], []).extend(waiting)
            waiting = []
    return tuple(each for n, block in enumerate(blocks) for each in (*above.get(n, ()), block))


def _metadata(page: str) -> dict[str, str]:
    from lxml import html
    from trafilatura.metadata import extract_metadata

    tree = html.document_fromstring(page, parser=html.HTMLParser(huge_tree=True))
    language = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    _drop_prose(tree)
    found = extract_metadata(
        html.tostring(tree, encoding="unicode"),
        date_config={"extensive_search": False, "original_date": True},
    )
    stated = {
        "title": found.title,
        "date": iso_date(found.date or ""),
        "outlet": found.sitename,
        "author": found.author if found.author and not _NOT_A_NAME.search(found.author) else None,
        "url": found.url,
        "lang": language,
    }
    return {name: one_line(value) for name, value in stated.items() if value}


def _drop_prose(tree: Element) -> None:
    """Keep what the page says of itself, so that no date or name in the article passes for its own."""
    for element in list(tree.iter("p", "li", "td", "blockquote")):
        text = element.text_content().rstrip()
        if len(text) > MAX_STATEMENT_CHARACTERS or text.endswith((".", "!", "?")):
            _drop(element)
    for element in tree.iter("body", "div", "section", "article", "main", "br", "dd"):
        if element.text and len(element.text) > MAX_STATEMENT_CHARACTERS:
            element.text = None
        if element.tail and len(element.tail) > MAX_STATEMENT_CHARACTERS:
            element.tail = None
