"""Put newer items first where scores do not decide."""

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import TypeVar

Item = TypeVar("Item")

_SCORE_DECIMALS = 6  # scores that agree so far are equal
NEAR_BEST = 0.8  # share of the best score that is nearly as good


def newest_first_on_ties(
    items: Sequence[Item], score: Callable[[Item], float], published: Callable[[Item], str]
) -> tuple[Item, ...]:
    """Return ``items``, best first, with those of the same score in order of date, newest first.

    ``published`` returns an item's date in ISO 8601; an empty one is the oldest. Items that are equal in both stay in
    order.

    >>> newest_first_on_ties(["2024", "2025"], score=lambda _: 1.0, published=str)
    ('2025', '2024')
    """
    newest = sorted(items, key=published, reverse=True)
    return tuple(sorted(newest, key=lambda item: -round(score(item), _SCORE_DECIMALS)))


def newest_first(
    items: Sequence[Item], score: Callable[[Item], float], published: Callable[[Item], str], near: float = NEAR_BEST
) -> tuple[Item, ...]:
    """Return ``items``, best first, with those nearly as good as the best put in order of date; none is dropped.

    Nearly as good is a score of at least ``near`` (0 to 1) times the best. Scores are not negative.
    """
    if not items:
        return ()
    bar = near * score(items[0])
    close = list(takewhile(lambda item: score(item) >= bar, items))
    rest = newest_first_on_ties(items[len(close) :], score, published)
    return (*sorted(close, key=published, reverse=True), *rest)
