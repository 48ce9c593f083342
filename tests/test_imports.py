"""The layers: index imports none of ours, rag only index, ui and evals never each other."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"index", "rag", "ui", "evals"}
ALLOWED = {
    "index": {"index"},
    "rag": {"rag", "index"},
    "ui": {"ui", "rag", "index"},
    "evals": {"evals", "rag", "index"},
}


def imported(path: Path) -> set[str]:
    """The top-level packages a file imports anywhere, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_a_package_imports_only_the_layers_below_it(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    wrong = {str(f.relative_to(ROOT)): imported(f) & OURS - ALLOWED[package] for f in files}
    assert {name: packages for name, packages in wrong.items() if packages} == {}


def test_no_module_uses_llama_index_global_settings() -> None:
    for package in OURS:
        for path in (ROOT / package).rglob("*.py"):
            assert "llama_index.core import Settings" not in path.read_text(encoding="utf-8"), path


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from ui.cli.arguments import parser; parser().format_help();"
        "print([m for m in ('torch', 'chromadb', 'gradio', 'llama_index', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
