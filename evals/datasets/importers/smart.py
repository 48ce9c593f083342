"""Classic test collections in three files: TIME with ``*TEXT`` and ``*FIND``, SMART with ``.I`` and ``.W``.

Texts end in ``.ALL``, queries in ``.QUE`` or ``.QRY``, judgements in ``.REL``; SMART's own names for the
last are also ``qrels.text`` and ``cranqrel``. Collections: http://ir.dcs.gla.ac.uk/resources/test_collections
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from evals.datasets.importers.corpus import Corpus
from evals.datasets.importers.imported_set import DatasetImportError, ImportedSet
from evals.datasets.importers.source_files import read_text
from evals.schema import Case

_STAR = re.compile(r"^\*(?:TEXT|FIND)[ \t]+(?P<name>\S+)(?P<rest>.*)$", re.MULTILINE)
_DOT = re.compile(r"^\.I[ \t]+(?P<name>\S+)(?P<rest>.*)$", re.MULTILINE)
_FIELD = re.compile(r"^\.([A-Z])[ \t]*$", re.MULTILINE)
_DATE = re.compile(r"(?P<month>\d\d)/(?P<day>\d\d)/(?P<year>\d\d)")
_PAGE = re.compile(r"PAGE\s+0*(?P<page>\d+)")
# Of each part: what its name ends in, as in "cran.all.1400", or else a word in it, as in "qrels.text".
_NAMES = {"texts": ({"all"}, ".all"), "queries": ({"que", "qry"}, "query"), "judgements": ({"rel"}, "qrel")}
_CRAN_COLUMNS = 3
_TREC_COLUMNS = 4

# TIME's judgements number 425 articles by place, but the file that is handed on holds 423 and ends with the
# 425th. Queries and the articles judged for them agree as numbered up to 370 and two places earlier from 380
# on; none between is judged, so the two that are lost lie there.
_TIME_HELD, _TIME_JUDGED, _TIME_GAP = 423, 425, 371
_LOST = _TIME_JUDGED - _TIME_HELD

_Record = tuple[str, str, str]  # name, rest of its heading, body


def read_smart(path: str | Path) -> ImportedSet:
    """Read every judged query as a case with gold documents. ``path`` is the folder, or any of its three files.

    Lines are joined to one paragraph, for they break at a column and are double-spaced in TIME. Raises
    ``DatasetImportError``.
    """
    path = Path(path)
    folder = path if path.is_dir() else path.parent
    texts, queries, judgements = (_file(folder, part) for part in _NAMES)
    stars = bool(_STAR.search(read_text(texts)))
    collection = texts.stem
    corpus = Corpus()
    names: list[str] = []
    for name, rest, body in _records(texts):
        names.append(name)
        if stars:
            corpus.add(name, _paragraph(body), *_time_heading(collection, name, rest))
        else:
            fields = _fields(body)
            title = _paragraph(fields.get("T", ""))
            text = _paragraph(fields.get("W", ""))
            corpus.add(name, text if text.startswith(title) else f"{title}\n\n{text}", title)
    asked = {name: _paragraph(body if stars else _words(body)) for name, _, body in _records(queries)}
    notes: list[str] = []
    rows = list(_rows(judgements))
    gold = _by_place(rows, names, notes) if stars else _by_name(rows, list(asked))
    cases = list(_cases(asked.items(), gold, corpus, notes))
    return ImportedSet(corpus.documents, tuple(cases), (*corpus.notes, *notes))


def is_smart(folder: Path) -> bool:
    """Return whether the folder holds such texts and queries."""
    return all(_found(folder, part) for part in ("texts", "queries"))


def _found(folder: Path, part: str) -> list[Path]:
    if not folder.is_dir():
        return []
    endings, word = _NAMES[part]
    files = [file for file in sorted(folder.iterdir()) if file.is_file()]
    named = [file for file in files if endings & set(file.name.lower().split(".")[1:])]
    return named or [file for file in files if word in file.name.lower()]


def _file(folder: Path, part: str) -> Path:
    found = _found(folder, part)
    if len(found) != 1:
        endings = " or ".join(f".{ending.upper()}" for ending in sorted(_NAMES[part][0]))
        raise DatasetImportError(f"{folder}: {len(found)} files of {part} ({endings}): one is needed")
    return found[0]


def _records(file: Path) -> Iterator[_Record]:
    text = read_text(file).replace("\r\n", "\n")
    headings = list(_STAR.finditer(text)) or list(_DOT.finditer(text))
    if not headings:
        raise DatasetImportError(f"{file}: no '*TEXT', '*FIND' or '.I' line: not a TIME or SMART collection")
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        end = following.start() if following else len(text)
        yield heading["name"].lstrip("0") or "0", heading["rest"], text[heading.end() : end]


def _fields(body: str) -> dict[str, str]:
    """Split a body into texts by letter (``.T`` title, ``.W`` words); of a repeated letter the first counts."""
    parts = _FIELD.split(body)
    fields: dict[str, str] = {}
    for letter, text in zip(parts[1::2], parts[2::2], strict=True):
        fields.setdefault(letter, text)
    return fields


def _words(body: str) -> str:
    return _fields(body).get("W", body)


def _paragraph(text: str) -> str:
    # Only the very last line of a query file is *STOP.
    return " ".join(re.sub(r"^\*STOP\b.*", "", text, flags=re.MULTILINE).split())


def _time_heading(collection: str, name: str, rest: str) -> tuple[str, dict[str, str]]:
    """Parse title and metadata from a heading such as ``*TEXT 017 01/04/63 PAGE 020``."""
    date, page = _DATE.search(rest), _PAGE.search(rest)
    day = f"19{date['year']}-{date['month']}-{date['day']}" if date else ""
    parts = [f"{collection} {name}", day, f"page {page['page']}" if page else ""]
    return ", ".join(filter(None, parts)), {"date": day}


def _rows(file: Path) -> Iterator[list[str]]:
    for number, line in enumerate(read_text(file).splitlines(), start=1):
        cells = line.split()
        if not cells:
            continue
        if not all(re.fullmatch(r"-?\d+(\.\d+)?", cell) for cell in cells):
            raise DatasetImportError(f"{file}:{number}: expected numbers, got {line.strip()!r}")
        yield [cell.lstrip("0") or "0" for cell in cells]


def _by_place(rows: list[list[str]], names: list[str], notes: list[str]) -> dict[str, list[str]]:
    """Read TIME's judgements: a query, then the places of its documents in the file, from 1."""
    places = [int(place) for row in rows for place in row[1:]]
    time_itself = (len(names), max(places, default=0)) == (_TIME_HELD, _TIME_JUDGED)
    if time_itself:
        notes.append(
            f"judgements count {_TIME_JUDGED} articles of which {_LOST} are not in the file: "
            f"numbers from {_TIME_GAP} on are taken as {_LOST} lower"
        )
    gold: dict[str, list[str]] = defaultdict(list)
    for query, *found in rows:
        for place in map(int, found):
            held = place - _LOST if time_itself and place >= _TIME_GAP else place
            gold[query].append(names[held - 1] if 0 < held <= len(names) else f"place {place}")
    return gold


def _by_name(rows: list[list[str]], queries: list[str]) -> dict[str, list[str]]:
    """Read SMART's judgements: a query and a document a row, in the columns of CISI and CACM, of MED, or of CRAN.

    CRAN numbers queries by place, and its grades run from 1 best to 4 least, so that all are taken as
    relevant but those below 1.
    """
    trec = all(len(row) == _TREC_COLUMNS and row[1] == "0" for row in rows)
    by_place = bool({row[0] for row in rows} - set(queries))
    gold: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        grade = row[3] if trec else row[2] if len(row) == _CRAN_COLUMNS else "1"
        if float(grade) <= 0:
            continue
        place = int(row[0])
        query = queries[place - 1] if by_place and 0 < place <= len(queries) else row[0]
        gold[query].append(row[2] if trec else row[1])
    return gold


def _cases(
    asked: Iterable[tuple[str, str]], gold: dict[str, list[str]], corpus: Corpus, notes: list[str]
) -> Iterator[Case]:
    for name, question in asked:
        found = {key: corpus.find(key) for key in gold.get(name, [])}
        documents = tuple(dict.fromkeys(document.id for document in found.values() if document))
        notes += [f"query {name}: {key} is judged but not there: left out" for key in found if not found[key]]
        if documents:
            yield Case(id=name, question=question, documents=documents, group=documents[0])
        else:
            notes.append(f"query {name}: nothing is judged relevant: left out")
