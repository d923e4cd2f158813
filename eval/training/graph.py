"""``python -m eval.training.graph``: write ``rag/bert.onnx``, the graph of ``rag/engine.py``.

It names the weights and holds none. Operators of the domain ``com.microsoft`` are ONNX
Runtime's own fused ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from onnx import TensorProto, helper

from rag.engine import EPSILON, HEADS, INNER, LAYERS, POSITIONS, WIDTH, WORDS

TARGET = Path(__file__).parents[2] / "rag" / "bert.onnx"

_FUSED = frozenset(("EmbedLayerNormalization", "Attention", "BiasGelu"))


def build() -> bytes:
    """The graph, always the same bytes."""
    nodes = []
    sizes: dict[str, list[int]] = {
        "word": [WORDS, WIDTH],
        "position": [POSITIONS, WIDTH],
        "type": [2, WIDTH],
        "norm.weight": [WIDTH],
        "norm.bias": [WIDTH],
    }

    def add(kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        outputs = [output, *attributes.pop("more", ())]
        domain = "com.microsoft" if kind in _FUSED else ""
        nodes.append(
            helper.make_node(kind, inputs, outputs, name=output, domain=domain, **attributes)
        )
        return output

    def weighted(name: str, rows: int, columns: int) -> tuple[str, str]:
        sizes[name + ".weight"], sizes[name + ".bias"] = [rows, columns], [columns]
        return name + ".weight", name + ".bias"

    def normalised(product: str, bias: str, residual: str, norm: str, output: str) -> str:
        sizes[norm + ".weight"] = sizes[norm + ".bias"] = [WIDTH]
        biased = add("Add", [product, bias], output + ".biased")
        total = add("Add", [biased, residual], output + ".sum")
        return add(
            "LayerNormalization",
            [total, norm + ".weight", norm + ".bias"],
            output,
            axis=-1,
            epsilon=EPSILON,
        )

    states = add(
        "EmbedLayerNormalization",
        ["ids", "types", "word", "position", "type", "norm.weight", "norm.bias", "mask"],
        "embedded",
        more=["lengths"],
        epsilon=EPSILON,
    )
    for layer in range(LAYERS):
        at = f"{layer}."
        weight, bias = weighted(at + "qkv", WIDTH, 3 * WIDTH)
        mixed = add("Attention", [states, weight, bias, "lengths"], at + "mixed", num_heads=HEADS)
        weight, bias = weighted(at + "out", WIDTH, WIDTH)
        product = add("MatMul", [mixed, weight], at + "out")
        states = normalised(product, bias, states, at + "norm1", at + "middle")
        weight, bias = weighted(at + "up", WIDTH, INNER)
        product = add("MatMul", [states, weight], at + "up")
        product = add("BiasGelu", [product, bias], at + "gelu")
        weight, bias = weighted(at + "down", INNER, WIDTH)
        product = add("MatMul", [product, weight], at + "down")
        states = normalised(product, bias, states, at + "norm2", at + "states")
    add("Identity", [states], "result")
    weights = []
    for name, size in sizes.items():
        tensor = TensorProto(name=name, dims=size, data_type=TensorProto.FLOAT)
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="weights")  # given in memory instead
        weights.append(tensor)
    graph = helper.make_graph(
        nodes,
        "bert",
        [
            helper.make_tensor_value_info(name, TensorProto.INT32, ["texts", "tokens"])
            for name in ("ids", "types", "mask")
        ],
        [helper.make_tensor_value_info("result", TensorProto.FLOAT, ["texts", "tokens", WIDTH])],
        weights,
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="sayso")
    found: bytes = model.SerializeToString(deterministic=True)
    return found


if __name__ == "__main__":
    TARGET.write_bytes(build())
    print(f"Written to {TARGET.name}.")
