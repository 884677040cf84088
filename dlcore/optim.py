"""What to do with a gradient: the optimisers, in order of increasing complexity.

Each one differs from the one above it by a line or two of `change`, which turns the gradient g of a
parameter p, and what is remembered about p, into the step to take. Names, arguments and defaults are torch's.
"""

import math

import numpy as np

from dlcore.tensor import Tensor


class Optimizer:
    """Holds the parameters and applies `change` to each that has a gradient.

    Raises ValueError without parameters or with settings out of their range, TypeError for what is not a Tensor.
    """

    def __init__(self, params, lr, weight_decay=0.0):
        name = type(self).__name__
        if isinstance(params, Tensor):
            raise TypeError(f"{name}: parameters must come in a list, got one Tensor; write [tensor]")
        self.params = list(params)
        if not self.params:
            raise ValueError(f"{name}: there are no parameters; did you give it model.parameters(), and only once?")
        for p in self.params:
            if not isinstance(p, Tensor):
                raise TypeError(f"{name}: parameters must be Tensors, got {type(p).__name__}; use model.parameters()")
        at_least_zero(self, lr=lr, weight_decay=weight_decay)
        self.lr, self.weight_decay = lr, weight_decay
        self.state = [{} for _ in self.params]            # what is remembered about each parameter

    def zero_grad(self):
        """Forget all gradients, so that the next backward does not add to them."""
        for p in self.params:
            p.grad = None

    def step(self):
        """Move every parameter that has a gradient, against it."""
        for p, state in zip(self.params, self.state, strict=True):
            if p.grad is not None:
                g = p.grad + self.weight_decay * p.data if self.weight_decay else p.grad
                # A new array, not -=, so that a graph which still holds the old one stays right.
                p.data = np.asarray(p.data - self.change(p, g, state))

    def change(self, p, g, state):
        """What to subtract from p.data; every optimiser writes its own."""
        raise NotImplementedError


class SGD(Optimizer):
    """Gradient descent: lr times the gradient. With momentum, lr times v, a sum of gradients that fades.

    nesterov=True takes the gradient once more along v, as if measured a step ahead.
    Papers: Robbins and Monro 1951, doi:10.1214/aoms/1177729586; Polyak 1964, doi:10.1016/0041-5553(64)90137-5.
    """

    def __init__(self, params, lr=1e-3, momentum=0.0, *, weight_decay=0.0, nesterov=False):
        super().__init__(params, lr, weight_decay)
        at_least_zero(self, momentum=momentum)
        if nesterov and not momentum:
            raise ValueError("SGD: nesterov=True looks ahead along the momentum, so it needs a momentum above 0")
        self.momentum, self.nesterov = momentum, nesterov

    def change(self, p, g, state):
        if not self.momentum:
            return self.lr * g
        v = state["v"] = self.momentum * state.get("v", 0) + g
        return self.lr * (g + self.momentum * v if self.nesterov else v)


class Momentum(SGD):
    """SGD with momentum=0.9: a direction that stays the same gathers up to ten times the speed."""

    def __init__(self, params, lr=1e-3, momentum=0.9, *, weight_decay=0.0, nesterov=False):
        super().__init__(params, lr, momentum, weight_decay=weight_decay, nesterov=nesterov)


class RMSprop(Optimizer):
    """lr times the gradient over its usual size s, a fading average: every parameter moves at a similar speed.

    Source: Tieleman and Hinton 2012, Lecture 6.5 of Neural Networks for Machine Learning (Coursera).
    """

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0.0):
        super().__init__(params, lr, weight_decay)
        below_one(self, alpha=alpha)
        at_least_zero(self, eps=eps)
        self.alpha, self.eps = alpha, eps

    def change(self, p, g, state):
        s = state["s"] = self.alpha * state.get("s", 0) + (1 - self.alpha) * g * g
        return self.lr * g / (np.sqrt(s) + self.eps)


class Adam(Optimizer):
    """RMSprop with momentum: a fading average m of the gradient over its usual size.

    Both averages start at 0. Dividing by 1 - beta ** t makes up for that.
    Paper: Kingma and Ba 2014, arXiv:1412.6980.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params, lr, weight_decay)
        below_one(self, beta1=betas[0], beta2=betas[1])
        at_least_zero(self, eps=eps)
        self.betas, self.eps = betas, eps

    def change(self, p, g, state):
        beta1, beta2 = self.betas
        t = state["t"] = state.get("t", 0) + 1
        m = state["m"] = beta1 * state.get("m", 0) + (1 - beta1) * g
        s = state["s"] = beta2 * state.get("s", 0) + (1 - beta2) * g * g
        usual_size = np.sqrt(s) / math.sqrt(1 - beta2 ** t) + self.eps
        return self.lr / (1 - beta1 ** t) * m / usual_size


class AdamW(Adam):
    """Adam that shrinks the weights themselves, by lr * weight_decay, instead of changing their gradients.

    Paper: Loshchilov and Hutter 2017, arXiv:1711.05101.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        super().__init__(params, lr, betas, eps)
        at_least_zero(self, weight_decay=weight_decay)
        self.shrink = weight_decay

    def change(self, p, g, state):
        return super().change(p, g, state) + self.lr * self.shrink * p.data


# ---- the learning rate over time ----

class LambdaLR:
    """Sets the optimiser's lr to its first lr times lr_lambda(t), where t counts the calls of `step`."""

    def __init__(self, optimizer, lr_lambda):
        self.optimizer, self.lr_lambda = optimizer, lr_lambda
        self.base_lr, self.last_epoch = optimizer.lr, -1
        self.step()

    def step(self):
        """One epoch (or batch) further."""
        self.last_epoch += 1
        self.optimizer.lr = self.base_lr * self.lr_lambda(self.last_epoch)

    def get_last_lr(self):
        """The lr now, in a list as in torch."""
        return [self.optimizer.lr]


class StepLR(LambdaLR):
    """lr times gamma after every step_size epochs."""

    def __init__(self, optimizer, step_size, gamma=0.1):
        positive_steps("StepLR", step_size=step_size)
        super().__init__(optimizer, lambda t: gamma ** (t // step_size))


class CosineAnnealingLR(LambdaLR):
    """Half a cosine from lr down to eta_min in T_max epochs.

    Paper: Loshchilov and Hutter 2016, arXiv:1608.03983.
    """

    def __init__(self, optimizer, T_max, eta_min=0.0):
        positive_steps("CosineAnnealingLR", T_max=T_max)
        end = eta_min / optimizer.lr
        super().__init__(optimizer, lambda t: end + (1 - end) * (1 + math.cos(math.pi * t / T_max)) / 2)


class LinearLR(LambdaLR):
    """The warm-up: from start_factor * lr in a straight line to end_factor * lr in total_iters epochs."""

    def __init__(self, optimizer, start_factor=1 / 3, end_factor=1.0, total_iters=5):
        positive_steps("LinearLR", total_iters=total_iters)
        rise = (end_factor - start_factor) / total_iters
        super().__init__(optimizer, lambda t: start_factor + rise * min(t, total_iters))


def clip_grad_norm_(parameters, max_norm):
    """Shrink all gradients by one factor, so that together they are no longer than max_norm; return their length.

    Paper: Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063.
    """
    if not max_norm > 0:
        raise ValueError(f"clip_grad_norm_: max_norm must be above 0, got {max_norm}")
    parameters = [p for p in ([parameters] if isinstance(parameters, Tensor) else parameters) if p.grad is not None]
    norm = math.sqrt(sum(float((p.grad * p.grad).sum()) for p in parameters))
    factor = max_norm / (norm + 1e-6)                     # 1e-6 is torch's, against a division by 0
    if factor < 1:
        for p in parameters:
            p.grad = np.asarray(p.grad * factor)
    return norm


def at_least_zero(optimizer, **settings):
    """ValueError for a setting below 0 (or nan)."""
    for name, number in settings.items():
        if not number >= 0:
            raise ValueError(f"{type(optimizer).__name__}: {name} must be at least 0, got {number}")


def below_one(optimizer, **settings):
    """ValueError for a setting that is not at least 0 and below 1."""
    for name, number in settings.items():
        if not 0 <= number < 1:
            raise ValueError(f"{type(optimizer).__name__}: {name} must be at least 0 and below 1, got {number}")


def positive_steps(schedule, **settings):
    """ValueError for a count of steps below 1."""
    for name, number in settings.items():
        if not number >= 1:
            raise ValueError(f"{schedule}: {name} must be at least 1, got {number}")
