"""Load what is known of each language but English: the words of its questions, and what the product says in it."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

# A greeting that several languages have is returned in the first of them.
_LANGUAGES = ("de", "fr", "es", "it", "pt", "nl", "zh", "ja")
_CURRENCY = r"[€$£¥]|\beuros?\b|\d[.,]\d\d\b|%|\d (?:euros?|eur)\b"


@cache
def load_tables() -> Mapping[str, Mapping[str, Any]]:
    """Load the packaged file of each language, by its code, as it stands."""
    folder = files("rag.languages.tables")
    return {code: tomllib.loads(folder.joinpath(f"{code}.toml").read_text("utf-8")) for code in _LANGUAGES}


def join_pattern(written: str | list[str]) -> str:
    r"""Return a pattern of a table whole.

    >>> join_pattern(["wann", "|wie spat"])
    'wann|wie spat'
    """
    return "".join(written).replace("{currency}", _CURRENCY)
