"""Which package and which room may import which; no circle of files anywhere."""

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = {
    "index": {"index"},
    "rag": {"rag", "index"},
    "ui": {"ui", "rag", "index"},
    "evals": {"evals", "rag", "index"},
}
# A room is a folder of a package. It may import itself, the modules that lie in its package beside the rooms, and:
ROOMS: Mapping[str, set[str]] = {
    "index.system": set(),
    "index.text": set(),
    "index.reading": {"text"},
    "index.chunking": {"text"},
    "index.embedding": {"system", "text"},
    "index.keyword": {"system", "text"},
    "index.storage": {"system", "text", "chunking", "embedding", "keyword"},
    "index.duplicates": {"storage", "text"},
    "index.ingest": {"system", "reading", "chunking", "embedding", "storage", "duplicates"},
    "index.maintenance": {"system", "chunking", "embedding", "storage", "duplicates", "ingest"},
    "rag.languages": set(),
    "rag.llm": set(),
    "rag.speech": set(),
    "rag.question": {"languages", "llm", "speech"},
    "rag.retrieval": {"question"},
    "rag.reading": {"languages", "question", "retrieval", "speech"},
    "rag.answer": {"languages", "llm", "question", "reading", "speech"},
    "rag.verify": {"answer", "llm", "reading", "retrieval", "speech"},
    "ui.logs": set(),
    "ui.conversations": set(),
    "ui.library": set(),
    "ui.core": {"conversations", "logs"},
    "ui.auth": {"core", "logs"},
    "ui.api": {"auth", "conversations", "core"},
    "ui.web": {"conversations", "core", "library", "logs"},
    "ui.server": {"auth", "core", "logs", "web"},
    "ui.cli": {"api", "auth", "conversations", "core", "library", "logs", "server", "web"},
    "evals.stats": set(),
    "evals.datasets": set(),
    "evals.scoring": {"datasets"},
    "evals.runner": {"datasets", "scoring", "stats"},
    "evals.report": {"runner", "scoring", "stats"},
    "evals.commands": {"datasets", "report", "runner", "scoring", "stats"},
    "evals.web": {"datasets", "report", "runner", "scoring"},
    "evals.research": {"datasets", "scoring", "stats"},
}


def modules() -> dict[str, Path]:
    """Every module of ours by its dotted name."""
    found = {}
    for package in ALLOWED:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


MODULES = modules()


def imported(path: Path) -> Iterator[str]:
    """The modules of ours that a file imports anywhere, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in ALLOWED)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ALLOWED:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


def room_of(module: str) -> str:
    """The room that a module lies in; empty for one that lies beside the rooms."""
    room = ".".join(module.split(".")[:2])
    return room if "." in room and (ROOT / room.replace(".", "/")).is_dir() else ""


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_a_package_imports_only_the_layers_below_it(package: str) -> None:
    mine = {name: path for name, path in MODULES.items() if name.split(".")[0] == package}
    assert mine
    packages = {name: {other.split(".")[0] for other in imported(path)} for name, path in mine.items()}
    assert {name: wrong for name, used in packages.items() if (wrong := used - ALLOWED[package])} == {}


def test_every_room_is_listed() -> None:
    folders = {
        ".".join(path.parts[-2:])
        for package in ALLOWED
        for path in (ROOT / package).iterdir()
        if list(path.glob("*.py"))
    }
    assert folders == set(ROOMS)


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    package = room.split(".", maxsplit=1)[0]
    allowed = {"", room} | {f"{package}.{name}" for name in ROOMS[room]}
    wrong = {
        (name, other)
        for name, path in MODULES.items()
        if room_of(name) == room
        for other in imported(path)
        if other.split(".")[0] == package and room_of(other) not in allowed
    }
    assert wrong == set()


def test_no_circle_of_files() -> None:
    uses = {name: set(imported(path)) - {name} for name, path in MODULES.items()}
    while without := {name for name, used in uses.items() if not used & set(uses)}:
        uses = {name: used for name, used in uses.items() if name not in without}
    assert uses == {}, "each of these is in a circle or imports one that is"


def test_no_module_uses_llama_index_global_settings() -> None:
    for path in MODULES.values():
        assert "llama_index.core import Settings" not in path.read_text(encoding="utf-8"), path


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from ui.cli.arguments import parser; parser().format_help();"
        "print([m for m in ('torch', 'chromadb', 'gradio', 'llama_index', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
