"""The sets that can be chosen, what they hold, and taking in one that is uploaded."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from evals.datasets.cases import CasesError, load_cases
from evals.schema import Case
from evals.scoring.gold import find_gold
from evals.web.feedback import set_name, sets_folder
from index.errors import OnrecordError
from index.storage.store import Store
from index.text.plural import plural

SUFFIXES = (".jsonl", ".csv", ".yaml", ".yml")
SEEDS = Path("seeds/evals")


@dataclass(frozen=True, slots=True)
class SetCheck:
    """A summary of a set, and its problems, one line each; a set with problems cannot be run."""

    summary: str
    problems: tuple[str, ...] = ()


def find_sets(data_dir: Path, seeds: Path = SEEDS) -> list[Path]:
    """List every set in the data folder, then every one in ``seeds``, by name."""
    folders = (sets_folder(data_dir), seeds)
    files = (path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()))
    return [path for path in files if path.suffix.lower() in SUFFIXES and path.is_file()]


def set_choices(sets: Iterable[Path]) -> list[tuple[str, str]]:
    """List the sets with the names to choose them by: with the folder, where two share a name."""
    paths = list(sets)
    often = Counter(path.name for path in paths)
    return [(path.name if often[path.name] == 1 else str(path), str(path)) for path in paths]


def check_set(path: Path, store: Store) -> SetCheck:
    """Check the set at ``path``: what it holds, and whether its evidence is in the indexed documents."""
    try:
        cases = load_cases(path)
        find_gold(cases, store)
    except CasesError as error:
        problems = tuple(problem.replace(f"{path}:", f"{path.name}:") for problem in error.problems)
        return SetCheck(f"{path.name} cannot be run: {plural(len(problems), 'problem')}.", problems)
    except OnrecordError as error:
        return SetCheck(f"{path.name} cannot be run.", (str(error),))
    return SetCheck(_described(cases))


def save_uploaded_set(uploaded: Path, data_dir: Path) -> Path:
    """Copy an uploaded set into the data folder, under a name that no other set has there; return its path.

    The same set again is not copied twice. Raises ``CasesError`` for a file that is not a sound set.
    """
    load_cases(uploaded)
    folder, stem, suffix = sets_folder(data_dir), set_name(uploaded.stem), uploaded.suffix.lower()
    content = uploaded.read_bytes()
    number, path = 1, folder / f"{stem}{suffix}"
    while path.exists() and path.read_bytes() != content:
        number += 1
        path = folder / f"{stem}-{number}{suffix}"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def _described(cases: Iterable[Case]) -> str:
    cases = tuple(cases)
    unanswerable = sum(not case.answerable for case in cases)
    tags = Counter(tag for case in cases for tag in case.tags)
    told = f"{plural(len(cases), 'case')}, {unanswerable} of them not answerable; all evidence is in the documents."
    if tags:
        told += f" Tags: {', '.join(f'{tag} ({n})' for tag, n in tags.most_common(8))}."
    return told
