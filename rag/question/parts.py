"""Cut a question that asks for two things into the questions it is made of (English).

"When is rent due and how much is it" asks two things; "how do A and B differ" asks for the same of two.
"""

import re
from dataclasses import dataclass

_ASKS = (
    r"(?:(?:when|where|who(?:se|m)?|why|which|what|how)\b"
    r"(?! (?:(?:much|many|long|often|far) )?(?:it|he|she|they|we|i|you|the|this|that|to)\b)|"  # "… and where it stands"
    r"(?:is|are|does|do|did|can|must|has|have|will) (?:i|you|we|they|he|she|it|there|the|an?|my|your|our)\b)"
)
_SEVERAL = re.compile(rf"\s*(?:[?,;]\s*(?:and |also )?|,? and (?:also )?)(?={_ASKS})", re.IGNORECASE)
_BEGINS = re.compile(
    rf"(?:so |and |please )?(?:{_ASKS}|(?:is|are|does|do|did|can|must|has|have|will)\b)", re.IGNORECASE
)
_SIDES = r"(?P<one>\S.*?)(?:,? (?:and|with|to|versus|vs\.?|or) |/)(?:the |a |an )?(?P<other>\S.*?)"
_MORE = r"(?:(?:more|less) (?P<adjective>[a-z]+)|(?P<comparative>[a-z]{2,}er|better|worse))"
_COMPARISONS = tuple(
    re.compile(rf"(?:please |can you )?{pattern}", re.IGNORECASE)
    for pattern in (
        rf"(?:what(?:['’]s| is|s) )?(?:the )?differences? (?:between|of) (?:the )?{_SIDES}",
        rf"(?:compare|contrast)(?: the)? (?P<what>[\w’' -]+? (?:of|for|in|at)) (?:the )?{_SIDES}",
        rf"(?:compare|contrast)(?: the)? {_SIDES}",
        rf"how (?:do|does|is|are) (?:the )?{_SIDES} (?:differ|different|compare)(?: from each other)?",
        rf"what (?:do|did) {_SIDES} (?P<predicate>(?:say|think|claim|want|propose|argue) .+)",
        r"(?P<one>\S.{1,40}?) (?:versus|vs\.?) (?:the )?(?P<other>\S.{1,40})",
        rf"(?:is|are|was|were) (?:the |an? )?(?P<one>\S.*?) {_MORE} than (?:the |an? )?(?P<other>\S.*?)",
        r"does (?:the |an? )?(?P<one>\S.*?) (?P<verb>cost|weigh|last|take) (?:more|less|longer) than"
        r" (?:the |an? )?(?P<other>\S.*?)",
        rf"(?:which|what)(?: (?:one|room|model|kind))? is {_MORE},? ?[:,]? {_SIDES}",
        r"(?:which|what) (?P<verb>costs|weighs|lasts|takes) (?:more|less|longer),? ?[:,]? "
        rf"{_SIDES}",
    )
)
_MEASURES = frozenset(("adjective", "comparative", "verb"))
_NO_SIDES = frozenset("it this that there he she they one average usual before expected i we you".split())
_IRREGULAR = {"better": "good", "worse": "good", "less": "much", "more": "much", "further": "far", "farther": "far"}
_PRICED = frozenset("expensive costly pricey cheap dear".split())
_ARTICLE = re.compile(r"^(?:the|a|an) ", re.IGNORECASE)
_MOST_PARTS = 3
_SHORTEST = 2  # words of a part
_MOST_WORDS = 8  # of a side; what is longer is a clause


@dataclass(frozen=True, slots=True)
class Parts:
    """The ``questions`` that a question is made of; ``compared`` where they ask the same of several things.

    ``measured`` are those compared by one measure ("is A longer than B"), which one sentence may answer as well.
    """

    questions: tuple[str, ...]
    compared: bool = False
    measured: bool = False


def question_parts(question: str) -> Parts:
    """Return the questions that ``question`` is made of; itself alone where it asks one thing.

    >>> question_parts("Who is the manager and what is her number?").questions
    ('Who is the manager', 'what is her number')
    >>> question_parts("how do maternity leave and partner leave differ?").questions
    ('maternity leave', 'partner leave')
    """
    line = " ".join(question.split()).rstrip(" ?.!")
    for pattern in _COMPARISONS:
        if (found := pattern.fullmatch(line)) is not None and (sides := _sides(found)):
            by_measure = any(name in _MEASURES and text for name, text in found.groupdict().items())
            return Parts(sides, compared=True, measured=by_measure)
    pieces = [piece for piece in _SEVERAL.split(line) if piece.strip()]
    asks = len(pieces) > 1 and all(_BEGINS.match(piece) for piece in pieces)
    if not asks or len(pieces) > _MOST_PARTS or len(pieces[0].split()) < _SHORTEST:
        return Parts((question,))
    return Parts(tuple(pieces))


def _sides(found: re.Match[str]) -> tuple[str, ...]:
    """Return the question for each side of a comparison; empty where a side is a clause."""
    groups = {name: text for name, text in found.groupdict().items() if text}
    one, other = (
        re.sub(r"^(?:the|a|an) ", "", groups[name].strip(" ,"), flags=re.IGNORECASE) for name in ("one", "other")
    )
    if max(len(one.split()), len(other.split())) > _MOST_WORDS:
        return ()
    if "predicate" in groups:
        return tuple(f"what did {side} {groups['predicate']}" for side in (one, other))
    if other.endswith(" one"):  # "a junior membership … a senior one"
        other = f"{other.removesuffix('one')}{one.split()[-1]}"
    if not _MEASURES.isdisjoint(groups):
        if other.casefold() in _NO_SIDES or one.casefold() in _NO_SIDES:
            return ()
        return tuple(_measured(side, groups) for side in (one, other))
    if len(one.split()) == 1 and len(other.split()) > 1 and one.casefold() not in other.casefold().split():
        one = f"{one} {other.split(maxsplit=1)[1]}"  # "bypass and anvil secateurs"
    what = f"{groups['what']} " if "what" in groups else ""
    return tuple(f"{what}{side}" for side in (one, other))


def _measured(side: str, groups: dict[str, str]) -> str:
    """Return the question for the one measure that two sides are compared by: "how long is partner leave"."""
    if verb := groups.get("verb", "").casefold().rstrip("s"):
        return f"how {'much' if verb in ('cost', 'weigh') else 'long'} does {side} {verb}"
    adjective = groups.get("adjective", "").casefold() or _positive(groups["comparative"].casefold())
    return f"how much does {side} cost" if adjective in _PRICED else f"how {adjective} is {side}"


def _positive(comparative: str) -> str:
    """Return the adjective of a comparative: "long" of "longer", "big" of "bigger", "heavy" of "heavier"."""
    if comparative in _IRREGULAR:
        return _IRREGULAR[comparative]
    stem = comparative.removesuffix("er")
    if stem.endswith("i"):
        return f"{stem[:-1]}y"
    if stem[-1:] == stem[-2:-1] and stem[-1:] not in "l":
        return stem[:-1]
    return f"{stem}e" if stem.endswith(("rg", "af", "los", "id")) else stem
