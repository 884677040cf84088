"""Language models, in torch: text as numbers, a recurrent model of what comes next, and how wrong it is.

A language model takes character numbers x (N, T) and gives scores (N, T, V): at each place one score for every
character that may come next, out of what stands there and before. `windows` and `perplexity` serve every such model.
"""

import math

import torch
from torch import nn
from torch.nn.functional import cross_entropy

RECURRENT = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU}


class Vocabulary:
    """The characters of a text, sorted, with a number from 0 to V - 1 for each.

    >>> vocabulary = Vocabulary("banana")
    >>> len(vocabulary), vocabulary.encode("nab"), vocabulary.decode([2, 0, 1])
    (3, tensor([2, 0, 1]), 'nab')
    """

    def __init__(self, text):
        self.characters = sorted(set(text))
        self.number = {character: i for i, character in enumerate(self.characters)}

    def __len__(self):
        return len(self.characters)

    def encode(self, text):
        """The numbers of a text, (T,). Raises ValueError for a character that is not in the vocabulary."""
        strange = sorted(set(text) - set(self.characters))
        if strange:
            raise ValueError(f"encode: {strange[0]!r} is not among the {len(self)} characters of the vocabulary")
        return torch.tensor([self.number[character] for character in text], dtype=torch.int64)

    def decode(self, numbers):
        """The text of numbers (T,). Raises ValueError for a number outside of the vocabulary."""
        numbers = torch.as_tensor(numbers).tolist()
        wrong = [i for i in numbers if not 0 <= i < len(self)]
        if wrong:
            raise ValueError(f"decode: the characters are numbered from 0 to {len(self) - 1}, got {wrong[0]}")
        return "".join(self.characters[i] for i in numbers)


def windows(numbers, length, n, generator=None):
    """A batch of n random pieces of a text: x (n, length), and y (n, length), what comes next at each place.

    numbers: the text, (T,). Raises ValueError where it is not longer than `length`.

    >>> x, y = windows(torch.arange(9), 3, 2)
    >>> x.shape, bool((y == x + 1).all())
    (torch.Size([2, 3]), True)
    """
    check_longer("windows", numbers, length)
    first = torch.randint(len(numbers) - length, (n, 1), generator=generator)             # (n, 1)
    at = first + torch.arange(length)                                                     # (n, length)
    return numbers[at], numbers[at + 1]


@torch.no_grad()
def surprisal(model, numbers, length):
    """-ln p of the characters of a text (T,) that is read in windows, (S,); the model stays in the mode it is in.

    Windows overlap by half, and of each only the second half counts: every character behind the first half window
    is predicted once, from length / 2 or more characters before it; an end too short for half a window is left out.
    Raises ValueError where the text is not longer than `length`, or `length` is odd.
    """
    check_longer("surprisal", numbers, length)
    half, odd = divmod(length, 2)
    if odd:
        raise ValueError(f"surprisal: length must be even, since the half of each window counts, got {length}")
    found = []
    for piece in numbers.unfold(0, length + 1, half).split(64):                           # (m, length + 1)
        scores = model(piece[:, :-1])[:, half:]                                           # (m, half, V)
        found.append(cross_entropy(scores.flatten(0, 1), piece[:, half + 1:].flatten(), reduction="none"))
    return torch.cat(found)


def perplexity(model, numbers, length):
    """exp of the mean surprisal: among how many equally likely characters the model seems to choose."""
    return math.exp(surprisal(model, numbers, length).mean().item())


class RecurrentLM(nn.Module):
    """A language model with a memory: embedding, recurrent layers ("RNN", "LSTM" or "GRU"), head.

    model(x) gives the scores (N, T, V) of the characters x (N, T). model.read(x, state) starts from a state and gives
    the state at the end as well: that is how it goes on, one character at a time. Raises ValueError for an unknown
    kind, and where x is not (N, T).
    Paper: Mikolov et al. 2010, Recurrent neural network based language model,
    doi:10.21437/Interspeech.2010-343 (there words, and a simple recurrent layer).

    >>> RecurrentLM("GRU", 94, embedding=16, hidden=32)(torch.zeros(2, 5, dtype=torch.int64)).shape
    torch.Size([2, 5, 94])
    """

    def __init__(self, kind, vocab_size, embedding, hidden, num_layers=1):
        super().__init__()
        if kind not in RECURRENT:
            raise ValueError(f"RecurrentLM: kind must be one of {', '.join(RECURRENT)}, got {kind!r}")
        self.embedding = nn.Embedding(vocab_size, embedding)                              # V rows of E numbers
        self.recurrent = RECURRENT[kind](embedding, hidden, num_layers, batch_first=True)
        self.head = nn.Linear(hidden, vocab_size)

    def read(self, x, state=None):
        if x.ndim != 2:
            cure = "; for a single text use x[None]" if x.ndim == 1 else ""
            raise ValueError(f"RecurrentLM: x must be character numbers (N, T), got {tuple(x.shape)}{cure}")
        e = self.embedding(x)                                                             # (N, T, E)
        h, state = self.recurrent(e, state)                                               # (N, T, H)
        return self.head(h), state                                                        # (N, T, V)

    def forward(self, x):
        return self.read(x)[0]


@torch.no_grad()
def sample(model, numbers, length, temperature=1.0, generator=None):
    """Go on with a text (T,) for `length` characters: (T + length,), each drawn from the softmax of its scores.

    Scores are divided by the temperature first: below 1 likely characters win more often, above 1 less.
    Raises ValueError where the text is empty or the temperature is not above 0.
    """
    if len(numbers) == 0:
        raise ValueError("sample: the text to go on with is empty: give one character at least")
    if not temperature > 0:
        raise ValueError(f"sample: temperature must be above 0, got {temperature}")
    scores, state = model.read(numbers[None])
    drawn = []
    for _ in range(length):
        chances = (scores[0, -1] / temperature).softmax(-1)                               # (V,)
        drawn.append(torch.multinomial(chances, 1, generator=generator))
        scores, state = model.read(drawn[-1][None], state)                                # one character, (1, 1)
    return torch.cat([numbers, *drawn])


def check_longer(name, numbers, length):
    if numbers.ndim != 1 or len(numbers) <= length or length < 1:
        raise ValueError(f"{name}: the text must be numbers (T,) with T above the window's length {length}, "
                         f"and that above 0, got {tuple(numbers.shape)}")
