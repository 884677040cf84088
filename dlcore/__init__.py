"""Deep learning from the neuron up, in rooms that read from top to bottom.

A room imports only rooms above it, so the import arrow is the reading order.

    neuron       one neuron in plain numpy, and Rosenblatt's rule
    activation   the bend between two layers, and its derivative
    graph        an array that remembers how it was made, and can run backward
    shape        the same numbers in another arrangement: reshape, index, pad
    tensor       arithmetic with its derivatives, as one table
    loss         what "wrong" means, as one number
    init         what the weights are before the first step
    module       something with weights and a forward pass; Sequential
    layer        Linear, Embedding, Dropout, Flatten, activations as layers
    norm         BatchNorm, LayerNorm
    optim        what to do with a gradient: SGD, Momentum, RMSprop, Adam
    interrupt    Ctrl-C waits until a step is whole
    train        the loop: batches, epochs, history
    window       where a small window stands on an image, and what lies under it
    conv         the same few weights at every place: Conv2d, Conv1d, ConvTranspose2d
    pool         another size for the same image: MaxPool2d, AvgPool2d, Upsample
    cell         one step through a sequence: RNNCell, LSTMCell, GRUCell
    unroll       all steps as one operation, with backpropagation through time by hand
    recurrent    whole sequences, in layers and both directions: RNN, LSTM, GRU
    attention    every position looks at every other: masks, heads, positions
    block        the blocks of a transformer, for encoder and decoder

    vision       networks that look at pictures, in torch: LeNet, and the blocks of its heirs
    sequence     language models, in torch: text as numbers, what comes next, perplexity
    autoencoder  networks that rebuild what they are given, in torch: squeezed, cleaned of noise, or drawn anew
    gan          two players, in torch: one makes examples, one tells them from real ones
    transformer  networks made of look-ups, in torch: from one sequence to another

    data         every data set of the course, offline
    plots        arrays in, artists on an Axes out; one look for all pictures
    picture      still pictures with a text for those who cannot see them
    bake         an explorable drawn in advance, for pages without a kernel
    control      (low, high), a list, True: what a reader can move
    explore      one picture, three lives: live, baked into the book, printed
    pad          a pad to draw a digit on, and what a network makes of it
    progress     what a reader sees while the computer works: a growing loss curve, a bar
    claim        what the text says is checked when it runs
    source       the package's own code, shown inside a chapter
    store        a file is written whole or not at all
    record       which exercises a learner has solved, in one small file of their own
    exercise     the reader's function in, one kind sentence out
    checks       the exercises of each chapter
    solved       the learner's own list: what is solved, what is left

    notebook     the chapters as files, in the one form in which they are stored
    run          chapters executed, several at a time
    margins      how far each claim is from its bound, under other seeds and numbers of threads
    rehome       another address, for a fork
    stamp        chapters for Colab, each of which installs the course at its own commit
    student      copies of the chapters without their solutions
    sandbox      a process shuts itself in, as far as an ordinary user can
    wire         values from a process that is not trusted: data, never code
    submission   one answer of a learner, run in a process of its own
    table        what grading found, for a spreadsheet and for the eye
    grade        the checks over a folder of returned notebooks
    new          a chapter to begin with, whole from the first minute
    course       the command `dlcore`, which calls the rooms above by name
    lab          JupyterLab as `make lab` opens it
    book         what the online book adds to the chapters: lazy frames, the map, papers, run times

The names, argument orders and defaults are PyTorch's wherever PyTorch has one.
"""

from importlib import import_module as _import_module
from importlib.util import find_spec as _find_spec


def __getattr__(room):
    """Load a room when it is first named, so that `dlcore.tensor.Tensor` works after `import dlcore`."""
    if room.startswith("_") or _find_spec(f"dlcore.{room}") is None:
        raise AttributeError(f"dlcore has no room {room!r}: help(dlcore) shows the map")
    return _import_module(f"dlcore.{room}")
