"""WiCE's claims (Kamoi et al. 2023, "WiCE: Real-World Entailment for Claims in Wikipedia", arXiv 2303.01432)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evals.research.benchmarks.sets import Half, half_of
from index.chunking.chunk import Chunking, chunk
from index.schema import Document, Hit
from index.text.sentences import Span

Label = Literal["supported", "partially_supported", "not_supported"]
_DATED = "(meta data) PUBLISHED DATETIME: "
_TITLE = "(meta data) TITLE: "


@dataclass(frozen=True)
class WiceClaim:
    """A claim of an encyclopaedia article and the web page it cites.

    ``document`` holds the page's sentences a line each, ``sentences`` where they stand; ``evidence`` are the sets of
    sentences, by number, any of which supports what is supported of the claim. ``group`` is the article.
    """

    id: str
    group: str
    claim: str
    label: Label
    document: Document
    sentences: tuple[Span, ...]
    evidence: tuple[frozenset[int], ...]

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The page's passages, as a search would find them."""
        return tuple(Hit(passage, 1.0) for passage in chunk(self.document, Chunking()))


def load_wice_claims(path: Path, wanted: Half) -> Iterator[WiceClaim]:
    """Yield the claims of one half, by article. Raises OSError when there is no such file."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        if half_of(row["meta"]["claim_title"]) == wanted:
            yield _read(row)


def _read(row: dict[str, object]) -> WiceClaim:
    meta, given = row["meta"], row["evidence"]
    assert isinstance(meta, dict) and isinstance(given, list)
    lines = [" ".join(str(sentence).split()) for sentence in given]
    spans: list[Span] = []
    at = 0
    for line in lines:
        spans.append((at, at + len(line)))
        at += len(line) + 1
    dated = next((line.removeprefix(_DATED)[:10] for line in lines if line.startswith(_DATED)), "")
    title = next((line.removeprefix(_TITLE) for line in lines if line.startswith(_TITLE)), "")
    sets = row["supporting_sentences"]
    assert isinstance(sets, list)
    return WiceClaim(
        id=str(meta["id"]),
        group=str(meta["claim_title"]),
        claim=str(row["claim"]),
        label=row["label"],  # type: ignore[arg-type]
        document=Document(f"wice-{meta['id']}", title, "", "\n".join(lines), {"date": dated} if dated else {}),
        sentences=tuple(spans),
        evidence=tuple(frozenset(one) for one in sets if one),
    )
