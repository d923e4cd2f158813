"""Answers that a language model writes, on the page: quotes first, stopping, what was removed."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

import rag.support
from rag.assistant import Assistant
from rag.llm import Messages
from rag.settings import Settings
from tests.fakes import WordEmbedder, write_files
from tests.test_verify import Judge
from tests.ui.conftest import Opener
from tests.ui.test_stages import Obedient
from ui.app import build
from ui.server import running

pytestmark = pytest.mark.browser

INVENTED = "It was <b>painted</b> by elves, see http://evil.example [1]."


class Held:
    """A model that writes its second half when it is let."""

    name = "held <i>model</i>"

    def __init__(self) -> None:
        self.may_go_on = threading.Event()
        self.given_up = threading.Event()

    def write(self, messages: Messages) -> Generator[str, None, None]:
        try:
            yield "The bridge is closed today [1]. "
            yield f"{INVENTED} "
            while not self.may_go_on.wait(0.05):
                yield ""
            yield "The mill is open [2]. And so on."
        finally:
            self.given_up.set()


@pytest.fixture
def model() -> Held:
    return Held()


@pytest.fixture
def chat(tmp_path: Path, model: Held, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(rag.support, "load_support", lambda: Judge())
    folder = write_files(
        tmp_path / "documents",
        {"a.txt": "The bridge is closed today.", "b.txt": "The mill is open."},
    )
    settings = Settings(documents=folder, store=tmp_path / "store")
    with Assistant.open(settings=settings, embedder=WordEmbedder(), reader=Obedient()) as assistant:
        assistant.write_with(model)
        with running(lambda: build(assistant)) as address:
            yield address
        model.may_go_on.set()


def test_quotes_then_sentences_then_what_was_removed(
    chat: str, open_page: Opener, model: Held
) -> None:
    page = open_page(chat)
    page.locator("#question textarea").fill("What is closed?")
    page.keyboard.press("Enter")
    expect(page.locator(".claim")).to_have_count(1)
    expect(page.locator(".stage")).to_contain_text("each sentence is checked")
    expect(page.locator(".stage")).to_contain_text("held <i>model</i>")
    model.may_go_on.set()
    expect(page.locator(".written")).to_have_count(2)
    expect(page.locator(".written").first).to_contain_text("The bridge is closed today. [1]")
    expect(page.locator(".stage")).to_have_count(0)
    expect(page.locator(".by")).to_contain_text("Written by held <i>model</i>")
    page.locator(".removed summary").click()
    expect(page.locator(".removed li").first).to_contain_text("holds a link or markup")
    assert page.locator("#conversation b, #conversation a[href^=http]").count() == 0
    page.locator(".written a.marker").last.click()
    expect(page.locator("#source .selected")).to_have_text("The mill is open.")


def test_stopping_leaves_what_there_is_and_ends_the_model(
    chat: str, open_page: Opener, model: Held
) -> None:
    page = open_page(chat)
    page.locator("#question textarea").fill("What is closed?")
    page.keyboard.press("Enter")
    expect(page.locator(".written")).to_have_count(1)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".stage")).to_have_count(0)
    expect(page.locator(".note")).to_contain_text("stopped")
    expect(page.locator(".written")).to_have_count(1)
    assert model.given_up.wait(60)
    page.locator("#question textarea").fill("What is open?")
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(2)
    model.may_go_on.set()
    expect(page.locator(".stage")).to_have_count(0)


def test_a_model_can_be_set_and_given_up_on_the_page(
    chat: str, open_page: Opener, model: Held
) -> None:
    model.may_go_on.set()
    page = open_page(chat)
    page.get_by_role("button", name="Documents").click()
    page.locator("#model button.label-wrap").click()
    expect(page.locator("#model-status")).to_contain_text("held <i>model</i>")
    page.locator("#llm-url input, #llm-url textarea").fill("http://127.0.0.1:9/v1")
    page.locator("#llm-model input, #llm-model textarea").fill("tiny")
    page.locator("#llm-key input").fill("secret-key")
    page.locator("#llm-use").click()
    expect(page.locator(".model-bad")).to_contain_text("there is no connection")
    expect(page.locator("#llm-key input")).to_have_value("")
    expect(page.locator("#model-status")).to_contain_text("held <i>model</i>")
    page.locator("#llm-stop").click()
    expect(page.locator("#model-status")).to_contain_text("Answers are quotes")
    page.locator("#question textarea").fill("What is closed?")
    page.keyboard.press("Enter")
    expect(page.locator(".answer.answered")).to_have_count(1)
    expect(page.locator(".written")).to_have_count(0)
    assert "secret-key" not in page.content()
