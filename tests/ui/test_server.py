"""The address that the chat is served at, and what it sends along."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import gradio as gr
import pytest

from rag.errors import SaysoError
from ui import server


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    def make() -> gr.Blocks:
        with gr.Blocks(analytics_enabled=False) as page:
            gr.HTML("hello")
        return page

    with server.running(make) as address:
        yield address


def get(address: str, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_a_port_in_use_is_named_with_what_to_do() -> None:
    with server.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SaysoError, match=rf"Port {port} .*SAYSO_PORT"):
            server.listen("127.0.0.1", port)


def test_an_address_of_another_machine() -> None:
    with pytest.raises(SaysoError, match="SAYSO_PORT"):
        server.listen("192.0.2.1", 0)


def test_port_0_takes_a_free_one() -> None:
    with server.listen("127.0.0.1", 0) as one, server.listen("127.0.0.1", 0) as other:
        assert 0 != one.getsockname()[1] != other.getsockname()[1]
        assert server.address("127.0.0.1", one) == f"http://127.0.0.1:{one.getsockname()[1]}"


def test_an_ipv6_address_is_bracketed() -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert server.address("::1", bound).startswith("http://[::1]:")


def test_the_page_may_load_from_itself_only(address: str) -> None:
    answer = get(address, "/")
    assert answer.status == 200
    policy = answer.getheader("content-security-policy") or ""
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_another_name_for_this_machine_is_refused(address: str) -> None:
    assert get(address, "/", Host="attacker.example").status == 400
    assert get(address, "/", Host=f"localhost:{urlsplit(address).port}").status == 200


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/gradio_api/runs"])
def test_nothing_else_is_served(address: str, path: str) -> None:
    assert get(address, path).status == 404


def test_the_theme_names_no_font_of_another_site() -> None:
    theme = server.theme()
    assert theme._stylesheets == []
    assert theme._font_css == []


def test_it_prints_its_address_and_stops_quietly() -> None:
    code = """
import ui.app
import gradio as gr
from ui.server import run
run(lambda: gr.Blocks(analytics_enabled=False), "127.0.0.1", 0)
"""
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        line = process.stdout.readline()
        assert line.startswith("Sayso is at http://127.0.0.1:")
        connection = http.client.HTTPConnection(urlsplit(line.split()[-1]).netloc, timeout=60)
        connection.request("GET", "/")  # answered once it is up
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
        # As an open page does; it must neither delay the end nor be reported.
        connection.request("GET", "/gradio_api/heartbeat/session")
        assert connection.getresponse().status == 200
        process.send_signal(signal.SIGINT)
        process.wait(60)
        assert process.stderr.read() == ""
        connection.close()
