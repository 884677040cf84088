"""Other small engines on the same work, each written as its own documentation writes such a model.

mygrad and autograd follow numpy's names, tinygrad its own; `ops` holds what differs. What a library has ready
(convolution, pooling, losses, a compiler) is used, the rest is composed of its primitives.
"""

import math
from types import SimpleNamespace

import numpy as np

from benchmarks.works import LR

# ---- the models, of primitives: p holds the weights by torch's names ----

def mlp(ops, p, x):
    for i in (0, 2):
        x = ops.relu(affine(p, f"{i}.", x))
    return affine(p, "4.", x)


def affine(p, name, x):
    return x @ p[name + "weight"].T + p[name + "bias"]


def conv2d(ops, p, x):
    return ops.conv(x, p["weight"], 1) + p["bias"].reshape(1, -1, 1, 1)


def lenet(ops, p, x):
    for i, padding in ((0, 2), (3, 0)):
        x = ops.pool(ops.relu(ops.conv(x, p[f"{i}.weight"], padding) + p[f"{i}.bias"].reshape(1, -1, 1, 1)))
    x = x.reshape(len_of(x), -1)
    for i in (7, 9):
        x = ops.relu(affine(p, f"{i}.", x))
    return affine(p, "11.", x)


def len_of(x):
    return x.shape[0]


def max_pool(ops, p, x):
    return ops.pool(x)


def lstm(ops, p, x):
    steps, n, size = len_of(x), x.shape[1], p["weight_hh_l0"].shape[1]
    inputs = x @ p["weight_ih_l0"].T + (p["bias_ih_l0"] + p["bias_hh_l0"])
    w = p["weight_hh_l0"].T
    h = c = ops.zeros(n, size)
    states = []
    for t in range(steps):
        z = inputs[t] + h @ w
        i, f, o = (ops.sigmoid(z[:, k * size:(k + 1) * size]) for k in (0, 1, 3))
        c = f * c + i * ops.tanh(z[:, 2 * size:3 * size])
        h = o * ops.tanh(c)
        states.append(h)
    return ops.stack(states)


def gru(ops, p, x):
    steps, n, size = len_of(x), x.shape[1], p["weight_hh_l0"].shape[1]
    inputs = x @ p["weight_ih_l0"].T + p["bias_ih_l0"]
    w = p["weight_hh_l0"].T
    h = ops.zeros(n, size)
    states = []
    for t in range(steps):
        u, z = inputs[t], h @ w + p["bias_hh_l0"]
        r, keep = (ops.sigmoid(u[:, k * size:(k + 1) * size] + z[:, k * size:(k + 1) * size]) for k in (0, 1))
        new = ops.tanh(u[:, 2 * size:] + r * z[:, 2 * size:])
        h = new + keep * (h - new)
        states.append(h)
    return ops.stack(states)


def exact_gelu(ops, x):
    return x * (1 + ops.erf(x * 0.5 ** 0.5)) * 0.5


def tanh_gelu(ops, x):
    return x * (1 + ops.tanh(x * (1 + x * x * 0.044715) * (2 / math.pi) ** 0.5)) * 0.5


def block(ops, p, x, gelu=exact_gelu, heads=4):
    n, t, d = x.shape
    qkv = x @ p["self_attn.in_proj_weight"].T + p["self_attn.in_proj_bias"]
    q, k, v = (ops.swap(qkv[:, :, i * d:(i + 1) * d].reshape(n, t, heads, d // heads), 1, 2) for i in range(3))
    looked = ops.softmax(q @ ops.swap(k, 2, 3) * (d // heads) ** -0.5) @ v
    x = normed(ops, p, "norm1.", x + affine(p, "self_attn.out_proj.", ops.swap(looked, 1, 2).reshape(n, t, d)))
    return normed(ops, p, "norm2.", x + affine(p, "linear2.", gelu(ops, affine(p, "linear1.", x))))


def tanh_block(ops, p, x):
    return block(ops, p, x, tanh_gelu)


def normed(ops, p, name, x):
    x = x - ops.mean(x)
    return x / (ops.mean(x * x) + 1e-5) ** 0.5 * p[name + "weight"] + p[name + "bias"]


MODELS = {f.__name__: f for f in (mlp, conv2d, lenet, max_pool, lstm, gru, block, tanh_block)}


# ---- the libraries: a function that turns a work into (run, answers), as in `libraries` ----

def mygrad():
    import mygrad as mg
    from mygrad.nnet.activations import sigmoid, softmax
    from mygrad.nnet.layers import conv_nd, max_pool
    from mygrad.nnet.losses import softmax_crossentropy

    mg.turn_memory_guarding_off()                         # its documentation's advice for speed
    ops = SimpleNamespace(
        relu=lambda x: mg.maximum(x, 0), sigmoid=sigmoid, tanh=mg.tanh, softmax=lambda x: softmax(x, axis=-1),
        conv=lambda x, w, padding: conv_nd(x, w, stride=1, padding=padding), pool=lambda x: max_pool(x, (2, 2), 2),
        stack=mg.stack, swap=mg.swapaxes, zeros=lambda *shape: np.zeros(shape, np.float32),
        mean=lambda x: mg.mean(x, axis=-1, keepdims=True))

    def prepare(work):
        if work.kind == "block":
            raise NotImplementedError("it has no erf for the exact GELU")
        x, y, weights = work.arrays()
        p = {name: mg.tensor(array) for name, array in weights.items()}
        x = x if work.trains else mg.tensor(x)
        leaves = p if work.trains else p | {"x": x}

        def run():
            for leaf in leaves.values():
                leaf.null_grad()
            out = MODELS[work.kind](ops, p, x)
            if not work.trains:
                out.backward(y)
                return out
            loss = softmax_crossentropy(out, y)
            loss.backward()
            for w in p.values():
                w.data -= LR * w.grad
            return loss

        result = run()
        return run, {"result": np.array(result)} | {name: np.array(leaf.grad) for name, leaf in leaves.items()}

    return prepare


def autograd():
    import autograd.numpy as np_
    from autograd import make_vjp, value_and_grad
    from autograd.scipy.signal import convolve
    from autograd.scipy.special import erf

    def softmax(x):
        e = np_.exp(x - np_.max(x, axis=-1, keepdims=True))
        return e / np_.sum(e, axis=-1, keepdims=True)

    def conv(x, w, padding):
        x = np_.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode="constant")
        return convolve(x, w[:, :, ::-1, ::-1], axes=([2, 3], [2, 3]), dot_axes=([1], [1]), mode="valid")

    ops = SimpleNamespace(
        relu=lambda x: np_.maximum(x, 0), sigmoid=lambda x: 0.5 * np_.tanh(0.5 * x) + 0.5, tanh=np_.tanh,
        softmax=softmax, erf=erf, stack=np_.stack, swap=np_.swapaxes,
        conv=conv, pool=lambda x: np_.max(x.reshape(*x.shape[:2], x.shape[2] // 2, 2, -1, 2), axis=(3, 5)),
        zeros=lambda *shape: np.zeros(shape, np.float32), mean=lambda x: np_.mean(x, axis=-1, keepdims=True))

    def prepare(work):
        x, y, weights = work.arrays()
        rows = np.arange(len(x))

        def loss(p):
            z = MODELS[work.kind](ops, p, x)
            z = z - np_.max(z, axis=1, keepdims=True)
            return np_.mean(np_.log(np_.sum(np_.exp(z), axis=1)) - z[rows, y])

        loss_and_gradients = value_and_grad(loss)

        def train():
            result, gradients = loss_and_gradients(weights)
            for name, g in gradients.items():
                weights[name] = weights[name] - LR * g
            return result, gradients

        def forward_and_backward():
            vjp, out = make_vjp(lambda p: MODELS[work.kind](ops, p, p["x"]))(weights | {"x": x})
            return out, vjp(y)

        run = train if work.trains else forward_and_backward
        result, gradients = run()
        return run, {"result": np.array(result)} | gradients

    return prepare


def tinygrad():
    from tinygrad import Context, Device, Tensor, TinyJit
    from tinygrad.nn.optim import SGD

    ops = SimpleNamespace(
        relu=Tensor.relu, sigmoid=Tensor.sigmoid, tanh=Tensor.tanh, softmax=Tensor.softmax,
        conv=lambda x, w, padding: x.conv2d(w, padding=padding), pool=lambda x: x.max_pool2d((2, 2)),
        erf=Tensor.erf, stack=lambda states: Tensor.stack(*states),
        swap=Tensor.transpose, zeros=Tensor.zeros, mean=lambda x: x.mean(-1, keepdim=True))
    Device[Device.DEFAULT]                                # fails here if there is no compiler

    def prepare(work):
        if work.kind in ("lstm", "gru"):
            raise NotImplementedError("its compiler takes minutes for 50 steps")
        x, y, weights = work.arrays()
        p = {name: Tensor(array).is_param_() for name, array in weights.items()}
        x, y = Tensor(x), Tensor(y)
        if not work.trains:
            x = x.is_param_()
        leaves = p if work.trains else p | {"x": x}
        optimizer = SGD(list(p.values()), lr=LR) if work.trains else None

        def gradients():
            for leaf in leaves.values():
                leaf.grad = None
            out = MODELS[work.kind](ops, p, x)
            if work.trains:
                out = out.sparse_categorical_crossentropy(y)
                out.backward()
            else:
                out.backward(y)
            return out

        @TinyJit
        def step():
            out = gradients()
            if work.trains:
                with Context(TRAINING=1):
                    return out.realize(*optimizer.schedule_step())
            return out.realize(*(leaf.grad for leaf in leaves.values()))

        result = gradients().numpy()
        answers = {"result": result} | {name: leaf.grad.numpy() for name, leaf in leaves.items()}

        def run():
            step()
            Device[Device.DEFAULT].synchronize()

        return run, answers

    return prepare
