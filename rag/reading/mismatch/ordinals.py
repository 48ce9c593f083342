"""Compare what a question counts off with what a sentence does: the second floor is not the fourth."""

import re
from collections.abc import Iterator, Sequence

ORDINALS = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        start=1,
    )
}
_COUNTED = re.compile(
    rf"\b(?P<order>{'|'.join(ORDINALS)}|(?P<number>\d+)(?:st|nd|rd|th))[ -](?P<noun>[^\W\d_]+)", re.IGNORECASE
)
_COUNT_NOTHING = frozenset("time year day week month".split())  # "for the first time", "the first year"


def is_another_in_order(question: str, text: str, above: Sequence[str]) -> bool:
    """Tell whether ``text`` counts what ``question`` does, and only others of them."""
    told = list(_counted("\n".join((*above, text))))
    return any(
        any(other == noun for _, other in told) and (number, noun) not in told for number, noun in _counted(question)
    )


def _counted(text: str) -> Iterator[tuple[int, str]]:
    for match in _COUNTED.finditer(text):
        number = int(match["number"]) if match["number"] else ORDINALS[match["order"].casefold()]
        if (noun := match["noun"].casefold().removesuffix("s")) not in _COUNT_NOTHING:
            yield number, noun
