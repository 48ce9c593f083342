"""Compare the office that a question asks for with those that a sentence names: the deputy mayor is not the mayor."""

import re
from collections.abc import Sequence

from index.text.patterns import compile_patterns
from rag.speech.lexicon import ROLES

_ASKS = compile_patterns(
    r"^(?:and |so )?who(?:['’]?s| is| was| are| were) (?:the |our |your |its |their |currently )*(?P<office>[\w' -]+)",
    r"\b(?:name|address|phone number|email|title) of (?:the |our |your )?(?P<office>[\w' -]+)",
    r"^what(?:['’]?s| is| was) (?P<office>[\w'’ -]+?)(?:['’]s name| called)\b",
)
_WORD = re.compile(r"[^\W\d_]+")
_LOWER_OFFICES = frozenset("deputy vice assistant acting former co junior".split())
# Ministers, secretaries and officers are told apart by what they are in charge of.
_PORTFOLIOS = frozenset(
    (
        "prime foreign home interior finance economy economic treasury defence defense justice health education "
        "culture transport energy environment agriculture housing labour labor trade executive financial operating "
        "technical medical general private press"
    ).split()
)
_SAME = (
    frozenset("chair chairs chairing chaired chairman chairwoman chairperson chairing".split()),
    frozenset("head headteacher headmaster headmistress principal heads leads leader chief boss".split()),
    frozenset("manager manages runs managed director directs".split()),
    frozenset("teacher teaches coach coaches trainer trains tutor instructor".split()),
    frozenset("landlord landlady owner owns".split()),
    frozenset("vet veterinarian doctor dr surgeon".split()),
    frozenset("author writer wrote written writes by reporter journalist editor edited".split()),
    frozenset("founder founded founders".split()),
    frozenset("secretary clerk".split()),
)
_TITLES = frozenset("mr mrs ms miss dr sir dame lord lady doctor professor master old".split())
_NEAR = 4  # words around an office among which its field stands: "minister of foreign affairs"
_END = re.compile(r"\b(?:of|at|in|for|with|on|that|who|when|and)\b")


def names_another_office(question: str, text: str, above: Sequence[str]) -> bool:
    """Tell whether ``text`` names the holder of an office, but not of the one that ``question`` asks for."""
    asked = _asked_office(question)
    if not asked:
        return False
    wanted = asked[-1]
    told = [word.casefold() for word in _WORD.findall("\n".join((*above, text)))]
    alike = {wanted}.union(*(same for same in _SAME if wanted in same))
    places = [n for n, word in enumerate(told) if word in alike]
    if not places:
        return bool(set(told) & (ROLES - _TITLES)) and not any(word.startswith(wanted[:5]) for word in told)
    if lower := _LOWER_OFFICES & set(asked):
        return not any(n and told[n - 1] in lower for n in places)
    if (field := _PORTFOLIOS & set(asked)) and any(n and told[n - 1] in _PORTFOLIOS for n in places):
        return not any(field <= set(told[max(0, n - _NEAR) : n + _NEAR + 1]) for n in places)
    return all(n and told[n - 1] in _LOWER_OFFICES - {"former"} for n in places)


def _asked_office(question: str) -> list[str]:
    """Return the words of the office that is asked for, the noun last; none where none is."""
    found = (pattern.search(question.strip()) for pattern in _ASKS)
    phrase = next((_END.split(match["office"])[0] for match in found if match), "")
    words = [word.casefold() for word in _WORD.findall(phrase.replace("’s", "").replace("'s", ""))]
    last = max((n for n, word in enumerate(words) if word in ROLES - _TITLES), default=-1)
    return words[: last + 1] if last == len(words) - 1 else []
