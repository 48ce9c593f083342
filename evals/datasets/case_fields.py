"""One case as a row of plain values, and back: the same row for JSON lines, CSV and YAML."""

import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, TypeVar

from evals.schema import Case, Evidence
from rag.schema import Turn

CASE_FIELDS = tuple(f.name for f in fields(Case) if f.name != "origin")
_EVIDENCE_FIELDS = tuple(f.name for f in fields(Evidence))
_TURN_FIELDS = tuple(f.name for f in fields(Turn))
_Value = TypeVar("_Value")
_YES = {"true", "yes", "1"}
_NO = {"false", "no", "0"}


def case_from_row(row: Mapping[str, Any], origin: str = "") -> tuple[Case, tuple[str, ...]]:
    """Build the case that ``row`` describes, and list what is wrong with it, one message for each problem.

    Values may be those of JSON or, as CSV and YAML give them, text. A list may be written as a list, as JSON
    in a text, or as a single text.
    """
    problems: list[str] = []
    problems += _unknown(row, CASE_FIELDS)

    def read(name: str, convert: Callable[[Any], _Value], default: _Value) -> _Value:
        value = row.get(name)
        if value is None or value == "":
            return default
        try:
            return convert(value)
        except (ValueError, TypeError) as error:
            problems.append(f"{name}: {error}")
            return default

    case = Case(
        id=read("id", _text, "").strip(),
        question=read("question", _text, "").strip(),
        history=read("history", _history, ()),
        answers=read("answers", _texts, ()),
        evidence=read("evidence", _evidence, ()),
        answerable=read("answerable", _flag, True),
        tags=read("tags", _texts, ()),
        as_of=read("as_of", _iso_date, ""),
        documents=read("documents", _texts, ()),
        relevance=read("relevance", _grades, {}),
        group=read("group", _text, ""),
        origin=origin,
    )
    problems += [f"{name} is missing: give one" for name in ("id", "question") if not row.get(name)]
    problems += _contradictions(case, row)
    return case, tuple(problems)


def row_from_case(case: Case) -> dict[str, Any]:
    """Write ``case`` as plain values, without empty fields; ``answerable`` is always there."""
    row: dict[str, Any] = {
        "id": case.id,
        "question": case.question,
        "history": [{"question": turn.question, "answer": turn.answer} for turn in case.history],
        "answers": list(case.answers),
        "evidence": [_evidence_row(item) for item in case.evidence],
        "answerable": case.answerable,
        "tags": list(case.tags),
        "as_of": case.as_of,
        "documents": list(case.documents),
        "relevance": dict(case.relevance),
        "group": case.group,
    }
    return {name: value for name, value in row.items() if value or name == "answerable"}


def _evidence_row(item: Evidence) -> dict[str, Any]:
    row = {"document": item.document, "quote": item.quote, "start": item.start, "end": item.end}
    return {name: value for name, value in row.items() if value not in ("", None)}


def _contradictions(case: Case, row: Mapping[str, Any]) -> list[str]:
    gold = [name for name in ("evidence", "documents", "relevance") if row.get(name)]
    if not case.answerable:
        return [f"not answerable, yet has {name}: remove it or set answerable to true" for name in gold]
    if gold or row.get("answers"):
        return []
    return ["answerable, yet has neither evidence nor answers: add one, or set answerable to false"]


def _unknown(row: Mapping[str, Any], known: Sequence[str]) -> list[str]:
    return [f"unknown field {name!r}: {_advice(str(name), known)}" for name in row if name not in known]


def _advice(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name.strip().lower(), known, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(known)}"


def _text(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise TypeError(f"expected text, got {_shown(value)}")
    return str(value)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_text(item) for item in _list(value))


def _list(value: object) -> list[object]:
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _json(value)
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text not in _YES | _NO:
        raise ValueError(f"expected true or false, got {_shown(value)}")
    return text in _YES


def _whole(value: object) -> int:
    if isinstance(value, bool) or not str(value).strip().lstrip("-").isdecimal():
        raise ValueError(f"expected a whole number, got {_shown(value)}")
    return int(str(value))


def _iso_date(value: object) -> str:
    text = str(value).strip()
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{_shown(value)} is not a date: write it as 2025-02-12") from None
    return text


def _history(value: object) -> tuple[Turn, ...]:
    turns = []
    for item in _list(value):
        row = _mapping(item, _TURN_FIELDS)
        turns.append(Turn(_text(row.get("question", "")), _text(row.get("answer", ""))))
    return tuple(turns)


def _evidence(value: object) -> tuple[Evidence, ...]:
    if isinstance(value, str) and value.lstrip().startswith("{"):
        value = _json(value)
    return tuple(_one_evidence(_mapping(item, _EVIDENCE_FIELDS)) for item in _list(value))


def _one_evidence(row: Mapping[str, Any]) -> Evidence:
    start, end = (None if row.get(name) in (None, "") else _whole(row[name]) for name in ("start", "end"))
    item = Evidence(_text(row.get("document", "")), _text(row.get("quote", "")), start, end)
    if not item.document:
        raise ValueError("no document: say which one the words are in")
    if (start is None) != (end is None):
        raise ValueError("start without end, or end without start: give both or neither")
    if start is not None and end is not None and not 0 <= start < end:
        raise ValueError(f"start {start} and end {end} hold no words: start is the smaller one, from 0")
    if start is None and not item.quote.strip():
        raise ValueError(f"no words of {item.document}: give a quote, or start and end")
    return item


def _mapping(value: object, known: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"expected an object with {', '.join(known)}, got {_shown(value)}")
    unknown = _unknown(value, known)
    if unknown:
        raise ValueError("; ".join(unknown))
    return value


def _grades(value: object) -> dict[str, int]:
    if isinstance(value, str):
        value = _json(value)
    if not isinstance(value, Mapping):
        raise TypeError(f"expected grades by document, got {_shown(value)}")
    return {str(document): _whole(grade) for document, grade in value.items()}


def _json(value: str) -> object:
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg}): {_shown(value)}") from None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"  # noqa: PLR2004
