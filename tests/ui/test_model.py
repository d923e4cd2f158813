"""The panel of the language model: it is tried before it is used, and its key stays unseen."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import pytest

from rag import endpoint
from rag.assistant import Assistant
from tests import openai_server
from tests.conftest import MakeAssistant
from tests.openai_server import FROM_SERVER, Behaviour, closed_port, says, serving, status
from ui.desk import Desk

KEY = "sk-very-secret-0123456789"


class Yes:
    def of(self, question: str, sentence: str, passages: Sequence[tuple[str, str]]) -> list[float]:
        return [0.9] * len(passages)


@pytest.fixture
def assistant(make_assistant: MakeAssistant, monkeypatch: pytest.MonkeyPatch) -> Assistant:
    monkeypatch.setattr("rag.support.load_support", Yes)
    slept = SimpleNamespace(monotonic=lambda: 0.0, sleep=lambda seconds: None)
    monkeypatch.setattr(endpoint, "time", slept)
    return make_assistant()


def test_at_first_there_is_none(assistant: Assistant) -> None:
    assert "No language model is used" in Desk(assistant).model.status()


def test_a_model_that_answers_is_used_until_it_is_given_up(assistant: Assistant) -> None:
    model = Desk(assistant).model
    with serving(says("Yes.")) as up:
        box, told = model.use(f" {up.url} ", "tiny<b>", KEY)
        assert (box, assistant.written_by) == ("", "tiny<b>")
        assert "written by <strong>tiny&lt;b&gt;</strong>" in told
        (request,) = up.requests
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert "late" not in str(request.body)  # nothing of the documents is sent to try it
        answer = assistant.ask("Why are apples late?")
        assert answer.written_by == "" != answer.note  # "Yes." says too little
        assert len(up.requests) == 2
    assert KEY not in told
    box, told = model.stop()
    assert (box, assistant.written_by) == ("", "")
    assert "No language model is used" in told


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        (status(401), "it refused the key"),
        (status(404), "it does not know the model or the address"),
        (status(500), "it failed (status 500)"),
        (openai_server.HTML, "it sent no text"),
        (openai_server.BROKEN_JSON, "is no answer"),
    ],
)
def test_one_that_does_not_is_not_used(
    behaviour: Behaviour, said: str, assistant: Assistant
) -> None:
    model = Desk(assistant).model
    with serving(behaviour) as up:
        box, told = model.use(up.url, "m", KEY)
    assert (box, assistant.written_by) == ("", "")
    assert 'role="alert"' in told
    assert said in told
    assert "No language model is used" in told
    assert KEY not in told
    assert FROM_SERVER not in told


@pytest.mark.parametrize(
    ("url", "model", "said"),
    [
        ("<img src=x onerror=alert(1)>", "m", "is not an address"),
        ("file:///etc/passwd", "m", "is not an address"),
        ("http://localhost/v1", "", "no model"),
        (f"http://me:{KEY}@localhost/v1", "m", "holds a password"),
        pytest.param(closed_port(), "m", "there is no connection", id="closed"),
    ],
)
def test_what_is_wrong_is_said_as_text(
    url: str, model: str, said: str, assistant: Assistant
) -> None:
    box, told = Desk(assistant).model.use(url, model, KEY)
    assert (box, assistant.written_by) == ("", "")
    assert said in told
    assert "<img" not in told
    assert KEY not in told
