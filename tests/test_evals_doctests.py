"""The examples in the docstrings of what a newcomer calls first do what they say."""

import doctest
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from eval_fixtures import make_index, prepared_set, write_documents
from report_runs import a_run

import evals
from index.storage.open import open_for_reading

MODULES = sorted({getattr(evals, name).__module__ for name in evals.__all__} | {"evals.report.page.markup"})


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str, tmp_path: Path) -> None:
    config = make_index(tmp_path / "data", write_documents(tmp_path / "documents"))
    with open_for_reading(config) as store:
        found = {
            "folder": tmp_path, "store": store, "prepared": prepared_set(), "run": a_run(finished=""), "replace": replace
        }  # fmt: skip
        results = doctest.testmod(import_module(name), extraglobs=found)
    assert results.attempted > 0
    assert results.failed == 0


@pytest.mark.parametrize("name", evals.__all__)
def test_every_public_name_has_an_example(name: str) -> None:
    assert ">>> " in (getattr(evals, name).__doc__ or "")
