"""A file name as a sender gave it, made safe to keep on any system and to show on any page."""

import unicodedata
from collections.abc import Container

LONGEST = 200  # bytes in UTF-8, which leaves room for a number; file systems take 255
_LONGEST_ENDING = 20
_UNNAMED = "unnamed"
_FORBIDDEN = frozenset('<>:"/\\|?*')  # by Windows; the slash by all
# Devices on Windows, with any ending (https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$", *(f"{d}{n}" for d in ("com", "lpt") for n in "0123456789¹²³")]
)
# Controls, those that turn the direction of writing among them; halves of characters; private and unassigned ones.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe_name(name: str) -> str:
    """The last part of ``name``, in NFC, without what cannot be seen or stands for something else in a path.

    The ending stays. Never fails: a name of which nothing is left becomes ``unnamed``.
    """
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    # Twice, since characters can meet once what stood between them is gone.
    kept = _clean(_clean(last))
    stem, ending = _parted(kept)
    if stem.split(".")[0].strip().casefold() in _RESERVED:
        stem = f"_{stem}"
    return _cut(stem, LONGEST - len(ending.encode())) + ending


def another_name(name: str, taken: Container[str]) -> str:
    """``name``, or with a number before its ending where it is taken already; case makes no other name."""
    stem, ending = _parted(name)
    number = 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem}-{number}{ending}"
    return name


def shown_name(name: str) -> str:
    """``name`` for an error: on one line, without what could mislead, the beginning of a long one."""
    seen = "".join("·" if unicodedata.category(c) in _UNSEEN else c for c in name)
    return seen if len(seen) <= LONGEST else f"{seen[: LONGEST - 1]}…"


def _clean(name: str) -> str:
    seen = "".join(
        "_" if c in _FORBIDDEN else c
        for c in unicodedata.normalize("NFC", name)
        if unicodedata.category(c) not in _UNSEEN
    )
    # Ending in a dot or a space it would be another file on Windows; beginning with a dot it would be hidden.
    return " ".join(seen.split()).strip(". ") or _UNNAMED


def _parted(name: str) -> tuple[str, str]:
    stem, dot, ending = name.rpartition(".")
    stem = stem.rstrip(". ")
    return (stem, f".{ending}") if stem and dot and len(ending.encode()) < _LONGEST_ENDING else (name, "")


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode("utf-8", "ignore").rstrip(". ")
