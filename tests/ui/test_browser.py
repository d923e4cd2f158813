"""The chat as a person uses it, in a real browser over the real model."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from rag.judge import Parameters
from tests.ui.conftest import HOSTILE_NAME, HOSTILE_QUOTE, HOSTILE_TITLE, Opener

pytestmark = [pytest.mark.browser, pytest.mark.model]

ANSWERED = "In what words did Hajizada describe Sobhani's comments?"
QUOTE = (
    "Although he did not explicitly level accusations at Azerbaijan, Baku responded forcefully, "
    "with Foreign Ministry spokesperson Aykhan Hajizada calling Sobhani’s comments an ‘open "
    "provocation’."
)
DECLINED = "how many moons does jupiter have"
QUOKKA = "The quokka of Rottnest Island weighs about three kilograms, said the keeper Jane Marsh."
QUOKKA_ASKED = "How much does the quokka of Rottnest Island weigh?"

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def ask(page: Page, question: str) -> Locator:
    """Ask with the keyboard; gives the answer that comes."""
    number = page.locator(".turn").count()
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")
    answer = page.locator(".turn").nth(number).locator(".answer")
    answer.wait_for()
    return answer


def selected(page: Page) -> Locator:
    return page.locator("#source mark.selected")


def expect_in_view(mark: Locator) -> None:
    """The mark lies in the visible part of the text that scrolls."""
    mark.wait_for()
    mark.page.wait_for_function(
        """() => {
            const mark = document.querySelector("#source mark.selected").getBoundingClientRect();
            const text = document.querySelector("#source .text").getBoundingClientRect();
            return mark.height > 0 && mark.top >= text.top && mark.bottom <= text.bottom
                && text.bottom <= window.innerHeight + 1;
        }"""
    )


def expect_no_sideways_scrolling(page: Page) -> None:
    for selector in ("html", "#conversation", "#source .text", "#documents"):
        wide = page.evaluate(
            "s => { const e = document.querySelector(s);"
            " return e ? e.scrollWidth - e.clientWidth : 0 }",
            selector,
        )
        assert wide <= 0, selector


# -- asking and sources ----------------------------------------------------------------


def test_an_answer_shows_its_quote_and_its_source(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    answer = ask(page, ANSWERED)
    expect(answer).to_have_class("answer answered")
    expect(answer.locator(".outcome")).to_have_text(
        re.compile(r"^Answered · (very likely|likely|uncertain|unlikely) \([<>]?\d+%\)$")
    )
    expect(answer.locator("blockquote").first).to_have_text(QUOTE)
    expect(selected(page)).to_have_text(QUOTE)
    expect_in_view(selected(page))
    short = answer.locator(".short").first.inner_text()
    assert short in QUOTE
    expect(answer.locator("blockquote").first.locator("mark")).to_have_text(short)
    expect(selected(page).locator("em")).to_have_text(short)
    expect(page.locator("#source .about")).to_contain_text("000_fa5f580bb9cc84ba.txt")
    expect(answer.locator("a.marker").first).to_have_attribute("aria-current", "true")
    expect(page.locator("#question textarea")).to_have_value("")
    expect(page.locator("#question textarea")).to_be_focused()


def test_a_marker_of_an_earlier_answer_shows_its_source_again(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    first = ask(page, ANSWERED)
    ask(page, "Who wrote about Quuxville?")
    page.get_by_role("button", name="Documents").click()
    page.locator("#shelf .open").last.click()
    expect(page.locator("#source h2")).to_have_text(HOSTILE_TITLE)
    expect(selected(page)).to_have_count(0)
    first.locator("a.marker").first.click()
    expect(selected(page)).to_have_text(QUOTE)
    expect_in_view(selected(page))


def test_a_marker_scrolls_back_to_its_quote(chat: str, open_page: Opener) -> None:
    page = open_page(chat, viewport={"width": 1000, "height": 500})
    marker = ask(page, ANSWERED).locator("a.marker").first
    expect_in_view(selected(page))
    page.locator("#source .text").evaluate("text => text.scrollTop = text.scrollHeight")
    marker.click()
    expect_in_view(selected(page))


def test_without_an_answer_it_looks_different(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    answered = ask(page, ANSWERED)
    declined = ask(page, DECLINED)
    expect(declined).to_have_class("answer declined")
    expect(declined).to_contain_text("Nothing in the documents comes near this question.")
    expect(declined.locator("blockquote")).to_have_count(0)
    ground = "e => getComputedStyle(e).backgroundColor"
    assert answered.evaluate(ground) != declined.evaluate(ground)


def test_an_example_is_answered(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    example = page.locator(".example").first
    question = example.inner_text()
    example.click()
    expect(page.locator(".asked").first).to_have_text(question)
    expect(page.locator(".answer").first).to_have_class("answer answered")


def test_a_blank_question_is_none(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    page.locator("#question textarea").fill("  \t ")
    page.keyboard.press("Enter")
    ask(page, DECLINED)
    expect(page.locator(".turn")).to_have_count(1)


def test_a_very_long_question_keeps_the_layout(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    ask(page, "w" * 20_000)
    expect_no_sideways_scrolling(page)
    assert page.locator(".asked").bounding_box()["height"] < 300
    expect(page.locator("#send")).to_be_in_viewport()


def test_new_conversation(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    ask(page, ANSWERED)
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator(".example").first).to_be_visible()
    expect(selected(page)).to_have_count(0)
    expect(page.locator("#shelf")).to_be_visible()


def test_two_browsers_have_conversations_of_their_own(chat: str, open_page: Opener) -> None:
    one, other = open_page(chat), open_page(chat)
    ask(one, ANSWERED)
    expect(other.locator(".turn")).to_have_count(0)
    ask(other, DECLINED)
    ask(one, "And when?")  # leans on what was asked before, here only
    expect(one.locator(".searched")).to_contain_text("When did Hajizada describe")
    ask(other, "And when?")
    expect(other.locator(".searched")).to_contain_text("When does jupiter have the moons?")
    expect(other.locator(".turn")).to_have_count(2)


# -- how sure it must be ---------------------------------------------------------------


def sure(page: Page) -> Locator:
    return page.get_by_role("slider", name="How sure must Sayso be to answer?")


def test_how_sure_it_must_be_decides_all_turns_again(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    set_to = round(100 * Parameters.load().answered)
    expect(sure(page)).to_have_value(str(set_to))
    expect(page.locator("#sure output")).to_have_text(f"{set_to}%")
    declined = ask(page, DECLINED)
    one, other = ask(page, ANSWERED), ask(page, ANSWERED)
    source = selected(page).inner_text()

    sure(page).focus()
    page.keyboard.press("End")
    for answer in (one, other):
        expect(answer).to_have_class("answer closest")
        expect(answer).to_contain_text("Comes nearest:")
    expect(sure(page)).to_have_attribute("aria-valuetext", "100%")
    expect(page.locator("#sure output")).to_have_text("100%")

    page.keyboard.press("Home")
    for answer in (one, other):
        expect(answer).to_have_class("answer answered")
        expect(answer).not_to_contain_text("Comes nearest:")
    expect(sure(page)).to_have_attribute("aria-valuetext", "0%")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#sure output")).to_have_text("1%")
    expect(sure(page)).to_be_focused()

    expect(declined).to_have_class("answer declined")  # there is no quote to answer with
    expect(page.locator(".turn")).to_have_count(3)
    expect(selected(page)).to_have_text(source)


def test_how_sure_it_must_be_holds_for_what_is_asked_next(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    sure(page).fill("100")
    expect(ask(page, ANSWERED)).to_have_class("answer closest")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    expect(sure(page)).to_have_value("100")
    expect(ask(page, ANSWERED)).to_have_class("answer closest")
    sure(page).fill("0")
    expect(page.locator(".answer")).to_have_class("answer answered")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_how_sure_it_must_be_can_be_set_on_a_phone(
    chat: str, open_page: Opener, scheme: str
) -> None:
    page = open_page(chat, color_scheme=scheme, **PHONE)
    answer = ask(page, ANSWERED)
    box = sure(page).bounding_box()
    assert box["height"] >= 24  # as WCAG 2.2 asks of what is touched
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    expect(page.locator("#sure output")).to_be_in_viewport(ratio=1)
    page.touchscreen.tap(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    expect(answer).to_have_class("answer closest")
    page.touchscreen.tap(box["x"] + 2, box["y"] + box["height"] / 2)
    expect(answer).to_have_class("answer answered")
    expect_no_sideways_scrolling(page)


# -- documents -------------------------------------------------------------------------


def test_files_are_dropped_in_asked_about_and_removed(
    chat: str, open_page: Opener, tmp_path: Path
) -> None:
    page = open_page(chat)
    good, bad, odd = tmp_path / "quokka (v2).txt", tmp_path / "empty.txt", tmp_path / "x.xyz"
    good.write_text(QUOKKA, "utf-8")
    bad.write_text("", "utf-8")
    odd.write_text("text", "utf-8")
    page.locator("#files input").set_input_files([good, bad, odd])
    expect(page.locator(".notice.good")).to_have_text("Added quokka (v2).txt.")
    refused = page.locator(".notice.bad li")
    expect(refused.nth(0)).to_have_text(
        "empty.txt The file is empty: put text into it, or delete it."
    )
    expect(refused.nth(1)).to_contain_text("x.xyz The file has unknown format .xyz")
    expect(page.locator("#shelf")).to_contain_text("quokka (v2).txt (dropped in)")

    answer = ask(page, QUOKKA_ASKED)
    expect(answer.locator("blockquote").first).to_have_text(QUOKKA)
    expect(selected(page)).to_have_text(QUOKKA)

    page.get_by_role("button", name="Documents").click()
    page.get_by_role("button", name="Remove quokka (v2).txt (dropped in)").click()
    expect(page.locator(".notice.good")).to_contain_text("Removed quokka (v2).txt")
    expect(page.locator("#shelf")).not_to_contain_text("quokka")
    expect(page.locator("#shelf .remove")).to_have_count(0)

    answer.locator("a.marker").first.click()
    expect(page.locator("#source .gone")).to_contain_text("This document is gone by now.")
    expect(selected(page)).to_have_text(QUOKKA)


def test_files_can_be_dropped_on_the_page(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    drag = page.evaluate_handle(
        """() => {
            const drag = new DataTransfer();
            drag.items.add(new File([""], "dragged.txt", { type: "text/plain" }));
            return drag;
        }"""
    )
    page.locator("#files button").dispatch_event("drop", {"dataTransfer": drag})
    expect(page.locator(".notice.bad")).to_contain_text("dragged.txt The file is empty")


def test_documents_are_listed_and_can_be_opened(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    expect(page.locator("#shelf .shelf li")).to_have_count(2)
    expect(page.locator("#documents-count")).to_have_text("2")
    expect(page.locator("#shelf .skipped")).to_contain_text("blank.txt The file is empty")
    page.locator("#shelf .open").first.click()
    expect(page.locator("#source .body")).to_contain_text("no evidence to support its claims.")


# -- hostile documents -----------------------------------------------------------------


def test_a_hostile_document_is_text(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    answer = ask(page, "What did Mallory Quux praise in Quuxville?")
    expect(page.locator("#source h2")).to_have_text(HOSTILE_TITLE)
    assert HOSTILE_QUOTE in page.locator("#source .body").text_content()
    assert "<script>alert(3)</script><img src=x onerror=alert(4)>" in (
        page.locator("#source .body").text_content()
    )
    expect(page.locator("#source .about")).to_contain_text(HOSTILE_NAME)
    assert "Mallory Quux praised **bold** [links](https://example.com/x)" in answer.inner_text()
    for made in ("img", "b", "strong:has-text('bold')", "script", "a[href*='example']", ".katex"):
        assert page.locator(f"#columns {made}:not(.outcome *)").count() == 0, made
    ask(page, "<img src=x onerror=alert(6)> {{value}} ${alert(7)}")
    expect(page.locator(".asked").last).to_have_text(
        "<img src=x onerror=alert(6)> {{value}} ${alert(7)}"
    )
    # Dialogs, errors and requests to elsewhere are what the fixture looks for at the end.


def test_answers_are_judged_and_asked_again(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    ask(page, ANSWERED).get_by_role("button", name="Yes").click()
    expect(page.locator(".turn").nth(0).locator(".judging")).to_have_text("Noted, thank you.")
    ask(page, DECLINED).locator("summary", has_text="No").click()
    page.locator(".turn").nth(1).locator(".correction").fill("<b>ninety-five")
    page.keyboard.press("Enter")
    expect(page.locator(".turn").nth(1).locator(".judging")).to_have_text("Noted, thank you.")
    page.get_by_role("button", name="Evaluate").click()
    page.get_by_role("button", name="Ask what I judged").click()
    report = page.frame_locator("#report iframe")
    expect(report.locator(".case")).to_have_count(2)
    wrong = report.locator(".case").first
    expect(wrong.locator(".pair")).to_contain_text("expected <b>ninety-five")
    report.locator(".case", has_text=ANSWERED).locator("summary").click()
    expect(report.locator("mark.cited.gold")).to_have_text(QUOTE)
    report.locator("#verdict").select_option("good")
    expect(report.locator(".case")).to_have_count(1)
    expect_no_sideways_scrolling(page)


def test_a_dropped_in_set_is_evaluated(chat: str, open_page: Opener, tmp_path: Path) -> None:
    page = open_page(chat, **PHONE)
    file = tmp_path / "mine.csv"
    file.write_text(f"question,answer\n{ANSWERED},open provocation\n", "utf-8")
    page.get_by_role("button", name="Evaluate").click()
    page.locator("#questions input[type=file]").set_input_files(file)
    report = page.frame_locator("#report iframe")
    expect(report.locator(".case")).to_have_count(1)
    expect(report.locator(".sign")).to_have_text("✓")
    expect_no_sideways_scrolling(page)


def test_nothing_of_gradio_is_offered(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    assert page.title() == "Sayso"
    for words in ("Built with Gradio", "Use via API", "Settings"):
        expect(page.get_by_text(words)).to_have_count(0)
    offered = page.evaluate("fetch('gradio_api/info').then(answer => answer.json())")
    assert offered == {"named_endpoints": {}, "unnamed_endpoints": {}}


# -- keyboard, narrow and dark ---------------------------------------------------------


def test_with_the_keyboard_alone(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    expect(page.locator("#question textarea")).to_be_focused()
    page.keyboard.type(ANSWERED)
    page.keyboard.press("Enter")
    marker = page.locator("a.marker").first
    marker.wait_for()
    expect(page.locator("#question textarea")).to_be_focused()
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('a.marker')"):
            break
    focused = page.locator("a.marker:focus")
    outline = focused.evaluate(
        "e => { const s = getComputedStyle(e); return [s.outlineStyle, s.outlineWidth] }"
    )
    assert outline == ["solid", "3px"]
    page.locator("#source .text").evaluate("text => text.scrollTop = text.scrollHeight")
    page.keyboard.press("Enter")
    expect(selected(page)).to_be_focused()
    expect_in_view(selected(page))
    page.keyboard.press("Escape")
    expect(focused).to_be_focused()


def test_all_that_can_be_pressed_has_a_name_and_a_focus_ring(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    ask(page, ANSWERED)
    page.get_by_role("button", name="Documents").click()
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => {
                const e = document.activeElement, s = getComputedStyle(e);
                const name = e.ariaLabel || e.innerText || e.labels?.[0]?.innerText || "";
                return [e.tagName, name.trim(), s.outlineStyle + " " + s.outlineWidth];
            }"""
        )
        if found[0] == "BODY":
            break
        assert found[1], found
        assert found[2] == "solid 3px", found
        seen.add(found[1])
    assert {
        "Your question",
        "Ask",
        "New conversation",
        "How sure must Sayso be to answer?",
        "Click to upload or drop files",
    } <= seen


def test_on_a_phone_the_source_is_a_tab(chat: str, open_page: Opener) -> None:
    page = open_page(chat, **PHONE)
    expect(page.locator("#side")).to_be_hidden()
    expect_no_sideways_scrolling(page)
    answer = ask(page, ANSWERED)
    expect(answer).to_be_visible()
    expect(page.locator("#side")).to_be_hidden()
    expect_no_sideways_scrolling(page)
    answer.locator("a.marker").first.tap()
    expect(page.locator("#chat")).to_be_hidden()
    expect(selected(page)).to_have_text(QUOTE)
    expect_in_view(selected(page))
    expect_no_sideways_scrolling(page)
    expect(page.get_by_role("button", name="Source", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name="Back to the answer").tap()
    expect(answer).to_be_visible()
    page.get_by_role("button", name="Documents").tap()
    expect(page.locator("#shelf")).to_be_visible()
    expect_no_sideways_scrolling(page)
    page.get_by_role("button", name="Chat", exact=True).tap()
    expect(answer).to_be_visible()


CONTRAST = """selectors => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const light = ([r, g, b]) => {
        const part = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
        return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    };
    const ground = (element) => {
        for (let e = element; e; e = e.parentElement) {
            const colour = rgba(getComputedStyle(e).backgroundColor);
            if (colour[3] === 1) return colour;
            if (colour[3] > 0) throw Error("a ground that is seen through: " + e.className);
        }
        return [255, 255, 255, 1];
    };
    const found = {};
    for (const selector of selectors) {
        for (const element of document.querySelectorAll(selector)) {
            if (!element.checkVisibility()) continue;
            const [a, b] = [light(rgba(getComputedStyle(element).color)), light(ground(element))];
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            found[selector] = Math.min(found[selector] ?? 99, ratio);
        }
    }
    return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast(chat: str, open_page: Opener, scheme: str) -> None:
    page = open_page(chat, color_scheme=scheme)
    expect(page.locator("body.dark")).to_have_count(1 if scheme == "dark" else 0)
    found: dict[str, float] = {}

    def measure(*selectors: str) -> None:
        ratios = page.evaluate(CONTRAST, list(selectors))
        assert set(ratios) == set(selectors)
        found.update(ratios)

    page.locator("#files input").set_input_files(
        {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""}
    )
    page.locator(".notice.bad").wait_for()
    measure(".wordmark", ".views button", ".welcome h1", ".welcome p", ".example", "#send")
    measure(".shelf .open", ".path", ".facts", ".folder", ".skipped li", ".notice", "#files button")
    page.evaluate("document.querySelector('.example').focus()")
    ask(page, DECLINED)
    ask(page, ANSWERED)
    measure(".asked", ".outcome strong", ".outcome", "blockquote", "figcaption", "a.marker")
    measure(".short", "blockquote mark", ".hint", ".sure", "#anew", "#question textarea")
    measure("#sure label", "#sure output", "mark.selected em")
    measure(".source h2", ".about", ".body", "mark.selected", ".views button")
    # What needs a rarer answer is measured on a copy of the markup.
    page.evaluate(
        """() => document.querySelector(".answer").insertAdjacentHTML("afterend", `
            <div class="answer closest"><p class="outcome"><strong>a</strong></p>
            <p class="sure">b</p><figure class="claim"><blockquote>c</blockquote>
            <figcaption>d <a class="marker">[1]</a></figcaption></figure>
            <figure class="claim alternative"><p class="lead">l</p><p class="short">m</p>
            <blockquote>n <mark>o</mark></blockquote><figcaption>p</figcaption></figure></div>
            <div class="answer failed"><p class="outcome"><strong>e</strong></p>
            <p class="reason">f</p></div><p class="stage">g</p>
            <div class="notice good"><p>h</p></div><button class="remove">i</button>
            <p class="speaker"><span class="badge says">q</span>
            <span class="badge denies">r</span><span class="badge reporter">s</span></p>
            <p class="chip">t <button class="end">×</button></p><p class="only">u</p>
            <p class="gone">j</p><p class="body"><mark class="cited">k</mark></p>`)"""
    )
    measure(".closest .outcome strong", ".closest .sure", ".closest blockquote", ".failed strong")
    measure(".closest figcaption", ".closest .marker", ".reason", ".stage", ".notice.good p")
    measure(".alternative .lead", ".alternative .short", ".alternative blockquote")
    measure(".speaker .lead", ".name", ".badge.says", ".badge.denies", ".badge.reporter")
    measure(".chip", ".chip .end", ".only", ".speakers summary")
    measure(".alternative blockquote mark", ".remove", ".gone", "mark.cited")
    ask(page, "And when?")
    page.locator(".correcting summary").last.click()
    measure(".searched", ".correcting .judge", ".correcting .correction")
    page.locator(".views [data-page=conversations]").click()
    page.locator("#kept summary", has_text="Delete").first.click()
    measure(".fresh", "#kept h2", ".kept .open", ".kept .facts", ".actions .judge", ".judge.sure")
    measure(".change .said")
    low = {selector: round(ratio, 2) for selector, ratio in found.items() if ratio < 4.5}
    assert not low


def test_one_speaker_can_be_asked_alone(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    answer = ask(page, "Did Israel make use of Azerbaijan in its strikes on Iran?")
    expect(answer.locator(".badge.denies").first).to_be_visible()
    expect(answer.locator(".sides .claim")).to_have_count(3)
    answer.locator(".speaker .name", has_text="Mehdi Sobhani").first.click()
    expect(page.locator(".chip")).to_contain_text("Only what Mehdi Sobhani says")
    alone = ask(page, "Did Israel use Azerbaijan's territory to attack Iran?")
    expect(alone.locator(".claim")).to_have_count(1)
    page.locator(".chip .end").click()
    expect(page.locator(".chip")).to_have_count(0)


def test_a_speakers_words_are_found_in_the_document(chat: str, open_page: Opener) -> None:
    page = open_page(chat)
    ask(page, ANSWERED)
    page.locator(".speakers > summary").click()
    page.locator(".speakers li summary", has_text="Sobhani").click()
    page.locator(".speakers .statement", has_text="small number of drones").click()
    expect(selected(page)).to_contain_text("We have received information")
    expect_in_view(selected(page))


# -- conversations that are kept -------------------------------------------------------


def test_a_follow_up_is_shown_as_searched_and_corrected_with_the_keyboard(
    chat: str, open_page: Opener
) -> None:
    page = open_page(chat)
    ask(page, "Who is Aykhan Hajizada?")
    follow_up = ask(page, "What did he call the comments?")
    expect(follow_up.locator(".searched q")).to_have_text(
        "What did Aykhan Hajizada call the comments?"
    )
    follow_up.locator(".correcting summary").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("What to search for")
    field.fill("How many drones were there?")
    field.press("Enter")
    corrected = page.locator(".turn").nth(2).locator(".answer")
    expect(corrected.locator(".searched q")).to_have_text("How many drones were there?")
    expect(page.locator(".asked").last).to_have_text("What did he call the comments?")


def test_a_conversation_is_kept_opened_renamed_exported_and_deleted(
    chat: str, open_page: Opener
) -> None:
    page = open_page(chat)
    ask(page, "Who is Aykhan Hajizada?")
    second = ask(page, "What did he call the comments?")
    told = second.locator("blockquote").first.inner_text()
    page.get_by_role("button", name="Conversations").click()
    current = page.locator("#kept li[aria-current]")
    expect(current).to_contain_text("2 questions")
    current.locator("summary", has_text="Rename").click()
    current.get_by_label("New title").fill("About <b>Hajizada</b>")
    page.keyboard.press("Enter")
    expect(current.locator(".open")).to_have_text("About <b>Hajizada</b>")
    with page.expect_download() as download:
        current.get_by_role("button", name="Export").click()
    saved = Path(download.value.path()).read_text("utf-8")
    assert download.value.suggested_filename.endswith(".md")
    assert saved.startswith("# About \\<b\\>Hajizada")

    page.locator(".fresh").click()
    expect(page.locator(".welcome")).to_be_visible()
    expect(page.locator("#kept li[aria-current]")).to_have_count(0)
    page.reload()
    page.locator(".welcome").wait_for()
    page.get_by_role("button", name="Conversations").click()
    mine = page.locator("#kept li", has_text="About <b>Hajizada</b>")
    mine.locator(".open").click()
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".answer blockquote", has_text=told).first).to_be_visible()
    page.locator(".turn").nth(1).locator("a.marker").first.click()
    expect(selected(page)).to_have_text(told)
    follow_up = ask(page, "Why?")
    expect(follow_up.locator(".searched q")).to_contain_text("Hajizada")

    page.get_by_role("button", name="Conversations").click()
    expect(mine).to_contain_text("3 questions")
    mine.locator("summary", has_text="Delete").click()
    mine.get_by_role("button", name="for good").click()
    expect(mine).to_have_count(0)
    expect(page.locator(".welcome")).to_be_visible()


def test_on_a_phone_a_kept_conversation_opens_in_the_chat(chat: str, open_page: Opener) -> None:
    page = open_page(chat, **PHONE)
    ask(page, "Who is Mehdi Sobhani?")
    page.locator(".views [data-page=conversations]").click()
    expect_no_sideways_scrolling(page)
    page.locator("#kept li[aria-current] .open").click()
    expect(page.locator(".turn").first).to_be_visible()
    expect(page.locator("#kept")).to_be_hidden()
