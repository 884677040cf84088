"""The loop: batches, epochs, history. It serves models of dlcore and of torch alike.

Nothing here imports torch. Both kinds of model are called, train(), eval(), and give a loss with backward() and
item(); both kinds of optimiser have zero_grad() and step(). The data are arrays for the one, tensors for the other.
"""

import sys
from dataclasses import dataclass, field

import numpy as np

from dlcore.graph import no_grad
from dlcore.init import generator
from dlcore.interrupt import whole

EVALUATE = 1000      # examples at a time where nothing is learnt: enough to be quick, few enough to fit anywhere


@dataclass
class History:
    """One number per finished epoch in each list; the validation lists stay empty without validation data.

    epochs: how many were asked for. at_end: functions to call once, however fit ends.
    """

    train_loss: list = field(default_factory=list)
    validation_loss: list = field(default_factory=list)
    validation_accuracy: list = field(default_factory=list)
    epochs: int = 0
    at_end: list = field(default_factory=list, repr=False, compare=False)

    def __len__(self):
        return len(self.train_loss)


def batches(x, y, batch_size, rng=None):
    """Pairs (x, y) of batch_size examples in random order, every example once; the last pair may be smaller.

    Raises ValueError where x and y differ in length or batch_size is below 1.

    >>> import numpy as np
    >>> [len(a) for a, b in batches(np.arange(5), np.arange(5), 2)]
    [2, 2, 1]
    """
    check_pairs("batches", x, y)
    if batch_size < 1:
        raise ValueError(f"batches: batch_size must be at least 1, got {batch_size}")
    order = generator(rng).permutation(len(x))
    return ((x[order[i:i + batch_size]], y[order[i:i + batch_size]]) for i in range(0, len(x), batch_size))


def fit(model, loss, optimizer, x, y, *, epochs, batch_size, validation=None, rng=None, scheduler=None,
        on_epoch=None):
    """Train for some epochs and return the History; Ctrl-C ends it early, after a whole step.

    loss(prediction, y) gives one number. validation: a pair (x, y), measured after each epoch in eval() mode; its
    accuracy is recorded where y holds class numbers and the model gives a score per class. scheduler.step() runs
    after each step of the optimizer. on_epoch(history) runs after each epoch, and ends the training with True.
    Raises ValueError where the data or the settings do not fit, TypeError where on_epoch returns anything else.
    """
    if epochs < 1:
        raise ValueError(f"fit: epochs must be at least 1, got {epochs}")
    check_pairs("fit", x, y)
    if validation is not None:
        check_pairs("fit: validation", *validation)
    history = History(epochs=epochs)
    try:
        for _ in range(epochs):
            model.train()
            train_loss = one_epoch(model, loss, optimizer, batches(x, y, batch_size, rng), scheduler) / len(x)
            measured = measure(model, loss, *validation) if validation is not None else ()
            record(history, train_loss, *measured)
            if on_epoch is not None and says_stop(on_epoch(history)):
                break
    except KeyboardInterrupt:
        print(f"fit: interrupted after {len(history)} of {epochs} epochs, the model is kept")
    finally:
        while history.at_end:
            history.at_end.pop()()
    return history


def one_epoch(model, loss, optimizer, pairs, scheduler=None):
    """A step for each pair of a batch; returns the sum over all examples of the loss each met on its way."""
    total = 0.0
    for x, y in pairs:
        optimizer.zero_grad()
        now = loss(model(x), y)
        now.backward()
        with whole():
            optimizer.step()
            if scheduler is not None:
                scheduler.step()
        total += now.item() * len(x)
    return total


def measure(model, loss, x, y):
    """The loss, and for class numbers the accuracy, on data that the model does not learn from."""
    total, right, classes = 0.0, 0, "int" in str(y.dtype) and y.ndim == 1
    for scores, target in evaluated(model, x, y):
        total += loss(scores, target).item() * len(target)
        classes = classes and scores.ndim == 2 and scores.shape[1] > 1
        right += int((scores.argmax(-1) == target).sum()) if classes else 0
    return (total / len(x), right / len(x)) if classes else (total / len(x),)


def record(history, *measured):
    """Append what one epoch measured to the lists of the history, all of it or nothing."""
    lists = (history.train_loss, history.validation_loss, history.validation_accuracy)[:len(measured)]
    with whole():
        for numbers, new in zip(lists, measured, strict=True):
            numbers.append(new)


def says_stop(answer):
    """Whether on_epoch asks to end; any other answer than True, False or None is a slip, not a wish."""
    if not isinstance(answer, (bool, np.bool_, type(None))):
        raise TypeError(f"fit: on_epoch must return True to stop, or nothing, got a {type(answer).__name__}")
    return bool(answer)


def accuracy(model, x, y):
    """The share of examples whose highest score is that of the right class; y: class numbers, (N,).

    Raises ValueError where the model does not give a score per class, (N, K).
    """
    check_pairs("accuracy", x, y)
    right = 0
    for scores, target in evaluated(model, x, y):
        if scores.ndim != 2 or target.ndim != 1:
            raise ValueError(f"accuracy: needs scores (N, K) and class numbers (N,), but the model gives "
                             f"{tuple(scores.shape)} and y is {tuple(target.shape)}")
        right += int((scores.argmax(-1) == target).sum())
    return right / len(x)


def evaluated(model, x, y):
    """Pairs of (what the model in eval() mode says, y); between them the model is in the mode it was in."""
    torch = sys.modules.get("torch")                      # loaded by now, if the model is one of torch
    quiet = torch.no_grad if torch and isinstance(model, torch.nn.Module) else no_grad
    for i in range(0, len(x), EVALUATE):
        before = model.training
        model.eval()
        try:
            with quiet():
                scores = model(x[i:i + EVALUATE])
        finally:
            model.train(before)
        yield scores.detach(), y[i:i + EVALUATE]


def check_pairs(name, x, y):
    """ValueError unless there is something to learn from, and as many x as y; TypeError if they are no arrays."""
    for data in (x, y):
        if not hasattr(data, "shape"):
            raise TypeError(f"{name}: x and y must be arrays or tensors, got a {type(data).__name__}")
    if len(x) != len(y) or len(x) == 0:
        raise ValueError(f"{name}: x and y must be of one length above 0, got {len(x)} and {len(y)}")
