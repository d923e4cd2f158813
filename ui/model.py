"""The language model that may write answers: set and given up on the page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import gradio as gr

from rag.assistant import Assistant
from rag.load import shown
from ui.markup import text

_LONGEST = 500
_PATIENCE = 20.0
"""Seconds that a model may take for its first word when it is set here."""
ABOUT = (
    "An OpenAI-compatible server: Ollama, llama.cpp, vLLM, LM Studio or a hosted one. It is sent "
    "your question and the passages that were found; only sentences that a passage carries are "
    "shown. It serves everybody on this page until Sayso stops."
)


class Model:
    """The events of the panel."""

    def __init__(self, assistant: Assistant, told: Callable[[Exception], str]) -> None:
        """``told`` makes an error a text for people."""
        self._assistant = assistant
        self._told = told
        self._setting = threading.Lock()

    def status(self) -> str:
        """Who writes at present."""
        name = self._assistant.written_by
        if name:
            return f'<p class="model-now">Answers are written by <strong>{text(name)}</strong>.</p>'
        return '<p class="model-now">Answers are quotes. No language model is used.</p>'

    def use(self, url: str, model: str, key: str) -> Any:
        """Use the endpoint from now on if it answers; the key's box is emptied."""
        from rag.endpoint import endpoint

        url, model, key = (shown(given).strip()[:_LONGEST] for given in (url, model, key))
        with self._setting:
            try:
                timeout = self._assistant.settings.llm_timeout
                first = endpoint(url, model, key, min(timeout, _PATIENCE))
                pieces = first.write([("user", "Reply with the word yes.")])
                any(pieces)  # up to its first word; raises what is wrong
                pieces.close()
                self._assistant.write_with(endpoint(url, model, key, timeout))
            except Exception as error:
                told = text(self._told(error))
                return "", f'<p class="model-bad" role="alert">{told}</p>{self.status()}'
        return "", self.status()

    def stop(self) -> Any:
        """Quotes alone from now on."""
        self._assistant.write_with(None)
        return "", self.status()


def panel(model: Model, quiet: dict[str, Any]) -> None:
    """The panel and its events."""
    with gr.Accordion("Language model", open=False, elem_id="model"):
        gr.Markdown(ABOUT, elem_id="model-about")
        status = gr.HTML(model.status(), elem_id="model-status", apply_default_css=False)
        url = gr.Textbox(
            label="Address", placeholder="http://localhost:11434/v1", max_lines=1, elem_id="llm-url"
        )
        name = gr.Textbox(label="Model", placeholder="llama3.2", max_lines=1, elem_id="llm-model")
        key = gr.Textbox(
            label="Key, if it wants one", type="password", max_lines=1, elem_id="llm-key"
        )
        with gr.Row():
            use = gr.Button("Use it", variant="primary", min_width=0, elem_id="llm-use")
            stop = gr.Button("Quotes only", min_width=0, elem_id="llm-stop")
    use.click(model.use, [url, name, key], [key, status], **quiet)
    stop.click(model.stop, None, [key, status], queue=False, **quiet)
