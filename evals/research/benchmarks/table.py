"""Figures as Markdown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from evals.research.benchmarks.metrics.figures import Difference, Figure, SetFigures
from evals.stats.paired import is_certain

_MANY = 10  # values above are shown without decimals

NOTES = """\
- Every figure is of the half of each set named above, which nothing was tuned on. The halves are cut by
  document (`split.py`); where questions share documents the whole corpus is searched.
- Intervals are 95 %, clustered by the document a question is about: SQuAD's articles, the long texts of
  `chunking/`. With three such texts an interval says little, and none of a difference can be called sure.
- `p` is a two-sided sign-flip test of whole documents; a difference is called sure, and shown in bold, when
  its interval leaves out 0 and p is below 0.05.
- All systems use the same embedding model and documents. *dense* is exact cosine over Onrecord's passages,
  *BM25* is over the same passages with their titles. LlamaIndex's pipeline is as it comes (chunks of 1,024
  tokens, overlap 200, Chroma's approximate search) except that it is asked for as many passages as the
  others; "hit in 2 passages" is what it hands on by default. It is given no titles, as its reader of files
  gives none.
- Ranks are of documents: a document stands where its first passage does, within 50 passages.
- An answer counts when a reference answer stands in a cited sentence as whole words; a refusal counts as 0.
  Only questions whose short answer stands literally in a gold document are asked about this way.
- Foreign questions are those of the other sets; a few may have an answer in the corpus by chance.
- Onrecord is as it ships: late interaction over the same model's token vectors, and its default cross-encoder.
  What it does without that one is in `evals/research/results/CALIBRATION.md`.
- Times are of one process, systems taking turns. Pairs that the cross-encoder read in searching are remembered
  when the same question is answered, as in the product. Indexing includes embedding, also where the same text
  was embedded for another system before.
"""


def as_markdown(conditions: Mapping[str, Any], found: Sequence[SetFigures]) -> str:
    """Write the whole report."""
    head = [f"- {name}: {value}" for name, value in conditions.items()]
    parts = ["# Benchmarks", "\n".join(head), *(_of_set(one) for one in found)]
    return "\n\n".join([*parts, "## Where Onrecord is behind", list_behind(found), "## How to read this", NOTES])


def list_behind(found: Sequence[SetFigures]) -> str:
    """List each measure on which a baseline is ahead, the certain ones marked."""
    rows = [
        f"- {one.name}, {d.measure}: {d.difference:+.3f} against {d.baseline} "
        f"({_range(d.low, d.high)}; {'sure' if _is_certain(d) else 'may be chance'})"
        for one in found
        for d in one.differences
        if d.difference < 0
    ]
    return "\n".join(rows) or "On nothing measured here."


def _is_certain(d: Difference) -> bool:
    return is_certain(d.low, d.high, d.clustered_p_value)


def _of_set(one: SetFigures) -> str:
    size = ", ".join(f"{count:,} {what}" for what, count in one.size.items())
    searched = "whole corpus searched" if one.whole_corpus else "the half's documents searched"
    parts = [f"## {one.name}", f"{size}; {searched}."]
    parts += [_systems(one.retrieval), _differences(one.differences)]
    parts += [_plain(one.answers), _plain(one.refusal), _curve(one.risk_coverage), _systems(one.cost)]
    return "\n\n".join(part for part in parts if part)


def _systems(figures: Sequence[Figure]) -> str:
    """Write a row for each measure, a column for each system."""
    if not figures:
        return ""
    systems = list(dict.fromkeys(f.system for f in figures))
    cells = {(f.measure, f.system): _value(f) for f in figures}
    sizes = {f.measure: f"{f.n:,}" for f in figures if f.low is not None}
    rows = (
        [measure, *(cells.get((measure, system), "") for system in systems), sizes.get(measure, "")]
        for measure in dict.fromkeys(f.measure for f in figures)
    )
    return _table(["", *systems, "n"], rows, drop_empty_last=not sizes)


def _differences(apart: Sequence[Difference]) -> str:
    if not apart:
        return ""
    baselines = list(dict.fromkeys(d.baseline for d in apart))
    cells = {(d.measure, d.baseline): _difference(d) for d in apart}
    rows = (
        [measure, *(cells.get((measure, baseline), "") for baseline in baselines)]
        for measure in dict.fromkeys(d.measure for d in apart)
    )
    return _table(["Onrecord less …", *baselines], rows)


def _plain(figures: Sequence[Figure]) -> str:
    if not figures:
        return ""
    rows = ([f.measure, _value(f), f"{f.n:,}", f"{f.clusters:,}"] for f in figures)
    return _table(["Onrecord", "", "n", "documents"], rows)


def _curve(points: Sequence[tuple[float, float]]) -> str:
    if not points:
        return ""
    coverages = [f"{coverage:.2f}" for coverage, _ in points]
    return _table(["coverage", *coverages], [["risk", *(f"{risk:.2f}" for _, risk in points)]])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, drop_empty_last: bool = False) -> str:
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    cut: Callable[[Sequence[str]], Sequence[str]] = (lambda row: row[:-1]) if drop_empty_last else (lambda row: row)
    return "\n".join(f"| {' | '.join(cut(line))} |" for line in lines)


def _value(figure: Figure) -> str:
    if figure.value is None:
        return "–"
    value = f"{figure.value:,.0f}" if figure.value >= _MANY else f"{figure.value:.3f}"
    crashed = f", {figure.crashed} crashed" if figure.crashed else ""
    return f"{value} ({_range(figure.low, figure.high)}{crashed})" if figure.low is not None else value + crashed


def _difference(d: Difference) -> str:
    p = "" if d.clustered_p_value is None else f", p {d.clustered_p_value:.3f}"
    text = f"{d.difference:+.3f} ({_range(d.low, d.high)}{p})"
    return f"**{text}**" if _is_certain(d) else text


def _range(low: float | None, high: float | None) -> str:
    return (
        "no interval"
        if low is None or high is None
        else f"{low:.3f}–{high:.3f}"
        if low >= 0
        else f"{low:+.3f} to {high:+.3f}"
    )
