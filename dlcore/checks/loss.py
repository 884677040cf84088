"""The exercises of chapter 04."""

import numpy as np

from ..exercise import Exercise

# ---- 1: Huber's loss ----


def huber_loss(error, delta):
    size = np.abs(np.asarray(error, dtype=float))
    return np.where(size <= delta, size**2 / 2, delta * (size - delta / 2))


def decided_once(error, delta):
    if abs(error) <= delta:
        return error**2 / 2
    return delta * (abs(error) - delta / 2)


huber = Exercise(
    reference=huber_loss,
    cases=[
        (np.array([0.0, 0.5, 1.0, 2.0, 10.0]), 1.0),
        (np.array([-0.5, -3.0, 3.0]), 1.0),
        (np.array([-4.0, 1.5, 6.0]), 2.5),
        (np.array([1000.0]), 0.1),
        (np.array([0.2, -0.2, 7.0, -7.0]), 3.0),
    ],
    mistakes=[
        (lambda error, delta: np.where(np.abs(error) <= delta, error**2, delta * (np.abs(error) - delta / 2)),
         "In the middle it is half the square: without the half the slope jumps at delta."),
        (lambda error, delta: np.where(np.abs(error) <= delta, error**2 / 2, delta * np.abs(error)),
         "The two pieces do not meet at delta: the line has to start at delta²/2, so take delta/2 off the size."),
        (lambda error, delta: np.where(np.abs(error) <= delta, error**2 / 2, delta * np.abs(error) - delta / 2),
         "The two pieces do not meet at delta: take delta²/2 off the line, which is delta times delta/2."),
        (lambda error, delta: np.where(np.abs(error) <= delta, error**2 / 2, np.abs(error) - delta / 2),
         "The line is too flat or too steep: its slope is delta, that of the parabola where they meet."),
        (lambda error, delta: np.where(error <= delta, error**2 / 2, delta * (error - delta / 2)),
         "A large negative error counts as a square: compare the size of the error, not the error."),
        (lambda error, delta: np.where(np.abs(error) <= delta, error**2 / 2, delta * (error - delta / 2)),
         "A large negative error gets a negative loss: the line too is in the size of the error."),
        (decided_once, "An if decides once, for one error. np.where decides for each of them."),
        (lambda error, delta: huber_loss(error, 1.0),
         "Your border is 1 whatever delta is."),
        (lambda error, delta: huber_loss(error, delta).mean(),
         "Return one loss for each error. The mean comes later."),
    ],
)

# ---- 2: the gradient of a line's mean squared error ----


def line_slopes(x, y, w, b):
    error = w * x + b - y                                                      # (N,)
    return 2 * np.mean(error * x), 2 * np.mean(error)


def off_by(factor):
    """The gradient times something, for the mistakes."""
    return lambda x, y, w, b: tuple(factor(x) * slope for slope in line_slopes(x, y, w, b))


THREE = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 5.0])

line_gradient = Exercise(
    reference=line_slopes,
    cases=[
        (*THREE, 1.0, 0.0),
        (*THREE, 1.5, 0.0),
        (np.array([4.0]), np.array([-1.0]), 0.5, 2.0),
        (np.array([0.0, -2.0, 1.0, 3.0, 0.5]), np.array([1.0, 0.0, 2.0, -1.0, 4.0]), -1.0, 3.0),
    ],
    mistakes=[
        (off_by(lambda x: 0.5), "The slope of a square is twice what is inside: where did the 2 go?"),
        (off_by(len), "Those are the slopes of the sum. The loss is the mean: divide by the number of examples."),
        (off_by(lambda x: -1), "The signs are turned round: the error is prediction minus target."),
        (off_by(lambda x: len(x) / 2), "That is the sum of the errors: the square brings a 2, the mean divides by N."),
        (lambda x, y, w, b: (2 * np.mean(w * x + b - y),) * 2,
         "The slope for w still has to be multiplied by x: where x is 0, w changes nothing."),
        (off_by(lambda x: len(x) / 3), "You divide by 3, the number of points in the text: here it is len(x)."),
        (lambda x, y, w, b: (2 * np.mean((w * x + b - y) * w), 2 * np.mean(w * x + b - y)),
         "In the slope for w the error is multiplied by x, which stands beside w, and not by w itself."),
        (lambda x, y, w, b: line_slopes(x, y, w, b)[::-1],
         "Right numbers in the wrong order: first dL/dw, then dL/db."),
        (lambda x, y, w, b: (2 * np.mean(w * x + b - y) * np.mean(x), 2 * np.mean(w * x + b - y)),
         "Multiply each error by its own x, and take the mean afterwards."),
    ],
)

# ---- 3: log-sum-exp ----


def safe_logsumexp(z):
    z = np.asarray(z, dtype=float)
    top = z.max(-1, keepdims=True)                                             # (N, 1)
    return top[..., 0] + np.log(np.exp(z - top).sum(-1))                       # (N,)


def one_maximum(z):
    return z.max() + np.log(np.exp(z - z.max()).sum(-1))


logsumexp = Exercise(
    reference=safe_logsumexp,
    cases=[
        (np.log([[1.0, 2.0, 5.0]]),),
        (np.array([[0.0, 0.0], [3.0, 1.0], [-1.0, -2.0]]),),
        (np.array([[1000.0, 1001.0], [-1000.0, -1001.0]]),),
        (np.array([[5.0], [-7.0]]),),
        (np.array([[800.0, 2.0, -800.0, 0.0]]),),
    ],
    mistakes=[
        (lambda z: np.log(np.exp(z).sum(-1)),
         "exp(1000) is inf and exp(-1000) is 0: take the largest score of the row off first, and add it at the end."),
        (one_maximum, "One maximum for all rows: a row far below it becomes log 0. Take the maximum of each row."),
        (lambda z: np.log(np.exp(z - z.max(-1, keepdims=True)).sum(-1)),
         "What you took off has to come back: add the maximum at the end."),
        (lambda z: z.max(-1) + np.log(np.exp(z - z.max(-1)).sum(-1)),
         "The maxima have shape (N,) and line up with the columns: with keepdims=True each is taken off its own row."),
        (lambda z: z.max(-1, keepdims=True) + np.log(np.exp(z - z.max(-1, keepdims=True)).sum(-1)),
         "(N, 1) plus (N,) makes (N, N): bring the maxima into shape (N,) before you add them."),
        (lambda z: z.max(-1), "That is the maximum, the largest part of it. The logarithm of the sum is missing."),
        (lambda z: safe_logsumexp(z.T), "You added over the rows. Each row holds the scores of one example."),
        (lambda z: safe_logsumexp(z)[:, None], "One number a row: the result has shape (N,), not (N, 1)."),
        (lambda z: safe_logsumexp(z.ravel()), "You added over everything. Each row is an example of its own."),
    ],
)

# ---- 4: gradient descent ----


def descended(gradient, w, lr, steps):
    path = [np.array(w, dtype=float)]
    for _ in range(steps):
        path.append(path[-1] - lr * np.asarray(gradient(path[-1])))
    return np.array(path)                                                      # (steps + 1, D)


def overwritten(gradient, w, lr, steps):
    w, path = np.array(w, dtype=float), []
    path.append(w)
    for _ in range(steps):
        w -= lr * gradient(w)
        path.append(w)
    return np.array(path)


def bowl(w):
    return 2.0 * np.asarray(w)


def valley(w):
    return np.array([w[0], 10.0 * w[1]])


def tilted(w):
    return np.array([2.0 * w[0] + w[1] - 1, w[0] + 4.0 * w[1] + 3])


descend = Exercise(
    reference=descended,
    cases=[
        (bowl, np.array([3.0, -1.0]), 0.25, 2),
        (valley, np.array([1.0, 1.0]), 0.05, 4),
        (tilted, np.array([0.0, 2.0]), 0.1, 3),
        (bowl, np.array([1.0]), 1.0, 3),
        (valley, np.array([2.0, -3.0]), 0.1, 0),
    ],
    mistakes=[
        (lambda gradient, w, lr, steps: descended(gradient, w, -lr, steps),
         "You walk uphill. The gradient points up; go against it."),
        (lambda gradient, w, lr, steps: descended(gradient, w, lr, steps)[-1],
         "That is only the last point. Return every point of the path, the start first."),
        (lambda gradient, w, lr, steps: descended(gradient, w, lr, steps)[1:],
         "The start is missing: the path has one point more than it has steps."),
        (overwritten, "All points are the same array, changed in place: make a new one at each step, w = w - ..."),
        (lambda gradient, w, lr, steps: np.array([w - t * lr * gradient(w) for t in range(steps + 1)]),
         "You use the gradient of the start at every step. Ask for it anew where you are."),
        (lambda gradient, w, lr, steps: descended(gradient, w, 1.0, steps), "The learning rate has no effect."),
    ],
)

# ---- 5: the largest learning rate ----


def border(x):
    x = np.asarray(x, dtype=float)
    return len(x) / np.linalg.eigvalsh(x.T @ x)[-1]


largest_lr = Exercise(
    reference=border,
    cases=[
        (np.array([[1.0, 1.0], [2.0, 1.0], [3.0, 1.0]]),),
        (np.array([[2.0]]),),
        (np.array([[1.0, 0.0], [0.0, 3.0], [1.0, 1.0], [-2.0, 0.5]]),),
        (np.array([[100.0, 1.0], [-50.0, 1.0]]),),
    ],
    mistakes=[
        (lambda x: 2 / border(x), "That is the largest curvature. The border is 2 over it."),
        (lambda x: 2 * border(x), "The Hessian of a mean of squares is 2 xᵀx / N: the square brings a 2."),
        (lambda x: border(x) / 2,
         "1/λ is where the steepest direction is solved in one step. The border is twice as far."),
        (lambda x: border(x) / len(x), "The loss is a mean: its Hessian is divided by N."),
        (lambda x: len(x) / np.linalg.eigvalsh(x.T @ x)[0],
         "That is the flattest direction. The steepest is the first to break."),
        (lambda x: len(x) / np.diag(x.T @ x).max(),
         "The steepest direction need not lie along an axis: take the largest eigenvalue, not the largest entry."),
        (lambda x: len(x) / np.trace(x.T @ x),
         "The trace adds up the curvatures of all directions. One direction breaks first: the largest eigenvalue."),
    ],
)
