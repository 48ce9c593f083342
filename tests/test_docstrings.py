"""The examples in docstrings give what they say."""

import doctest
from importlib import import_module

import pytest

EXAMPLES = (
    "index.chunking.chunk",
    "index.config",
    "index.ingest.folder",
    "index.reading.load",
    "index.schema",
    "index.text.dates",
    "index.text.sentences",
    "index.text.terms",
)


@pytest.mark.parametrize("module", EXAMPLES)
def test_examples_in_docstrings_run(module: str) -> None:
    done = doctest.testmod(import_module(module))
    assert done.attempted and not done.failed


def test_every_public_name_of_the_index_has_an_example() -> None:
    import index

    for name in index.__all__:
        assert any(found.examples for found in doctest.DocTestFinder().find(getattr(index, name), name)), name
