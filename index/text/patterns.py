"""Compile several ways to say the same."""

import re


def compile_patterns(*patterns: str, before: str = "", after: str = "") -> tuple[re.Pattern[str], ...]:
    """Compile ``patterns`` that ignore case, each between the patterns ``before`` and ``after``.

    >>> [found.group() for one in compile_patterns("cat", "dog", before=r"\\b") if (found := one.search("Dogs"))]
    ['Dog']
    """
    return tuple(re.compile(f"{before}{pattern}{after}", re.IGNORECASE) for pattern in patterns)
