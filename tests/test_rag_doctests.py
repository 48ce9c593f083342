"""The examples in the docstrings of ``rag`` hold, among them one for each of its public names."""

import doctest
import pkgutil
from datetime import date
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import rag
from index import IndexConfig, index_folder
from rag.schema import Turn

MODULES = sorted(module.name for module in pkgutil.walk_packages(rag.__path__, "rag."))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose index holds one small document."""
    made = tmp_path_factory.mktemp("example")
    documents = made / "documents"
    documents.mkdir()
    (documents / "bridge.txt").write_text("The new bridge opened in May 2024. It carries the tram.", encoding="utf-8")
    index_folder(documents, IndexConfig(data_dir=made / "data"))
    return made / "data"


@pytest.mark.parametrize("name", MODULES)
def test_examples_hold(name: str, data: Path) -> None:
    module = import_module(name)
    known = vars(module) | {"IndexConfig": IndexConfig, "Turn": Turn, "data_dir": data, "date": date, "np": np}
    finder, runner = doctest.DocTestFinder(exclude_empty=True), doctest.DocTestRunner()
    for test in finder.find(module, name, globs=known):
        runner.run(test)
    assert runner.failures == 0


@pytest.mark.parametrize("name", rag.__all__)
def test_a_public_name_carries_an_example(name: str) -> None:
    assert ">>>" in (getattr(rag, name).__doc__ or "")
