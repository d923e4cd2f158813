"""A browser, and the chat over a few documents to use it on.

Every page that a test opens is watched: a request to anywhere but the chat itself, a
dialog, or an error in the page's script fails the test.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page, Request

ROOT = Path(__file__).parents[2]
PATIENCE = 90_000
"""Milliseconds that a condition is waited for; a busy machine takes its time."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

HOSTILE_NAME = "<img src=x onerror=alert(1)>.txt"
HOSTILE_TITLE = "[click](javascript:alert(2)) \u202egnp.exe"
HOSTILE_QUOTE = (
    "Mallory Quux praised **bold** [links](https://example.com/x), "
    "![images](https://example.com/y.png), $$latex$$, ${alert(5)}, {{value}}, <b>tags</b>, "
    "zero\u200bwidth and \u202ereversed\u202c words in </div></mark></section> Quuxville."
)
HOSTILE = f"""{HOSTILE_TITLE}

<script>alert(3)</script><img src=x onerror=alert(4)>

{HOSTILE_QUOTE}
"""


def chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next(filter(None, map(shutil.which, names)), None)
    if not found:
        pytest.fail(
            "The browser tests need Chromium or Chrome on the PATH: install one "
            "(Debian: apt install chromium), or leave them out with -m 'not browser'."
        )
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import expect, sync_playwright

    path = chromium()
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield launched
        launched.close()


Opener = Callable[..., "Page"]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Opener]:
    """Opens an address in a browser session of its own; takes ``new_context``'s options."""
    contexts = []
    seen: list[str] = []

    def opened(url: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        local = (f"{url}/", "data:", "blob:")

        def requested(request: Request) -> None:
            if not request.url.startswith(local):
                seen.append(f"request: {request.url}")

        def asked(dialog: Dialog) -> None:
            seen.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        page.on("request", requested)
        page.on("dialog", asked)
        page.on("pageerror", lambda error: seen.append(f"error: {error}"))
        page.goto(url)
        page.wait_for_selector("#shelf [data-count]", state="attached")
        page.wait_for_selector(".welcome")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert seen == []


@pytest.fixture(scope="session")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the chat over the seeds, a hostile file and one that is empty."""
    from rag.assistant import Assistant
    from rag.settings import Settings
    from ui.app import build
    from ui.server import running

    documents = tmp_path_factory.mktemp("documents")
    for seed in (ROOT / "seeds").iterdir():
        shutil.copy(seed, documents)
    (documents / HOSTILE_NAME).write_text(HOSTILE, "utf-8")
    (documents / "blank.txt").write_text("", "utf-8")
    settings = Settings(documents=documents, store=tmp_path_factory.mktemp("store"))
    with (
        Assistant.open(settings=settings) as assistant,
        running(lambda: build(assistant)) as address,
    ):
        yield address
