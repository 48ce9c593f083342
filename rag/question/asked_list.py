"""Tell what a question wants all of: "which digging tools are there", "list the error codes" (English)."""

import re

from index.text.patterns import compile_patterns

_THERE = (
    r"(?:are there|there are|exist|are (?:available|offered|sold|listed|covered|included|given)|"
    r"do(?:es)? (?:you|they|we|it) (?:have|sell|offer|stock|list|cover)|can (?:i|we|you) (?:get|buy|order|choose))"
)
_KINDS_OF = r"(?:(?:different )?(?:kinds?|types?|sorts?|forms?) of )?"
_ASKED = compile_patterns(
    r"(?:list|name|show|give)(?: me)?(?: all| every)?(?: of)?(?: the)? (?P<what>\S.*)",
    rf"(?:what|which) {_KINDS_OF}(?P<what>\S.*?) {_THERE}(?: (?:in|for|at|on) (?P<where>\S.*))?",
    rf"what (?:are|were)(?: all)? the {_KINDS_OF}(?P<what>\S.*)",
    r"(?P<what>(?:the )?(?:ingredients|steps|instructions|contents|parts|requirements|rules|duties|conditions|"
    r"specifications|technical data)\b.*)",
    before=r"(?:please |can you |so |and )?",
)
_CLAUSE = re.compile(r"\b(?:that|which|who|whose|when|where|why|how|if|whether)\b", re.IGNORECASE)


def asked_list(question: str) -> str:
    """Return what ``question`` wants all of; empty where it asks for something else.

    >>> asked_list("Which digging tools are there in the catalogue?")
    'digging tools the catalogue'
    """
    line = " ".join(question.split()).rstrip(" ?.!")
    found = next(filter(None, (pattern.fullmatch(line) for pattern in _ASKED)), None)
    if found is None:
        return ""
    wanted = " ".join(text for text in found.groupdict().values() if text)
    return "" if _CLAUSE.search(wanted) else wanted
