"""Make a file name from a sender safe to keep on any system and to show on any page."""

import unicodedata

MAX_BYTES = 200  # bytes of one part in UTF-8, which leaves room for a number; file systems allow 255
_MAX_ENDING_BYTES = 20
_MAX_PARTS = 8  # parts of a path that are kept
_UNNAMED = "unnamed"
_FORBIDDEN = frozenset('<>:"/\\|?*')  # on Windows; the slash everywhere
# Devices on Windows, with any ending (https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
_WINDOWS_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$", *(f"{d}{n}" for d in ("com", "lpt") for n in "0123456789¹²³")]
)
# Control characters, including bidirectional ones; surrogates; private and unassigned characters.
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def safe_name(name: str) -> str:
    """Return ``name`` as a relative path that stays inside any folder, in NFC, without invisible or special characters.

    The last folders before the name stay, and so does the ending. Never fails: a name of which nothing is left becomes
    ``unnamed``.
    """
    parts = [_part(part) for part in name.replace("\\", "/").split("/")]
    return "/".join([part for part in parts if part][-_MAX_PARTS:]) or _UNNAMED


def shown_name(name: str) -> str:
    """Return ``name`` for an error message: one line, without misleading characters, shortened where it is long."""
    seen = "".join("·" if unicodedata.category(c) in _INVISIBLE_CATEGORIES else c for c in name)
    return seen if len(seen) <= MAX_BYTES else f"{seen[: MAX_BYTES - 1]}…"


def _part(part: str) -> str:
    # Twice, since removing characters can bring others together.
    kept = _clean(_clean(part))
    stem, ending = _split_ending(kept)
    if stem.split(".")[0].strip().casefold() in _WINDOWS_DEVICES:
        stem = f"_{stem}"
    return _cut(stem, MAX_BYTES - len(ending.encode())) + ending


def _clean(name: str) -> str:
    seen = "".join(
        "_" if c in _FORBIDDEN else c
        for c in unicodedata.normalize("NFC", name)
        if unicodedata.category(c) not in _INVISIBLE_CATEGORIES
    )
    # A name that ends in a dot or a space is another file on Windows; one that begins with a dot is hidden.
    return " ".join(seen.split()).strip(". ")


def _split_ending(name: str) -> tuple[str, str]:
    stem, dot, ending = name.rpartition(".")
    stem = stem.rstrip(". ")
    return (stem, f".{ending}") if stem and dot and len(ending.encode()) < _MAX_ENDING_BYTES else (name, "")


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode("utf-8", "ignore").rstrip(". ")
