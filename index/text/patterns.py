"""Compile patterns that ignore case."""

import re
from functools import cache


def compile_patterns(*patterns: str, before: str = "", after: str = "") -> tuple[re.Pattern[str], ...]:
    """Compile ``patterns`` that ignore case, each between the patterns ``before`` and ``after``.

    >>> [found.group() for one in compile_patterns("cat", "dog", before=r"\\b") if (found := one.search("Dogs"))]
    ['Dog']
    """
    return tuple(re.compile(f"{before}{pattern}{after}", re.IGNORECASE) for pattern in patterns)


@cache
def ignoring_case(pattern: str) -> re.Pattern[str]:
    """Compile one of the program's own patterns at first use.

    >>> ignoring_case("wann").match("Wann?") is not None
    True
    """
    return re.compile(pattern, re.IGNORECASE)
