"""Cut a question that asks for two things into the questions it is made of (English).

"When is rent due and how much is it" asks two things; "how do A and B differ" asks for the same of two.
"""

import re
from dataclasses import dataclass

from index.text.patterns import compile_patterns

_ASKS = (
    r"(?:(?:when|where|who(?:se|m)?|why|which|what|how)\b"
    r"(?! (?:(?:much|many|long|often|far) )?(?:it|he|she|they|we|i|you|the|this|that|to)\b)|"  # "… and where it stands"
    r"(?:is|are|does|do|did|can|must|has|have|will) (?:i|you|we|they|he|she|it|there|the|an?|my|your|our)\b)"
)
_SEVERAL = re.compile(rf"\s*(?:[?,;]\s*(?:and |also )?|,? and (?:also )?)(?={_ASKS})", re.IGNORECASE)
_BEGINS = re.compile(
    rf"(?:so |and |please )?(?:{_ASKS}|(?:is|are|does|do|did|can|must|has|have|will)\b)", re.IGNORECASE
)
_BARE_WORD = re.compile(
    r"(?:so |and |please )?(?:when|where|who|why|what time|how(?: (?:much|many|long|often|far))?) ", re.IGNORECASE
)
_MORE = (
    r"(?:(?:more|less) \w+|(?!(?:never|however|other|whether|after|under|over|order|offer)\b)\w{3,}er|better|worse|less"
    r"|more)"
)
_VERB = re.compile(r"(?P<verb>cost|weigh|last|take)s? (?:more|less|longer|shorter)(?P<rest>.*)", re.IGNORECASE)
_ADJECTIVE = re.compile(
    r"(?:.* )?(?:(?:more|less) (?P<adjective>\w+)|(?P<comparative>(?!bett)\w{2,}er))(?P<rest>.*)", re.IGNORECASE
)
_PRICED = frozenset("expensive costly pricey cheap dear".split())
_NO_SIDE = frozenset(
    "before ever expected usual average planned that this it now then needed necessary there he she they one i we "
    "you".split()
)
_SIDES = r"(?P<one>\S.*?)(?:,? (?:and|with|to|versus|vs\.?|or) |/)(?:the |a |an )?(?P<other>\S.*?)"
_COMPARISONS = compile_patterns(
    rf"(?:what(?:['’]s| is|s) )?(?:the )?differences? (?:between|of) (?:the )?{_SIDES}",
    rf"(?:compare|contrast)(?: the)? (?P<what>[\w’' -]+? (?:of|for|in|at)) (?:the )?{_SIDES}",
    rf"(?:compare|contrast)(?: the)? {_SIDES}",
    rf"how (?:do|does|is|are) (?:the )?{_SIDES} (?:differ|different|compare)(?: from each other)?"
    r"(?: (?:on|about|over|in|regarding) (?P<about>\S.*))?",
    r"how (?:did|has|have) (?:the )?(?P<what>\S.*?) (?:changed?|develop(?:ed)?|grow|grown|fall|fallen|rise|risen) "
    r"(?:from|between) (?P<one>\d{4}) (?:to|and) (?P<other>\d{4})",
    rf"(?:is|are|was|were|does|do) (?:the |an? )?(?P<one>\S.*?) (?P<than>(?:(?:cost|weigh|last|take) )?{_MORE}) "
    r"than (?:the |an? )?(?P<other>\S.*)",
    rf"(?:what|which|who)(?: one)?(?:['’]s| is| are|s)? (?P<than>(?:\w+ )?{_MORE}(?: to \w+)?)[,:]? {_SIDES}",
    rf"(?:the )?{_SIDES}[,:] (?:what|which)(?: one)?(?: is|['’]s|s)? (?P<than>{_MORE}\b.*)",
    rf"what (?:do|did) {_SIDES} (?P<predicate>(?:say|think|claim|want|propose|argue) .+)",
    r"(?P<what>[\w’' -]+? (?:of|for|in|at)) (?P<one>\S.{1,40}?) (?:versus|vs\.?) (?:the )?(?P<other>\S.{1,40})",
    r"(?P<one>\S.{1,40}?) (?:versus|vs\.?) (?:the )?(?P<other>\S.{1,40})",
    before=r"(?:please |can you )?",
)
_ARTICLE = re.compile(r"^(?:the|a|an) ", re.IGNORECASE)
_MOST_PARTS = 3
_SHORTEST = 2  # words of a part
_MOST_WORDS = 8  # of a side; what is longer is a clause


@dataclass(frozen=True, slots=True)
class Parts:
    """The ``questions`` that a question is made of; ``compared`` where they ask the same of several things.

    A ``single`` sentence may answer too, as it does "is A cheaper than B".
    """

    questions: tuple[str, ...]
    compared: bool = False
    single: bool = False


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
            return Parts(sides, compared=True, single="than" in found.groupdict())
    pieces = [piece for piece in _SEVERAL.split(line) if piece.strip()]
    pieces = [_completed(piece, pieces[0]) for piece in pieces]
    asks = len(pieces) > 1 and all(_BEGINS.match(piece) for piece in pieces)
    if not asks or len(pieces) > _MOST_PARTS or len(pieces[0].split()) < _SHORTEST:
        return Parts((question,))
    return Parts(tuple(pieces))


def _completed(piece: str, first: str) -> str:
    """Return a part that is a question word alone with what the ``first`` one asks about: "who rows and when"."""
    begun = _BARE_WORD.match(first)
    return f"{piece}: {first[begun.end() :]}" if begun and _BARE_WORD.fullmatch(f"{piece} ") else piece


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
    if _NO_SIDE & {one.casefold(), other.casefold()}:
        return ()
    if other.endswith(" one"):  # "a junior membership … a senior one"
        other = f"{other.removesuffix('one')}{one.split()[-1]}"
    if "than" in groups:
        return tuple(_measured(side, groups["than"]) for side in (one, other))
    if len(one.split()) == 1 and len(other.split()) > 1 and one.casefold() not in other.casefold().split():
        one = f"{one} {other.split(maxsplit=1)[1]}"  # "bypass and anvil secateurs"
    return tuple(" ".join(filter(None, (groups.get("what"), side, groups.get("about")))) for side in (one, other))


def _measured(side: str, than: str) -> str:
    """Return the question for the measure that two sides are compared by: "how long is partner leave".

    The side alone where ``than``, what one is more than the other, names no measure, as "better" does.
    """
    if found := _VERB.search(than):
        verb = found["verb"].casefold()
        return f"how {'much' if verb in ('cost', 'weigh') else 'long'} does {side} {verb}{found['rest']}"
    if (found := _ADJECTIVE.fullmatch(than)) is None:
        return side
    adjective = (found["adjective"] or _positive(found["comparative"])).casefold()
    return f"how much does {side} cost" if adjective in _PRICED else f"how {adjective} is {side}{found['rest']}"


def _positive(comparative: str) -> str:
    """Return the adjective of a comparative: "long" of "longer", "big" of "bigger", "heavy" of "heavier"."""
    stem = comparative.removesuffix("er")
    if stem.endswith("i"):
        return f"{stem[:-1]}y"
    if stem[-1:] == stem[-2:-1] and stem[-1:] != "l":
        return stem[:-1]
    return f"{stem}e" if stem.endswith(("rg", "af", "los", "id")) else stem
