"""Put on a command's path by the tests: writes every attempt to leave the machine to ``NETWORK_LOG``, and stops it."""

import ipaddress
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

_LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")


def loopback_only(stop: Callable[[str], Exception]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """``socket.connect`` and ``getaddrinfo`` that raise what ``stop`` makes of an attempt to leave the machine."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and not str(address[0]).startswith(_LOOPBACK):
            raise stop(f"connection to {address}")
        return connect(self, address)

    def guarded_look_up(host: Any, *rest: Any, **more: Any) -> Any:
        if host is not None and not str(host).startswith(_LOOPBACK) and not _numeric(str(host)):
            raise stop(f"look-up of {host}")
        return look_up(host, *rest, **more)

    return guarded_connect, guarded_look_up


def _numeric(host: str) -> bool:
    """Whether it is an address already, whose look-up asks nobody."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _write(attempt: str) -> OSError:
    with Path(os.environ["NETWORK_LOG"]).open("a") as log:
        log.write(f"{attempt}\n")
    return OSError(f"the network is off: {attempt}")


if "NETWORK_LOG" in os.environ:
    socket.socket.connect, socket.getaddrinfo = loopback_only(_write)  # type: ignore[method-assign]
