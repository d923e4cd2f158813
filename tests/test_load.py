"""Every format's text, title and date; every reason for refusal; and no third outcome."""

from __future__ import annotations

import codecs
import hashlib
import io
import logging
import os
import re
import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from rag.errors import DocumentError, DocumentsNotFound
from rag.load import READERS, find_files, load, parse, shown
from tests.files import make_docx, make_html, make_pdf

ROOT = Path(__file__).parents[1]
PDF = make_pdf(
    ["Opening hours\nWe open at (nine).", "The café closes at ten."],
    title="The hours",
    author="Ada Byron",
    created="D:20250627101500+02'00'",
)
DOCX = make_docx(
    ["Opening hours", [["Day", "Time"], ["Monday", "nine"]], "Closed on Sundays."],
    title="The hours",
    author="Ada Byron",
    created=datetime(2025, 6, 27, 10, 15),
    header="Confidential",
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 20


def reason(data: bytes, path: str) -> str:
    with pytest.raises(DocumentError) as caught:
        parse(data, path)
    message = str(caught.value)
    assert path not in message
    assert message.endswith(".")
    return message


# --- Plain text ---------------------------------------------------------------------------


def test_text_is_the_file_as_it_is() -> None:
    document = parse(b"First line\r\n\r\n  second\tline \r\n", "notes/a_b.txt")
    assert document.text == "First line\r\n\r\n  second\tline \r\n"
    assert document.id == hashlib.sha256(document.text.encode()).hexdigest()
    assert document.path == "notes/a_b.txt"
    assert document.paths == ("notes/a_b.txt",)
    assert document.title == "First line"
    assert document.published is None
    assert document.metadata == {}


LETTER = b"""From: Maria Kowalski <m.kowalski@brightholm.example>
To: Tom Beech <tom.beech@brightholm.example>
Date: Thu, 18 Jan 2024 16:42:10 +0000
Subject: Re: Boiler in
 Block C

No, I did not approve it.
"""


def test_a_letter_is_named_by_its_subject() -> None:
    found = parse(LETTER, "a.txt")
    assert (found.title, found.published) == ("Re: Boiler in Block C", date(2024, 1, 18))
    assert found.text == LETTER.decode()
    sent = LETTER.replace(b"Date: Thu, 18 Jan 2024 16:42:10 +0000", b"Sent: 31 January 2024 09:12")
    assert parse(sent, "a.txt").published == date(2024, 1, 31)
    many = b"9" * 23
    for odd in (
        b"Date: 31 June 2024",
        b"Date: soon",
        b"Date:",
        b"Date: 1 Jan " + many + b" 00:00",
    ):
        undated = LETTER.replace(b"Date: Thu, 18 Jan 2024 16:42:10 +0000", odd)
        assert parse(undated, "a.txt").published is None
    far = LETTER.replace(b"+0000", b"+" + many)
    assert parse(far, "a.txt").published == date(2024, 1, 18)
    for stated, meant in ((b"=?utf-8?q?Caf=C3=A9?=", "Café"), (b"=?x?q?=C3?=", "=?x?q?=C3?=")):
        named = LETTER.replace(b"Re: Boiler in\n Block C", stated)
        assert parse(named, "a.txt").title == meant
    assert parse(b"From: Paris\nTo: Oslo\n\nA trip.\n", "a.txt").title == "From: Paris"


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (b"\n\n   A   title \nrest", "A title"),
        (b"-----\nA title\n-----\nrest", "A title"),
        (b"x" * 100, "x" * 100),
        (b"x" * 101, "x" * 100 + " …"),
        (b"word " * 21 + b"last", "word " * 19 + "word …"),
        (b"***", "annual report 2024"),
        (b"ACME PLC\n\nTravel Policy\nFrom May.", "Travel Policy"),
        (
            b"PRESS RELEASE\nFor immediate release\nOslo, 12 March 2025\n\nA mill opens",
            "A mill opens",
        ),
        (b"ACME PLC\nDraft\n", "ACME PLC"),
        (b"Audit of ACME PLC\nIt is sound.", "Audit of ACME PLC"),
    ],
)
def test_title_of_a_text_is_its_first_line_or_its_name(data: bytes, title: str) -> None:
    assert parse(data, "in/annual_report-2024.txt").title == title


def test_title_is_never_empty() -> None:
    assert parse(b"***", "__.txt").title == "__.txt"


@pytest.mark.parametrize("suffix", [".txt", ".text", ".TXT"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "latin-1"]
)
def test_encodings(encoding: str, suffix: str) -> None:
    assert parse("Das Café öffnet".encode(encoding), f"a{suffix}").text == "Das Café öffnet"


@pytest.mark.parametrize(
    "bom_and_encoding",
    [
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_byte_orders(bom_and_encoding: tuple[bytes, str]) -> None:
    bom, encoding = bom_and_encoding
    assert parse(bom + "naïve\r\n".encode(encoding), "a.txt").text == "naïve\r\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("café", "latin-1"),
        ("Où sont les élèves français?", "cp1252"),
        ("It’s “not a question of money”, said the minister – £5 is enough. ", "cp1252"),
        ("Größere Änderungen könnten später folgen. " * 50, "cp1252"),
        ("Le ministre a déclaré que la décision était déjà prise. " * 50, "cp1252"),
        ("Minister powiedział, że decyzja została już podjęta. Żółw i źdźbło. ", "cp1250"),
        ("Minister powiedział, że uczniowie będą poinformowani o decyzji. ", "cp1250"),
        ("Ministr řekl, že rozhodnutí již bylo přijato. ", "cp1250"),
        ("Министр заявил, что решение уже принято. ", "cp1251"),
        ("Министр заявил, что решение уже принято и ученики будут знать. ", "koi8-r"),
        ("大臣は、決定はすでに下されたと述べ、生徒には通知されると語った。", "shift_jis"),
    ],
)
def test_undeclared_encodings_are_detected(text: str, encoding: str) -> None:
    assert parse(text.encode(encoding), "a.txt").text == text


def test_damaged_utf8_is_refused_and_not_turned_into_other_letters() -> None:
    data = "Żółw i źdźbło. ".encode() * 3
    assert reason(data + b"\xff", "a.txt") == (
        f"The text is UTF-8, but damaged at byte {len(data)}: save it again as UTF-8."
    )


def test_letters_in_no_known_encoding_are_refused() -> None:
    data = bytes(0x80 + n * n * 37 % 128 for n in range(300))
    assert "encoding is unknown" in reason(data, "a.txt")


def test_wrong_bom_is_refused() -> None:
    assert "UTF-16-LE" in reason(codecs.BOM_UTF16_LE + b"\x00\xd8a\x00", "a.txt")


@pytest.mark.parametrize("path", ["a.txt", "a.md", "a.html"])
@pytest.mark.parametrize(
    "data",
    [
        b"a\0b",
        bytes(range(256)),
        b"\x01\x02\x03 and so on",
        "a\0b".encode("utf-16-le"),
        b"GIF89a\x01\x02\x03\x04\x05",
    ],
)
def test_binary_data_is_not_text(data: bytes, path: str) -> None:
    assert "not text but binary data" in reason(data, path)


def test_a_control_character_in_a_long_text_is_kept() -> None:
    text = "word " * 100 + "\x01"
    assert parse(text.encode(), "a.txt").text == text


# --- Markdown -----------------------------------------------------------------------------


def test_front_matter_describes_the_text_and_is_not_in_it() -> None:
    data = (
        b"---\r\ntitle: 'Opening: hours'\r\ndate: 2025-06-27 10:15:00\r\n"
        b"author: [Ada, Bob]\r\n---\r\n\r\n# Hours\r\nNine.\r\n"
    )
    document = parse(data, "a.md")
    assert document.text == "\r\n# Hours\r\nNine.\r\n"
    assert document.title == "Opening: hours"
    assert document.published == date(2025, 6, 27)
    assert document.metadata == {"author": "Ada, Bob"}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Intro\n\n# The hours\n", "The hours"),
        ("# The hours ##\n", "The hours"),
        ("# About C#\n", "About C#"),
        ("```sh\n# a comment\n```\n# The hours\n", "The hours"),
        ("## Second level only\n\ntext", "## Second level only"),
        ("#hashtag\n", "#hashtag"),
        ("The hours\n=========\n\n# More\n", "The hours"),
        ("```\nno\n====\n```\n# The hours\n", "The hours"),
    ],
)
def test_title_of_markdown_is_its_first_heading(text: str, title: str) -> None:
    document = parse(text.encode(), "a.markdown")
    assert document.title == title
    assert document.text == text


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nText between two rules.\n\n---\n",
        "---\ntitle: [unclosed\n---\ntext",
        "---\ntitle: never closed\n",
        '---\n"\\UFFFFFFFF"\n---\ntext',
        "---\n" + "- " * 5000 + "\n---\ntext",
        "\n---\ntitle: not at the start\n---\n",
    ],
)
def test_what_is_no_front_matter_is_text(text: str) -> None:
    assert parse(text.encode(), "a.md").text == text


def test_front_matter_without_a_usable_date_or_title() -> None:
    document = parse(b"---\ntitle: null\ndate: 2025-06-31\nauthor: {a: b}\n---\n# Hi\n", "a.md")
    assert (document.title, document.published, document.metadata) == ("Hi", None, {})


def test_nested_aliases_cost_nothing() -> None:
    levels = "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 60))
    data = f"---\na0: &a0 {{b: c}}\n{levels}title: Bomb\n---\ntext"
    assert parse(data.encode(), "a.md").title == "Bomb"


def test_comments_of_markdown_are_not_read_but_in_code() -> None:
    text = (
        "Nine.<!-- no\nno -->\n\n[//]: # (no)\n\nUse `<!-- yes -->`.\n\n"
        "```html\n<!-- yes -->\n```\n\n[yes]: https://example.org\n\n<!-- no"
    )
    read = parse(text.encode(), "a.md").text
    assert "no" not in read
    assert read.count("yes") == 3
    assert parse(text.encode(), "a.txt").text == text
    open_in_a_line = "We write x <!-- y in HTML.\n\nThe mayor resigned."
    assert parse(open_in_a_line.encode(), "a.md").text == open_in_a_line


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"# " + b"word " * 50_000, "a.md"),
        (b"---\ntitle: " + b"word " * 3000 + b"\n---\nIt rained.", "a.md"),
        (b"<title>" + b"word " * 50_000 + b"</title><p>It rained.", "a.html"),
        (b"From: Ann\nSubject: " + b"word " * 500 + b"\n\nIt rained.", "a.txt"),
    ],
)
def test_a_stated_title_is_shortened(data: bytes, path: str) -> None:
    assert parse(data, path).title == "word " * 19 + "word …"


# --- HTML ---------------------------------------------------------------------------------


def test_a_small_page_loses_nothing() -> None:
    data = make_html(
        "<h1>Opening hours</h1><p>We <b>open</b> at <a href=x>nine</a>.</p>"
        "<ul><li>Monday</li><li>Tuesday &amp; more</li></ul>"
        "<table><tr><th>Day</th><th>Time</th></tr><tr><td>Friday</td><td>ten</td></tr></table>"
        "<script>var no = 1</script><style>no {}</style><template>no</template>"
        "<noscript><p>no</p></noscript><!-- no -->One<br>two, the end.",
        head="<title>The\n hours</title>",
    )
    document = parse(data, "a.html")
    assert document.text == (
        "Opening hours\n\nWe open at nine.\n\n- Monday\n- Tuesday & more\n\n"
        "Day | Time\nFriday | ten\n\nOne\ntwo, the end."
    )
    assert document.title == "The hours"
    assert document.published is None


@pytest.mark.parametrize(
    "how",
    [
        "hidden",
        "hidden=''",
        "style='display:none'",
        "style='color:red; DISPLAY : none !important'",
        "style='visibility:hidden'",
        "style='font-size:0'",
        "style='opacity: 0.0;'",
    ],
)
def test_what_a_page_keeps_from_the_eye_is_not_read(how: str) -> None:
    body = f"<p>We open at nine.</p><p>Come <b {how}>not</b> in.</p><div {how}><p>No.</p></div>"
    assert parse(make_html(body), "a.html").text == "We open at nine.\n\nCome in."


@pytest.mark.parametrize(
    "how",
    [
        "hidden=until-found",
        "style='display:block'",
        "style='line-height:0'",
        "style='opacity:0.5'",
        "style='border:0;max-width:0'",
        "aria-hidden=true",
    ],
)
def test_what_it_shows_is(how: str) -> None:
    assert parse(make_html(f"<p>We open.</p><p {how}>Yes.</p>"), "a.html").text.endswith("Yes.")


def test_a_page_that_a_script_will_show_is_read() -> None:
    body = "<p>Loading</p><div style='display:none'><p>The library opens at nine.</p></div>"
    assert "opens at nine" in parse(make_html(body), "a.html").text


@pytest.mark.parametrize("data", [b"<p>Nine.</p>", b"Nine.", b"<html>Nine.", b"<td>Nine."])
def test_fragments_are_pages(data: bytes) -> None:
    assert parse(data, "a.htm").text == "Nine."


def test_a_long_plain_page_loses_nothing() -> None:
    paragraphs = [f"Paragraph {n} says that {n * 7} is the number." for n in range(60)]
    body = "<h1>Numbers</h1>" + "".join(f"<p>{text}</p>" for text in paragraphs)
    assert parse(make_html(body), "a.html").text == "\n\n".join(["Numbers", *paragraphs])


def test_menus_and_footers_of_a_long_page_are_left_out() -> None:
    menu = "".join(f"<li><a href='/{n}'>Section {n} of ours</a></li>" for n in range(40))
    paragraphs = [f"Paragraph {n} says that {n * 7} is the number." for n in range(60)]
    body = (
        f"<nav><ul>{menu}</ul></nav><article><h1>Numbers</h1>"
        + "".join(f"<p>{text}</p>" for text in paragraphs)
        + "</article><footer>All rights reserved by us</footer>"
    )
    text = parse(make_html(body), "a.html").text
    assert [line for line in text.splitlines() if line.startswith("Paragraph")] == paragraphs
    assert "Section 3" not in text
    assert "rights reserved" not in text


def test_where_the_main_text_is_misjudged_all_is_taken() -> None:
    article = "".join(f"<p>Paragraph {n} says that {n * 7} is the number.</p>" for n in range(12))
    harbour = "".join(f"<p>Report {n} on the harbour and its ships.</p>" for n in range(60))
    page = make_html(f"<article>{article}</article><section class=footer>{harbour}</section>")
    text = parse(page, "a.html").text
    assert text.count("is the number.") == 12
    assert text.count("on the harbour") == 60


def test_deep_pages_keep_their_text_or_are_refused() -> None:
    assert parse(make_html("<div>" * 1000 + "deep" + "</div>" * 1000 + "end"), "a.html").text == (
        "deep\n\nend"
    )
    assert "too deeply" in reason(make_html("<div>" * 3000 + "deep"), "a.html")


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("<meta charset=windows-1251>", "cp1251"),
        ('<meta http-equiv=Content-Type content="text/html; charset=Shift_JIS">', "cp932"),
        ("<meta charset='iso-2022-jp'>", "iso2022_jp"),
        ("<meta charset=utf-16>", "utf-8"),
        ("<meta charset=nonsense>", "utf-8"),
        ("<meta charset=iso-8859-1>", "utf-8"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
    ],
)
def test_encodings_of_pages(head: str, encoding: str) -> None:
    assert parse(make_html("<p>Пять</p>", head=head, encoding=encoding), "a.html").text == "Пять"


def test_latin_1_in_a_page_means_what_browsers_take_it_for() -> None:
    data = make_html("‘Größe’", head="<meta charset=iso-8859-1>", encoding="cp1252")
    assert parse(data, "a.html").text == "‘Größe’"


def test_xml_declaration() -> None:
    data = "<?xml version='1.0' encoding='koi8-r'?><html><body>Да</body></html>".encode("koi8-r")
    assert parse(data, "a.html").text == "Да"


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>A</title>", "A"),
        ("<title>A - Site</title><meta property='og:title' content='A'>", "A"),
        ('<title>B</title><script type="application/ld+json">{"headline": "A"}</script>', "A"),
        ('<script type="application/ld+json">{"@graph": [1, {"headline": "A"}]}</script>', "A"),
        ('<script type="application/ld+json">{"headline": "\\ud800A"}</script>', "\ufffdA"),
        ('<script type="application/ld+json">{not json</script><title>A</title>', "A"),
        ("<title>Untitled Document</title>", "Text."),
        ("", "Text."),
    ],
)
def test_title_of_a_page(head: str, title: str) -> None:
    assert parse(make_html("<p>Text.</p>", head=head), "a.html").title == title


@pytest.mark.parametrize(
    ("head", "body", "published"),
    [
        ("<meta property='article:published_time' content='2025-06-27T10:15:00Z'>", "", True),
        ("<meta name=DC.date content=2025/06/27>", "", True),
        ('<script type="application/ld+json">[{"datePublished": "2025-06-27"}]</script>', "", True),
        ("", "<time datetime=2025-06-27>yesterday</time>", True),
        ("", "<time datetime=2020-01-01></time><time pubdate datetime=2025-06-27></time>", True),
        ("", "<nav><time datetime=2020-01-01></time></nav><time datetime=2025-06-27></time>", True),
        ("", "<time datetime=2025-06-27>a</time><time datetime=2025-06-28>b</time>", False),
        ("", "Published on 27 June 2025. Copyright 2024", False),
        ("<link rel=canonical href='https://example.org/2025/06/27/hours.html'>", "", False),
        ("<meta property='article:modified_time' content='2025-06-27'>", "", False),
        ("<meta name=date content='2025-02-30'>", "", False),
    ],
)
def test_date_of_a_page_is_what_it_states(head: str, body: str, published: bool) -> None:
    document = parse(make_html(f"Text. {body}", head=head), "a.html")
    assert document.published == (date(2025, 6, 27) if published else None)


@pytest.mark.parametrize(
    "head",
    [
        "<meta name=author content='Ada  Byron'>",
        '<script type="application/ld+json">{"author": [{"name": "Ada Byron"}]}</script>',
    ],
)
def test_author_of_a_page(head: str) -> None:
    assert parse(make_html("Text.", head=head), "a.html").metadata == {"author": "Ada Byron"}


@pytest.mark.parametrize("body", ["", "<script>no</script>", "<img src=x>"])
def test_page_without_text(body: str) -> None:
    assert "holds no text" in reason(make_html(body), "a.html")


def test_what_a_page_takes_back_and_marks_of_notes_are_left_out() -> None:
    page = (
        "<p>It rose 10<sup>6</sup>-fold in 2019<sup><a href='#n2'>2</a></sup>, on the "
        "5<sup>th</sup>. <q>It is safe</q>, said Ann. The fee is <del>£90</del><ins>£120</ins>. "
        "So the con\xadtract.</p>"
        "<div class='cookie-banner'>We and our partners</div><h2>Past<span class='mw-editsection'>"
        "[edit]</span></h2><label>Name</label>Bo<ul class='social-links'><li>Share it</ul>"
    )
    text = (
        "It rose 10⁶-fold in 2019, on the 5th. “It is safe”, said Ann. The fee is £120."
        " So the contract.\n\nPast\n\nName Bo"
    )
    assert parse(make_html(page), "a.html").text == text


@pytest.mark.parametrize(
    ("name", "left_out"),
    [
        ("comments", True),
        ("site__comments-area", True),
        ("x social-links", True),
        ("has-comments", False),
        ("comments-open", False),
        ("share-price", False),
        ("cookie-recipe", False),
        ("unrelated-articles-of-law", False),
    ],
)
def test_what_is_around_the_text_is_told_by_its_name(name: str, left_out: bool) -> None:
    page = f"<p>It rained all day long in Oslo.</p><div class='{name}'>Liars!</div>"
    assert ("Liars" not in parse(make_html(page), "a.html").text) is left_out


def test_what_is_in_a_cell_stays_in_its_row() -> None:
    page = (
        "<table><tr><td><p>Seven</p></td><td><p>10.0 mm</p><p>Replace.</p></td></tr>"
        "<tr><td>Ten<td>loose<br>now</table>After."
    )
    text = "Seven | 10.0 mm Replace.\nTen | loose now\n\nAfter."
    assert parse(make_html(page), "a.html").text == text


def test_a_list_of_terms_is_a_table_and_items_have_marks() -> None:
    page = (
        "<dl><dt>Grade<dd>Good<dt>Size<dd>Big<dd>Wide</dl>"
        "<ol><li><p>One</p><li>Two<ul><li>Deep</ul></ol>More."
    )
    text = "Grade | Good\nSize | Big | Wide\n\n1. One\n\n2. Two\n\n- Deep\n\nMore."
    assert parse(make_html(page), "a.html").text == text


@pytest.mark.parametrize(
    ("title", "heading", "found"),
    [
        ("Pier closed | News | Kelby Herald", "<h1>Pier\n closed</h1>", "Pier closed"),
        ("Pier closed – Herald", "<h1>Pier closed</h1><h1>Ads</h1>", "Pier closed – Herald"),
        ("The Herald", "<h1>Pier closed</h1>", "The Herald"),
        ("Why we left Booking.com", "", "Why we left Booking.com"),
        ("hours.docx", "", "It rained."),
    ],
)
def test_the_heading_is_the_title_without_the_site(title: str, heading: str, found: str) -> None:
    data = make_html(f"{heading}<p>It rained.</p>", head=f"<title>{title}</title>")
    assert parse(data, "a.html").title == found


def test_menus_are_left_out_of_a_page_that_is_more() -> None:
    menu = "<nav><ul><li>Home<li>News</ul></nav>"
    assert parse(make_html(f"{menu}<p>It rained all day in Oslo.</p>"), "a.html").text == (
        "It rained all day in Oslo."
    )
    assert "Home" in parse(make_html(f"{menu}<p>It</p>"), "a.html").text


# --- PDF ----------------------------------------------------------------------------------


def test_pdf() -> None:
    document = parse(PDF, "a.pdf")
    assert document.text == "Opening hours\nWe open at (nine).\n\nThe café closes at ten."
    assert document.title == "The hours"
    assert document.published == date(2025, 6, 27)
    assert document.metadata == {"author": "Ada Byron"}


@pytest.mark.parametrize(
    "title", ["", "untitled", "Microsoft Word - hours.doc", "hours_v2.indd", "Document1"]
)
def test_titles_that_say_nothing_are_ignored(title: str) -> None:
    document = parse(make_pdf(["Opening hours\nNine."], title=title, created="D:2025"), "a.pdf")
    assert document.title == "Opening hours"
    assert document.published is None


def test_ligatures_of_a_pdf_are_letters() -> None:
    encoding = "<< /BaseEncoding /WinAnsiEncoding /Differences [174 /fi /fl] >>"
    data = make_pdf(["The pro\xaet of the \xafeet"], encoding=encoding)
    assert parse(data, "a.pdf").text == "The profit of the fleet"


def test_a_sentence_runs_over_the_end_of_a_page() -> None:
    pages = [
        "It replaces the HP5, of which we sold",
        "more than 90,000.",
        "",
        "Then it rained",
        "It",
    ]
    text = "It replaces the HP5, of which we sold\nmore than 90,000.\n\n\n\nThen it rained\n\nIt"
    assert parse(make_pdf(pages), "a.pdf").text == text


def test_what_stands_at_the_edges_of_several_pages_is_left_out() -> None:
    pages = [
        f"Harbour Trust  Annual report 2024\n{text}\n{number}"
        for number, text in enumerate(
            ["The oil was reported to the", "agency on the day.\nIt went.", "It closed in 1994."], 1
        )
    ]
    text = "The oil was reported to the\nagency on the day.\nIt went.\n\nIt closed in 1994."
    assert parse(make_pdf(pages), "a.pdf").text == text
    once = "Harbour Trust\nThe oil came.\n5"
    assert parse(make_pdf([once]), "a.pdf").text == once
    same = ["It is so.\nIt is so.\nIt is so.\nIt is so.\nIt is so."] * 3
    assert parse(make_pdf(same), "a.pdf").text.count("It is so.") == 3


def test_words_that_a_line_end_divides_are_whole() -> None:
    page = "The con-\ntractor of the share-\nholders met share-holders.\nBefore -\nit fell"
    text = "The contractor of the share-\nholders met share-holders.\nBefore -\nit fell"
    assert parse(make_pdf([page]), "a.pdf").text == text


def test_the_day_in_the_text_comes_before_that_of_the_file() -> None:
    made = "D:20261129"
    letter = "To the Committee\n28 April 2025\nDear members, it rained."
    assert parse(make_pdf([letter], created=made), "a.pdf").published == date(2025, 4, 28)
    assert parse(make_pdf(["It rained."], created=made), "a.pdf").published == date(2026, 11, 29)


def test_pdf_with_junk_around_it() -> None:
    assert parse(b"\n\n" + PDF + b"\0" * 4096, "a.pdf").text == parse(PDF, "a.pdf").text


def test_pdf_whose_last_revision_is_cut_off() -> None:
    assert "damaged or cut off" in reason(PDF + b"1 0 obj\n" + b"% x\n" * 500, "a.pdf")


def test_pdf_text_loses_its_nul_characters() -> None:
    document = parse(make_pdf(["Ni\0ne."], title="Ni\0ne"), "a.pdf")
    assert (document.text, document.title) == ("Nine.", "Nine")


def test_pdf_with_an_empty_password_is_read() -> None:
    assert parse(make_pdf(["Nine."], password=""), "a.pdf").text == "Nine."


def test_refused_pdfs() -> None:
    assert "is encrypted" in reason(make_pdf(["Nine."], password="secret"), "a.pdf")
    assert "probably a scan" in reason(make_pdf(["", ""]), "a.pdf")
    assert "damaged" in reason(make_pdf([]), "a.pdf")
    assert "damaged" in reason(PDF.replace(b"startxref", b"startxfer"), "a.pdf")
    assert "damaged" in reason(b"%PDF-1.4\n%%EOF", "a.pdf")


@pytest.mark.parametrize("kept", [0.02, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize(("data", "path"), [(PDF, "a.pdf"), (DOCX, "a.docx")])
def test_files_that_are_cut_off(data: bytes, path: str, kept: float) -> None:
    assert "damaged or cut off" in reason(data[: int(len(data) * kept)], path)


def test_pypdf_is_silent_and_its_log_as_before(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("pypdf")
    before = log.level
    parse(make_pdf(["Nine."]).replace(b"startxref\n", b"startxref\n1"), "a.pdf")
    assert caplog.records == []
    assert log.level == before


# --- Word ---------------------------------------------------------------------------------


def test_docx() -> None:
    document = parse(DOCX, "a.docx")
    assert document.text == "Opening hours\n\nDay | Time\nMonday | nine\n\nClosed on Sundays."
    assert document.title == "The hours"
    assert document.published == date(2025, 6, 27)
    assert document.metadata == {"author": "Ada Byron"}


def test_what_the_docx_template_states_is_not_the_documents() -> None:
    document = parse(make_docx(["Opening hours", "Nine."]), "a.docx")
    assert document.title == "Opening hours"
    assert document.published is None
    assert document.metadata == {}


def with_body(body: str, notes: str = "") -> bytes:
    """A Word file whose document part has the XML ``body``, with footnotes if there are."""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    changes = {
        "word/document.xml": (
            rb"<w:body>.*?(?=<w:sectPr)",
            f"<w:body>{body}",
        ),
        "word/_rels/document.xml.rels": (
            rb"(?=</Relationships>)",
            f"<Relationship Id='n1' Type='{office}/footnotes' Target='footnotes.xml'/>",
        ),
        "[Content_Types].xml": (
            rb"(?=</Types>)",
            "<Override PartName='/word/footnotes.xml' ContentType='application/vnd."
            "openxmlformats-officedocument.wordprocessingml.footnotes+xml'/>",
        ),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(make_docx([""]))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            pattern, content = changes.get(name, (rb"\Z", ""))
            new.writestr(name, re.sub(pattern, content.encode(), old.read(name), flags=re.DOTALL))
        word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
        new.writestr("word/footnotes.xml", f"<w:footnotes xmlns:w='{word}'>{notes}</w:footnotes>")
    return out.getvalue()


def test_notes_of_a_docx_come_last() -> None:
    text = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
    data = with_body(text.format("Body"), f"<w:footnote>{text.format('Note')}</w:footnote>")
    assert parse(data, "a.docx").text == "Body\n\nNote"


def test_all_that_a_docx_shows_is_read_once() -> None:
    data = with_body(
        "<w:p><w:pPr><w:tabs><w:tab w:val='left' w:pos='9'/></w:tabs></w:pPr>"
        "<w:r><w:t>One</w:t><w:tab/><w:t>two</w:t><w:br/><w:t>three</w:t></w:r></w:p>"
        "<w:p><w:ins w:id='1'><w:r><w:t>added</w:t></w:r></w:ins>"
        "<w:del w:id='2'><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
        "<w:sdt><w:sdtContent><w:p><w:r><w:t>controlled</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>"
        "<w:p><w:r><w:t>wide</w:t></w:r></w:p><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc></w:tr>"
        "<w:tr><w:tc><w:p/></w:tc><w:tc><w:p><w:r><w:t>right</w:t></w:r></w:p></w:tc></w:tr>"
        "</w:tbl>"
    )
    assert parse(data, "a.docx").text == (
        "One\ttwo\nthree\n\nadded\n\ncontrolled\n\nwide cell\n| right"
    )


def test_hidden_text_of_a_docx_is_not_read() -> None:
    run = "<w:r><w:rPr>{}</w:rPr><w:t>{}</w:t></w:r>"
    body = run.format("<w:b/>", "Nine") + run.format("<w:vanish/>", " no")
    body += run.format("<w:vanish w:val='0'/>", " sharp")
    assert parse(with_body(f"<w:p>{body}</w:p>"), "a.docx").text == "Nine sharp"


def test_docx_bomb_is_refused_unopened() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
        archive.filelist[0].file_size = 600_000_000  # what its table of contents will say
    assert "unpacks to over 500 MB" in reason(out.getvalue(), "a.docx")


def test_refused_docx() -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    encrypted = OLE + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600
    assert "is encrypted" in reason(encrypted, "a.docx")
    assert "another Office file" in reason(other.getvalue(), "a.docx")
    assert "damaged" in reason(with_body("<w:p>"), "a.docx")
    assert "holds no text" in reason(make_docx([""]), "a.docx")


# --- Refusals that are the same for all -----------------------------------------------------


@pytest.mark.parametrize("suffix", READERS)
def test_empty_files(suffix: str) -> None:
    assert "is empty" in reason(b"", f"a{suffix}")


@pytest.mark.parametrize("data", [b" \r\n\t", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b"\n\x0c"])
def test_white_space_is_no_text(data: bytes) -> None:
    assert "holds no text" in reason(data, "a.txt")
    assert "holds no text" in reason(data, "a.md")


def test_front_matter_alone_is_no_text() -> None:
    assert "holds no text" in reason(b"---\ntitle: A\n---\n", "a.md")


@pytest.mark.parametrize(
    ("data", "path", "what"),
    [
        (PDF, "a.txt", "is a PDF, not plain text: rename it to end in .pdf"),
        (PDF, "a.md", "is a PDF, not Markdown"),
        (PDF, "a.html", "is a PDF, not an HTML page"),
        (PDF, "a.docx", "is a PDF, not a Word file"),
        (DOCX, "a.pdf", "is a ZIP archive or an Office file, not a PDF"),
        (DOCX, "a.txt", "is a ZIP archive or an Office file, not plain text"),
        (make_html("Hi"), "a.pdf", "is an HTML page, not a PDF: rename it to end in .html"),
        (make_html("Hi"), "a.txt", "is an HTML page, not plain text"),
        (b"Some text", "a.pdf", "is not a PDF"),
        (b"Some text", "a.docx", "is not a Word file"),
        (OLE, "a.docx", "is an old Office file, not a Word file: save it as .docx or PDF"),
        (OLE, "a.txt", "is an old Office file, not plain text"),
        (PNG, "a.txt", "is an image, not plain text"),
        (b"GIF89a\0\0\0\0", "a.txt", "is an image, not plain text"),
        (rb"{\rtf1 Hi}", "a.txt", "is an RTF file, not plain text"),
    ],
)
def test_not_what_the_suffix_says(data: bytes, path: str, what: str) -> None:
    assert what in reason(data, path)


@pytest.mark.parametrize("path", ["a.xlsx", "a.tar.gz", "noext", "dir.txt/noext"])
def test_unknown_formats(path: str) -> None:
    message = reason(b"text", path)
    assert "supported" in message
    assert ".txt, .text, .md, .markdown, .html, .htm, .pdf, .docx" in message


# --- Files on disk --------------------------------------------------------------------------


def refused(root: Path, path: str, max_file_mb: float = 1) -> str:
    with pytest.raises(DocumentError) as caught:
        load(root, path, max_file_mb=max_file_mb)
    assert path not in str(caught.value)
    assert str(root) not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "data"), [("ä b/ü.txt", b"Nine."), ("a.PDF", PDF), ("a.docx", DOCX)]
)
def test_load_is_parse_of_the_file(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(data)
    assert load(tmp_path, name, max_file_mb=1) == parse(data, name)


def test_largest_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 2000)
    assert len(load(tmp_path, "a.txt", max_file_mb=0.002).text) == 2000
    (tmp_path / "b.txt").write_bytes(b"x" * 1_500_001)
    assert "too large, 1.5 MB where at most 0.25 MB" in refused(tmp_path, "b.txt", 0.25)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/folder.txt").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "docs/out.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "docs/self.txt").symlink_to(tmp_path / "docs/self.txt")
    (tmp_path / "docs/file").write_text("x")
    os.mkfifo(tmp_path / "docs/pipe.txt")
    root = tmp_path / "docs"
    assert "no longer there" in refused(root, "gone.txt")
    assert "no longer there" in refused(root, "file/a.txt")
    assert "not a file but a folder" in refused(root, "folder.txt")
    assert "not a file but a folder" in refused(root, "pipe.txt")
    assert "outside" in refused(root, "../secret.txt")
    assert "outside" in refused(root, "out.txt")
    assert "outside" in refused(root, str(tmp_path / "secret.txt"))
    assert "cannot be read" in refused(root, "self.txt")
    assert "cannot be read" in refused(root, "x" * 300 + ".txt")
    assert "cannot be read" in refused(root, "a\0b.txt")


def test_find_files(tmp_path: Path) -> None:
    files = ["b.txt", "a/ü.md", "a/b/c.xyz", "a.txt", "a b.pdf", "noext"]
    hidden = [".hidden.txt", ".git/a.txt", "a/.x/y.txt", "~$a.docx", "a/.DS_Store"]
    for name in files + hidden:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    os.mkfifo(tmp_path / "pipe.txt")
    assert find_files(tmp_path) == sorted(files)


def test_find_files_below_a_hidden_folder(tmp_path: Path) -> None:
    root = tmp_path / ".docs"
    root.mkdir()
    assert find_files(root) == []
    (root / "a.txt").write_text("x")
    assert find_files(root) == ["a.txt"]


def test_find_files_and_links(tmp_path: Path) -> None:
    root = tmp_path / "docs"
    (root / "sub").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret")
    (root / "sub/a.txt").write_text("x")
    (root / "link.txt").symlink_to(root / "sub/a.txt")
    (root / "out.txt").symlink_to(tmp_path / "secret.txt")
    (root / "outside").symlink_to(tmp_path)
    (root / "sub/cycle").symlink_to(root)
    (root / "self").symlink_to(root / "self")
    (root / "dangling.txt").symlink_to(root / "gone.txt")
    (tmp_path / "alias").symlink_to(root)
    assert find_files(root) == ["link.txt", "sub/a.txt"]
    assert find_files(tmp_path / "alias") == ["link.txt", "sub/a.txt"]
    assert load(tmp_path / "alias", "link.txt", max_file_mb=1).text == "x"


def test_names_that_are_not_unicode(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    try:
        (tmp_path / name).write_text("x")
    except OSError:
        pytest.skip("this file system takes Unicode names only")
    assert find_files(tmp_path) == [name]
    assert "not valid Unicode" in refused(tmp_path, name)
    assert shown(name) == "caf?.txt"
    assert shown("ü.txt") == "ü.txt"


def test_find_files_without_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    for root in (tmp_path / "gone", tmp_path / "a.txt"):
        with pytest.raises(DocumentsNotFound, match="cannot be listed"):
            find_files(root)


def test_importing_the_module_imports_no_parser() -> None:
    libraries = "pypdf docx lxml trafilatura charset_normalizer yaml"
    found = f"any(name in sys.modules for name in '{libraries}'.split())"
    code = f"import sys, rag.load; sys.exit({found})"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


# --- Anything at all ------------------------------------------------------------------------


def check(data: bytes, path: str) -> None:
    try:
        document = parse(data, path)
    except DocumentError:
        return
    assert document.text.strip()
    assert "\0" not in document.text
    assert document.title.strip()
    assert document.id == hashlib.sha256(document.text.encode("utf-8")).hexdigest()
    for value in (document.title, *document.metadata.values()):
        assert "\0" not in value
        value.encode("utf-8")


SAMPLES = {
    ".txt": "Das Café öffnet um neun.".encode("cp1252"),
    ".md": b"---\ntitle: A\ndate: 2025-06-27\n---\n# Hi\n\ntext",
    ".html": make_html(
        "<h1>Hi</h1><table><tr><td>a<td>b</table><time datetime=2025-06-27>",
        head='<meta charset=utf-8><script type="application/ld+json">{"headline": "A"}</script>',
    ),
    ".pdf": PDF,
    ".docx": DOCX,
}


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(sorted(READERS)))
@example(b"<meta charset=unicode_escape>\\ud800\xff", ".html")
@example(b"---\n'\\ud800': &a [*a]\n---\n# \xed\xa0\x80", ".md")
def test_any_bytes_give_a_document_or_a_reason(data: bytes, suffix: str) -> None:
    check(data, f"a{suffix}")


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(SAMPLES)),
    st.floats(0, 1),
    st.integers(0, 40),
    st.binary(max_size=40),
    st.floats(0, 1) | st.just(1.0),
)
def test_any_damage_gives_a_document_or_a_reason(
    suffix: str, place: float, removed: int, inserted: bytes, kept: float
) -> None:
    data = SAMPLES[suffix]
    at = int(len(data) * place)
    damaged = data[:at] + inserted + data[at + removed :]
    check(damaged[: int(len(damaged) * kept) + 1], f"a{suffix}")


CLEAN = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\t\r\n"))


@settings(max_examples=200, deadline=None)
@given(CLEAN, st.sampled_from(["utf-8-sig", "utf-16"]))
def test_any_text_comes_back_exactly(text: str, encoding: str) -> None:
    assume(text.strip())
    assert parse(text.encode(encoding), "a.txt").text == text
    if not text.startswith("\ufeff"):  # there it is the BOM
        assert parse(text.encode("utf-8"), "a.txt").text == text
