"""The encoder as an ONNX graph with 8-bit weights: token ids in, one mean vector out (and one for each token).

Weights are rounded to 7 bits a column (full 8-bit weights overflow on processors without VNNI, so that
one text would get another vector on another machine); activations are rounded at run time. The widest
activations (after GELU) are scaled token by token first: one outlier would coarsen the whole text.
The word table stays in its 4-bit blocks and is unpacked a row at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from enishi.language.e5_weights import Shape, Weights
from enishi.language.ports import FloatArray

EPSILON = 1e-12
_LARGEST = 63
_MICROSOFT = "com.microsoft"

Changes = Mapping[str, FloatArray]
"""What training added to a weight matrix, by tensor name: (outputs, inputs)."""


def build_graph(weights: Weights, changes: Changes | None = None) -> onnx.ModelProto:
    """Return the graph ``ids`` (n,) int64 → ``vector`` (hidden,) and ``pieces`` (n, hidden), float32, not yet of length 1."""
    return _Builder(weights, changes or {}).build()


class _Builder:
    def __init__(self, weights: Weights, changes: Changes) -> None:
        self._weights = weights
        self._changes = changes
        self._shape: Shape = weights.shape
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def build(self) -> onnx.ModelProto:
        state = self._embeddings()
        for layer in range(self._shape.layers):
            state = self._layer(state, f"l{layer}.")
        mean = self._node("ReduceMean", state, self._constant("token_axis", np.array([1])), keepdims=0)
        flat = self._constant("flat", np.array([self._shape.hidden]))
        self._nodes.append(helper.make_node("Reshape", [mean, flat], ["vector"]))
        rows = self._constant("rows", np.array([-1, self._shape.hidden]))
        self._nodes.append(helper.make_node("Reshape", [state, rows], ["pieces"]))
        return self._model()

    def _model(self) -> onnx.ModelProto:
        graph = helper.make_graph(
            self._nodes,
            "multilingual-e5-small",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, ["tokens"])],
            [
                helper.make_tensor_value_info("vector", TensorProto.FLOAT, [self._shape.hidden]),
                helper.make_tensor_value_info("pieces", TensorProto.FLOAT, ["tokens", self._shape.hidden]),
            ],
            self._constants,
        )
        versions = [helper.make_opsetid("", 20), helper.make_opsetid(_MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=versions, ir_version=10, producer_name="enishi")

    def _embeddings(self) -> str:
        hidden = self._shape.hidden
        words = self._word_rows()
        table = self._weights.floats("emb.pos").reshape(-1, hidden)
        table = table + self._weights.floats("emb.type").reshape(-1, hidden)[0]
        size = self._node("Shape", "ids")
        zero = self._constant("zero", np.array([0]))
        first_axis = self._constant("first_axis", np.array([0]))
        places = self._node("Slice", self._constant("places", table), zero, size, first_axis)
        return self._normed(self._node("Add", words, places), "emb.ln")

    def _word_rows(self) -> str:
        values, scales = self._weights.blocks("emb.word", columns=self._shape.hidden)
        packed = self._constant("word_values", values[..., :16] | (values[..., 16:] << 4))
        rows = self._node("Gather", packed, "ids", axis=0)
        low = self._node("BitwiseAnd", rows, self._constant("low_bits", np.array(15, np.uint8)))
        high = self._node("BitShift", rows, self._constant("four", np.array(4, np.uint8)), direction="RIGHT")
        bits = self._node("Cast", self._node("Concat", low, high, axis=-1), to=TensorProto.FLOAT)
        centred = self._node("Sub", bits, self._constant("eight", np.array(8, np.float32)))
        scale_rows = self._node("Gather", self._constant("word_scales", scales), "ids", axis=0)
        scale = self._node("Cast", scale_rows, to=TensorProto.FLOAT)
        scale = self._node("Unsqueeze", scale, self._constant("last_axis", np.array([2])))
        rows = self._node("Mul", centred, scale)
        return self._node("Reshape", rows, self._constant("joined", np.array([1, -1, self._shape.hidden])))

    def _layer(self, state: str, name: str) -> str:
        hidden, wide = self._shape.hidden, self._shape.feed_forward
        attended = self._linear(self._attention(state, name), name + "ao", hidden)
        state = self._normed(self._node("Add", state, attended), name + "aln")
        inner = self._node("Gelu", self._linear(state, name + "fi", hidden))
        outer = self._linear_by_token(inner, name + "fo", wide)
        return self._normed(self._node("Add", state, outer), name + "oln")

    def _attention(self, state: str, name: str) -> str:
        hidden, heads = self._shape.hidden, self._shape.heads
        split = self._constant("split", np.array([1, -1, heads, hidden // heads]))
        query, key, value = (
            self._node("Reshape", self._linear(state, name + part, hidden), split) for part in "qkv"
        )
        query = self._node("Transpose", query, perm=[0, 2, 1, 3])
        key = self._node("Transpose", key, perm=[0, 2, 3, 1])
        value = self._node("Transpose", value, perm=[0, 2, 1, 3])
        scale = self._constant("scale", np.array((hidden / heads) ** -0.5, np.float32))
        scores = self._node("MatMul", self._node("Mul", query, scale), key)
        mixed = self._node("MatMul", self._node("Softmax", scores, axis=-1), value)
        mixed = self._node("Transpose", mixed, perm=[0, 2, 1, 3])
        return self._node("Reshape", mixed, self._constant("merge", np.array([1, -1, hidden])))

    def _linear(self, state: str, name: str, columns: int) -> str:
        weight, scale = self._rounded(name, columns)
        bias = self._constant(name + ".b", self._weights.floats(name + ".b"))
        return self._node("DynamicQuantizeMatMul", state, weight, scale, "", bias, domain=_MICROSOFT)

    def _linear_by_token(self, state: str, name: str, columns: int) -> str:
        weight, scale = self._rounded(name, columns)
        size = self._node("Abs", state)
        size = self._node("ReduceMax", size, self._constant("inner_axis", np.array([-1])), keepdims=1)
        evened = self._node("Div", state, size)
        product = self._node("DynamicQuantizeMatMul", evened, weight, scale, domain=_MICROSOFT)
        bias = self._constant(name + ".b", self._weights.floats(name + ".b"))
        return self._node("Add", self._node("Mul", product, size), bias)

    def _rounded(self, name: str, columns: int) -> tuple[str, str]:
        matrix = self._weights.matrix(name + ".w", columns=columns)
        if name in self._changes:
            matrix = matrix + self._changes[name]
        matrix = matrix.T
        scale = np.maximum(np.abs(matrix).max(axis=0), 1e-12) / _LARGEST
        rounded = np.round(matrix / scale).astype(np.int8)
        return self._constant(name + ".w", rounded), self._constant(name + ".scale", scale.astype(np.float32))

    def _normed(self, state: str, name: str) -> str:
        weight = self._constant(name + ".w", self._weights.floats(name + ".w"))
        bias = self._constant(name + ".b", self._weights.floats(name + ".b"))
        return self._node("LayerNormalization", state, weight, bias, axis=-1, epsilon=EPSILON)

    def _constant(self, name: str, array: NDArray[np.generic]) -> str:
        if all(constant.name != name for constant in self._constants):
            self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _node(self, operation: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        output = f"{operation}_{len(self._nodes)}"
        node = helper.make_node(operation, list(inputs), [output], domain=domain, **attributes)
        self._nodes.append(node)
        return output
