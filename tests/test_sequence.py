"""Language models: text as numbers, windows, perplexity, shapes, gradients, sampling, what a caller can get wrong."""

import doctest
import math

import pytest
import torch
from torch.nn.functional import cross_entropy

from dlcore import sequence
from dlcore.sequence import RECURRENT, RecurrentLM, Vocabulary, perplexity, sample, surprisal, windows

V = 7
each_kind = pytest.mark.parametrize("kind", RECURRENT)


def make(kind, seed=0, num_layers=1):
    torch.manual_seed(seed)
    return RecurrentLM(kind, V, embedding=5, hidden=6, num_layers=num_layers)


def text(*shape, seed=1):
    return torch.randint(V, shape, generator=torch.Generator().manual_seed(seed))


def uniform(x):
    return torch.zeros(*x.shape, V)


def loss_of(model, x, y):
    return cross_entropy(model(x).flatten(0, 1), y.flatten())


def test_examples():
    assert doctest.testmod(sequence).failed == 0


# ---- text as numbers ----

def test_a_text_comes_back_as_it_was():
    told = "for x in range(3):\n    print(x)\n"
    vocabulary = Vocabulary(told)
    numbers = vocabulary.encode(told)
    assert numbers.dtype == torch.int64 and numbers.max() == len(vocabulary) - 1
    assert vocabulary.decode(numbers) == told


def test_an_empty_text_has_no_numbers():
    assert Vocabulary("ab").encode("").shape == (0,) and Vocabulary("ab").decode([]) == ""


def test_windows_are_pieces_of_the_text_with_what_comes_next():
    numbers = torch.arange(20)
    x, y = windows(numbers, 4, 500, torch.Generator().manual_seed(0))
    assert x.shape == y.shape == (500, 4)
    assert torch.equal(y, x + 1) and torch.equal(x[:, 1:], x[:, :-1] + 1)
    assert x.min() == 0 and y.max() == 19                      # from the first to the last piece there is


def test_windows_repeat_with_the_same_generator():
    draws = [windows(text(50), 4, 3, torch.Generator().manual_seed(5))[0] for _ in range(2)]
    assert torch.equal(*draws)


# ---- perplexity ----

def test_equal_chances_for_all_have_the_perplexity_of_their_number():
    assert perplexity(uniform, text(100), 8) == pytest.approx(V, rel=1e-6)


def test_every_character_behind_the_first_half_window_counts_once():
    counted = torch.arange(21)

    def model(x):                                              # the character c costs c: its chance is exp(-c)
        return (-torch.arange(21.0)).log_softmax(0).expand(*x.shape, 21)

    losses = -(-torch.arange(21.0)).log_softmax(0)
    torch.testing.assert_close(surprisal(model, counted, 8), losses[5:])
    assert math.log(perplexity(model, counted, 8)) == pytest.approx(losses[5:].mean().item(), rel=1e-5)


@each_kind
def test_perplexity_is_exp_of_the_loss(kind):
    model, numbers = make(kind), text(9)
    loss = cross_entropy(model(numbers[None, :-1])[0, 4:], numbers[5:])
    assert perplexity(model, numbers, 8) == pytest.approx(loss.exp().item(), rel=1e-5)


# ---- the model ----

@each_kind
@pytest.mark.parametrize("n, steps", [(1, 1), (3, 5)])
def test_a_score_for_each_next_character(kind, n, steps):
    assert make(kind)(text(n, steps)).shape == (n, steps, V)


@each_kind
def test_the_future_is_not_seen(kind):
    x = text(2, 6)
    other = x.clone()
    other[:, 4:] = (other[:, 4:] + 1) % V
    before, after = make(kind)(x), make(kind)(other)
    torch.testing.assert_close(before[:, :4], after[:, :4])
    assert not torch.allclose(before[:, 4], after[:, 4])


@each_kind
def test_read_in_two_parts_or_at_once(kind):
    model, x = make(kind, num_layers=2), text(2, 6)
    first, state = model.read(x[:, :2])
    second, _ = model.read(x[:, 2:], state)
    torch.testing.assert_close(torch.cat([first, second], 1), model(x))


@each_kind
def test_a_gradient_reaches_every_parameter(kind):
    model = make(kind, num_layers=2)
    x = torch.arange(V).repeat(2, 2)
    loss_of(model, x, x.roll(-1, 1)).backward()
    for name, p in model.named_parameters():
        assert p.grad is not None and p.grad.abs().max() > 0, name


@each_kind
def test_one_step_lowers_the_loss(kind):
    model, (x, y) = make(kind), windows(text(50), 8, 4)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = loss_of(model, x, y)
    before.backward()
    optimizer.step()
    assert loss_of(model, x, y) < before


@each_kind
def test_a_state_makes_an_equal_model(kind):
    model, other, x = make(kind), make(kind, seed=1), text(2, 6)
    assert not torch.equal(other(x), model(x))
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(x), model(x))


# ---- sampling ----

@each_kind
def test_sampling_goes_on_with_the_text(kind):
    start = text(3)
    found = sample(make(kind), start, 10, generator=torch.Generator().manual_seed(0))
    assert found.shape == (13,) and torch.equal(found[:3], start) and found.min() >= 0 and found.max() < V


@each_kind
def test_near_temperature_zero_the_likeliest_character_is_taken(kind):
    model, found = make(kind), text(2)
    for _ in range(5):
        found = torch.cat([found, model(found[None])[0, -1].argmax()[None]])
    assert torch.equal(sample(make(kind), text(2), 5, temperature=1e-6), found)


def test_high_temperature_makes_chances_equal():
    model = make("GRU")
    model.head.bias.data[0] = 5.0
    counts = [(sample(model, text(1), 300, t, torch.Generator().manual_seed(0)) == 0).float().mean()
              for t in (0.2, 100.0)]
    assert counts[0] > 0.95 and counts[1] < 0.3


# ---- what a caller can get wrong ----

WRONG = {
    "a kind that there is not": (lambda: RecurrentLM("lstm", V, 5, 6),
                                 "RecurrentLM: kind must be one of RNN, LSTM, GRU, got 'lstm'"),
    "a single text": (lambda: make("RNN")(text(4)),
                      "RecurrentLM: x must be character numbers (N, T), got (4,); for a single text use x[None]"),
    "one-hot rows": (lambda: make("RNN")(torch.zeros(2, 4, V)),
                     "RecurrentLM: x must be character numbers (N, T), got (2, 4, 7)"),
    "a strange character": (lambda: Vocabulary("abc").encode("cab?"),
                            "encode: '?' is not among the 3 characters of the vocabulary"),
    "a number outside": (lambda: Vocabulary("abc").decode([0, 3]),
                         "decode: the characters are numbered from 0 to 2, got 3"),
    "a window as long as the text": (lambda: windows(text(8), 8, 2),
                                     "windows: the text must be numbers (T,) with T above the window's length 8, "
                                     "and that above 0, got (8,)"),
    "two texts": (lambda: perplexity(uniform, text(2, 8), 4),
                  "surprisal: the text must be numbers (T,) with T above the window's length 4, "
                  "and that above 0, got (2, 8)"),
    "no half": (lambda: perplexity(uniform, text(20), 5),
                "surprisal: length must be even, since the half of each window counts, got 5"),
    "nothing to go on with": (lambda: sample(make("GRU"), text(0), 3),
                              "sample: the text to go on with is empty: give one character at least"),
    "temperature 0": (lambda: sample(make("GRU"), text(2), 3, temperature=0),
                      "sample: temperature must be above 0, got 0"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_slip_ends_in_one_sentence(what):
    call, told = WRONG[what]
    with pytest.raises(ValueError) as error:
        call()
    assert str(error.value) == told
