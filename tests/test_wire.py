"""What comes back from a process that is not trusted is data: the same values, or ValueError."""

import io
import json

import numpy as np
import pytest
import torch

from dlcore import wire
from dlcore.tensor import Tensor

GRID = np.arange(12.0).reshape(3, 4)


def there_and_back(value, given=()):
    return wire.received(json.loads(json.dumps(wire.sent(value, given))), given)


@pytest.mark.parametrize("value", [
    None, True, 3, -2.5, "text ✓ \ud800", [1, [2.0, "x"]], (1, (2,), []), {"a": [1], (1, 2): None, 3: "b"}, {1, 2},
    np.float32(1.5), np.int64(7), np.bool_(True), GRID, GRID.T, GRID.astype(np.float32), GRID > 3, np.zeros((0, 3)),
    np.array("text"), np.array([1 + 2j]), np.array(3.0), [GRID, (GRID[0], 1)],
])
def test_a_value_survives(value):
    back = there_and_back(value)
    assert type(back) is type(value)
    if isinstance(value, np.ndarray):
        assert back.dtype == value.dtype
    np.testing.assert_equal(back, value)


@pytest.mark.parametrize("value", [torch.arange(3.0, requires_grad=True), Tensor([0.0, 1.0, 2.0], requires_grad=True)])
def test_a_tensor_comes_back_as_an_array(value):
    np.testing.assert_array_equal(there_and_back(value), [0, 1, 2])


@pytest.mark.parametrize("value", [
    len, object(), 2 + 3j, torch.zeros(2, dtype=torch.bfloat16), np.array([None]), iter(""),
])
def test_anything_else_comes_back_as_a_thing_of_that_name(value):
    back = there_and_back(value)
    assert isinstance(back, wire.Thing) and type(back).__name__ == type(value).__name__
    assert repr(back) == repr(value)


@pytest.mark.parametrize("view", [
    lambda x: x, lambda x: x[1:, ::2], lambda x: x.T, lambda x: x[::-1], lambda x: np.broadcast_to(x[0], (5, 4)),
    lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 2)),
])
@pytest.mark.parametrize("owner", [GRID, torch.arange(12.0).reshape(3, 4)])
def test_a_view_of_an_argument_is_one_on_the_other_side(view, owner):
    there, here = (1.0, wire.as_array(owner).copy()), (1.0, wire.as_array(owner).copy())
    message = json.loads(json.dumps(wire.sent(view(there[1]), there)))
    back = wire.received(message, here)
    assert np.shares_memory(back, here[1]) and not np.shares_memory(back, there[1])
    np.testing.assert_array_equal(back, view(here[1]))


def test_a_view_outlives_its_owner():
    def made():
        given = (np.arange(100_000.0),)
        return wire.received(wire.sent(given[0][5:], given), given)

    back = made()
    np.ones(100_000)
    np.testing.assert_array_equal(back, np.arange(5.0, 100_000))


HUGE = "9" * 4000


@pytest.mark.parametrize("part", [
    {}, {"list": 3}, {"list": [1], "tuple": [2]}, {"unknown": 1}, {"dict": [[[1], 2]]}, {"dict": [{"list": [1]}]},
    {"dict": [[{"list": []}, 1]]}, {"set": [{"list": []}]}, {"set": {}}, [1], {"thing": ["a\0b", "c"]}, {"thing": "x"},
    {"array": ["AAAA", "<f8", [1], False]}, {"array": ["****", "<f8", [1], False]}, {"array": ["", "O", [0], False]},
    {"array": ["AAAAAAAAAAA=", "O", [1], False]}, {"array": ["AAAAAAAAAAA=", "<f8", [10**30], False]},
    {"array": ["AAAAAAAAAAA=", "f8,f8", [1], False]}, {"array": ["AAAAAAAAAAA=", "nonsense", [1], False]},
    {"array": ["AAAAAAAAAAA=", "<f8", "x", False]}, {"array": 1}, {"array": []},
    {"view": [0, -8, "<f8", [1], [8]]}, {"view": [0, 96, "<f8", [1], [8]]}, {"view": [0, 0, "<f8", [13], [8]]},
    {"view": [0, 0, "<f8", [2], [-8]]}, {"view": [0, 0, "O", [1], [8]]}, {"view": [5, 0, "<f8", [1], [8]]},
    {"view": [0, 0, "<f8", [10**9], [0]]}, {"view": [0, 0, "<f8", [int(HUGE)], [0]]}, {"view": [1, 0, "<f8", [1], [8]]},
    {"view": [0, 0, "<f8", [-1], [8]]}, {"view": [0, 0, "<U4", [1], [16]]}, {"view": [0, "a", "<f8", [1], [8]]},
])
def test_what_is_no_value_raises_valueerror_and_nothing_else(part):
    with pytest.raises(ValueError):
        wire.received(part, (GRID.copy(), len))


def test_a_list_too_deep_to_read_raises_valueerror():
    part = 1
    for _ in range(100_000):
        part = {"list": [part]}
    with pytest.raises(ValueError):
        wire.received(part)
    while part != 1:                    # else Python frees it in one deep go
        (part,) = part.pop("list")
    for message in (b"[" * 100_000, b"[]", b"", b"\xff", b"NaN", b'{"a": 1' + b"0" * 5000 + b"}"):
        with pytest.raises(ValueError):
            wire.parsed(message)


def test_messages():
    line = io.BytesIO()
    wire.send(line.write, b"one")
    wire.send(line.write, b"")
    line.write(b"\x00\x00\x00\x09short")
    line.seek(0)
    assert wire.receive(line.read) == b"one" and wire.receive(line.read) == b""
    with pytest.raises(EOFError):
        wire.receive(line.read)
    with pytest.raises(ValueError, match="too long"):
        wire.receive(io.BytesIO(b"\xff\xff\xff\xff").read)


@pytest.mark.parametrize(("given", "after"), [
    (GRID.copy(), GRID * 2), ([1, 2], [3]), ({"a": 1}, {"b": 2}), (([1], GRID.copy()), ([2], GRID + 1)),
    (torch.zeros(3), np.ones(3)),
])
def test_arguments_change_in_place(given, after):
    wire.put_back(given, after)
    np.testing.assert_equal(wire.as_array(given) if hasattr(given, "detach") else given, after)
