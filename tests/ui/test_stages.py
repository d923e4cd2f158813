"""Answers that take long, fail or are given up, over a reader that does as it is told."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rag.assistant import Assistant
from rag.errors import StoreError
from rag.read import Span
from rag.settings import Settings
from rag.types import Hit
from tests.fakes import WordEmbedder, write_files
from tests.ui.conftest import Opener
from ui.app import build
from ui.server import running

pytestmark = pytest.mark.browser


class Obedient:
    """Reads when it is let, and fails when it is asked to.

    It is asked "what" only: whether something is so is answered by positions instead.
    """

    def __init__(self) -> None:
        self.may_read = threading.Event()
        self.may_read.set()

    def read(self, question: str, hits: Sequence[Hit]) -> list[Span]:
        assert self.may_read.wait(60)
        if "locked" in question:
            raise StoreError("The index is <locked>: try again.")
        if "broken" in question:
            raise ZeroDivisionError("secret detail")
        passage = hits[0].passage
        return [Span(hits[0], passage.start, passage.end, 0.95)]


@pytest.fixture
def reader() -> Obedient:
    return Obedient()


@pytest.fixture
def slow_chat(tmp_path: Path, reader: Obedient) -> Iterator[str]:
    folder = write_files(
        tmp_path / "documents", {"a.txt": "The bridge is closed.", "b.txt": "The mill is open."}
    )
    settings = Settings(documents=folder, store=tmp_path / "store")
    with (
        Assistant.open(settings=settings, embedder=WordEmbedder(), reader=reader) as assistant,
        running(lambda: build(assistant)) as address,
    ):
        yield address
        reader.may_read.set()


def held_up(page: Page, reader: Obedient) -> None:
    """A question that is being read, until ``may_read`` is set."""
    reader.may_read.clear()
    page.locator("#question textarea").fill("What is closed?")
    page.keyboard.press("Enter")
    expect(page.locator(".stage [role=status]")).to_have_text("Reading 2 passages")


def test_each_stage_is_shown(slow_chat: str, open_page: Opener, reader: Obedient) -> None:
    page = open_page(slow_chat)
    held_up(page, reader)
    box = page.locator("#question textarea")
    expect(box).to_have_value("")
    # A second question waits in its box until the first one is answered.
    box.fill("What is open?")
    with page.expect_response(lambda response: "run/predict" in response.url):
        page.keyboard.press("Enter")
    reader.may_read.set()
    expect(page.locator(".answer.answered")).to_have_count(1)
    expect(page.locator(".stage")).to_have_count(0)
    expect(page.locator(".turn")).to_have_count(1)
    expect(box).to_have_value("What is open?")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator(".answer.answered")).to_have_count(2)


def test_how_sure_it_must_be_can_change_while_it_reads(
    slow_chat: str, open_page: Opener, reader: Obedient
) -> None:
    page = open_page(slow_chat)
    held_up(page, reader)
    page.get_by_role("slider").fill("96")
    expect(page.locator("#sure output")).to_have_text("96%")
    reader.may_read.set()
    expect(page.locator(".answer.closest")).to_have_count(1)
    page.get_by_role("slider").fill("95")
    expect(page.locator(".answer.answered")).to_have_count(1)


def test_a_conversation_that_is_given_up_does_not_come_back(
    slow_chat: str, open_page: Opener, reader: Obedient
) -> None:
    page = open_page(slow_chat)
    held_up(page, reader)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".welcome")).to_be_visible()
    # The reader is still at the first question; the next one is not lost over that.
    page.locator("#question textarea").fill("What is open?")
    page.keyboard.press("Enter")
    expect(page.locator(".stage [role=status]")).to_have_text("Reading 2 passages")
    reader.may_read.set()
    expect(page.locator(".answer.answered")).to_have_count(1)
    expect(page.locator(".turn")).to_have_count(1)
    expect(page.locator(".asked")).to_have_text("What is open?")


def test_errors_are_told_and_the_chat_goes_on(
    slow_chat: str, open_page: Opener, caplog: pytest.LogCaptureFixture
) -> None:
    page = open_page(slow_chat)

    def ask(question: str) -> None:
        page.locator("#question textarea").fill(question)
        page.keyboard.press("Enter")

    ask("What is locked?")
    expect(page.locator(".failed .reason")).to_have_text("The index is <locked>: try again.")
    with caplog.at_level(logging.ERROR):
        ask("What is broken?")
        expect(page.locator(".failed")).to_have_count(2)
    expect(page.locator(".failed").last).to_contain_text("not foreseen")
    assert "secret detail" not in page.content()
    assert "secret detail" in caplog.text
    ask("What is open?")
    expect(page.locator(".answer.answered")).to_have_count(1)


def test_without_documents_it_says_so(tmp_path: Path, open_page: Opener) -> None:
    (tmp_path / "nothing").mkdir()
    settings = Settings(documents=tmp_path / "nothing", store=tmp_path / "store")
    with (
        Assistant.open(settings=settings, embedder=WordEmbedder()) as assistant,
        running(lambda: build(assistant)) as address,
    ):
        page = open_page(address)
        expect(page.locator(".welcome")).to_contain_text("There are no documents yet")
        page.locator("#question textarea").fill("What is open?")
        page.keyboard.press("Enter")
        expect(page.locator(".declined")).to_contain_text("There are no documents")
        page.locator("#files input").set_input_files(
            {"name": "mill.txt", "mimeType": "text/plain", "buffer": b"The mill is open."}
        )
        expect(page.locator("#shelf .open")).to_have_text("The mill is open.")
        page.get_by_role("button", name="New conversation").click()
        expect(page.locator(".welcome")).not_to_contain_text("no documents yet")
