"""Put on a command's path by the tests: writes every attempt to leave the machine to ``NETWORK_LOG``, and stops it."""

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

_LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")
_connect, _look_up = socket.socket.connect, socket.getaddrinfo


def _attempted(what: str) -> OSError:
    with Path(os.environ["NETWORK_LOG"]).open("a") as log:
        log.write(f"{what}\n")
    return OSError(f"the network is off: {what}")


def _numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def connect(self: socket.socket, address: Any) -> Any:
    if isinstance(address, tuple) and not str(address[0]).startswith(_LOOPBACK):
        raise _attempted(f"connection to {address}")
    return _connect(self, address)


def look_up(host: Any, *rest: Any, **more: Any) -> Any:
    if host is not None and not str(host).startswith(_LOOPBACK) and not _numeric(str(host)):
        raise _attempted(f"look-up of {host}")
    return _look_up(host, *rest, **more)


if "NETWORK_LOG" in os.environ:
    socket.socket.connect = connect  # type: ignore[method-assign]
    socket.getaddrinfo = look_up
