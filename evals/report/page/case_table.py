"""The table of cases: its markup, and the data that its script reads, passages shared by cases written once."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from evals.report import run_figures
from evals.report.outcomes import crashed, failed, outcome, reason, refused
from evals.report.page.markup import Html, element
from evals.runner.estimates import metric_names
from evals.runner.records import Result, Run
from evals.scoring.metrics.citations import spans_match
from evals.scoring.metrics.spans import shared_characters

_COLUMNS_SHOWN = 4


def case_table(run: Run) -> Iterable[Html]:
    """Yield the filters, the empty table and its pages; the script fills and shows them."""
    yield element("h2", "Cases")
    yield element("noscript", element("p", "The table of cases needs scripts, which this page carries itself."))
    statuses = (element("option", status, value=status) for status in ("all", "failed", "crashed", "refused", "passed"))
    filters = element(
        "div",
        element(
            "label",
            "Search questions, answers and reasons",
            element("input", type="search", id="filter-text", autocomplete="off"),
            class_="grow",
        ),
        element("label", "Tag", element("select", element("option", "any", value=""), id="filter-tag")),
        element("label", "Status", element("select", *statuses, id="filter-status")),
        element("details", element("summary", "Columns"), element("div", id="columns"), class_="columns"),
        class_="filters",
    )
    cases = element("table", element("thead"), element("tbody"), id="cases", aria_label=f"Cases of {run.set_name}")
    pages = element(
        "div",
        element("button", "Previous", type="button", id="previous"),
        element("button", "Next", type="button", id="next"),
        element("span", id="case-count", role="status", class_="quiet"),
        class_="pages",
    )
    box = element("div", cases, class_="box", tabindex="0", role="region", aria_label="Table of cases")
    yield element("section", filters, box, pages, id="cases-section", hidden=True)


def case_table_data(run: Run) -> Iterable[Html]:
    """Yield the rows, read at once, and the details, read when a first row is opened."""
    metrics = metric_names(run.results, run.estimates)
    table = {
        "rows": case_rows(run, metrics),
        "metrics": metrics,
        "shown": run_figures.headline_metrics(run)[:_COLUMNS_SHOWN],
    }
    for id_, data in (("case-rows", table), ("case-details", case_details(run))):
        yield element("script", json_for_script(data), type="application/json", id=id_)


Json = dict[str, Any]


class PassageIndex:
    """The passages of a run, each known by its position."""

    def __init__(self) -> None:
        self.all: list[Json] = []
        self._positions: dict[tuple[str, int, int], int] = {}

    def add(self, hit: Mapping[str, Any]) -> int:
        """Return the position of a hit's passage, adding it if it is new."""
        key = (str(hit["document"]), int(hit["start"]), int(hit["end"]))
        if key not in self._positions:
            self._positions[key] = len(self.all)
            self.all.append({**_origin(hit), "start": key[1], "end": key[2], "text": str(hit.get("text", ""))})
        return self._positions[key]


def case_rows(run: Run, metrics: Sequence[str]) -> list[Json]:
    """Build one row for each case: what the table shows and what the filter searches."""
    return [_row(result, metrics) for result in run.results]


def case_details(run: Run) -> Json:
    """Build what opens beneath each row, in the order of the rows, and the passages referred to."""
    passages = PassageIndex()
    return {"cases": [_details(result, passages) for result in run.results], "passages": passages.all}


def json_for_script(data: object) -> Html:
    """Write JSON that may stand inside a script element: no character in it can end the element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Html(text)


def holds_gold(hit: Mapping[str, Any], result: Result) -> bool:
    """Return whether a hit holds gold evidence, by the metrics' rule (``spans_match``).

    Where there are no gold spans, whether it is of a gold document.
    """
    if result.gold:
        return any(spans_match(_span(hit), gold) for gold in result.gold)
    return any(_names(hit, name) for name in (*_list(result.case, "documents"), *result.case.get("relevance", ())))


def _row(result: Result, metrics: Sequence[str]) -> Json:
    return {
        "id": result.case_id,
        "question": _text(result.case, "question"),
        "answer": _text(result.answer, "answer"),
        "tags": list(result.tags),
        "outcome": outcome(result),
        "failed": failed(result),
        "crashed": crashed(result),
        "refused": refused(result),
        "scores": [_rounded(result.scores.get(metric)) for metric in metrics],
        "confidence": _rounded(result.answer.get("confidence")),
        "seconds": _rounded(result.seconds),
        "why": reason(result),
    }


def _details(result: Result, passages: PassageIndex) -> Json:
    hits = _list(result.answer, "hits")
    gold = [holds_gold(hit, result) for hit in hits]
    return {
        "group": result.group,
        "answerable": result.case.get("answerable", True),
        "as_of": _text(result.case, "as_of"),
        "history": _list(result.case, "history"),
        "references": _list(result.case, "answers"),
        "gold": _gold(result),
        "first_gold": gold.index(True) + 1 if True in gold else None,
        "query": _text(result.answer, "query"),
        "claims": _list(result.answer, "claims"),
        "citations": [_citation(citation, hits, passages) for citation in _list(result.answer, "citations")],
        "hits": [_hit(hit, result, passages, is_) for hit, is_ in zip(hits, gold, strict=True)],
        "timings": result.answer.get("timings", {}),
        "error": result.error,
        "unscored": dict(result.unscored),
    }


def _hit(hit: Mapping[str, Any], result: Result, passages: PassageIndex, gold: bool) -> Json:
    marks = [_within(span, _span(hit)) for span in result.gold if shared_characters(_span(hit), span)]
    position = passages.add(hit)
    return {
        "passage": position,
        "score": hit.get("score"),
        "ranks": hit.get("ranks", {}),
        "gold": gold,
        "marks": marks,
    }


def _citation(citation: Mapping[str, Any], hits: Sequence[Mapping[str, Any]], passages: PassageIndex) -> Json:
    """Describe a citation with the passage around it; without one, the cited words stand for themselves."""
    around = next((hit for hit in hits if _holds(hit, citation)), citation)
    return {
        "marker": citation.get("marker"),
        "passage": passages.add(around),
        "marks": [_within(_span(citation), _span(around))],
    }


def _gold(result: Result) -> list[Json]:
    evidence = _list(result.case, "evidence")
    if not result.gold:
        named = [*_list(result.case, "documents"), *result.case.get("relevance", ())]
        unplaced = [{"document": item.get("document", ""), "text": item.get("quote", "")} for item in evidence]
        return unplaced or [{"document": name, "text": ""} for name in dict.fromkeys(named)]
    quotes = [item.get("quote", "") for item in evidence] if len(evidence) == len(result.gold) else []
    return [
        {
            **_origin(
                next(
                    (hit for hit in _list(result.answer, "hits") if hit["document"] == span[0]),
                    {"document": span[0]},
                )
            ),
            "start": span[1],
            "end": span[2],
            "text": (quotes[i] if quotes else "") or _words_at(span, _list(result.answer, "hits")),
        }
        for i, span in enumerate(result.gold)
    ]


def _words_at(span: tuple[str, int, int], hits: Sequence[Mapping[str, Any]]) -> str:
    holding = {"document": span[0], "start": span[1], "end": span[2]}
    for hit in hits:
        if _holds(hit, holding):
            return str(hit["text"])[span[1] - hit["start"] : span[2] - hit["start"]]
    return ""


def _origin(hit: Mapping[str, Any]) -> Json:
    metadata = hit.get("metadata", {})
    told = {name: metadata[name] for name in ("outlet", "author", "date") if metadata.get(name)}
    # The name alone: where files lie on one machine is nobody else's business.
    name = str(hit.get("source", "")).replace("\\", "/").rsplit("/", 1)[-1]
    return {
        "document": hit["document"],
        "title": hit.get("title", ""),
        "source": name,
        "about": told,
    }


def _holds(hit: Mapping[str, Any], part: Mapping[str, Any]) -> bool:
    return bool(hit["document"] == part["document"] and hit["start"] <= part["start"] and part["end"] <= hit["end"])


def _names(hit: Mapping[str, Any], name: str) -> bool:
    source = str(hit.get("source", "")).replace("\\", "/")
    return name == hit["document"] or f"/{source}".endswith(f"/{name}")


def _span(hit: Mapping[str, Any]) -> tuple[str, int, int]:
    return str(hit["document"]), int(hit["start"]), int(hit["end"])


def _within(span: tuple[str, int, int], around: tuple[str, int, int]) -> tuple[int, int]:
    """Return the span in offsets of the passage around it."""
    return max(span[1], around[1]) - around[1], min(span[2], around[2]) - around[1]


def _text(data: Mapping[str, Any], name: str) -> str:
    return str(data.get(name) or "")


def _list(data: Mapping[str, Any], name: str) -> list[Any]:
    return list(data.get(name) or ())


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
