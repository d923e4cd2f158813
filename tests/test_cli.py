"""The command as a person runs it: a process of its own, its output and exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rag.cli import harmless
from tests.openai_server import closed_port

ROOT = Path(__file__).parent.parent


def sayso(*words: str, store: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "rag", *words],
        cwd=ROOT,
        env={**os.environ, "SAYSO_STORE": str(store), **env},
        capture_output=True,
        text=True,
    )


def test_help_names_the_commands(tmp_path: Path) -> None:
    done = sayso("--help", store=tmp_path)
    assert done.returncode == 0
    assert all(command in done.stdout for command in ("ask", "index", "chat", "eval"))


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = "import sys; from rag.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass\n"
    code += "print(sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1].replace("'", '"')))
    heavy = {"torch", "faiss", "gradio", "llama_index", "numpy", "pydantic", "rich", "transformers"}
    assert loaded & (heavy | {"onnxruntime", "tokenizers", "openai", "xllamacpp"}) == set()


def test_version(tmp_path: Path) -> None:
    assert sayso("--version", store=tmp_path).stdout == "sayso 0.1.0\n"


def test_no_command_is_an_error(tmp_path: Path) -> None:
    assert sayso(store=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("words", "env", "named"),
    [
        (("ask", "x", "--documents", "nowhere"), {}, "nowhere"),
        (("index", "README.md"), {}, "README.md"),
        (("ask", "x"), {"SAYSO_TOPK": "3"}, "SAYSO_TOPK"),
        (("ask", "x"), {"SAYSO_TOP_K": "0"}, "top_k"),
        (("ask", " "), {}, "no question"),
        (("ask", "hello"), {}, "no question"),
        (("ask", "x"), {"SAYSO_PASSAGE_TOKENS": "4000"}, "passage_tokens"),
        (("ask", "x"), {"SAYSO_EMBEDDING_MODEL": "no/such-model"}, "no/such-model"),
        (("ask", "x"), {"SAYSO_READ_TOKENS": "0"}, "read_tokens"),
        pytest.param(
            ("ask", "x"),
            {"SAYSO_READER_MODEL": "no/such-model"},
            "Reading model 'no/such-model'",
            marks=pytest.mark.model,
        ),
        (("chat", "--port", "70000"), {}, "port"),
        (("conversations", "export"), {}, "sayso conversations"),
        (("conversations", "delete", "nosuch"), {}, "No conversations are kept"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(
    words: tuple[str, ...], env: dict[str, str], named: str, tmp_path: Path
) -> None:
    done = sayso(*words, store=tmp_path / "store", **env)
    assert done.returncode == 2
    assert done.stderr.startswith("sayso: ")
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_document_cannot_drive_the_terminal() -> None:
    assert harmless("a\x1b[31mb\x07\r\n\tc\x9b\udce9") == "a\ufffd[31mb\ufffd\ufffd\n\tc\ufffd?"


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder with one good and two bad files, and its store."""
    base = tmp_path_factory.mktemp("cli")
    folder, store = base / "documents", base / "store"
    folder.mkdir()
    seed = next((ROOT / "seeds").iterdir())
    (folder / "news.txt").write_bytes(seed.read_bytes())
    (folder / "empty.txt").write_bytes(b"")
    (folder / "slides.pptx").write_bytes(b"PK\x03\x04")
    done = sayso("index", str(folder), store=store)
    assert done.returncode == 0, done.stderr
    assert "1 added, 0 changed, 0 removed, 0 unchanged, 2 skipped" in done.stdout
    assert "skipped empty.txt: " in done.stderr
    assert "skipped slides.pptx: " in done.stderr
    assert str(store) in done.stdout
    return folder, store


@pytest.mark.model
def test_indexing_again_does_nothing(indexed: tuple[Path, Path]) -> None:
    folder, store = indexed
    again = sayso("index", str(folder), store=store)
    assert "0 added, 0 changed, 0 removed, 1 unchanged, 2 skipped" in again.stdout


@pytest.mark.model
def test_ask_answers_plainly_when_piped(indexed: tuple[Path, Path]) -> None:
    folder, store = indexed
    question = "In what words did Hajizada describe Sobhani's comments?"
    done = sayso("ask", question, "--documents", str(folder), store=store)
    assert done.returncode == 0
    assert "Aykhan Hajizada calling Sobhani’s comments an ‘open provocation’" in done.stdout
    assert "[1]" in done.stdout
    # The short answer, and on whose word it stands.
    whose = "according to Aykhan Hajizada, Foreign Ministry spokesperson: “"
    assert f"open provocation, {whose}" in done.stdout
    assert "(news.txt, 933-1124)" in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.model
def test_what_a_terminal_has_no_sign_for_stops_nothing(indexed: tuple[Path, Path]) -> None:
    folder, store = indexed
    question = "In what words did Hajizada describe Sobhani's comments?"
    words = ("ask", question, "--documents", str(folder))
    done = sayso(*words, store=store, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
    assert "open provocation, according to Aykhan Hajizada" in done.stdout


@pytest.mark.model
def test_ask_as_json(indexed: tuple[Path, Path]) -> None:
    folder, store = indexed
    done = sayso("ask", "open provocation?", "--json", "--documents", str(folder), store=store)
    found = json.loads(done.stdout)
    text = (folder / "news.txt").read_text("utf-8")
    assert found["claims"]
    for claim in found["claims"]:
        for citation in claim["citations"]:
            assert text[citation["start"] : citation["end"]] == citation["quote"]


@pytest.mark.model
def test_ask_says_when_the_documents_do_not(indexed: tuple[Path, Path]) -> None:
    folder, store = indexed
    done = sayso("ask", "how many moons does jupiter have", "--documents", str(folder), store=store)
    assert done.returncode == 1
    assert "declined" in done.stdout


@pytest.mark.model
def test_another_passage_size_is_refused_with_the_command_that_mends_it(
    indexed: tuple[Path, Path],
) -> None:
    folder, store = indexed
    done = sayso("ask", "x", "--documents", str(folder), store=store, SAYSO_PASSAGE_TOKENS="64")
    assert done.returncode == 2
    assert "sayso index --rebuild" in done.stderr


@pytest.mark.model
def test_asking_does_not_import_torch(indexed: tuple[Path, Path]) -> None:
    """Importing it takes longer than everything else that asking does."""
    folder, store = indexed
    code = (
        "import sys; from rag.cli import main\n"
        f"main(['ask', 'open provocation?', '--documents', {str(folder)!r}])\n"
        "assert not {'torch', 'transformers', 'llama_index', 'gradio', 'openai', "
        "'httpx', 'tiktoken', 'xllamacpp', 'rag.llm', 'rag.generate', 'rag.write', 'rag.verify', "
        "'rag.support'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "SAYSO_STORE": str(store)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.model
def test_a_conversation_is_gone_on_with_listed_exported_and_deleted(tmp_path: Path) -> None:
    assert sayso("conversations", store=tmp_path).stdout == ""
    first = sayso("ask", "Who is Aykhan Hajizada?", "--follow", store=tmp_path)
    kept = first.stderr.splitlines()[-1]
    assert kept.startswith("kept in conversation ")
    follow = ("ask", "What did he call the comments?", "--follow", "--json")
    second = sayso(*follow, store=tmp_path)
    assert json.loads(second.stdout)["searched"] == "What did Aykhan Hajizada call the comments?"
    assert second.stderr.splitlines()[-1] == kept
    id = kept.split()[-1]
    (line,) = sayso("conversations", store=tmp_path).stdout.splitlines()
    assert line.split()[0] == id
    assert line.endswith("   2  Who is Aykhan Hajizada?")
    export = sayso("conversations", "export", id, store=tmp_path).stdout
    assert export.startswith("# Who is Aykhan Hajizada?\n")
    assert "open provocation" in export
    plain = sayso("ask", "What did he call the comments?", "--json", store=tmp_path)
    assert json.loads(plain.stdout)["searched"] == "What did he call the comments?"
    assert sayso("conversations", "delete", id, store=tmp_path).returncode == 0
    gone = sayso("conversations", "export", id, store=tmp_path)
    assert (gone.returncode, gone.stdout) == (2, "")
    assert id in gone.stderr


@pytest.mark.model
def test_a_model_that_is_down_leaves_the_quotes_and_says_so(indexed: tuple[Path, Path]) -> None:
    folder, store = indexed
    question = "In what words did Hajizada describe Sobhani's comments?"
    asked = ("ask", question, "--removed", "--documents", str(folder))
    down = {"SAYSO_LLM_URL": closed_port(), "SAYSO_LLM_MODEL": "m", "SAYSO_LLM_KEY": "sk-secret"}
    done = sayso(*asked, store=store, **down)
    assert done.returncode == 0
    assert "Aykhan Hajizada calling Sobhani’s comments an ‘open provocation’" in done.stdout
    assert "The language model m at http://127.0.0.1:" in done.stdout
    assert "there is no connection. Start it, or check SAYSO_LLM_URL." in done.stdout
    assert "sk-secret" not in done.stdout + done.stderr


def test_listing_and_indexing_need_no_language_model(indexed: tuple[Path, Path]) -> None:
    folder, store = indexed
    none = {"SAYSO_LLM_GGUF": "nowhere.gguf"}
    assert sayso("index", str(folder), store=store, **none).returncode == 0
    assert sayso("speakers", "--documents", str(folder), store=store, **none).returncode == 0
    assert sayso("ask", "x", "--documents", str(folder), store=store, **none).returncode == 2
