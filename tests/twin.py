"""Run the same computation in dlcore and in torch, and compare every value and every gradient."""

import numpy as np
import torch

from dlcore.graph import Node
from dlcore.tensor import Tensor

TOLERANCE = {np.float64: 1e-10, np.float32: 1e-5}


def close(mine, torchs, tolerance, what="value"):
    """Same shape, same dtype, and |mine - torch| <= tolerance * (1 + |torch|) everywhere."""
    mine = mine.data if isinstance(mine, Node) else np.asarray(mine)
    torchs = torchs.detach().numpy()
    assert mine.shape == torchs.shape, f"{what}: shape {mine.shape}, torch has {torchs.shape}"
    assert mine.dtype == torchs.dtype, f"{what}: dtype {mine.dtype}, torch has {torchs.dtype}"
    np.testing.assert_allclose(mine, torchs, rtol=tolerance, atol=tolerance, err_msg=what)


def compare(mine, torchs, *arrays, dtype=np.float64, seed=0, tolerance=None):
    """mine(*tensors) equals torchs(*tensors), and so do the gradients of every float array given."""
    tolerance = tolerance or TOLERANCE[dtype]
    arrays = [a.astype(dtype, copy=False) if a.dtype.kind == "f" else a for a in map(np.asarray, arrays)]
    ours = [Tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]
    theirs = [torch.tensor(a, requires_grad=a.dtype.kind == "f") for a in arrays]
    y, t = mine(*ours), torchs(*theirs)
    close(y, t, tolerance)
    g = np.asarray(np.random.default_rng(seed).normal(size=y.shape), y.dtype)
    y.backward(g)
    t.backward(torch.tensor(g))
    for i, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        if a.requires_grad:
            none = b.grad is None                         # torch leaves None where nothing arrived; so do we
            assert (a.grad is None) == none, f"gradient {i}: {a.grad}, torch has {b.grad}"
            if not none:
                assert type(a.grad) is np.ndarray and a.grad.flags.writeable
                close(a.grad, b.grad, tolerance, f"gradient of argument {i}")
