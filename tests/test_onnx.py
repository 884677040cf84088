"""dlcore against the public conformance cases of ONNX, which others wrote and other frameworks pass.

The package `onnx` makes its node cases, and brings models that PyTorch exported with PyTorch's answers. RUN says in
dlcore's words what an ONNX operator is. LEFT_OUT says which cases ask for something that dlcore does not have.
"""

import math
import os
import re
import warnings
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dlcore import attention, conv, layer, loss, norm, pool, recurrent
from dlcore.tensor import Tensor, cat, where

try:
    import onnx
    from onnx import numpy_helper
except ImportError:
    if "CI" in os.environ:
        raise
    pytest.skip("the conformance cases come with the package onnx, which is not installed", allow_module_level=True)

MINIMUM = 400           # cases that apply; fewer means that they were not found
DATA = Path(onnx.__file__).parent / "backend" / "test" / "data"
FOLDERS = "pytorch-converted", "pytorch-operator"

# What a case asks for that dlcore does not have: a pattern in "name operators".
LEFT_OUT = {
    r"u?int\d+|bf16|fp16|float16|softmax_precision": "whole numbers or half precision, where the course computes in "
                                                     "float32 and float64",
    r"[cC]onv3d|convtranspose_3d|pool_3d|Pool3d|BatchNorm3d": "three-dimensional images",
    r"convtranspose_1d": "conv_transpose1d",
    r"auto_?pad|same_(upper|lower)|output_shape|kernel_shape": "a padding that follows from the wanted output",
    r"averagepool_2d.*pads( |$)": "means that leave the border out (count_include_pad=0)",
    r"ceil|averagepool_2d_dilations": "pooling windows that hang over the edge, or means with dilation",
    r"maxpool_with_argmax": "the places of the maxima",
    r"lstm_with_peepholes": "peepholes",
    r"gru_(seq_length|reverse|bidirectional)": "the GRU that resets before its product; torch's resets after it",
    r"attention.*(gqa|softcap)": "shared keys, or scores bent by tanh",
    r"attention.*(nonpad|padded_kv|window|causal.*past|past.*causal)": "a length for each key cache, or a window",
    r"reshape_(allowzero|zero)": "a 0 in a shape that means: as before",
    r"clip_min_greater": "an empty interval",
    r"axes_input_noop": "no axes that mean: do nothing",
}


# ---- what an operator is in dlcore: of its attributes a and its inputs ----

def gemm(a, x, w, c=None):
    x, w = (t.T if getattr(a, name, 0) else t for t, name in ((x, "transA"), (w, "transB")))
    y = getattr(a, "alpha", 1.0) * (x @ w)
    return y if c is None else y + getattr(a, "beta", 1.0) * c


def windows(a, x, fill=0.0):
    """x, and padding, stride and dilation as dlcore takes them; a border that it would refuse is added before."""
    dims = x.ndim - 2
    pads = getattr(a, "pads", [0] * 2 * dims)
    first, last = pads[:dims], pads[dims:]
    if first != last or any(2 * n > k for n, k in zip(first, getattr(a, "kernel_shape", ()), strict=False)):
        x = x.pad([n for pair in reversed(list(zip(first, last, strict=True))) for n in pair], fill)
        first = [0] * dims
    stride, dilation = getattr(a, "strides", [1] * dims), getattr(a, "dilations", [1] * dims)
    return x, [n if dims > 1 else n[0] for n in (first, stride, dilation)]


def convolution(a, x, w, b=None):
    x, (padding, stride, dilation) = windows(a, x)
    f = conv.conv1d if x.ndim == 3 else conv.conv2d
    return f(x, w, b, stride, padding, dilation, getattr(a, "group", 1))


def transposed_convolution(a, x, w, b=None):
    dims = x.ndim - 2
    padding, stride = getattr(a, "pads", [0] * 2 * dims)[:dims], getattr(a, "strides", [1] * dims)
    return conv.conv_transpose2d(x, w, b, stride, padding, getattr(a, "output_padding", 0), getattr(a, "group", 1),
                                 getattr(a, "dilations", 1))


def pooled(f, fill):
    """Max or mean; a line is an image that is one row high."""
    def run(a, x):
        line = x.ndim == 3
        x, (padding, stride, dilation) = windows(a, x, fill)
        kernel, more = a.kernel_shape, {"dilation": dilation} if f is pool.max_pool2d else {}
        if not line:
            return f(x, kernel, stride, padding, **more)
        more = {name: (1, n) for name, n in more.items()}
        return f(x.unsqueeze(2), (1, *kernel), (1, stride), (0, padding), **more).squeeze(2)
    return run


def batch_norm(a, x, weight, bias, mean, var):
    make = norm.BatchNorm2d if x.ndim == 4 else norm.BatchNorm1d
    module = make(x.shape[1], getattr(a, "epsilon", 1e-5), 1 - getattr(a, "momentum", 0.9))
    module.weight, module.bias, module.running_mean, module.running_var = weight, bias, mean.data, var.data
    y = module.train(bool(getattr(a, "training_mode", 0)))(x)
    return y, Tensor(module.running_mean)            # of the running variance ONNX has another idea: over N, not N - 1


def layer_norm(a, x, weight, bias):
    return norm.layer_norm(x, x.shape[getattr(a, "axis", -1):], weight, bias, getattr(a, "epsilon", 1e-5))


def recurrence(make, order):
    """A recurrent layer; `order` says which of ONNX's gates stands where in torch's weights."""
    def run(a, x, w, r, b=None, lengths=None, *first):
        direction, batch_first = getattr(a, "direction", b"forward"), bool(getattr(a, "layout", 0))
        ways, turned = ["", "_reverse"] if direction == b"bidirectional" else [""], direction == b"reverse"
        module = make(x.shape[2], a.hidden_size, bias=b is not None, bidirectional=len(ways) == 2)
        x = x.transpose(0, 1) if batch_first else x
        sort = lambda array: np.concatenate([np.split(array, len(order))[i] for i in order])
        for i, way in enumerate(ways):
            parts = {"weight_ih": w.data[i], "weight_hh": r.data[i]}
            if b is not None:
                parts["bias_ih"], parts["bias_hh"] = np.split(b.data[i], 2)
            module.load_state_dict({f"{name}_l0{way}": sort(part) for name, part in parts.items()}, strict=False)
        y, last = module(x[::-1] if turned else x)
        y = (y[::-1] if turned else y).reshape(*y.shape[:2], len(ways), -1)
        last = list(last) if isinstance(last, tuple) else [last]
        if batch_first:
            return y.transpose(0, 1), *(h.transpose(0, 1) for h in last)
        return y.transpose(1, 2), *last
    return run


def attend(a, q, k, v, mask=None, old_k=None, old_v=None):
    together = q.ndim == 3                           # the heads stand side by side in one vector
    if together:
        q, k, v = (t.reshape(*t.shape[:2], a.q_num_heads, -1).transpose(1, 2) for t in (q, k, v))
    k, v = (new if old is None else cat([old, new], 2) for old, new in ((old_k, k), (old_v, v)))
    y = attention.scaled_dot_product_attention(q, k, v, mask, is_causal=bool(getattr(a, "is_causal", 0)),
                                               scale=getattr(a, "scale", None))
    y = y.transpose(1, 2).flatten(2) if together else y
    return (y, k, v) if old_k is not None else y


def classified(f):
    def run(a, x, y, w=None):
        return f(x, y.data, w, reduction=getattr(a, "reduction", b"mean").decode(),
                 ignore_index=getattr(a, "ignore_index", -100))
    return run


def reduced(f):
    def run(a, x, axes=None):
        axes = getattr(a, "axes", None) if axes is None else axes.data.tolist()
        return f(x, axes or None, bool(getattr(a, "keepdims", 1)))
    return run


def clip(a, x, low=None, high=None):
    low, high = (getattr(a, name, None) if t is None else t.item() for t, name in ((low, "min"), (high, "max")))
    return x if low is high is None else x.clip(low, high)


def flatten(a, x):
    axis = getattr(a, "axis", 1)
    return x.reshape(math.prod(x.shape[:axis + x.ndim if axis < 0 else axis]), -1)


def unsqueeze(a, x, axes=None):
    axes = a.axes if axes is None else axes.data.tolist()
    for axis in sorted(i % (x.ndim + len(axes)) for i in axes):
        x = x.unsqueeze(axis)
    return x


def squeeze(a, x, axes=None):
    return x.squeeze(a.axes if axes is None else axes.data.tolist())


def constant(a):
    (number,) = vars(a).values()
    return Tensor(numpy_helper.to_array(number) if hasattr(a, "value") else np.array(number))


def one_by_one(f):
    return lambda a, *tensors: f(*tensors)


def folded(f):
    def run(a, first, *rest):
        for tensor in rest:
            first = f(first, tensor)
        return first
    return run


RUN = {
    "Gemm": gemm, "MatMul": one_by_one(Tensor.__matmul__), "Conv": convolution, "ConvTranspose": transposed_convolution,
    "MaxPool": pooled(pool.max_pool2d, -np.inf), "AveragePool": pooled(pool.avg_pool2d, 0.0),
    "GlobalAveragePool": one_by_one(lambda x: pool.adaptive_avg_pool2d(x, 1)),
    "BatchNormalization": batch_norm, "LayerNormalization": layer_norm,
    "RNN": recurrence(recurrent.RNN, [0]), "LSTM": recurrence(recurrent.LSTM, [0, 2, 3, 1]),
    "GRU": recurrence(recurrent.GRU, [1, 0, 2]), "Attention": attend,
    "SoftmaxCrossEntropyLoss": classified(loss.cross_entropy), "NegativeLogLikelihoodLoss": classified(loss.nll_loss),
    "Softmax": lambda a, x: x.softmax(getattr(a, "axis", -1)),
    "LogSoftmax": lambda a, x: x.log_softmax(getattr(a, "axis", -1)),
    "Relu": one_by_one(Tensor.relu), "Sigmoid": one_by_one(Tensor.sigmoid), "Tanh": one_by_one(Tensor.tanh),
    "LeakyRelu": lambda a, x: x.leaky_relu(getattr(a, "alpha", 0.01)),
    "Gelu": lambda a, x: x.gelu(getattr(a, "approximate", b"none").decode()),
    "Exp": one_by_one(Tensor.exp), "Log": one_by_one(Tensor.log), "Sqrt": one_by_one(Tensor.sqrt),
    "Abs": one_by_one(Tensor.abs), "Neg": one_by_one(Tensor.__neg__), "Add": one_by_one(Tensor.__add__),
    "Sub": one_by_one(Tensor.__sub__), "Mul": one_by_one(Tensor.__mul__), "Div": one_by_one(Tensor.__truediv__),
    "Pow": one_by_one(Tensor.__pow__), "Max": folded(Tensor.maximum), "Min": folded(Tensor.minimum),
    "Where": one_by_one(where), "Clip": clip, "ReduceSum": reduced(Tensor.sum), "ReduceMean": reduced(Tensor.mean),
    "Concat": lambda a, *tensors: cat(tensors, a.axis), "Flatten": flatten, "Unsqueeze": unsqueeze, "Squeeze": squeeze,
    "Transpose": lambda a, x: x.permute(getattr(a, "perm", range(x.ndim)[::-1])),
    "Reshape": lambda a, x, shape: x.reshape(shape.data.tolist()),
    "Expand": lambda a, x, shape: x.expand(np.broadcast_shapes(x.shape, tuple(shape.data.tolist()))),
    "Gather": lambda a, x, i: layer.embedding(i, x) if x.ndim == 2 and not getattr(a, "axis", 0) and i.data.min() >= 0
    else x[(slice(None),) * getattr(a, "axis", 0) + (i.data,)],
    "Constant": constant,
}


# ---- the cases ----

def play(model, inputs):
    """What a model gives: its nodes one after the other, each by RUN."""
    values = {tensor.name: Tensor(numpy_helper.to_array(tensor)) for tensor in model.graph.initializer}
    given = [i.name for i in model.graph.input if i.name not in values]
    values |= {name: Tensor(array) for name, array in zip(given, inputs, strict=True)}
    for node in model.graph.node:
        a = SimpleNamespace(**{a.name: onnx.helper.get_attribute_value(a) for a in node.attribute})
        result = RUN[node.op_type](a, *(values[name] if name else None for name in node.input))
        values |= dict(zip(node.output, result if isinstance(result, tuple) else (result,), strict=False))
    return [values.get(output.name) for output in model.graph.output]


@cache
def cases():
    """(name with operators, model, inputs, outputs) of every case whose operators all stand in RUN."""
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")              # those of the makers, while the cases are made
        found = [(case.name, case.model, *case.data_sets[0]) for case in collect_testcases(None)]
    for folder in (path for name in FOLDERS for path in sorted((DATA / name).iterdir())):
        files = [sorted((folder / "test_data_set_0").glob(f"{kind}_*.pb")) for kind in ("input", "output")]
        arrays = [[numpy_helper.to_array(onnx.load_tensor(file)) for file in kind] for kind in files]
        found.append((folder.name, onnx.load(folder / "model.onnx"), *arrays))
    named = [(" ".join([name, *(node.op_type for node in model.graph.node)]), model, inputs, outputs)
             for name, model, inputs, outputs in found]
    return [case for case in named if all(node.op_type in RUN for node in case[1].graph.node)]


def reason(name):
    """Why a case is left out, or None."""
    return next((why for pattern, why in LEFT_OUT.items() if re.search(pattern, name)), None)


@pytest.mark.parametrize("operator", RUN)
def test_dlcore_gives_what_onnx_expects(operator):
    mine = [case for case in cases() if case[0].split()[1] == operator and not reason(case[0])]
    for name, model, inputs, outputs in mine:
        compared = 0
        with np.errstate(invalid="ignore", divide="ignore"):     # the root of -1 is nan, the log of 0 -inf, and should
            results = play(model, inputs)
        for got, wanted in zip(results, outputs, strict=True):
            if got is not None:                      # some have a second output that dlcore does not return
                assert got.shape == wanted.shape, f"{name}: {got.shape}, not {wanted.shape}"
                np.testing.assert_allclose(got.data, wanted, rtol=1e-5, atol=1e-6, err_msg=name)
                compared += 1
        assert compared, f"{name}: nothing was compared"


def test_enough_cases_apply_and_each_reason_is_needed():
    names = [name for name, *_ in cases()]
    applied = [name for name in names if not reason(name)]
    print(f"\n{len(applied)} cases apply, {len(names) - len(applied)} are left out")
    assert len(applied) >= MINIMUM
    for pattern in LEFT_OUT:
        assert any(re.search(pattern, name) for name in names), f"no case is called {pattern}"
    for operator in RUN:
        assert operator == "Constant" or any(name.split()[1] == operator for name in applied), operator
