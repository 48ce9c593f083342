"""How a case ended, in the words of the reports."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from evals.runner.records import Result


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """How many of ``n`` cases ended how. Crashed cases have failed too; a refusal may be right or wrong."""

    n: int
    failed: int
    crashed: int
    refused: int


def crashed(result: Result) -> bool:
    """Return whether no answer came: an error, or no time left."""
    return result.status != "answered"


def refused(result: Result) -> bool:
    """Return whether the answer was a refusal."""
    return bool(result.answer.get("refused"))


def failed(result: Result) -> bool:
    """Return whether something was wrong with it: a crash, or a reason given."""
    return crashed(result) or bool(result.why)


def outcome(result: Result) -> str:
    """Name the outcome in one or two words: passed, failed, refused, failed · refused, crashed, timed out."""
    if crashed(result):
        return result.status
    words = [word for word, holds in (("failed", failed(result)), ("refused", refused(result))) if holds]
    return " · ".join(words) or "passed"


def reason(result: Result) -> str:
    """Return why the case failed, in one line; empty when it did not."""
    if result.why:
        return result.why
    return f"{result.status}: {result.error}" if crashed(result) else ""


def count_outcomes(results: Iterable[Result]) -> OutcomeCounts:
    """Count cases by how they ended."""
    all_ = list(results)
    return OutcomeCounts(
        n=len(all_),
        failed=sum(map(failed, all_)),
        crashed=sum(map(crashed, all_)),
        refused=sum(map(refused, all_)),
    )


def common_reasons(results: Iterable[Result]) -> list[tuple[str, int]]:
    """Count the kinds of reasons for failure, the most frequent first: quotes and figures left out."""
    return Counter(_kind(reason(result)) for result in results if failed(result)).most_common()


def _kind(words: str) -> str:
    without_quotes = re.sub(r":? “.*”", "", re.sub(r" \([^)]*\)", "", words), flags=re.DOTALL)
    return re.sub(r"\d+", "#", without_quotes).strip(" .;:") or "no reason recorded"
