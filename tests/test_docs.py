"""What is written about the project holds: links lead somewhere, the settings page is that of the code."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from ui.cli.settings_page import settings_page

PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)
_LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")


def test_the_settings_page_is_made_from_the_settings() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text("utf-8") == settings_page(), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    missing = [link for link in _LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert missing == []


def test_every_page_stands_in_the_navigation() -> None:
    navigation = (ROOT / ".mkdocs.yml").read_text("utf-8")
    decisions = (ROOT / "docs" / "decisions" / "index.md").read_text("utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name in navigation
    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        assert page.name in decisions or page.name == "index.md"


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 90


def test_the_programs_in_the_documentation_run(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "python.md").read_text("utf-8")
    programs = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    done = subprocess.run(
        [sys.executable, "-c", "".join(programs)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Article 5" in done.stdout
    assert "supported" in done.stdout
    assert "article-03" in done.stdout
