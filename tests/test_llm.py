"""Language models over HTTP and as LlamaIndex has them, and everything that they get wrong."""

from __future__ import annotations

import contextvars
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata
from llama_index.core.llms.callbacks import llm_completion_callback
from llama_index.llms.openai_like import OpenAILike

from rag import endpoint as endpoint_module
from rag.cli import main
from rag.endpoint import LONGEST_PAUSE, MOST_TOKENS, PAUSES, endpoint
from rag.errors import ModelError, SettingsError, WriterError
from rag.llm import LlamaWriter, Writer, load_writer
from rag.settings import Settings
from rag.types import Answer
from rag.write import NOTHING_STANDS, REFUSED
from tests import openai_server as server
from tests.conftest import MakeAssistant
from tests.openai_server import FROM_SERVER, Behaviour, closed_port, says, serving, status

KEY = "sk-very-secret-0123456789"
ASKED = (("system", "Be short."), ("user", "Why are apples late?"))
QUESTION = "Why are apples late?"
TRUE = "Farmers blame the cold spring for the late apples [1]."
BUSY = "it is asked too often, or its quota is used up. Ask again"
FALSE = "Bakers blame a dragon for the burnt bread [1]."


class Clock:
    """Stands for the module ``time``: sleeping takes no time, and each look a bit of it."""

    def __init__(self, step: float = 0.0) -> None:
        self.now, self.step = 0.0, step
        self.slept: list[float] = []

    def monotonic(self) -> float:
        self.now += self.step
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Yes:
    """Takes every sentence to be carried, so that the rules of the proof decide alone."""

    def of(self, question: str, sentence: str, passages: Sequence[tuple[str, str]]) -> list[float]:
        return [0.9] * len(passages)


@pytest.fixture(autouse=True)
def _support(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.support.load_support", Yes)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(endpoint_module, "time", clock)
    return clock


def text_of(writer: Writer) -> str:
    return "".join(writer.write(ASKED))


def failure(writer: Writer) -> str:
    with pytest.raises(WriterError) as caught:
        text_of(writer)
    return str(caught.value)


# -- an endpoint that works -------------------------------------------------------------------


def test_a_reply_comes_in_pieces() -> None:
    with serving(says("Farmers blame the spring.", size=5)) as up:
        pieces = list(endpoint(up.url, "m").write(ASKED))
    assert [piece for piece in pieces if piece] == ["Farme", "rs bl", "ame t", "he sp", "ring."]


def test_what_is_sent() -> None:
    with serving(says("Yes.")) as up:
        text_of(endpoint(f" {up.url} ", " llama3.2 ", f"{KEY}\n"))
    (request,) = up.requests
    assert request.path == "/v1/chat/completions"
    assert request.body == {
        "model": "llama3.2",
        "messages": [{"role": role, "content": text} for role, text in ASKED],
        "stream": True,
        "temperature": 0.0,
        "max_tokens": MOST_TOKENS,
    }
    assert request.headers["authorization"] == f"Bearer {KEY}"


def test_nothing_is_told_about_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "of-another-program")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Mine: of-another-program")
    with serving(says("Yes.")) as up:
        text_of(endpoint(up.url, "m"))
    (request,) = up.requests
    assert set(request.headers) == {
        *("host", "accept", "accept-encoding", "connection"),
        *("content-type", "content-length", "user-agent"),
    }
    assert request.headers["user-agent"] == "sayso"


def test_a_proxy_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, closed_port())
    with serving(says("Yes.")) as up:
        assert text_of(endpoint(up.url, "m")) == "Yes."


def test_each_question_has_a_connection_of_its_own() -> None:
    with serving(says("Yes."), says("No.")) as up:
        writer = endpoint(up.url, "m")
        assert [text_of(writer), text_of(writer)] == ["Yes.", "No."]


def test_pieces_may_be_taken_in_other_threads_contexts() -> None:
    """A page takes every piece in whatever thread is free."""
    with serving(says("Farmers blame the spring.", size=5)) as up:
        pieces = endpoint(up.url, "m").write(ASKED)
        heard = []
        while (piece := contextvars.Context().run(next, pieces, None)) is not None:
            heard.append(piece)
    assert "".join(heard) == "Farmers blame the spring."


@pytest.mark.parametrize("before", [server.writes_on, server.hangs_after("The first words. ")])
def test_closing_the_generator_ends_the_connection(before: Behaviour) -> None:
    with serving(before) as up:
        pieces = endpoint(up.url, "m").write(ASKED)
        assert any(pieces)
        pieces.close()
        assert up.gone.wait(30)


# -- an endpoint that does not ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "said", "tries"),
    [
        (status(400), "it refused the request (status 400): the passages may be more than", 1),
        (status(401), "it refused the key. Check SAYSO_LLM_KEY.", 1),
        (status(403), "it refused the key. Check SAYSO_LLM_KEY.", 1),
        (status(404), "it does not know the model or the address, which often ends in /v1.", 1),
        (status(418), "it refused the request (status 418)", 1),
        (status(429), f"{BUSY} in a while.", 3),
        (status(429, Retry_After="3600"), f"{BUSY} in 3600 seconds.", 1),
        (status(429, Retry_After=FROM_SERVER), f"{BUSY} in a while.", 3),
        (status(500), "it failed (status 500). Look at its log.", 3),
        (status(503), "it failed (status 503). Look at its log.", 3),
        (status(307, Location="http://127.0.0.1:9/"), "it points to another address", 1),
        (server.HTML, "it sent no text.", 1),
        (server.EMPTY, "it sent no text.", 1),
        (server.TOOL_CALLS, "it sent no text. A model that thinks first, or calls tools,", 1),
        (server.THINKS_ALONE, "it sent no text. A model that thinks first", 1),
        (server.BROKEN_JSON, "what it sent is no answer (JSONDecodeError). Check", 1),
        (server.NO_CHOICES, "what it sent is no answer (", 1),
        (server.NOT_AN_OBJECT, "what it sent is no answer (", 1),
        (server.NOT_UTF8, "what it sent is no answer (UnicodeDecodeError). Check", 1),
        (server.one_word_without_end, "it sent far more than an answer. Check SAYSO_LLM_URL.", 1),
        (server.fails_midway("The f"), "it reported an error in the middle of its answer.", 1),
        (server.breaks_off_after("The f"), "there is no connection. Start it, or check", 1),
    ],
)
def test_a_failure_says_what_to_do(behaviour: Behaviour, said: str, tries: int) -> None:
    with serving(behaviour) as up:
        message = failure(endpoint(up.url, "m", KEY))
    assert message.startswith(f"The language model m at {up.url} did not answer: {said}")
    assert FROM_SERVER not in message
    assert KEY not in message
    assert len(up.requests) == tries


def test_a_server_that_is_down(clock: Clock) -> None:
    message = failure(endpoint(closed_port(), "m", KEY))
    assert message.endswith("there is no connection. Start it, or check SAYSO_LLM_URL.")
    assert clock.slept == list(PAUSES)


@pytest.mark.parametrize(
    ("behaviour", "heard"), [(server.hangs, ""), (server.hangs_after("The first."), "The first.")]
)
def test_a_server_that_hangs_is_not_asked_again(
    behaviour: Behaviour, heard: str, clock: Clock
) -> None:
    with serving(behaviour) as up:
        pieces = endpoint(up.url, "m", timeout=2).write(ASKED)
        got = []
        with pytest.raises(WriterError, match=r"too long\. Wait, or raise SAYSO_LLM_TIMEOUT"):
            got += pieces
        assert up.gone.wait(30)
    assert len(up.requests) == 1
    assert clock.slept == []


def test_signs_of_life_are_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_module, "time", Clock(step=1.0))
    with serving(server.signs_of_life) as up:
        assert "it took too long" in failure(endpoint(up.url, "m", timeout=30))
        assert up.gone.wait(30)


@pytest.mark.parametrize(
    ("first", "slept"),
    [
        (status(429, Retry_After="7"), [7.0]),
        (status(429, Retry_After="0"), [PAUSES[0]]),
        (status(500), [PAUSES[0]]),
        (status(503, Retry_After="2"), [2.0]),
    ],
)
def test_it_is_asked_again_and_answers(first: Behaviour, slept: list[float], clock: Clock) -> None:
    with serving(first, says("Yes.")) as up:
        assert text_of(endpoint(up.url, "m")) == "Yes."
    assert clock.slept == slept
    one, other = up.requests
    assert one.body == other.body


def test_pauses_grow_and_end(clock: Clock) -> None:
    with serving(status(500)) as up:
        failure(endpoint(up.url, "m"))
    assert clock.slept == list(PAUSES) == sorted(PAUSES)
    assert max(PAUSES) <= LONGEST_PAUSE


def test_it_is_not_asked_again_when_its_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint_module, "time", Clock(step=30.0))
    with serving(status(500)) as up:
        failure(endpoint(up.url, "m", timeout=20))
    assert len(up.requests) == 1


def test_what_was_heard_is_not_said_twice() -> None:
    """A reply that breaks off is not begun again: its words are on the page."""
    with serving(server.breaks_off_after("The first. "), says("Another.")) as up:
        pieces, heard = endpoint(up.url, "m").write(ASKED), []
        with pytest.raises(WriterError):
            heard.extend(pieces)
    assert len(up.requests) == 1


# -- other models of LlamaIndex ---------------------------------------------------------------


class Parrot(CustomLLM):
    """A LlamaIndex model as a user writes one; says ``words``, then fails where it is to."""

    words: str = ""
    fails: bool = False

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="parrot")

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
        raise NotImplementedError

    @llm_completion_callback()
    def stream_complete(
        self, prompt: str, formatted: bool = False, **_: Any
    ) -> Iterator[CompletionResponse]:
        said = ""
        for word in self.words.split(" "):
            delta = f" {word}" if said else word
            said += delta
            yield CompletionResponse(text=said, delta=delta)
        if self.fails:
            raise RuntimeError(f"{FROM_SERVER} {KEY}")


def test_any_language_model_of_llama_index_writes() -> None:
    writer = LlamaWriter(Parrot(words="Polly wants a cracker."))
    assert writer.name == "parrot"
    assert "".join(writer.write(ASKED)) == "Polly wants a cracker."


def test_its_errors_are_told_without_their_words() -> None:
    message = failure(LlamaWriter(Parrot(words="Polly", fails=True)))
    assert message == (
        "The language model parrot did not answer: it failed (RuntimeError). Look at its log."
    )


def test_closing_the_generator_ends_its_connection_too() -> None:
    with serving(server.writes_on) as up:
        llm = OpenAILike(model="m", api_base=up.url, api_key="x", is_chat_model=True)
        pieces = LlamaWriter(llm).write(ASKED)
        assert any(pieces)
        pieces.close()
        assert up.gone.wait(30)


def test_an_assistant_takes_one(make_assistant: MakeAssistant) -> None:
    assistant = make_assistant(llm=Parrot(words=TRUE), llm_url="http://127.0.0.1:9/v1")
    assert assistant.written_by == "parrot"
    assert written(assistant.ask(QUESTION)) == [TRUE.replace(" [1]", "")]


# -- through the assistant --------------------------------------------------------------------


def written(answer: Answer) -> list[str]:
    return [claim.written.text for claim in answer.claims if claim.written]


def test_sentences_that_stand_are_the_answer(make_assistant: MakeAssistant) -> None:
    with serving(says(f"{TRUE} {FALSE}")) as up:
        assistant = make_assistant(llm_url=up.url, llm_model="m")
        *snapshots, answer = assistant.stream(QUESTION)
    assert written(answer) == ["Farmers blame the cold spring for the late apples."]
    assert answer.text.endswith("Farmers blame the cold spring for the late apples. [1]")
    assert [one.text for one in answer.removed] == [FALSE.replace(" [1]", "")]
    assert (answer.written_by, answer.note, answer.stage) == ("m", "", "done")
    assert [one.stage for one in snapshots][:3] == ["searching", "reading", "writing"]
    quotes = snapshots[2]
    assert quotes.claims  # shown while it writes
    assert written(quotes) == []
    (request,) = up.requests
    assert request.roles == ["system", "user"]
    asked = request.body["messages"][1]["content"]
    assert " Farmers blame the cold spring for the late apples.\n" in asked
    assert f"Question: {QUESTION}\n" in asked
    claim = answer.claims[0]
    document = assistant.document(claim.citations[0].document_id)
    assert document.text[claim.citations[0].start : claim.citations[0].end] == claim.text


@pytest.mark.parametrize(
    "behaviour",
    [
        status(401),
        status(429),
        status(500),
        server.HTML,
        server.EMPTY,
        server.BROKEN_JSON,
        server.NOT_UTF8,
        server.TOOL_CALLS,
    ],
)
def test_quotes_are_given_when_it_fails(
    behaviour: Behaviour, make_assistant: MakeAssistant
) -> None:
    alone = make_assistant().ask(QUESTION)
    with serving(behaviour) as up:
        failed = make_assistant(llm_url=up.url, llm_model="m", llm_key=KEY).ask(QUESTION)
    assert failed.claims == alone.claims != ()
    assert (failed.text, failed.outcome) == (alone.text, alone.outcome)
    assert failed.note.startswith(f"The language model m at {up.url} did not answer: ")
    assert failed.written_by == ""
    assert FROM_SERVER not in failed.to_json()
    assert KEY not in failed.to_json()


def test_what_stood_stays_when_it_breaks_off(make_assistant: MakeAssistant) -> None:
    with serving(server.fails_midway(f"{TRUE} Farmers also ")) as up:
        answer = make_assistant(llm_url=up.url, llm_model="m").ask(QUESTION)
    assert written(answer) == [TRUE.replace(" [1]", "")]
    assert "reported an error" in answer.note


@pytest.mark.parametrize(
    ("reply", "note"),
    [
        (FALSE, NOTHING_STANDS),
        ("The passages do not say.", REFUSED),
        (f"{FALSE} The passages do not say.", REFUSED),
    ],
)
def test_quotes_are_given_when_nothing_stands(
    reply: str, note: str, make_assistant: MakeAssistant
) -> None:
    with serving(says(reply)) as up:
        answer = make_assistant(llm_url=up.url, llm_model="m").ask(QUESTION)
    assert answer.note == note
    assert answer.claims
    assert written(answer) == []


def test_a_refusal_behind_what_stands_takes_nothing_back(make_assistant: MakeAssistant) -> None:
    with serving(says(f"{TRUE} The passages do not say.")) as up:
        answer = make_assistant(llm_url=up.url, llm_model="m").ask(QUESTION)
    assert (written(answer), answer.note) == ([TRUE.replace(" [1]", "")], "")


def test_nobody_is_asked_when_there_is_nothing_to_write_from(
    make_assistant: MakeAssistant,
) -> None:
    with serving(says(TRUE)) as up:
        answer = make_assistant(llm_url=up.url, llm_model="m").ask("Zebra xylophone?")
    assert (answer.outcome, answer.note, up.requests) == ("declined", "", [])


def test_closing_the_stream_ends_the_connection(make_assistant: MakeAssistant) -> None:
    with serving(server.writes_on) as up:
        snapshots = make_assistant(llm_url=up.url, llm_model="m").stream(QUESTION)
        for snapshot in snapshots:
            if snapshot.stage == "writing":
                break
        snapshots.close()  # before the model was asked
        assert up.requests == []
    with serving(server.hangs_after(f"{TRUE} And then ")) as up:
        snapshots = make_assistant(llm_url=up.url, llm_model="m").stream(QUESTION)
        assert any(written(snapshot) for snapshot in snapshots)
        snapshots.close()
        assert up.gone.wait(30)


def test_a_model_that_writes_on_and_on_is_left(make_assistant: MakeAssistant) -> None:
    with serving(server.writes_on) as up:
        answer = make_assistant(llm_url=up.url, llm_model="m").ask(QUESTION)
        assert up.gone.wait(30)
    assert answer.note == NOTHING_STANDS
    assert 0 < len(answer.removed) < 40


def test_a_key_is_seen_nowhere(make_assistant: MakeAssistant) -> None:
    with serving(says(TRUE)) as up:
        assistant = make_assistant(llm_url=up.url, llm_model="m", llm_key=KEY)
        answer = assistant.ask(QUESTION)
    assert up.requests[0].headers["authorization"] == f"Bearer {KEY}"
    writer = assistant._writing.writer  # type: ignore[union-attr]
    shown = (assistant.settings, assistant.settings.model_dump(), writer, vars(writer))
    assert [
        thing for thing in (*map(repr, shown), answer.to_json(), str(answer)) if KEY in thing
    ] == []


# -- what is set ------------------------------------------------------------------------------


def load(**given: Any) -> Writer | None:
    return load_writer(Settings.load(**given))


def test_no_model_is_set_by_default() -> None:
    assert load() is None


def test_nothing_is_asked_of_an_endpoint_when_it_is_set() -> None:
    with serving(says("Yes.")) as up:
        writer = load(llm_url=up.url, llm_model="m")
    assert writer is not None
    assert (writer.name, up.requests) == ("m", [])


@pytest.mark.parametrize(
    "url",
    ["localhost:11434/v1", "ftp://localhost/v1", "http://", "http://[::1/v1", "http://h:port/v1"],
)
def test_what_is_no_address_is_named(url: str) -> None:
    with pytest.raises(
        SettingsError, match=r"is not an address\. Give one as http://local"
    ) as caught:
        load(llm_url=url, llm_model="m")
    assert repr(url) in str(caught.value)


@pytest.mark.parametrize(
    "url", [f"https://me:{KEY}@host/v1", f"https://host/v1?key={KEY}", f"https://host/v1#{KEY}"]
)
def test_an_address_with_a_password_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(SettingsError, match="SAYSO_LLM_KEY") as caught:
        load(llm_url=url, llm_model="m")
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("key", [f"{KEY} x", f"{KEY}\r\nX-Header: x", f"{KEY}é"])
def test_what_is_no_key_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(SettingsError, match="llm_key") as caught:
        load(llm_url="http://localhost/v1", llm_model="m", llm_key=key)
    assert KEY not in str(caught.value)


def test_an_address_needs_a_model() -> None:
    with pytest.raises(SettingsError, match=r"SAYSO_LLM_URL is set, but no model.*SAYSO_LLM_MODEL"):
        load(llm_url="http://localhost/v1")


def test_one_of_two_must_go() -> None:
    with pytest.raises(SettingsError, match="SAYSO_LLM_URL and SAYSO_LLM_GGUF are both set"):
        load(llm_url="http://localhost/v1", llm_model="m", llm_gguf="m.gguf")


def test_a_gguf_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere\.gguf is not there.*SAYSO_LLM_GGUF"):
        load(llm_gguf=tmp_path / "nowhere.gguf")
    with pytest.raises(ModelError, match="is not there"):
        load(llm_gguf=tmp_path)


def test_a_file_that_is_no_gguf(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelError, match=r"m\.gguf is not a GGUF file\. .*SAYSO_LLM_GGUF"):
        load(llm_gguf=tmp_path / "m.gguf")


@pytest.mark.parametrize("content", [b"GGUF", b"GGUF" + bytes(range(256)) * 20])
def test_a_gguf_file_that_is_damaged(
    content: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "m.gguf").write_bytes(content)
    with pytest.raises(ModelError, match=r"m\.gguf cannot be loaded: it is damaged, or of a kind"):
        load(llm_gguf=tmp_path / "m.gguf")
    assert capfd.readouterr() == ("", "")


def test_without_the_package_a_gguf_file_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ModelError, match=r"pip install 'sayso\[gguf\]'"):
        load(llm_gguf=tmp_path / "m.gguf")


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"LLM_URL": "http://localhost/v1"}, "SAYSO_LLM_MODEL"),
        ({"LLM_URL": "localhost", "LLM_MODEL": "m"}, "'localhost' is not an address"),
        ({"LLM_URL": "http://h/v1", "LLM_GGUF": "m.gguf"}, "both set"),
        ({"LLM_GGUF": "nowhere.gguf"}, "nowhere.gguf is not there"),
        ({"LLM_TIMEOUT": "0"}, "llm_timeout"),
        ({"LLM_PASSAGES": "0"}, "llm_passages"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2_before_anything_is_read(
    env: dict[str, str],
    named: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        "rag.assistant.load_embedder", lambda name: SimpleNamespace(identity=None, max_tokens=256)
    )
    for name, value in {**env, "STORE": str(tmp_path / "store")}.items():
        monkeypatch.setenv(f"SAYSO_{name}", value)
    assert main(["ask", QUESTION, "--documents", str(folder)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("sayso: ")
    assert named in shown.err
    assert shown.err.count("\n") == 1
    assert not (tmp_path / "store").exists()


# -- a real one -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Threads that wait for one another crawl on a machine with other work."""
    import xllamacpp

    made = xllamacpp.CommonParams

    def parameters() -> Any:
        parameters = made()
        parameters.cpuparams.n_threads = 1
        return parameters

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xllamacpp, "CommonParams", parameters)
        yield


@pytest.fixture(scope="module")
def in_process(smollm2: Path, one_thread: None) -> Writer:
    writer = load(llm_gguf=smollm2, llm_timeout=600)
    assert writer is not None
    return writer


@pytest.fixture(scope="module")
def address(smollm2: Path, one_thread: None) -> Iterator[str]:
    """llama.cpp as a server of its own on loopback, as somebody starts one; its key is KEY."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(smollm2)
    parameters.n_ctx, parameters.n_parallel = 1024, 1
    parameters.api_keys = [KEY]
    parameters.verbosity = -1
    server = xllamacpp.Server(parameters)
    yield f"{server.listening_address}/v1"
    del server


SHORT = [("user", "Say: the cat sat.")]
LONG = [("user", "Tell me a long story about a king.")]


def first(pieces: Iterator[str], count: int) -> str:
    return "".join(piece for piece, _ in zip(pieces, range(count), strict=False))


@pytest.mark.model
def test_a_gguf_file_and_a_server_write_the_same(
    in_process: Writer, address: str, capfd: pytest.CaptureFixture[str]
) -> None:
    served = load(llm_url=address, llm_model="any", llm_key=KEY, llm_timeout=600)
    assert served is not None
    here, there = list(in_process.write(SHORT)), list(served.write(SHORT))
    assert here == there
    assert "cat" in "".join(here)
    assert len(here) > 3  # in pieces
    assert list(in_process.write(SHORT)) == here  # and the same again
    assert capfd.readouterr() == ("", "")


@pytest.mark.model
def test_closing_stops_a_real_model(in_process: Writer) -> None:
    pieces = in_process.write(LONG)
    begun = first(pieces, 3)
    pieces.close()
    assert begun
    # It has one slot: another question is answered only once the first has been let go.
    assert "cat" in "".join(in_process.write(SHORT))


@pytest.mark.model
def test_a_server_wants_its_key(address: str, in_process: Writer) -> None:
    assert "it refused the key" in failure(endpoint(address, "any", "another"))
    own = in_process._url  # type: ignore[attr-defined]
    assert own.startswith("http://127.0.0.1:")
    assert "it refused the key" in failure(endpoint(own, "any"))
    for path in ("completions", "models", "../slots", "../props"):
        assert httpx.get(f"{own}/{path}", trust_env=False).status_code in {401, 404}


@pytest.mark.model
def test_more_than_it_takes_in_is_told(address: str) -> None:
    pieces = endpoint(address, "any", KEY, timeout=600).write([("user", "word " * 3000)])
    with pytest.raises(WriterError, match=r"status 400.*Lower SAYSO_LLM_PASSAGES"):
        next(pieces)


@pytest.mark.model
def test_a_real_model_answers_through_an_assistant(
    make_assistant: MakeAssistant, smollm2: Path, one_thread: None
) -> None:
    assistant = make_assistant(llm_gguf=smollm2, llm_timeout=600, llm_passages=1)
    answer = assistant.ask(QUESTION)
    assert assistant.written_by == smollm2.stem
    assert answer.claims
    assert answer.note or answer.written_by == smollm2.stem
    for claim in answer.claims:  # whatever it wrote, each claim stands on words that are there
        for citation in claim.citations:
            document = assistant.document(citation.document_id)
            assert document.text[citation.start : citation.end] == citation.quote
