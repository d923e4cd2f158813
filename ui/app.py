"""The chat in a browser: what is on the page, and what happens on it.

``build`` makes the page around an ``Assistant``; ``serve`` answers browsers with it. The
HTML comes from ``render`` and ``source``, and ``page.js`` turns clicks into the events
that are listened to here. Each browser session has its own conversation, a tuple of ``Turn``s
with the id that it is kept by, and its own say in how sure an answer must be and whose words
are asked for; the documents and the kept conversations are everybody's.
"""

from __future__ import annotations

from rag.offline import go_offline

go_offline()  # before gradio reads its switches

from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import gradio as gr  # noqa: E402

from rag.assistant import Assistant  # noqa: E402
from ui.desk import Desk  # noqa: E402
from ui.model import panel  # noqa: E402
from ui.render import conversation as conversation_html  # noqa: E402
from ui.server import run  # noqa: E402
from ui.source import nothing  # noqa: E402

HERE = Path(__file__).parent

MASTHEAD = """
<header class="masthead"><p class="wordmark">Sayso</p>
<div class="views" role="group" aria-label="View">
<button type="button" data-page="chat" aria-pressed="true">Chat</button>
<button type="button" data-page="source" aria-pressed="false">Source</button>
<button type="button" data-page="documents" aria-pressed="false">Documents
<span id="documents-count"></span></button>
<button type="button" data-page="conversations" aria-pressed="false">Conversations</button>
<button type="button" data-page="evaluate" aria-pressed="false">Evaluate</button></div></header>
"""

EVALUATE = """
<h2>How good are the answers here?</h2>
<p class="folder">Drop a set of questions with the right answers: a CSV with the columns question
and answer, or JSON lines. Each is asked over the documents in use; the report shows every answer,
the worst first. What you say of answers in the chat makes such a set as well.</p>
"""

SURE = """
<label for="sure-percent">How sure must Sayso be to answer?</label>
<input type="range" id="sure-percent" min="0" max="100" step="1" value="${value}"
aria-valuetext="${value}%" autocomplete="off"><output for="sure-percent">${value}%</output>
"""

# Nothing is offered as an API, and the page shows its own signs of progress. By default an
# event is lost while an earlier one of its kind runs, even one that is being cancelled.
QUIET: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "trigger_mode": "multiple",
}


def build(assistant: Assistant) -> gr.Blocks:
    """The page; ``serve`` adds its theme and style."""
    desk = Desk(assistant)
    welcome = conversation_html((), (), 1)  # without examples, which take a moment
    page = gr.Blocks(
        title="Sayso",
        analytics_enabled=False,
        fill_width=True,
        fill_height=True,
        delete_cache=(3600, 3600),
    )
    with page:
        turns = gr.State(())
        speaker = gr.State("")
        current = gr.State("")
        masthead = _html(MASTHEAD, "masthead")
        with gr.Row(elem_id="columns", equal_height=True):
            with gr.Column(elem_id="chat", min_width=0):
                conversation = _html(welcome, "conversation", '<div role="log">${value}</div>')
                chip = _html("", "chip", '<div role="status">${value}</div>')
                with gr.Row(elem_id="composer"):
                    question = gr.Textbox(
                        label="Your question",
                        show_label=False,
                        placeholder="Ask about your documents",
                        lines=1,
                        max_lines=6,
                        container=False,
                        elem_id="question",
                        autofocus=True,
                        html_attributes=gr.InputHTMLAttributes(
                            autocomplete="off", enterkeyhint="send"
                        ),
                    )
                    send = gr.Button("Ask", variant="primary", elem_id="send", min_width=0)
                    anew = gr.Button("New conversation", elem_id="anew", min_width=0)
                sure = _html(desk.sure, "sure", SURE)
            with gr.Column(elem_id="side", min_width=0):
                source = _html(nothing(), "source")
                with gr.Column(elem_id="documents", min_width=0):
                    files = gr.File(
                        label="Drop files here, or choose some",
                        show_label=False,
                        file_count="multiple",
                        elem_id="files",
                        height=84,
                    )
                    notice = _html("", "notice", '<div role="status">${value}</div>')
                    panel(desk.model, QUIET)
                    shelf = _html("", "shelf")

                with gr.Column(elem_id="conversations", min_width=0):
                    kept = _html("", "kept")
                    saved = _html("", "saved")

                with gr.Column(elem_id="evaluate", min_width=0):
                    _html(EVALUATE, "evaluate-about")
                    questions = gr.File(
                        label="Drop a set of questions here, or choose one",
                        show_label=False,
                        file_types=[".csv", ".jsonl"],
                        elem_id="questions",
                        height=84,
                    )
                    judged = gr.Button("Ask what I judged", elem_id="judged", min_width=0)
                    progress = _html("", "progress", '<div role="status">${value}</div>')
                    report = _html("", "report")

        asks = [question, turns, sure, speaker]
        begun = [turns, question, conversation]
        answered = [turns, conversation, source, current, kept]
        asking = [
            asked.success(desk.answer, [turns, sure, current], answered, **QUIET)
            for asked in (
                question.submit(desk.begin, asks, begun, queue=False, **QUIET),
                send.click(desk.begin, asks, begun, queue=False, **QUIET),
                conversation.ask(desk.begin_with, [turns, sure], begun, queue=False, **QUIET),
                conversation.correct(desk.correct, [turns, sure], begun, queue=False, **QUIET),
            )
        ]
        conversation.stop(
            desk.stop, [turns, sure, current], answered, cancels=asking, queue=False, **QUIET
        )
        decide = {"queue": False, **QUIET, "trigger_mode": "always_last"}
        for moved in (sure.input, *(answer.success for answer in asking)):  # or moved meanwhile
            moved(desk.decide, [turns, sure], [conversation], **decide)
        conversation.judge(desk.judge, [turns, sure], [turns, conversation], queue=False, **QUIET)
        for begins in (anew.click, kept.anew):
            begins(
                desk.clear, None, [*answered, speaker, chip], cancels=asking, queue=False, **QUIET
            )
        kept.open(desk.kept.open, [turns, sure, current], answered, cancels=asking, **QUIET)
        kept.delete(desk.kept.delete, [turns, current], answered, **QUIET)
        kept.rename(desk.kept.rename, [current], [kept], **QUIET)
        kept.export(desk.kept.export, [current], [saved, kept], **QUIET)
        masthead.look(desk.kept.listed, [current], [kept], **QUIET)
        for named in (conversation, source, chip):
            named.only(desk.only, None, [speaker, chip], queue=False, **QUIET)
        for shown in (conversation, source, shelf):
            shown.show(desk.show, [turns], [source], **QUIET)

        page.load(desk.kept.listed, [current], [kept], **QUIET)
        evaluated = [questions, progress, report]
        questions.upload(desk.evaluate, [questions], evaluated, **QUIET)
        judged.click(desk.evaluate_feedback, None, evaluated, **QUIET)
        changes = [
            page.load(desk.shelf, None, [shelf], **QUIET),
            files.upload(desk.add, [files], [files, notice, shelf], **QUIET),
            shelf.remove(desk.remove, None, [notice, shelf], **QUIET),
        ]
        for changed in changes:
            changed.then(desk.suggest, None, None, **QUIET).then(
                desk.welcome, [turns], [conversation], queue=False, **QUIET
            )
    page.queue(default_concurrency_limit=8, api_open=False)
    return page


def serve(assistant: Assistant, host: str, port: int) -> None:
    """Serve the chat until interrupted; port 0 takes a free one.

    Raises ``SaysoError`` when the address cannot be had.
    """
    run(lambda: build(assistant), host, port)


def _html(value: str | int, name: str, template: str = "${value}") -> Any:
    """An HTML component whose clicks ``page.js`` turns into events.

    Only ``${value}`` may stand in ``template``: what is put in by other means is run as code.
    """
    script = (HERE / "page.js").read_text("utf-8")
    return gr.HTML(
        value, html_template=template, elem_id=name, js_on_load=script, apply_default_css=False
    )
