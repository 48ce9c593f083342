"""``onrecord`` as a user types it: run in this process, which costs no start and loads each model once.

What starts, signals and ends a process of its own is tested in test_streams.py and test_end_to_end.py.
"""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from functools import cache
from pathlib import Path
from unittest.mock import patch

from no_network.sitecustomize import loopback_only

from index.config import IndexConfig
from index.embedding import factory
from index.embedding.onnx import OnnxEmbedder
from index.embedding.onnx_export import Precision
from ui.cli.main import main

_load = factory.onnx_embedder


@cache
def _loaded(model: str, cache_dir: Path, precision: Precision) -> OnnxEmbedder:
    return _load(IndexConfig(model=model, cache_dir=cache_dir), precision)


def loaded_once(config: IndexConfig, precision: Precision) -> OnnxEmbedder:
    """Stand in for ``onnx_embedder``: the models that are packaged are loaded once by a process already."""
    return _loaded(config.model, config.cache_dir, precision)


@contextmanager
def _environment(cwd: Path, environ: dict[str, str]) -> Iterator[None]:
    """In ``cwd``, without settings but those of ``environ``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ONRECORD_")}
    with chdir(cwd), patch.dict(os.environ, kept | environ, clear=True):
        yield


@contextmanager
def _nothing_leaves() -> Iterator[None]:
    attempts: list[str] = []

    def stop(attempt: str) -> OSError:
        attempts.append(attempt)
        return OSError(f"the network is off: {attempt}")

    connect, look_up = loopback_only(stop)
    with patch("socket.socket.connect", connect), patch("socket.getaddrinfo", look_up):
        yield
    assert attempts == []


def run_bytes(
    *arguments: str | Path, cwd: Path, encoding: str = "utf-8", errors: str = "strict", **environ: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command in ``cwd`` with an output of ``encoding`` and ``errors``; what it wrote, as it wrote it."""
    words = [str(argument) for argument in arguments]
    written, said = io.BytesIO(), io.BytesIO()
    out = io.TextIOWrapper(written, encoding=encoding, errors=errors)
    error = io.TextIOWrapper(said, encoding=encoding, errors="backslashreplace")  # as Python opens it
    with (
        _environment(cwd, environ),
        _nothing_leaves(),
        patch.object(factory, "onnx_embedder", loaded_once),
        patch.object(sys, "stdout", out),
        patch.object(sys, "stderr", error),
    ):
        code = main(words)
    return subprocess.CompletedProcess(words, code, written.getvalue(), said.getvalue())


def run(*arguments: str | Path, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command in ``cwd``; what it printed."""
    done = run_bytes(*arguments, cwd=cwd, **environ)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def failed_in_one_line(done: subprocess.CompletedProcess[str], *expected: str) -> None:
    """It failed as a user's mistake does, in one line with each of the ``expected`` words."""
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("onrecord: ")
    for words in expected:
        assert words in lines[0]
