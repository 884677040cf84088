"""dlcore and torch: the same code trains and measures both."""

from types import SimpleNamespace

import numpy as np

from benchmarks.works import LR


def dlcore():
    """A function that prepares a work in dlcore."""
    from dlcore import block, conv, layer, loss, module, norm, optim, pool, recurrent
    from dlcore.tensor import Tensor

    rooms = (module, layer, norm, conv, pool, recurrent, block, loss, optim)
    nn = SimpleNamespace(**{name: item for room in rooms for name, item in vars(room).items()})
    return lambda work: prepared(work, nn, Tensor, lambda array: array)


def torch():
    """A function that prepares a work in torch, on one thread."""
    import torch

    torch.set_num_threads(1)
    nn = SimpleNamespace(**vars(torch.nn.functional) | vars(torch.nn) | vars(torch.optim))
    return lambda work: prepared(work, nn, torch.tensor, torch.tensor)


def prepared(work, nn, tensor, labels):
    """(run, answers): `run()` does the work once, `answers` are the first result and gradients, by name."""
    x, y, weights = work.arrays()
    model = work.model(nn)
    model.load_state_dict({name: tensor(array) for name, array in weights.items()})
    leaves = dict(model.named_parameters())
    if work.trains:
        x, y = tensor(x), labels(y)
        optimizer = nn.SGD(model.parameters(), lr=LR)

        def run():
            loss = nn.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss
    else:
        x, g = tensor(x, requires_grad=True), tensor(y)
        leaves["x"] = x

        def run():
            for leaf in leaves.values():
                leaf.grad = None
            out = model(x)
            out = out[0] if isinstance(out, tuple) else out
            out.backward(g)
            return out

    result = run()
    return run, {"result": array_of(result)} | {name: array_of(leaf.grad) for name, leaf in leaves.items()}


def array_of(tensor):
    """The numbers of a tensor of either library."""
    return np.array(tensor.detach().numpy() if hasattr(tensor, "detach") else tensor)
