"""Sets of cases on disk: JSON lines, CSV or YAML. Read, checked, saved, added to."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from evals.datasets.case_fields import CASE_FIELDS, case_from_row, row_from_case
from evals.schema import Case
from index.errors import OnrecordError

# A row, the line it begins on, and what is wrong with it as a row.
_RARE_ENDS = ("\x85", "\u2028", "\u2029")
_Row = tuple[int, Mapping[str, Any], str]
_EVIDENCE_COLUMNS = ("document", "quote", "start", "end")


class CasesError(OnrecordError):
    """A set cannot be used as it is. The message holds one line a problem: file, line, what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def load_cases(path: str | Path) -> tuple[Case, ...]:
    """Read the cases of a ``.jsonl``, ``.csv``, ``.yaml`` or ``.yml`` file, in order.

    CSV has one column a field; lists are JSON in a cell or a single value, and ``document``, ``quote``,
    ``start`` and ``end`` may stand as columns for cases with one piece of evidence. Raises ``CasesError`` with
    every problem found.

    >>> save_cases([Case("arches", "How many arches has it?", answers=("11",))], folder / "towns.jsonl")
    >>> [case.answers for case in load_cases(folder / "towns.jsonl")]
    [('11',)]
    """
    path = Path(path)
    rows = _reader(path)(_text_of(path))
    cases: list[Case] = []
    problems: list[str] = []
    first_lines: dict[str, int] = {}
    try:
        for line, row, problem in rows:
            origin = f"{path}:{line}"
            case, wrong = (None, (problem,)) if problem else case_from_row(row, origin)
            problems += [f"{origin}: {each}" for each in wrong]
            if case is None:
                continue
            if case.id and first_lines.setdefault(case.id, line) != line:
                problems.append(f"{origin}: id {case.id!r} is taken by line {first_lines[case.id]}: choose another")
            cases.append(case)
    except (yaml.YAMLError, csv.Error) as error:
        problems.append(f"{path}:{_line_of(error)}: cannot be read: {_brief(error)}. Mend this line.")
    if not cases and not problems:
        problems.append(f"{path}: holds no cases: add at least one")
    if problems:
        raise CasesError(problems)
    return tuple(cases)


def save_cases(cases: Iterable[Case], path: str | Path) -> None:
    """Write ``cases`` to ``path`` in the format of its suffix, replacing what was there in one step.

    Raises ``CasesError`` for a suffix that is not one of a set.

    >>> save_cases([Case("mayor", "Who is mayor of Arles?", answerable=False)], folder / "mayors.csv")
    >>> (folder / "mayors.csv").read_text().splitlines()[0][:20]
    'id,question,history,'
    """
    path = Path(path)
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise CasesError([_wrong_suffix(path)])
    _replace(path, write([row_from_case(case) for case in cases]))


def append_case(case: Case, path: str | Path) -> None:
    """Add ``case`` to the set at ``path``, making the set if there is none.

    Raises ``CasesError`` if the case is not sound or its id is taken, or if the set cannot be read; the file is
    then as it was.
    """
    path = Path(path)
    _, wrong = case_from_row(row_from_case(case))
    if wrong:
        raise CasesError([f"{path}: case {case.id!r}: {each}" for each in wrong])
    there = load_cases(path) if path.exists() and path.stat().st_size else ()
    if any(case.id == other.id for other in there):
        raise CasesError([f"{path}: id {case.id!r} is taken: choose another"])
    if path.suffix.lower() == ".jsonl" and there:
        _append_line(path, _json_line(row_from_case(case)))
    else:
        save_cases((*there, case), path)


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise CasesError([f"{path}: no such file: check the path"]) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise CasesError([f"{path}:{line}: not UTF-8: save the file as UTF-8"]) from None
    except OSError as error:
        raise CasesError([f"{path}: cannot be read: {error.strerror}"]) from None


def _reader(path: Path) -> Callable[[str], Iterator[_Row]]:
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise CasesError([_wrong_suffix(path)])
    return reader


def _wrong_suffix(path: Path) -> str:
    return f"{path}: {path.suffix or 'no suffix'} is not a format of sets: use .jsonl, .csv, .yaml or .yml"


def _json_lines(text: str) -> Iterator[_Row]:
    # Not splitlines(): it also splits at separators that JSON allows inside a string.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            yield number, {}, f"not JSON: {error.msg} at character {error.colno}. One object a line."
            continue
        yield _checked(number, row)


def _csv_rows(text: str) -> Iterator[_Row]:
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))  # the whole process has one limit
    table = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = [name.strip() for name in next(table, [])]
    unknown = [name for name in header if name not in (*CASE_FIELDS, *_EVIDENCE_COLUMNS)]
    if unknown:
        yield 1, {}, "; ".join(case_from_row(dict.fromkeys(unknown))[1][: len(unknown)])
    line = table.line_num + 1
    for cells in table:
        if len(cells) > len(header):
            yield line, {}, f"{len(cells)} cells under {len(header)} columns: quote cells that hold a comma"
        elif any(cells):
            row = dict(zip(header, cells, strict=False))
            yield line, _with_evidence({name: row[name] for name in row if name not in unknown}), ""
        line = table.line_num + 1


def _with_evidence(row: dict[str, Any]) -> dict[str, Any]:
    cells = {name: row.pop(name) for name in _EVIDENCE_COLUMNS if name in row}
    if any(cells.values()):
        row["evidence"] = [cells]
    return row


def _yaml_rows(text: str) -> Iterator[_Row]:
    # BaseLoader leaves every value as written: "no", 1963 and 2025-02-12 stay what the author wrote.
    loader = yaml.BaseLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return
        if not isinstance(root, yaml.SequenceNode):
            yield 1, {}, "expected a list of cases: begin each with '- id:'"
            return
        for node in root.value:
            yield _checked(node.start_mark.line + 1, loader.construct_object(node, deep=True))
    finally:
        loader.dispose()


def _checked(line: int, row: object) -> _Row:
    if isinstance(row, dict):
        return line, row, ""
    return line, {}, f"expected an object with the fields of a case, got {type(row).__name__}"


def _line_of(error: Exception) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark is not None else 1


def _brief(error: Exception) -> str:
    return str(getattr(error, "problem", None) or error)


def _json_line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _to_json_lines(rows: Sequence[Mapping[str, Any]]) -> str:
    return "".join(map(_json_line, rows))


def _to_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, CASE_FIELDS)
    table.writeheader()
    table.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _cell(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class _Dumper(yaml.SafeDumper):
    """YAML that keeps Unicode's rarer line ends, which are folded into spaces unless they are escaped."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if any(end in text for end in _RARE_ENDS) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _to_yaml(rows: Sequence[Mapping[str, Any]]) -> str:
    return str(yaml.dump(list(rows), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100))


_READERS: dict[str, Callable[[str], Iterator[_Row]]] = {
    ".jsonl": _json_lines,
    ".csv": _csv_rows,
    ".yaml": _yaml_rows,
    ".yml": _yaml_rows,
}
_WRITERS: dict[str, Callable[[Sequence[Mapping[str, Any]]], str]] = {
    ".jsonl": _to_json_lines,
    ".csv": _to_csv,
    ".yaml": _to_yaml,
    ".yml": _to_yaml,
}


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.write_bytes(text.encode())
    new.replace(path)


def _append_line(path: Path, line: str) -> None:
    with path.open("rb+") as file:
        file.seek(-1, 2)
        ends = file.read(1) == b"\n"
        file.write((line if ends else "\n" + line).encode())
