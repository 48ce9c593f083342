"""Say what is asked of the library as a whole: who wrote it, when, in which formats and languages, and how much."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Literal

from index.schema import DocumentInfo
from index.text.language import ENGLISH, SNOWBALL_NAMES
from index.text.plural import plural
from rag.answer.kinds.about_library import NAMED, library_reply, quoted_title
from rag.question.kind import LibraryFact

_FORMATS = {
    "text": "plain text",
    "markdown": "Markdown",
    "docx": "Word",
    "xlsx": "Excel",
    "pptx": "PowerPoint",
    "odf": "OpenDocument",
    "mail": "e-mail",
    "email": "e-mail",
}
_LANGUAGES = {ENGLISH: "English", "zh": "Chinese", "ja": "Japanese"} | {
    code: name.capitalize() for code, name in SNOWBALL_NAMES.items()
}
_TITLES = 3  # of each author that are named


def library_fact(documents: Sequence[DocumentInfo], asked: LibraryFact, languages: Collection[str]) -> tuple[str, bool]:
    """Say what is ``asked``, and whether any document tells.

    ``languages`` are those of the passages, as ``Bm25Index.languages`` gives them.
    """
    match asked:
        case "authors" | "outlets":
            return _by_name(documents, asked)
        case "formats":
            return _formats(documents), True
        case "pages":
            return _pages(documents), True
        case _:
            return _languages(languages), bool(languages)


def dated_reply(documents: Sequence[DocumentInfo], dated: Sequence[DocumentInfo], when: str) -> tuple[str, bool]:
    """List those of ``documents`` that are ``dated`` in the time named by ``when``, and say whether there are any."""
    undated = sum(not info.metadata.get("date") for info in documents)
    rest = f"{undated:,} of {plural(len(documents), 'document')} have no date." if undated else ""
    if not dated:
        return " ".join(filter(None, (f"I found no document dated {when}.", rest))), False
    head = f"{plural(len(dated), 'document')} {'is' if len(dated) == 1 else 'are'} dated {when}:"
    return "\n".join(filter(None, (library_reply(dated, head=head), rest))), True


def _by_name(documents: Sequence[DocumentInfo], asked: Literal["authors", "outlets"]) -> tuple[str, bool]:
    noun = asked.removesuffix("s")
    by_name: dict[str, list[DocumentInfo]] = defaultdict(list)
    for info in documents:
        if said := info.metadata.get(noun, ""):
            by_name[said].append(info)
    silent = len(documents) - sum(map(len, by_name.values()))
    if not by_name:
        return f"None of the {plural(len(documents), 'document')} names {NAMED[noun]}.", False
    lines = [f"- {name}: {_titles(held)}" for name, held in sorted(by_name.items(), key=lambda one: -len(one[1]))]
    more = [f"{plural(silent, 'document')} {'names' if silent == 1 else 'name'} none."] if silent else []
    return "\n".join([f"There {_are(len(by_name), noun)}:", *lines, *more]), True


def _are(count: int, noun: str) -> str:
    return f"{'is' if count == 1 else 'are'} {plural(count, noun)}"


def _titles(documents: Sequence[DocumentInfo]) -> str:
    more = len(documents) - _TITLES
    return ", ".join(map(quoted_title, documents[:_TITLES])) + (f" and {more:,} more" if more > 0 else "")


def _formats(documents: Sequence[DocumentInfo]) -> str:
    counts = Counter(info.metadata.get("format", "") or "unknown" for info in documents)
    lines = [f"- {_FORMATS.get(name, name.upper())}: {count:,}" for name, count in counts.most_common()]
    return "\n".join(["The documents are in these formats:", *lines])


def _pages(documents: Sequence[DocumentInfo]) -> str:
    paged = [info for info in documents if info.pages]
    characters = sum(info.size for info in documents)
    long = f"{plural(len(documents), 'document')} with {characters:,} characters in all"
    if not paged:
        return f"None of the documents has page numbers. There {'is' if len(documents) == 1 else 'are'} {long}."
    pages = sum(len(info.pages) for info in paged)
    if len(paged) == len(documents):
        return f"{plural(pages, 'page')}, in {long}."
    return f"{plural(pages, 'page')} in the {plural(len(paged), 'document')} that have any. There are {long}."


def _languages(languages: Collection[str]) -> str:
    names = sorted(_LANGUAGES.get(one, one) for one in languages if one)
    if not names:
        return "I could not tell in which language the documents are."
    said = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    return f"The documents are in {said}."
