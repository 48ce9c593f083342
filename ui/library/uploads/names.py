"""A file name as a sender gave it, made safe to keep on any system and to show on any page."""

import unicodedata

LONGEST = 200  # bytes of one part in UTF-8, which leaves room for a number; file systems take 255
_LONGEST_ENDING = 20
_DEEPEST = 8  # parts that are kept of a path
_UNNAMED = "unnamed"
_FORBIDDEN = frozenset('<>:"/\\|?*')  # by Windows; the slash by all
# Devices on Windows, with any ending (https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$", *(f"{d}{n}" for d in ("com", "lpt") for n in "0123456789¹²³")]
)
# Controls, those that turn the direction of writing among them; halves of characters; private and unassigned ones.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe_name(name: str) -> str:
    """``name`` as a relative path that stays inside any folder, in NFC, without what cannot be seen or stands for
    something else in a path.

    Folders before a name stay, the last ones of very many, and the ending does. Never fails: a name of which nothing
    is left becomes ``unnamed``.
    """
    parts = [_part(part) for part in name.replace("\\", "/").split("/")]
    return "/".join([part for part in parts if part][-_DEEPEST:]) or _UNNAMED


def shown_name(name: str) -> str:
    """``name`` for an error: on one line, without what could mislead, the beginning of a long one."""
    seen = "".join("·" if unicodedata.category(c) in _UNSEEN else c for c in name)
    return seen if len(seen) <= LONGEST else f"{seen[: LONGEST - 1]}…"


def _part(part: str) -> str:
    # Twice, since characters can meet once what stood between them is gone.
    kept = _clean(_clean(part))
    stem, ending = _parted(kept)
    if stem.split(".")[0].strip().casefold() in _RESERVED:
        stem = f"_{stem}"
    return _cut(stem, LONGEST - len(ending.encode())) + ending


def _clean(name: str) -> str:
    seen = "".join(
        "_" if c in _FORBIDDEN else c
        for c in unicodedata.normalize("NFC", name)
        if unicodedata.category(c) not in _UNSEEN
    )
    # Ending in a dot or a space it would be another file on Windows; beginning with a dot it would be hidden.
    return " ".join(seen.split()).strip(". ")


def _parted(name: str) -> tuple[str, str]:
    stem, dot, ending = name.rpartition(".")
    stem = stem.rstrip(". ")
    return (stem, f".{ending}") if stem and dot and len(ending.encode()) < _LONGEST_ENDING else (name, "")


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode("utf-8", "ignore").rstrip(". ")
