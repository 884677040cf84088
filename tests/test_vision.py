"""Models that look at pictures: shapes, gradients, one step, the state, what a caller can get wrong."""

import doctest

import pytest
import torch
from torch.nn.functional import cross_entropy

from dlcore import layer, vision
from dlcore.conv import Conv2d
from dlcore.module import Sequential
from dlcore.pool import MaxPool2d
from dlcore.vision import LeNet


@pytest.fixture
def model():
    torch.manual_seed(0)
    return LeNet()


def images(n=8):
    return torch.rand(n, 1, 28, 28, generator=torch.Generator().manual_seed(1))


LABELS = torch.arange(8)


def test_examples():
    assert doctest.testmod(vision).failed == 0


@pytest.mark.parametrize("n", [1, 3])
def test_ten_scores_for_each_image(model, n):
    assert model(images(n)).shape == (n, 10)


def test_61706_parameters(model):
    counts = [p.numel() for p in model.parameters()]
    assert counts == [150, 6, 2400, 16, 48_000, 120, 10_080, 84, 840, 10]
    assert sum(counts) == 61_706


def test_the_maps_have_the_sizes_of_1998(model):
    h, sizes = images(1), []
    for part in model.features:
        h = part(h)
        sizes.append(tuple(h.shape[1:]))
    assert sizes == [(6, 28, 28), (6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 10, 10), (16, 5, 5)]


def test_an_image_does_not_hear_of_the_others(model):
    x = images()
    torch.testing.assert_close(model(x)[3:4], model(x[3:4]))


def test_a_gradient_reaches_every_parameter_and_the_image(model):
    x = images().requires_grad_()
    cross_entropy(model(x), LABELS).backward()
    for name, p in [*model.named_parameters(), ("x", x)]:
        assert p.grad is not None and p.grad.abs().max() > 0, name


def test_one_step_lowers_the_loss(model):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = cross_entropy(model(images()), LABELS)
    before.backward()
    optimizer.step()
    assert cross_entropy(model(images()), LABELS) < before


def test_a_state_makes_an_equal_model(model):
    other = LeNet()
    assert not torch.equal(other(images()), model(images()))
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(images()), model(images()))


def test_equal_to_the_same_layers_of_dlcore(model):
    mine = Sequential(
        Conv2d(1, 6, 5, padding=2), layer.ReLU(), MaxPool2d(2), Conv2d(6, 16, 5), layer.ReLU(), MaxPool2d(2),
        layer.Flatten(), layer.Linear(400, 120), layer.ReLU(), layer.Linear(120, 84), layer.ReLU(),
        layer.Linear(84, 10),
    )
    mine.load_state_dict(dict(zip(mine.state_dict(), model.state_dict().values(), strict=True)))
    scores = torch.tensor(mine(images().numpy()).data)
    torch.testing.assert_close(scores, model(images()), rtol=1e-5, atol=1e-5)


WRONG = {
    "rows of pixels": (torch.zeros(2, 784), "got (2, 784); use x.reshape(-1, 1, 28, 28)"),
    "no channel": (torch.zeros(2, 28, 28), "got (2, 28, 28); use x.reshape(-1, 1, 28, 28)"),
    "another size": (torch.zeros(2, 1, 32, 32), "got (2, 1, 32, 32)"),
    "colours": (torch.zeros(2, 3, 28, 28), "got (2, 3, 28, 28)"),
    "no images at all": (torch.zeros(0, 784), "got (0, 784)"),
    "a number": (torch.tensor(1.0), "got ()"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_shape_ends_in_one_sentence(model, what):
    x, told = WRONG[what]
    with pytest.raises(ValueError) as error:
        model(x)
    assert str(error.value) == f"LeNet: x must be images (N, 1, 28, 28), {told}"


def test_another_dtype_ends_in_one_sentence(model):
    with pytest.raises(TypeError) as error:
        model(images().double())
    assert str(error.value) == ("LeNet: x is torch.float64 but the weights are torch.float32; "
                                "use x.to(torch.float32)")
