"""The guard that every other test stands behind."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import NetworkBlockedError, watched


def test_leaving_the_machine_is_stopped_and_noted(no_network: list[str]) -> None:
    with pytest.raises(NetworkBlockedError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(NetworkBlockedError):
        socket.getaddrinfo("example.org", 443)
    assert len(no_network) == 2
    no_network.clear()


def test_loopback_is_open() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        socket.create_connection(server.getsockname(), timeout=1).close()


def test_a_command_that_leaves_the_machine_is_noted(tmp_path: Path) -> None:
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    log = tmp_path / "log"
    assert subprocess.run([sys.executable, "-c", code], env=watched(log), check=False, capture_output=True).returncode
    assert "192.0.2.1" in log.read_text()
