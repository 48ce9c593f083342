"""What all checks share: the cited text that a claim is compared with, and what a check finds."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rag.schema import Citation
from rag.verify.checks.wording import Word, named_inside, words

FindingKind = Literal["quote", "number", "date", "name", "negation", "contrast", "roles", "speaker"]
Severity = Literal["wrong", "missing"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing a claim says that its sources do not support, with ``reason`` in words for a reader.

    ``wrong``: the sources say otherwise. ``missing``: they do not say it, so that at best part of the claim holds.
    """

    kind: FindingKind
    severity: Severity
    reason: str


@dataclass(frozen=True)
class CitedText:
    """The cited sentences in the order given. Facts must stand in them.

    ``around`` (passages, titles and what the files say of themselves) only tells who "he" or "the minister" is and
    which year it was. ``day`` is the publication date in ISO 8601, empty where it is unknown.
    """

    sentences: tuple[str, ...]
    around: str = ""
    title: str = ""
    day: str = ""

    @property
    def text(self) -> str:
        """All cited words."""
        return "\n".join(self.sentences)

    @property
    def one_line(self) -> str:
        """All cited words on one line."""
        return " ".join(self.text.split())

    @cached_property
    def words(self) -> tuple[tuple[Word, ...], ...]:
        """The words of each cited sentence."""
        return tuple(words(sentence) for sentence in self.sentences)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The stems of all cited words."""
        return frozenset(word.key for sentence in self.words for word in sentence)

    @cached_property
    def folded(self) -> frozenset[str]:
        """All cited words, folded."""
        return frozenset(word.low for sentence in self.words for word in sentence)

    @cached_property
    def around_words(self) -> tuple[Word, ...]:
        """The words of passages and titles."""
        return words(f"{self.title}\n{self.around}")

    @cached_property
    def known_names(self) -> frozenset[str]:
        """Folded words that stand capitalised inside a sentence, so that they are names wherever they stand."""
        pools = [*self.words, self.around_words]
        return frozenset().union(*(named_inside(pool) for pool in pools))


def make_cited_text(citations: Sequence[Citation]) -> CitedText:
    """Return the text that ``citations`` give to compare a claim with."""
    passages = tuple({c.passage.id: c.passage for c in citations}.values())
    days = {passage.metadata.get("date", "")[:10] for passage in passages}
    around = [passage.text for passage in passages]
    around += [heading.label for passage in passages for heading in passage.headings]
    around += [value for p in passages for key, value in p.metadata.items() if key in ("outlet", "author")]
    return CitedText(
        sentences=tuple(dict.fromkeys(c.text for c in citations)),
        around="\n".join(around),
        title="\n".join(dict.fromkeys(p.title for p in passages if p.title)),
        day=days.pop() if len(days) == 1 else "",
    )
