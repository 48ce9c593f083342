"""Take apart words that German and Dutch write as one: "Urlaubstage" is about "Urlaub" and "Tage"."""

from collections.abc import Callable

_COMPOUNDING = frozenset({"de", "nl"})
_SHORTEST = 4  # letters of a part
_LINKS = ("", "s", "n", "en", "e", "es", "er")  # letters that may stand between two parts


def is_compounding(language: str) -> bool:
    """Tell whether ``language`` writes compounds as one word."""
    return language in _COMPOUNDING


def word_parts(term: str, language: str, is_known: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the two parts of a stemmed compound, each of which ``is_known``; empty where it cannot be taken apart.

    >>> word_parts("urlaubstag", "de", {"urlaub", "tag", "urlaubstag"}.__contains__)
    ()
    >>> word_parts("urlaubsgeld", "de", {"urlaub", "geld"}.__contains__)
    ('urlaub', 'geld')
    """
    if not is_compounding(language):
        return ()
    for at in range(len(term) - _SHORTEST, _SHORTEST - 1, -1):
        first, last = term[:at], term[at:]
        if not is_known(last):
            continue
        for link in _LINKS:
            part = first.removesuffix(link) if link else first
            if len(part) >= _SHORTEST and first == part + link and is_known(part):
                return part, last
    return ()


def shares_a_part(term: str, other: str, language: str) -> bool:
    """Tell whether one of two stemmed terms is a part of the other: "urlaub" of "urlaubstag", "kurs" of "schwimmkurs".

    >>> shares_a_part("urlaubstag", "urlaub", "de"), shares_a_part("tag", "urlaubstag", "de")
    (True, False)
    """
    short, long = sorted((term, other), key=len)
    return is_compounding(language) and len(short) >= _SHORTEST and (long.startswith(short) or long.endswith(short))
