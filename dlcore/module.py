"""Module: something with weights and a forward pass, and the containers Sequential and ModuleList.

A subclass sets tensors and other modules as attributes and writes `forward`; nothing needs registering, and
super().__init__() is not needed either. Every Tensor attribute is a parameter. An array given to a module
becomes a Tensor at the door.
"""

import numpy as np

from dlcore.tensor import Tensor


class Module:
    """The base of every layer and model.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.weight = Tensor([2.0], requires_grad=True)
    ...     def forward(self, x):
    ...         return x * self.weight
    >>> Line()(Tensor([3.0])).item()
    6.0
    """

    training = True
    buffers_of_mine = ()

    def __call__(self, *args, **kwargs):
        return self.forward(*[Tensor(a) if type(a) is np.ndarray else a for a in args], **kwargs)

    def forward(self, *args):
        """From inputs to outputs; every subclass writes its own."""
        raise NotImplementedError(f"{type(self).__name__}: write a method forward(self, x)")

    def register_buffer(self, name, array):
        """Set an array that belongs to the state but is not learnt, such as a running average."""
        setattr(self, name, array)
        self.buffers_of_mine = (*self.buffers_of_mine, name)

    # ---- walking the tree ----

    def named_children(self):
        """(name, module) for each module set as an attribute; TypeError for a plain list of modules."""
        for name, item in vars(self).items():
            if isinstance(item, Module):
                yield name, item
            elif isinstance(item, (list, tuple)) and any(isinstance(i, Module) for i in item):
                raise TypeError(f"{type(self).__name__}: the modules in the list self.{name} would not be trained; "
                                "use ModuleList")

    def modules(self):
        """This module and all inside it."""
        yield self
        for _, child in self.named_children():
            yield from child.modules()

    def named_parameters(self, prefix=""):
        """(name, tensor) for each parameter here and inside, a shared one under its first name only."""
        seen = set()
        for name, parameter in self._named_tensors(prefix):
            if id(parameter) not in seen:
                seen.add(id(parameter))
                yield name, parameter

    def _named_tensors(self, prefix=""):
        for name, item in vars(self).items():
            if isinstance(item, Tensor):
                yield prefix + name, item
        for name, child in self.named_children():
            yield from child._named_tensors(f"{prefix}{name}.")

    def parameters(self):
        """Each parameter here and inside, once."""
        for _, parameter in self.named_parameters():
            yield parameter

    # ---- state ----

    def state_dict(self, prefix=""):
        """Every parameter and buffer as {name: array}, with the names that torch gives them.

        For torch: `{name: torch.tensor(a) for name, a in layer.state_dict().items()}`.
        """
        state = {prefix + name: item.data for name, item in vars(self).items() if isinstance(item, Tensor)}
        state |= {prefix + name: np.asarray(getattr(self, name)) for name in self.buffers_of_mine}
        for name, child in self.named_children():
            state |= child.state_dict(f"{prefix}{name}.")
        return state

    def load_state_dict(self, state_dict, strict=True):
        """Take over arrays, tensors or torch tensors by name; ValueError, and no change, if they do not fit.

        strict=False allows missing and unknown names. dtypes stay as they are here.
        """
        mine = self.state_dict()
        name_of = type(self).__name__
        missing, unknown = [k for k in mine if k not in state_dict], [k for k in state_dict if k not in mine]
        if strict and (missing or unknown):
            raise ValueError(f"load_state_dict: {name_of} needs {', '.join(missing) or 'nothing'} more, and has no "
                             f"place for {', '.join(unknown) or 'nothing'}")
        new = {name: plain(state_dict[name]).astype(mine[name].dtype) for name in mine if name in state_dict}
        for name, array in new.items():
            if array.shape != mine[name].shape:
                raise ValueError(f"load_state_dict: {name} has shape {array.shape}, but {name_of} "
                                 f"expects {mine[name].shape}")
        self._take(new)

    def _take(self, new, prefix=""):
        for name, item in list(vars(self).items()):
            if prefix + name not in new:
                continue
            if isinstance(item, Tensor):
                item.data = new[prefix + name]
            else:
                setattr(self, name, new[prefix + name])
        for name, child in self.named_children():
            child._take(new, f"{prefix}{name}.")

    def save(self, path):
        """Write the state to an .npz file."""
        np.savez(npz(path), **self.state_dict())

    def load(self, path):
        """Take over the state that `save` wrote. Nothing in the file is executed (no pickle)."""
        with np.load(npz(path), allow_pickle=False) as state:
            self.load_state_dict(dict(state))

    # ---- modes ----

    def train(self, mode=True):
        """Switch what behaves differently in training, such as dropout, on (or off) everywhere inside."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self):
        """The opposite of train()."""
        return self.train(False)

    def zero_grad(self):
        """Forget the gradient of every parameter."""
        for parameter in self.parameters():
            parameter.grad = None

    def to(self, dtype):
        """Turn every parameter and every floating buffer into another dtype, in place."""
        self._take({name: a.astype(dtype) for name, a in self.state_dict().items() if a.dtype.kind == "f"})
        return self

    def float(self):
        """All numbers as float32."""
        return self.to(np.float32)

    def double(self):
        """All numbers as float64."""
        return self.to(np.float64)

    def extra_repr(self):
        """What stands between the brackets of the repr."""
        return ""

    def __repr__(self):
        lines = [f"  ({name}): " + repr(child).replace("\n", "\n  ") for name, child in self.named_children()]
        inside = "\n".join(["", *lines, ""]) if lines else ""
        return f"{type(self).__name__}({self.extra_repr()}{inside})"


def plain(array):
    """An array of its own from an array, a tensor, or a torch tensor on any device (without importing torch)."""
    for step in ("detach", "cpu", "numpy"):
        array = getattr(array, step)() if hasattr(array, step) else array
    return np.array(array)


def npz(path):
    """The path with .npz at its end."""
    return str(path) if str(path).endswith(".npz") else f"{path}.npz"


class ModuleList(Module):
    """Modules in a list, by number; it has no forward of its own."""

    def __init__(self, modules=()):
        for module in modules:
            self.append(module)

    def append(self, module):
        """Add a module at the end."""
        if not isinstance(module, Module):
            cure = f"; did you mean {module.__name__}()?" if isinstance(module, type) else ""
            raise TypeError(f"{type(self).__name__}: item {len(self)} must be a Module, got {module!r:.60}{cure}")
        setattr(self, str(len(self)), module)
        return self

    def __iter__(self):
        return (item for item in vars(self).values() if isinstance(item, Module))

    def __len__(self):
        return sum(1 for _ in self)

    def __getitem__(self, index):
        return list(self)[index]


class Sequential(ModuleList):
    """Modules one after the other: each receives what the one before it returned.

    >>> Sequential()(1.0)
    1.0
    """

    def __init__(self, *modules):
        super().__init__(modules)

    def forward(self, x):
        for module in self:
            x = module(x)
        return x
