"""The HTML, without a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest

from rag.compose import NO_QUESTION, ONE_SIDE, UNNAMED
from rag.conversations import Conversation
from rag.dropped import DROPPED
from rag.speaker import statements
from rag.types import (
    Answer,
    Citation,
    Claim,
    Document,
    DocumentEntry,
    Outcome,
    Skipped,
    Speaker,
    Statement,
)
from tests.ui.conftest import HOSTILE, HOSTILE_NAME, HOSTILE_TITLE
from ui import markup, render, source
from ui.kept import conversations
from ui.render import Turn

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


class Read(HTMLParser):
    """What a browser makes of HTML: its elements, their attributes and texts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.marked: dict[str, str] = {}
        self._mark = ""
        self.feed(html)
        self.close()
        assert self.open == [], "each element is closed"

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)
        if tag == "mark":
            self._mark = dict(attrs).get("class") or "mark"
            self.marked.setdefault(self._mark, "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "mark":
            self._mark = ""

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._mark:
            self.marked[self._mark] += data

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}


OURS = set(
    "a bdi blockquote button cite details div em figcaption figure h1 h2 header i input li mark p "
    "q section span strong summary time ul".split()
)

QUOTE = "The moon is made of green cheese."


def citation(marker: int = 1, quote: str = QUOTE, start: int = 0, **given: object) -> Citation:
    fields = {"document_id": "d", "path": "moon.txt", "title": "On the Moon", **given}
    return Citation(marker=marker, start=start, end=start + len(quote), quote=quote, **fields)


def claim(*citations: Citation, **given: object) -> Claim:
    return Claim(text=citations[0].quote, citations=citations, probability=0.8, **given)


def answer(outcome: Outcome = "answered", claims: Sequence[Claim] = (), **given: object) -> Answer:
    fields = {
        "question": "What is the moon made of?",
        "searched": "What is the moon made of?",
        "text": "Nothing in the documents comes near this question.",
        "confidence": 0.78,
        "hits": (),
        "seconds": {},
        **given,
    }
    return Answer(claims=tuple(claims), outcome=outcome, **fields)


def shown(answered: Answer) -> str:
    return render.conversation([Turn(answered.question, answered)], (), 1)


# -- escaping --------------------------------------------------------------------------

HOSTILE_TEXTS = [
    HOSTILE,
    HOSTILE_NAME,
    "</div></mark></section>",
    "\"'><script>alert(1)</script>",
    "&lt;b&gt; &amp;amp; &#60;i&#62;",
    "line\r\nbreaks\rof\nall kinds",
    "[a](javascript:alert(1)) ![b](x) $$c$$ ${d} {{e}} `f`",
    "\u200b\u200e\u202e\u2066\ufeff",
]


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_text_reads_back_as_it_was(text: str) -> None:
    read = Read(f'<p title="{markup.text(text)}">{markup.text(text)}</p>')
    assert read.text == text
    assert read.elements == [("p", {"title": text})]


def test_text_that_is_not_unicode_is_made_fit_to_show() -> None:
    assert markup.text("caf\udce9") == "caf?"


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_no_piece_of_an_answer_is_markup(text: str) -> None:
    cited = citation(quote=text, path=text, title=text, published=date(2025, 6, 27))
    said = claim(
        cited,
        speaker=Speaker(text, text, 0, 1),
        answer_span=(0, len(text)),
        more_spans=((1, 2), (2, len(text))),
    )
    turns = [
        Turn(text, answer(claims=[said, said], searched=text, dropped=2)),
        Turn(text, answer("closest", [said, said], searched=text)),
        Turn(text, answer("declined", text=text)),
        Turn(text, error=text),
        Turn(text),
    ]
    read = Read(render.conversation(turns, (), 1))
    assert read.tags <= OURS
    assert not [a for _, a in read.elements if any(name.startswith("on") for name in a)]
    assert {a["href"] for tag, a in read.elements if tag == "a"} == {"#source"}
    # Five questions; in four claims the quote, title, name and role; searched for twice; etc.
    assert read.text.count(text) >= 24


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_no_piece_of_a_list_is_markup(text: str) -> None:
    entry = DocumentEntry("d", (DROPPED + text, text), text, date(2025, 6, 27), 10, 1)
    skipped = [Skipped(text, text)]
    for html in (
        render.documents([entry], skipped, text),
        render.notice(text, skipped),
        render.conversation((), [text], 1),
        source.source(Document("d", text, text, text, paths=(text,))),
        source.source(Document("d", text, text, text), (), citation(quote=text), 0, short=[(0, 9)]),
        source.gone(citation(quote=text, title=text, path=text), 0, [(0, 9)]),
        source.source(Document("d", text, text, text), since=text),
        conversations([Conversation("0" * 16, text, NOW, NOW, 2)], ""),
    ):
        read = Read(html)
        assert read.tags <= OURS
        assert text in read.text
        assert not [a for _, a in read.elements if any(name.startswith("on") for name in a)]


def test_inline_pieces_cannot_turn_what_stands_beside_them() -> None:
    html = shown(answer(claims=[claim(citation(title=HOSTILE_TITLE))]))
    assert f"<bdi>{markup.text(HOSTILE_TITLE)}</bdi>" in html
    assert f"<bdi>{markup.text(HOSTILE_NAME)}</bdi>" in render.notice(
        "", [Skipped(HOSTILE_NAME, "It is empty.")]
    )


# -- answers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (1.0, "very likely"),
        (0.9, "very likely"),
        (0.89, "likely"),
        (0.7, "likely"),
        (0.69, "uncertain"),
        (0.4, "uncertain"),
        (0.39, "unlikely"),
        (0.0, "unlikely"),
    ],
)
def test_likelihood(probability: float, words: str) -> None:
    assert markup.likelihood(probability) == words


@pytest.mark.parametrize(
    ("probability", "shown_as"), [(0.0, "<1%"), (0.78, "78%"), (0.994, "99%"), (1.0, ">99%")]
)
def test_percent_never_claims_certainty(probability: float, shown_as: str) -> None:
    assert markup.percent(probability) == shown_as


def test_outcomes_are_told_in_words_and_look_different() -> None:
    said = [claim(citation())]
    answered = shown(answer(claims=said))
    closest = shown(answer("closest", said, confidence=0.2))
    declined = shown(answer("declined", confidence=0.03))
    assert "Answered · likely (78%)" in Read(answered).text
    assert "Not sure that the documents answer this. What comes nearest:" in Read(closest).text
    assert "unlikely (20%)" in Read(closest).text
    assert "Nothing in the documents comes near this question." in Read(declined).text
    assert "unlikely (3%)" in Read(declined).text
    kinds = [re.search(r'class="answer (\w+)"', html) for html in (answered, closest, declined)]
    assert [kind and kind[1] for kind in kinds] == ["answered", "closest", "declined"]
    assert "width:78%" in answered


def test_what_was_no_question_is_not_judged() -> None:
    html = shown(answer("declined", text=NO_QUESTION, confidence=0.0))
    assert NO_QUESTION in Read(html).text
    assert "Is that so?" not in Read(html).text
    assert "%" not in Read(html).text
    assert "Is that so?" in Read(shown(answer("declined", confidence=0.03))).text


def test_each_marker_is_a_link_to_its_citation() -> None:
    said = claim(citation(1), citation(2, path=DROPPED + "b.txt", title="Again"))
    html = render.conversation([Turn("q"), Turn("q", answer(claims=[said]))], (), 1)
    links = [a for tag, a in Read(html).elements if tag == "a"]
    assert [a["data-detail"] for a in links] == [
        '{"turn": 1, "marker": 1}',
        '{"turn": 1, "marker": 2}',
    ]
    assert links[1]["aria-label"] == "[2] Show in Again (b.txt (dropped in))"


def test_speaker_date_and_short_answer_are_shown() -> None:
    said = claim(
        citation(published=date(2025, 6, 7)),
        speaker=Speaker("Ann Lee", "astronomer", 0, 7),
        answer_span=(20, 32),
    )
    read = Read(shown(answer(claims=[said])))
    assert "Ann Lee, astronomer" in read.text
    assert "On the Moon · 7 June 2025" in read.text
    assert read.marked == {"mark": QUOTE[20:32]}
    assert QUOTE in read.text


def test_searched_is_shown_where_it_differs() -> None:
    assert "Searched for" not in shown(answer())
    assert "Searched for: Who is Ann?" in Read(shown(answer(searched="Who is Ann?"))).text


def test_dropped_quotes_are_counted() -> None:
    assert "left out" not in shown(answer())
    assert "1 quote was left out" in shown(answer(dropped=1))
    assert "2 quotes were left out" in shown(answer(dropped=2))


def test_stages() -> None:
    searching = answer(stage="searching")
    assert "Searching the documents" in shown(searching)
    assert "Reading 2 passages" in shown(
        replace(searching, stage="reading", hits=(object(), object()))
    )
    assert Turn("q").is_open
    assert Turn("q", searching).is_open
    assert not Turn("q", answer()).is_open
    assert not Turn("q", error="no").is_open


# -- sources ---------------------------------------------------------------------------


def document(text: str, **given: object) -> Document:
    return Document("d", "moon.txt", "On the Moon", text, paths=("moon.txt",), **given)


def test_the_selected_quote_is_one_mark_in_the_whole_text() -> None:
    text = f"Before.\n\n{QUOTE} After. {QUOTE}\n"
    first, second = citation(1, start=9), citation(2, start=text.rindex(QUOTE))
    read = Read(source.source(document(text), [first, second], second, turn=3))
    assert read.marked == {"cited": QUOTE, "cited selected": QUOTE}
    assert text in read.text
    assert read.text.index("moon.txt · ".rstrip(" ·")) < read.text.index("Before.")
    assert f"characters {second.start:,}–{second.end:,} of {len(text)}" in read.text
    assert ("section", {
        "class": "source", "aria-label": "Source", "data-turn": "3", "data-marker": "2",
    }) in read.elements  # fmt: skip


def test_overlapping_quotes_leave_the_selected_one_whole() -> None:
    text = "one two three four five"
    selected, other = citation(1, "two three"), citation(2, "three four")
    selected = replace(selected, start=4, end=13)
    other = replace(other, start=8, end=18)
    read = Read(source.source(document(text), [other], selected, turn=0))
    assert read.marked == {"cited selected": "two three"}
    assert text in read.text


def test_a_quote_over_lines_keeps_them() -> None:
    text = "a\r\n\r\n  b\tc\n"
    cited = replace(citation(quote=text[1:9]), start=1, end=9)
    assert Read(source.source(document(text), (), cited, 0)).marked["cited selected"] == text[1:9]


def test_of_a_very_long_document_a_part_is_shown_that_can_be_widened() -> None:
    line = "The tide comes in and the tide goes out again.\n"
    text = line * 10_000 + QUOTE + "\n" + line * 10_000
    cited = citation(start=len(line) * 10_000)
    html = source.source(document(text), (), cited, 0)
    read = Read(html)
    assert len(html) < 2 * source.WINDOW
    assert read.marked["cited selected"] == QUOTE
    body = read.text[read.text.index("The tide") :]
    assert body.startswith(line)
    earlier, later = (
        dict(re.findall(r'"(start|end)": (\d+)', a["data-detail"] or ""))
        for tag, a in read.elements
        if tag == "button" and a.get("class") == "extend"
    )
    assert int(earlier["start"]) < cited.start - source.WINDOW
    assert int(later["end"]) > cited.end + source.WINDOW
    window = source.Window(0, len(text))
    assert Read(source.source(document(text), (), cited, 0, window)).text.count(line) == 20_000


def test_a_short_document_is_shown_whole() -> None:
    assert source.Window.around("x" * 1000, 5, 10) == source.Window(0, 1000)


def test_the_quote_of_a_removed_document_is_still_shown() -> None:
    read = Read(source.gone(citation(path=DROPPED + "moon.txt"), 2))
    assert "no longer indexed" in read.text
    assert "moon.txt (dropped in)" in read.text
    assert read.marked["cited selected"] == QUOTE


# -- documents -------------------------------------------------------------------------


def test_only_dropped_in_files_can_be_removed() -> None:
    entries = [
        DocumentEntry("a", ("a.txt",), "A", None, 1200, 3),
        DocumentEntry("b", (DROPPED + "b.txt",), "B", date(2025, 6, 27), 1, 1),
    ]
    read = Read(render.documents(entries, (), "seeds"))
    removes = [a for _, a in read.elements if a.get("data-event") == "remove"]
    assert [(a["aria-label"], a["data-detail"]) for a in removes] == [
        ("Remove b.txt (dropped in)", '{"dropped": ".dropped/b.txt"}')
    ]
    assert "2 documents in use" in read.text
    assert "3 passages · 1,200 characters" in read.text
    assert "27 June 2025 · 1 passage · 1 character" in read.text
    assert DROPPED not in read.text


def test_long_lists_are_cut_and_say_so() -> None:
    entries = [DocumentEntry(f"{n}", (f"{n}.txt",), "T", None, 1, 1) for n in range(1000)]
    read = Read(render.documents(entries, (), "seeds"))
    assert read.text.count(".txt") == render.MOST_LISTED
    assert "and 800 more documents" in read.text


def test_skipped_files_are_listed_with_their_reason() -> None:
    read = Read(render.documents((), [Skipped("x.txt", "The file is empty.")], "seeds"))
    assert "1 file skipped" in read.text
    assert "x.txt The file is empty." in read.text


def test_examples_or_what_else_to_do() -> None:
    read = Read(render.conversation((), ["Who is Ann Lee?"], 1))
    asks = [a for _, a in read.elements if a.get("data-event") == "ask"]
    assert [a["data-detail"] for a in asks] == ['{"question": "Who is Ann Lee?"}']
    assert "no documents yet" in render.conversation((), (), 0)
    assert "no documents yet" not in render.conversation((), (), 3)


# -- short answers ---------------------------------------------------------------------

SHORT = (20, 32)
"""Where "green cheese" stands in ``QUOTE``."""


def test_the_short_answer_comes_before_its_sentence() -> None:
    said = claim(citation(), answer_span=SHORT)
    read = Read(shown(answer(claims=[said])))
    assert read.text.count("green cheese") == 2
    assert read.text.index("green cheese") < read.text.index(QUOTE)
    assert ("p", {"class": "short", "dir": "auto"}) in read.elements
    assert read.marked == {"mark": "green cheese"}


def test_a_short_answer_over_lines_is_shown_on_one() -> None:
    quote = "It is\r\n  green   cheese."
    read = Read(shown(answer(claims=[claim(citation(quote=quote), answer_span=(9, 23))])))
    assert "green cheese" in read.text
    assert quote in read.text


def test_a_quote_without_a_short_answer_stands_alone() -> None:
    for outcome in ("answered", "closest"):
        html = shown(answer(outcome, [claim(citation())]))
        assert 'class="short"' not in html
        assert 'class="lead"' not in html
        assert "<mark>" not in html


def test_a_competing_answer_says_how_likely_it_is() -> None:
    first = claim(citation(1), answer_span=(0, 3))
    other = replace(claim(citation(2), answer_span=SHORT), probability=0.12)
    whole = replace(claim(citation(3)), probability=0.001)
    read = Read(shown(answer(claims=[first, other, whole])))
    assert re.findall(r"Or, [^:]+:", read.text) == ["Or, 12% likely:", "Or, <1% likely:"]
    assert read.text.index("Or, 12%") > read.text.index(QUOTE)
    classes = [given["class"] for tag, given in read.elements if tag == "figure"]
    assert classes == ["claim", "claim alternative", "claim alternative"]


def test_what_only_comes_nearest_is_not_asserted() -> None:
    said = [claim(citation(1), answer_span=SHORT), claim(citation(2), answer_span=(0, 3))]
    closest = Read(shown(answer("closest", said))).text
    assert closest.count("Comes nearest:") == 1
    assert closest.index("Comes nearest:") < closest.index("green cheese")
    assert closest.index("Or, 80% likely:") > closest.index(QUOTE)
    assert "Comes nearest:" not in Read(shown(answer("answered", said))).text


def test_items_of_a_list_do_not_compete() -> None:
    asked = "Which countries were attacked?"
    first = claim(citation(1), answer_span=SHORT, more_spans=((0, 3),))
    html = shown(answer(claims=[first, claim(citation(2))], searched=asked, question=asked))
    assert "likely:" not in html
    assert "alternative" not in html
    assert "The, green cheese" in Read(html).text
    assert html.count("<mark>") == 2


@pytest.mark.parametrize(
    ("spans", "html"),
    [
        ([], "a &lt; b"),
        ([(0, 1)], "<em>a</em> &lt; b"),
        ([(4, 5), (0, 3)], "<em>a &lt;</em> <em>b</em>"),
        ([(0, 3), (2, 5)], "<em>a &lt;</em><em> b</em>"),
        ([(-3, 1), (4, 99)], "<em>a</em> &lt; <em>b</em>"),
        ([(2, 2), (7, 9), (-4, -1)], "a &lt; b"),
    ],
)
def test_spans_are_marked_inside_the_text(spans: list[tuple[int, int]], html: str) -> None:
    assert markup.marked("a < b", spans, "em") == html


def test_the_short_answer_is_marked_in_the_source() -> None:
    text = f"Before. {QUOTE} After. {QUOTE}"
    first, other = citation(1, start=8), citation(2, start=text.rindex(QUOTE))
    html = source.source(document(text), [other], first, 0, short=[(0, 3), SHORT])
    assert html.count("<em>") == 2
    assert "<em>The</em> moon is made of <em>green cheese</em>.</mark>" in html
    assert Read(html).marked == {"cited": QUOTE, "cited selected": QUOTE}
    assert text in Read(html).text


def test_the_short_answer_is_marked_in_a_part_of_the_quote() -> None:
    text = f"Before. {QUOTE} After."
    window = source.Window(8 + 25, len(text))
    html = source.source(document(text), (), citation(start=8), 0, window, [SHORT])
    assert f"<em>{QUOTE[25:32]}</em>.</mark> After." in html


def test_the_short_answer_is_marked_in_a_removed_document() -> None:
    html = source.gone(citation(), 0, [SHORT])
    assert "of <em>green cheese</em>.</mark>" in html


def test_a_report_is_in_a_frame_that_reaches_nothing() -> None:
    page = "<script>alert('1')</script>\"></iframe>"
    html = render.report(page)
    read = Read(html)
    assert read.tags == {"iframe"}
    assert 'sandbox="allow-scripts"' in html
    assert "<script" not in html


# -- who says it -----------------------------------------------------------------------


def test_positions_stand_side_by_side_and_are_named() -> None:
    ann = Speaker("Ann Lee", "mayor", 0, 7)
    sides = [
        claim(citation(1), speaker=ann, position="says"),
        claim(citation(2), speaker=Speaker("Bo Day", None, 0, 6), position="denies"),
        claim(citation(3)),
    ]
    html = shown(answer(claims=sides, asked="whether"))
    read = Read(html)
    assert '<div class="sides">' in html
    assert "Ann Lee, mayor says" in read.text
    assert "Bo Day denies it" in read.text
    assert "The document itself" in read.text
    assert "likely:" not in read.text
    assert ONE_SIDE not in read.text
    assert ONE_SIDE in Read(shown(answer(claims=sides[:1], asked="whether"))).text


def test_the_documents_own_voice_has_no_name_elsewhere() -> None:
    assert "The document itself" not in Read(shown(answer(claims=[claim(citation())]))).text
    assert "According to" not in Read(shown(answer(claims=[claim(citation())]))).text


def test_an_unnamed_source_is_called_so() -> None:
    read = Read(shown(answer(claims=[claim(citation(), speaker=Speaker("", None, 3, 3))])))
    assert f"According to {UNNAMED}" in read.text


def test_who_says_it_is_the_short_answer_where_it_is_asked_for() -> None:
    said = claim(citation(), speaker=Speaker("Ann Lee", None, 0, 7), names_speaker=True)
    assert '<p class="short" dir="auto"><bdi>Ann Lee</bdi></p>' in shown(answer(claims=[said]))


def test_copies_are_one_source_in_several_places() -> None:
    copies = claim(citation(1), citation(2, copy_of=1), citation(3, copy_of=1))
    assert "1 source in 3 places" in Read(shown(answer(claims=[copies]))).text
    assert "· 2 sources" in Read(shown(answer(claims=[claim(citation(1), citation(2))]))).text


def test_a_document_lists_who_speaks_in_it() -> None:
    text = "Ann Lee said that the mill was shut. Bo Day said “it is open to all”."
    document = Document("d", "a.txt", "A", text)
    html = source.source(document, statements=statements(text), said=(13, 35))
    read = Read(html)
    assert "2 speakers" in read.text
    assert "that the mill was shut" in read.text
    assert read.marked == {"cited selected": text[13:35]}
    events = [json.loads(a["data-detail"]) for tag, a in read.elements if "data-detail" in a]
    assert {"document": "d", "from": 13, "to": 35} in events
    assert {"speaker": "Ann Lee"} in events
    assert "speakers" not in Read(source.source(document)).text


@pytest.mark.parametrize("text", HOSTILE_TEXTS)
def test_no_piece_of_a_speaker_is_markup(text: str) -> None:
    speaker = Speaker(text, text, 0, 1)
    said = Statement(0, len(text), speaker)
    html = (
        render.chip(text)
        + render.conversation([Turn("q", speaker=text)], (), 1)
        + source.source(Document("d", "a", "A", text), statements=[said])
        + shown(answer(claims=[claim(citation(), speaker=speaker, position="denies")]))
    )
    read = Read(html)
    assert read.tags <= OURS
    assert not [a for _, a in read.elements if any(name.startswith("on") for name in a)]
    assert text in read.text


# -- kept conversations ----------------------------------------------------------------


def test_the_list_of_conversations_tells_each_and_offers_what_can_be_done() -> None:
    every = [
        Conversation("a" * 16, "Who is Ann?", NOW, NOW, 1),
        Conversation("b" * 16, "When?", NOW, NOW, 3),
    ]
    read = Read(conversations(every, "b" * 16))
    assert "2 conversations kept" in read.text
    assert "1 question" in read.text
    assert "3 questions" in read.text
    assert [a["datetime"][:4] for tag, a in read.elements if tag == "time"] == ["2026"] * 2
    sent = [
        (a["data-event"], json.loads(a["data-detail"]).get("conversation", "")[:1])
        for tag, a in read.elements
        if tag == "button"
    ]
    each = ["open", "rename", "export", "delete"]
    assert sent == [("anew", ""), *[(e, "a") for e in each], *[(e, "b") for e in each]]
    (current,) = [a for tag, a in read.elements if tag == "li" and "aria-current" in a]
    assert current == {"aria-current": "true"}
    assert "None yet." in conversations([], "")


def test_a_follow_up_shows_what_was_searched_for_and_takes_a_correction() -> None:
    html = render.conversation([Turn("Why?", answer(searched="Why did it close?"))], (), 1)
    read = Read(html)
    assert "Searched for: Why did it close?" in read.text
    (field,) = [a for tag, a in read.elements if a.get("aria-label") == "What to search for"]
    assert field["value"] == "Why did it close?"
    assert [
        json.loads(a["data-detail"]) for _, a in read.elements if a.get("data-event") == "correct"
    ]
    assert 'data-event="correct"' not in render.conversation([Turn("q", answer())], (), 1)
