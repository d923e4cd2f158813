"""The guard that proves the other tests stay on this machine."""

from __future__ import annotations

import contextlib
import errno
import socket
from urllib.request import urlopen

import pytest

from tests import network

OUTSIDE = "192.0.2.1"  # for documentation, nobody's (RFC 5737)


@pytest.fixture(autouse=True)
def _expected(_report_network: None) -> object:
    """What these tests try is refused on purpose."""
    yield
    network.attempts.clear()


@pytest.mark.parametrize(
    ("family", "address"),
    [
        (socket.AF_INET, (OUTSIDE, 80)),
        (socket.AF_INET, ("0.0.0.0", 80)),
        (socket.AF_INET, ("example.org", 80)),
        (socket.AF_INET6, ("2001:db8::1", 80)),
        (socket.AF_INET6, ("::ffff:192.0.2.1", 80, 0, 0)),
    ],
)
def test_other_hosts_are_refused(family: int, address: tuple[str, int]) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as stream:
        with pytest.raises(network.NetworkUsed, match="refused"):
            stream.connect(address)
        with pytest.raises(network.NetworkUsed):
            stream.connect_ex(address)
    with socket.socket(family, socket.SOCK_DGRAM) as datagrams:
        with pytest.raises(network.NetworkUsed):
            datagrams.sendto(b"?", address)
        with pytest.raises(network.NetworkUsed):
            datagrams.sendto(b"?", 0, address)
    assert len(network.attempts) == 4


@pytest.mark.parametrize(
    "look_up",
    [
        lambda: socket.getaddrinfo("example.org", 80),
        lambda: socket.gethostbyname("example.org"),
        lambda: socket.create_connection(("example.org", 80)),
        lambda: urlopen("http://example.org/"),
    ],
)
def test_names_of_other_hosts_are_not_looked_up(look_up: object) -> None:
    with pytest.raises(network.NetworkUsed, match="example"):
        look_up()  # type: ignore[operator]


def test_an_attempt_whose_error_is_caught_is_remembered() -> None:
    with socket.socket() as stream, contextlib.suppress(Exception):
        stream.connect((OUTSIDE, 80))
    assert network.attempts == [f"connect to {OUTSIDE}"]


def test_this_machine_is_within_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "localhost"):
            with socket.create_connection((host, port)):
                pass
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as stream:
        assert stream.connect_ex(("127.0.0.2", port)) == errno.ECONNREFUSED
    left, right = socket.socketpair()
    with left, right:
        left.sendall(b"x")
        assert right.recv(1) == b"x"
    assert network.attempts == []
