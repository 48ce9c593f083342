"""Decide where the target of a link is kept beside its words: an address for people to read is part of the text."""

import re

MAX_LINKS_KEPT = 40  # links of one document; with more it is a directory, whose targets would bury its words
_MAX_TARGET_CHARACTERS = 120  # characters; what is longer is made for programs
_MEANT_TO_BE_READ = re.compile(r"(?:https?://|mailto:|tel:)\S+", re.IGNORECASE)
_POINTING = re.compile(
    r"\W*(?:(?:click|see|apply|register|sign up|download|read more|more|find it|write) )?"
    r"(?:here|this link|this page|link|hier|ici|aquí|qui)\W*",
    re.IGNORECASE,
)


def spoken_target(words: str, target: str | None) -> str:
    """Return what to write after the words of a link: ``" (people@tarn.example)"``; empty for no address to be read.

    >>> spoken_target("the people team", "mailto:people@tarn.example")
    ' (people@tarn.example)'
    """
    found = _MEANT_TO_BE_READ.fullmatch((target or "").strip())
    if found is None or not words.strip():
        return ""
    address = re.sub(r"^(?:mailto|tel):(?://)?|(?<=@)([^?]*)\?.*$", r"\1", found.group(), flags=re.IGNORECASE)
    bare = re.sub(r"^https?://(?:www\.)?|/$", "", address, flags=re.IGNORECASE)
    if len(address) > _MAX_TARGET_CHARACTERS or bare.casefold() in words.casefold():
        return ""
    return f" ({address})"


def is_needed(words: str, target: str | None) -> bool:
    """Tell whether the words of a link say nothing without its target ("here"), or the target is an address of people.

    >>> is_needed("here", "https://tarn.example/form"), is_needed("the news", "https://tarn.example/news")
    (True, False)
    """
    return (target or "").lower().startswith(("mailto:", "tel:")) or _POINTING.fullmatch(words) is not None
