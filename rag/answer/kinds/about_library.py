"""Say by code what needs no search: greetings, what the tool does, what the library holds, who wrote a document."""

import re
from collections.abc import Sequence

from index.schema import DocumentInfo
from index.text.plural import plural
from index.text.terms import terms
from rag.answer.caption import caption, spoken_date

_THANKS = re.compile(r"\b(?:thank|thanks|cheers|great|perfect|helpful|excellent)", re.IGNORECASE)
_BYE = re.compile(r"\b(?:bye|goodbye|see you)\b", re.IGNORECASE)
_GREETING = re.compile(r"\b(?:hi|hiya|hello|hey|good (?:morning|afternoon|evening|day))\b", re.IGNORECASE)
_HOW_ARE_YOU = re.compile(r"\bhow (?:are|is it going|are things)\b|\bwhat['’]?s up\b", re.IGNORECASE)
_ENDINGS = {
    "word": (".docx", ".doc"),
    "excel": (".xlsx", ".xls"),
    "powerpoint": (".pptx", ".ppt"),
    "html": (".html", ".htm"),
    "text": (".txt",),
    "markdown": (".md", ".markdown"),
    "email": (".eml", ".mbox"),
    "mail": (".eml", ".mbox"),
    "spreadsheet": (".xlsx", ".xls", ".ods", ".csv"),
}
_ACRONYMS = frozenset({"pdf", "csv", "html", "json"})
NAMED = {"author": "an author", "date": "a date", "outlet": "where it was published"}
"""What a document names, by the field of its metadata."""
_LISTED = 50  # documents that are listed by title


def smalltalk_reply(turn: str, documents: int) -> str:
    """Reply to a greeting, thanks or a farewell in one or two sentences."""
    if _BYE.search(turn):
        return "Goodbye."
    if _THANKS.search(turn):
        return "You're welcome. Ask me anything else about your documents."
    if _HOW_ARE_YOU.search(turn):
        return f"Fine, thank you. {_invitation(documents)}"
    if _GREETING.search(turn):
        return f"Hello! {_invitation(documents)}"
    return _invitation(documents)


def tool_reply(documents: int) -> str:
    """Say what the tool is and does."""
    return (
        "I am Onrecord. I answer questions from your documents only: every sentence of an answer carries a number that "
        "opens the exact words it rests on, and when the documents do not say, I say so. I can also summarise a "
        f"document or list those that mention something. {_invitation(documents)}"
    )


def library_reply(documents: Sequence[DocumentInfo], extreme: str = "", head: str = "") -> str:
    """Say how many documents there are and list them, or name the one that is ``extreme``: "newest", "longest" …

    The list stands under ``head``, where it is given.
    """
    if not documents:
        return "There are no documents yet."
    if extreme:
        return _extreme(documents, extreme)
    head = head or _head(documents)
    shown = sorted(documents, key=lambda info: info.metadata.get("date", ""), reverse=True)[:_LISTED]
    more = len(documents) - len(shown)
    lines = [f"- {described(info)}" for info in shown]
    return "\n".join([head, *lines, *([f"and {more:,} more."] if more else [])])


def _head(documents: Sequence[DocumentInfo]) -> str:
    return "There is one document:" if len(documents) == 1 else f"There are {len(documents):,} documents:"


def documents_meant(documents: Sequence[DocumentInfo], named: str, *, by_origin: bool) -> list[DocumentInfo]:
    """Return the documents of the format ``named``, or, ``by_origin``, of that author or outlet; all without a name."""
    if not named:
        return list(documents)
    if by_origin:
        wanted = frozenset(terms(named))
        said = ((info, f"{info.metadata.get('author', '')} {info.metadata.get('outlet', '')}") for info in documents)
        return [info for info, origin in said if wanted and wanted <= frozenset(terms(origin))]
    endings = _ENDINGS.get(named.replace("-", ""), (f".{named}",))
    return [info for info in documents if info.source.lower().endswith(endings)]


def document_reply(info: DocumentInfo, asked: str) -> str:
    """Say the author, date, outlet or length of a document, or that it does not tell."""
    if asked == "length":
        pages = f" on {len(info.pages):,} pages" if len(info.pages) > 1 else ""
        return f"{quoted_title(info)} has {info.size:,} characters{pages}."
    said = info.metadata.get(asked, "")
    if not said:
        return f"{quoted_title(info)} does not name {NAMED.get(asked, asked)}."
    if asked == "author":
        return f"{quoted_title(info)} was written by {said}."
    if asked == "date":
        return f"{quoted_title(info)} is dated {spoken_date(said)}."
    return f"{quoted_title(info)} was published by {said}."


def documents_reply(documents: Sequence[DocumentInfo], asked: str) -> tuple[str, bool]:
    """Say what is ``asked`` of each document, a line each, and whether any of them tells.

    Where several tell, those that do not are left out.
    """
    telling = [info for info in documents if asked == "length" or info.metadata.get(asked)]
    return "\n".join(document_reply(info, asked) for info in telling or documents), bool(telling)


def no_such_reply(documents: Sequence[DocumentInfo], kind: str) -> str:
    """Say that none of the documents is of the format ``kind``."""
    name = kind.upper() if kind in _ACRONYMS else kind
    among = "The document is" if len(documents) == 1 else f"None of the {len(documents):,} documents is"
    return f"{among} {'not ' if len(documents) == 1 else ''}of the kind “{name}”."


def described(info: DocumentInfo) -> str:
    """Name a document by its title, with outlet and date where it has them."""
    more = caption(info.metadata)
    return f"{info.title} ({more})" if more else info.title


def quoted_title(info: DocumentInfo) -> str:
    """Give the title of a document in quotation marks."""
    return f"“{info.title}”"


def _invitation(documents: int) -> str:
    if not documents:
        return "There are no documents yet: add some in the Library, then ask about them."
    noun = "document" if documents == 1 else plural(documents, "document")
    return f"Ask me about your {noun}, for example “What is this about?”"


def _extreme(documents: Sequence[DocumentInfo], extreme: str) -> str:
    if extreme in {"newest", "latest", "most recent", "oldest", "earliest"}:
        dated = sorted((i for i in documents if i.metadata.get("date")), key=lambda info: info.metadata["date"])
        if not dated:
            return "None of the documents is dated."
        info = dated[0] if extreme in {"oldest", "earliest"} else dated[-1]
        undated = len(documents) - len(dated)
        rest = f" ({undated:,} of {len(documents):,} documents have no date.)" if undated else ""
        return f"The {extreme} is {quoted_title(info)}, dated {spoken_date(info.metadata['date'])}.{rest}"
    ordered = sorted(documents, key=lambda info: info.size)
    info = ordered[0] if extreme in {"shortest", "smallest"} else ordered[-1]
    return f"The {extreme} is {quoted_title(info)}, with {info.size:,} characters."
