"""Models that look at pictures: shapes, gradients, one step, the state, what a caller can get wrong."""

import doctest
from functools import partial

import pytest
import torch
from torch.nn.functional import cross_entropy

from dlcore import layer, vision
from dlcore.conv import Conv2d
from dlcore.module import Sequential
from dlcore.pool import MaxPool2d
from dlcore.vision import BlockNet, LeNet


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


# ---- blocks, and the networks made of them ----

BLOCKS = [vision.VGG, vision.Inception, vision.Plain, vision.Residual, vision.Separable]
each_block = pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.__name__)
NETWORKS = {block.__name__: partial(BlockNet, block) for block in BLOCKS}
NETWORKS |= {"ResNet8": vision.ResNet8, "AlexNet": vision.AlexNet}
each_network = pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)


def parameters(model):
    return sum(p.numel() for p in model.parameters())


@each_block
@pytest.mark.parametrize(("n", "stride", "shape"), [(1, 1, (7, 6)), (2, 2, (4, 3))])
def test_a_block_keeps_the_picture_or_halves_it(block, n, stride, shape):
    assert block(8, 16, stride=stride)(torch.rand(n, 8, 7, 6)).shape == (n, 16, *shape)


@each_block
def test_a_block_sees_only_what_is_near(block):
    torch.manual_seed(0)
    block = block(8, 8).eval()
    x = torch.zeros(1, 8, 15, 15)
    dark = block(x)
    x[0, :, 7, 7] = 1
    changed = (block(x) != dark).any(1)[0]                         # (15, 15)
    assert changed[7, 7] and not changed[:5].any() and not changed[:, 10:].any()


def test_parameters_of_the_blocks_counted_on_paper():
    assert parameters(vision.VGG(8, 8)) == 2 * (9 * 8 * 8 + 2 * 8)
    assert parameters(vision.Plain(8, 8)) == parameters(vision.Residual(8, 8)) == parameters(vision.VGG(8, 8))
    assert parameters(vision.Residual(8, 16)) == parameters(vision.Plain(8, 16)) + 8 * 16 + 2 * 16
    assert parameters(vision.Separable(8, 16)) == (9 * 8 + 16) + (8 * 16 + 32) + (9 * 16 + 32) + (16 * 16 + 32)
    assert parameters(vision.Inception(8, 16)) == 4 * (8 * 4 + 8) + (9 * 16 + 8) + (25 * 16 + 8)


def test_a_residual_block_that_adds_nothing_hands_on_what_is_positive():
    block = vision.Residual(4, 4).eval()
    torch.nn.init.zeros_(block.f[1][1].weight)
    x = torch.randn(2, 4, 5, 5)
    assert torch.equal(block(x), x.clamp(min=0))


def test_a_residual_block_is_the_sum_of_its_two_ways():
    block = vision.Residual(4, 8, stride=2).eval()
    x = torch.randn(2, 4, 6, 6)
    assert torch.equal(block(x), torch.relu(block.f(x) + block.shortcut(x)))


def test_inception_wants_four_equal_shares():
    with pytest.raises(ValueError, match="Inception: out_channels must be a multiple of 4, one share a branch, got 10"):
        vision.Inception(8, 10)


def test_resnet8_has_eight_layers_on_its_way():
    weights = [name for name, p in vision.ResNet8().named_parameters() if p.ndim > 1 and "shortcut" not in name]
    assert len(weights) == 8


@each_network
def test_a_network_gives_ten_scores_and_every_parameter_gets_a_gradient(make):
    torch.manual_seed(0)
    model = make()
    scores = model(images())
    assert scores.shape == (8, 10)
    cross_entropy(scores, LABELS).backward()
    for name, p in model.named_parameters():
        assert p.grad is not None and p.grad.abs().max() > 0, name


@each_network
def test_a_network_learns_in_a_few_steps(make):
    torch.manual_seed(0)
    model = make()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        losses.append(cross_entropy(model(images()), LABELS))
        losses[-1].backward()
        optimizer.step()
    assert min(losses[-3:]) < losses[0]


@each_network
def test_a_network_is_its_state(make):
    model, other = make().train(), make()
    model(images())                                                # moves the averages of batch norm
    other.load_state_dict(model.state_dict())
    assert torch.equal(other.eval()(images()), model.eval()(images()))


@each_network
def test_a_network_says_which_images_it_wants(make):
    model = make()
    with pytest.raises(ValueError, match=rf"{type(model).__name__}: x must be images \(N, 1, 28, 28\), got \(2, 784\)"):
        model(torch.zeros(2, 784))
    with pytest.raises(TypeError, match="x is torch.float64 but the weights are torch.float32"):
        model(images().double())
