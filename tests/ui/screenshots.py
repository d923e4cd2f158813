"""Pictures of the chat, for looking at it: ``python -m tests.ui.screenshots OUT_DIR``.

``1280-light-answer.png`` is the one that is kept as ``ui/screenshot.png``.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from rag.assistant import Assistant
from rag.settings import Settings
from tests.ui.conftest import FLAGS, HOSTILE, HOSTILE_NAME, PATIENCE, ROOT
from ui.app import build
from ui.server import running

SIZES = {"1280": (1280, 900), "390": (390, 844)}
FIRST = "In what words did Hajizada describe Sobhani's comments?"
SECOND = "What did Hajizada say about Azerbaijan's airspace?"
UNCERTAIN = (
    "What is the population of Iran?",
    "Why did the ambassador leave?",
    "Which drones were used?",
    "When will the investigation end?",
    "How many drones were shot down?",
    "What did Israel say?",
)
"""One of them gets passages that come close, whatever the thresholds are."""
LISTED = "Which countries were attacked?"
DISPUTED = "Did Israel make use of Azerbaijan in its strikes on Iran?"
FOLLOW_UP = "And when?"
DECLINED = "how many moons does jupiter have"


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        documents = Path(folder) / "documents"
        shutil.copytree(ROOT / "seeds", documents)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=FLAGS
        )
        settings = Settings(documents=documents, store=Path(folder) / "store")
        with (
            Assistant.open(settings=settings) as assistant,
            running(lambda: build(assistant)) as address,
        ):
            closest = next(
                (
                    question
                    for question in UNCERTAIN
                    if assistant.ask(question).outcome == "closest"
                ),
                UNCERTAIN[0],
            )
            for size, (width, height) in SIZES.items():
                for scheme in ("light", "dark"):
                    context = browser.new_context(
                        viewport={"width": width, "height": height}, color_scheme=scheme
                    )
                    context.set_default_timeout(PATIENCE)
                    page = context.new_page()
                    page.goto(address)
                    page.locator(".example").first.wait_for()
                    _visit(page, Path(folder), out / f"{size}-{scheme}", size == "390", closest)
                    context.close()
        browser.close()


def _visit(page: Page, folder: Path, prefix: Path, narrow: bool, closest: str) -> None:
    def take(name: str) -> None:
        page.evaluate("document.fonts.ready")
        page.screenshot(path=f"{prefix}-{name}.png")

    def ask(question: str) -> None:
        number = page.locator(".turn").count()
        page.locator("#question textarea").fill(question)
        page.keyboard.press("Enter")
        page.locator(".turn").nth(number).locator(".answer").wait_for()

    def view(name: str) -> None:
        page.locator(f".views [data-page={name}]").click()

    take("empty")
    ask(FIRST)
    ask(SECOND)
    page.locator('.source[data-turn="1"] mark.selected').wait_for(state="attached")
    page.locator("#conversation").evaluate("e => e.scrollTop = 0")
    take("answer")
    if narrow:
        page.locator("a.marker").first.click()
        page.locator('.source[data-turn="0"] mark.selected').wait_for()
        take("source")
        view("chat")
    ask(DISPUTED)
    take("sides")
    page.locator(".sides a.marker").first.click()
    page.locator(".speakers > summary").click()
    page.locator(".speakers li summary").first.click()
    take("speakers")
    page.locator(".speakers .name").first.click()
    page.locator(".chip").wait_for()
    take("chip")
    page.locator(".chip .end").click()
    page.locator(".chip").wait_for(state="detached")
    ask(closest)
    take("closest")
    ask(DECLINED)
    take("declined")
    ask(FIRST)
    ask(FOLLOW_UP)
    page.locator(".correcting").first.wait_for()
    ask(LISTED)
    sure = page.locator("#sure-percent")
    set_to = sure.input_value()
    sure.fill("0")
    page.wait_for_function("() => !document.querySelector('.answer.closest')")
    take("list")
    sure.fill(set_to)

    page.locator(".correcting summary").last.click()
    page.locator(".turn").nth(1).scroll_into_view_if_needed()
    take("followup")
    view("conversations")
    page.locator(".kept li").first.wait_for()
    page.locator(".kept summary").first.click()
    page.locator(".kept summary").nth(1).click()
    take("conversations")
    if narrow:
        view("chat")

    view("documents")
    (folder / "quokka.txt").write_text("The quokka weighs three kilograms.", "utf-8")
    (folder / "empty.txt").write_text("", "utf-8")
    hostile = folder / HOSTILE_NAME
    hostile.write_text(HOSTILE, "utf-8")
    page.locator("#files input").set_input_files(
        [folder / "quokka.txt", folder / "empty.txt", hostile]
    )
    page.locator(".notice.good").wait_for()
    page.locator(".remove").nth(1).wait_for()
    take("documents")
    if narrow:
        view("chat")
    ask("What did Mallory Quux praise in Quuxville?")
    take("hostile")
    view("documents")
    while page.locator(".remove").count():
        left = page.locator(".remove").count()
        page.locator(".remove").first.click()
        page.wait_for_function("n => document.querySelectorAll('.remove').length < n", arg=left)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
