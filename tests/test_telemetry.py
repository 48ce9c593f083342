"""Nothing reports home: dependencies are switched off before they are imported, and what runs is watched natively.

A guard in Python sees no connection that a library makes in C or Rust, so the processes run under strace.
"""

import ipaddress
import json
import logging
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import ROOT, SEEDS
from llm_server import smol_file
from web_fixtures import free_port

from index.config import IndexConfig
from index.system.telemetry import SWITCHES, switch_off_telemetry

STRACE = shutil.which("strace")
TRACED = [str(STRACE), "-f", "--seccomp-bpf", "-s", "256", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o"]
# onnxruntime first looks up where to report to about nine seconds after it was loaded.
KEPT_OPEN = 11
_KEPT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "TMPDIR", "OMP_NUM_THREADS")
_RESOLVERS = ("io.systemd.Resolve", "avahi-daemon")
_ADDRESS = re.compile(r"\{sa_family=.*?\}")


def users_environment(home: Path, **more: str) -> dict[str, str]:
    """That of a user whose home is ``home``: no switch is set, nor ``CI``, with which onnxruntime reports nothing."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # The graph of the model is made once a machine, by torch, in half a minute.
    cache = str(IndexConfig().cache_dir.expanduser())
    return kept | {"HOME": str(home), "ONRECORD_CACHE_DIR": cache} | more


def trace(log: Path, command: Sequence[str], environment: dict[str, str]) -> str:
    """Run ``command`` and all it starts under strace, which writes to ``log``; what it prints."""
    if STRACE is None:
        pytest.skip("strace, which sees what native code does, is not on this machine: make system")
    if subprocess.run([*TRACED, os.devnull, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody trace, so what native code does is not seen")
    whole = [*TRACED, str(log), *command]
    done = subprocess.run(
        whole, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False, stdin=subprocess.DEVNULL
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def attempts(log: Path) -> list[str]:
    """The lines of ``log`` with a connection or message beyond loopback, or with a look-up of a name."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in lines if any(_leaves(address) for address in _ADDRESS.findall(line))]


def _leaves(address: str) -> bool:
    if "AF_UNIX" in address:
        return any(resolver in address for resolver in _RESOLVERS)
    if "AF_INET" not in address:
        return "AF_NETLINK" not in address and "AF_UNSPEC" not in address
    found = re.search(r"port=htons\((\d+)\).*\"([^\"]+)\"", address)
    assert found, address
    host: Any = ipaddress.ip_address(found[2])
    host = getattr(host, "ipv4_mapped", None) or host
    return found[1] == "53" or not (host.is_loopback or host.is_unspecified)


def test_the_trace_shows_what_leaves_the_machine(tmp_path: Path) -> None:
    code = """
import os, socket
if child := os.fork():
    os.waitpid(child, 0)
else:
    udp = lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp().connect(("127.0.0.1", 9))
    udp().connect(("192.0.2.1", 9))  # which sends nothing
    udp().sendto(b"look-up", ("127.0.0.53", 53))
    udp().sendmsg([b"look-up"], [], 0, ("127.0.0.53", 53))
    try:
        socket.socket(socket.AF_UNIX).connect("/tmp/no/io.systemd.Resolve")
    except OSError:
        pass
"""
    log = tmp_path / "log"
    trace(log, [sys.executable, "-c", code], users_environment(tmp_path))
    seen = attempts(log)
    assert len(seen) == 4
    for one, words in zip(seen, ["192.0.2.1", "sendto", "sendmsg", "AF_UNIX"], strict=True):
        assert words in one


def use_every_day(folder: Path, questions: Sequence[str], **settings: str) -> dict[str, Any]:
    """Index, chat, ask and measure as a user does; what came of it, none of which left the machine or a trace."""
    home, log = folder / "home", folder / "log"
    home.mkdir()
    script = [sys.executable, str(ROOT / "tests" / "everyday_use.py")]
    command = [*script, str(folder), str(free_port()), str(KEPT_OPEN), *questions]
    said: dict[str, Any] = json.loads(trace(log, command, users_environment(home, **settings)))
    assert '"127.0.0.1"' in log.read_text(), "the questions themselves were not seen"
    assert attempts(log) == []
    assert list(home.rglob("*")) == [], "something is kept in the user's home, to be sent another time perhaps"
    return said


def test_nothing_leaves_the_machine_in_everyday_use(tmp_path: Path) -> None:
    questions = (SEEDS / "questions.txt").read_text(encoding="utf-8").splitlines() * 2
    said = use_every_day(tmp_path, questions)
    assert len(said["chat"]) == 10
    assert "Article 5" in said["ask"]
    assert said["eval"]["summary"]["cases"]["answered"] == 2


@pytest.mark.slow
def test_nothing_leaves_the_machine_with_torch_and_llama_cpp(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    question = "What did Hegseth say about Article 5?"
    said = use_every_day(tmp_path, [question], ONRECORD_BACKEND="torch", ONRECORD_LLM=f"gguf/{smol_file()}")
    assert said["chat"][0]["timings"]["write"] > 0


@pytest.mark.parametrize("package", ["index", "rag", "ui", "evals"])
def test_who_imports_a_package_switches_onnxruntime_off(package: str, tmp_path: Path) -> None:
    code = f"import {package}, os, onnxruntime; print({{n: os.environ.get(n) for n in {list(SWITCHES)}}})"
    env = users_environment(tmp_path)
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(dict(SWITCHES))
    assert list(tmp_path.rglob("*")) == []


def test_what_somebody_chose_is_left() -> None:
    environ = {"ORT_DISABLE_TELEMETRY": "0", "GRADIO_ANALYTICS_ENABLED": "", "HOME": "/root"}
    switch_off_telemetry(environ, {"onnxruntime": None})
    assert environ == {**SWITCHES, "ORT_DISABLE_TELEMETRY": "0", "HOME": "/root"}


def test_an_onnxruntime_imported_before_is_told_to_stop(caplog: pytest.LogCaptureFixture) -> None:
    told: list[bool] = []
    before = {"onnxruntime": SimpleNamespace(disable_telemetry_events=lambda: told.append(True))}
    environ: dict[str, str] = {}
    with caplog.at_level(logging.WARNING):
        switch_off_telemetry(environ, before)
        switch_off_telemetry(environ, before)
    assert environ == SWITCHES
    assert told == [True]
    assert len(caplog.messages) == 1
    assert "Set ORT_DISABLE_TELEMETRY=1" in caplog.messages[0]
