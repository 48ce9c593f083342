"""Newest first, where nothing else decides."""

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import TypeVar

Item = TypeVar("Item")

_SAME = 6  # decimals to which two scores are one
NEARLY = 0.8  # of the best score, to be nearly as good


def ranked(scores: Mapping[str, float], published: Callable[[str], str]) -> list[str]:
    """The ids of ``scores``, best first; of equal scores the newest, then the smaller id.

    ``published`` gives an id's date in ISO 8601; an empty one is the oldest.
    """
    newest = sorted(sorted(scores), key=published, reverse=True)
    return sorted(newest, key=lambda id_: -round(scores[id_], _SAME))


def newest_first(
    items: Sequence[Item], score: Callable[[Item], float], published: Callable[[Item], str], near: float = NEARLY
) -> tuple[Item, ...]:
    """``items``, best first, with those nearly as good as the best put in order of date; none is dropped.

    Nearly as good is a score of at least ``near`` (0 to 1) times the best. Scores are not negative.
    """
    if not items:
        return ()
    bar = near * score(items[0])
    close = list(takewhile(lambda item: score(item) >= bar, items))
    return (*sorted(close, key=published, reverse=True), *items[len(close) :])


def published(metadata: Mapping[str, str]) -> str:
    """The date a text gives itself, ISO 8601; empty where it gives none."""
    return metadata.get("date", "")
