"""Refuses every way out of this machine, and remembers who tried."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

attempts: list[str] = []
"""What was refused since the list was last cleared."""


class NetworkUsed(AssertionError):
    """A test reached for another machine."""


def refuse(patch: pytest.MonkeyPatch) -> None:
    """Refuse connections and look-ups of other hosts until ``patch`` is undone."""
    for name in ("connect", "connect_ex", "sendto"):
        patch.setattr(socket.socket, name, _guarded_socket(getattr(socket.socket, name)))
    for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr"):
        patch.setattr(socket, name, _guarded_lookup(getattr(socket, name)))


def _guarded_socket(real: Any) -> Any:
    def guarded(self: socket.socket, *args: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = args[-1][0]
            if not _is_loopback(host):
                _refuse(f"{real.__name__} to {host}")
        return real(self, *args)

    return guarded


def _guarded_lookup(real: Any) -> Any:
    def guarded(host: Any, *args: Any, **more: Any) -> Any:
        if not _needs_no_server(host):
            _refuse(f"look-up of {host}")
        return real(host, *args, **more)

    return guarded


def _refuse(what: str) -> None:
    attempts.append(what)
    raise NetworkUsed(f"{what} was refused: tests stay on this machine")


def _is_loopback(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _needs_no_server(host: str | bytes | None) -> bool:
    """A name that is answered without asking another machine: none, local or numeric."""
    name = host.decode() if isinstance(host, bytes) else host
    if not name or name in {"localhost", socket.gethostname()}:
        return True
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True
