"""Writes a MobileNetV2 (224 x 224, 3.5 million parameters) with random weights: what it says means nothing, and how
long it computes is right. Usage: python make_mobilenet.py FILE"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(1)
nodes, weights = [], []


def parameter(*shape):
    name = f"w{len(weights)}"
    fan_in = int(np.prod(shape[1:])) or 1
    values = random.normal(0, (2 / fan_in) ** 0.5, shape).astype(np.float32)
    weights.append(numpy_helper.from_array(values, name))
    return name


def node(operator, *inputs, **attributes):
    output = f"t{len(nodes)}"
    nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
    return output


def convolve(x, before, after, kernel, stride, groups=1, active=True):
    pad = kernel // 2
    y = node(
        "Conv",
        x,
        parameter(after, before // groups, kernel, kernel),
        parameter(after),
        kernel_shape=[kernel, kernel],
        strides=[stride, stride],
        pads=[pad] * 4,
        group=groups,
    )
    return node("Clip", y, "zero", "six") if active else y


weights.append(numpy_helper.from_array(np.float32(0), "zero"))
weights.append(numpy_helper.from_array(np.float32(6), "six"))
x = convolve("image", 3, 32, 3, 2)
channels = 32
for expansion, after, repeats, stride in [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
]:
    for i in range(repeats):
        step = stride if i == 0 else 1
        hidden = channels * expansion
        y = convolve(x, channels, hidden, 1, 1) if expansion > 1 else x
        y = convolve(y, hidden, hidden, 3, step, groups=hidden)
        y = convolve(y, hidden, after, 1, 1, active=False)
        x = node("Add", x, y) if step == 1 and channels == after else y
        channels = after
x = convolve(x, channels, 1280, 1, 1)
x = node("Flatten", node("GlobalAveragePool", x), axis=1)
nodes.append(helper.make_node("Gemm", [x, parameter(1280, 1000), parameter(1000)], ["scores"]))
graph = helper.make_graph(
    nodes,
    "mobilenet",
    [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["rows", 3, 224, 224])],
    [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["rows", 1000])],
    weights,
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, sys.argv[1])
