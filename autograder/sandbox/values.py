"""Values as JSON nodes and raw bytes: what may cross the border of the student's process, and nothing else.

A plain number, string, bool or None is its own node; everything else is a list that starts with a tag::

    ["a", dtype, shape]  array        ["x", dtype]  NumPy scalar        ["c", re, im]  complex
    ["t", ...] tuple   ["l", ...] list   ["f", n] list of n floats   ["i", n] list of n integers   ["d", key, node, ...]
    ["G", ...seed] Generator   ["P", name] Probe   ["F", name, text] DataFile
    ["R", node] ReadOnly   ["S", node] Strided

Bytes of arrays, scalars and the packed lists lie in one blob in the order of their nodes, each padded to 16 bytes.
Nothing is ever evaluated or unpickled, and no method of an object of unknown type is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np

from autograder.model import OVERSIZED, DataFile, Generator, Probe, ReadOnly, Strided, Value
from autograder.plain import dataclass
from autograder.sandbox.framing import Buffer, ProtocolError

EncodedValue = Any
"""A JSON value as ``json`` gives it."""

ALIGN = 16
LARGE = 1 << 20
"""Arrays of so many bytes cross without a copy where they can."""

MAX_NDIM = 8
MAX_INT_BITS = 3300  # below Python's limit of 4300 digits, above which parsing an integer takes quadratic time
_PACK_FROM = 8  # shorter lists are smaller as JSON


class Unfit(Exception):
    """A value that cannot cross; the first argument names what it is, as a noun, the second says why."""

    def __init__(self, noun: str, reason: str) -> None:
        super().__init__(noun, reason)
        self.noun = noun
        self.reason = reason


@dataclass(frozen=True)
class Bounds:
    """How large one value may be; ``markers`` says whether argument markers are allowed.

    ``items`` are those that cross one by one, ``numbers`` those of lists of numbers, which cross as bytes.
    """

    depth: int = 6
    items: int = 10_000
    numbers: int = 100_000
    size: int = 256 << 20
    text: int = 100_000
    markers: bool = False


RESULT = Bounds()
"""What a student's function may return."""

ARGUMENT = Bounds(depth=8, items=10_000_000, numbers=10_000_000, size=32 << 30, text=10_000_000, markers=True)
"""What an author may pass."""

_NAMES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
)  # fmt: skip
DTYPES = {name: np.dtype(name) for name in _NAMES}
_CODES = {dtype: name for name, dtype in DTYPES.items()}
_FLOAT64 = DTYPES["float64"]
_REAL = {float, np.float64, int}
_INT64 = DTYPES["int64"]

# Taken at import, so that a student's patches in the same process cannot reach the harness by accident.
_ndarray = np.ndarray
_generic = np.generic
_longdouble = np.longdouble
_tobytes: Callable[[np.ndarray], bytes] = np.ndarray.tobytes
_uint8 = DTYPES["uint8"]
_asarray = np.asarray
_frombuffer = np.frombuffer
_each_of_tuple: Callable[[Any], Iterator[Any]] = tuple.__iter__
_mro: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
_name: Callable[[type], str] = type.__dict__["__name__"].__get__
_module: Callable[[type], Any] = type.__dict__["__module__"].__get__


def pad(length: int) -> int:
    """Return how many bytes follow ``length`` bytes up to the next multiple of the alignment."""
    return -length % ALIGN


def type_noun(cls: type) -> str:
    """Return the name of a type for a sentence, without running code of its metaclass."""
    name = _name(cls)[:80]
    module = _module(cls)
    return f"{module[:80]}.{name}" if type(module) is str and module.split(".")[0] == "numpy" else name


def is_numpy_scalar(value: object) -> bool:
    """Whether the type of a value, whatever it pretends to be, is one of NumPy's own scalar types."""
    cls = type(value)
    return _generic in _mro(cls) and _module(cls) == "numpy"


class Writer:
    """Writes values as nodes and collects their bytes, those of large arrays as views of the arrays.

    Parameters
    ----------
    bounds : Bounds
        Exceeding them raises :class:`Unfit`.
    most : int, optional
        Bytes of arrays, where fewer are taken than the bounds say.
    """

    def __init__(self, bounds: Bounds, most: int | None = None) -> None:
        self.bounds = bounds
        self._most = bounds.size if most is None else most
        self.chunks: list[Buffer] = []
        self.size = 0
        self._items = 0
        self._numbers = 0

    def put(self, value: Value, depth: int = 0) -> EncodedValue:
        """Return the node of a value.

        Raises
        ------
        Unfit
            If the value, or something inside it, cannot cross.
        """
        cls = type(value)
        if value is None or cls is float or cls is bool:
            return value
        if cls is _ndarray:
            return ["a", *self._put_array(value, depth)]
        if cls is int:
            return _checked_int(value)
        if cls is str:
            if len(value) > self.bounds.text:
                raise Unfit("str", f"of {len(value)} characters; at most {self.bounds.text} are taken")
            return value
        if cls is complex:
            return ["c", value.real, value.imag]
        if cls is tuple or cls is list:
            return self._put_items(value, "t" if cls is tuple else "l", depth)
        if cls is dict:
            return self._put_dict(value, depth)
        if self.bounds.markers and cls in (DataFile, Generator, Probe, ReadOnly, Strided):
            return self._put_marker(value)
        if is_numpy_scalar(value):
            return self._put_scalar(value)
        if tuple in _mro(cls):  # a named tuple is one, whatever its class adds
            return self._put_items((*_each_of_tuple(value),), "t", depth)
        raise Unfit(type_noun(cls), "")

    def _put_array(self, array: np.ndarray, depth: int = 0) -> list[EncodedValue]:
        # the size comes from shape x itemsize: an array of stride zero has huge contents and no memory
        shape, dtype = array.shape, array.dtype
        if len(shape) > MAX_NDIM:
            raise Unfit("array", f"of {len(shape)} dimensions; at most {MAX_NDIM} are taken")
        code = _CODES.get(dtype)
        if code is None:
            code = _CODES.get(dtype.newbyteorder("="))
            if code is None:
                raise Unfit(f"array of dtype {dtype.name[:40]}", "")
        size = prod(shape) * dtype.itemsize
        self._reserve(size, f"{OVERSIZED[depth > 0]} {shape}")
        native = DTYPES[code]
        if size >= LARGE and dtype == native and array.flags.c_contiguous:
            self._append(array.reshape(-1).view(_uint8).data)
        else:
            self._append(_tobytes(array if dtype == native else array.astype(native)))
        return [code, list(shape)]

    def _put_scalar(self, value: np.generic) -> EncodedValue:
        dtype = value.dtype
        if type(value) is _longdouble:  # its bytes differ between machines, and a result is a float64 anyway
            value, dtype = np.float64(value), _FLOAT64
        code = _CODES.get(dtype)
        if code is None:
            raise Unfit(type_noun(type(value)), "")
        self._reserve(dtype.itemsize, "number")
        self._append(value.tobytes())
        return ["x", code]

    def _put_items(self, items: tuple[Value, ...] | list[Value], tag: str, depth: int) -> EncodedValue:
        if depth >= self.bounds.depth:
            raise Unfit("value", f"nested more than {self.bounds.depth} deep")
        if tag == "l" and len(items) >= _PACK_FROM:
            packed = self._put_packed(items)
            if packed is not None:
                return packed
        self._enter(len(items), depth)
        return [tag, *[self.put(item, depth + 1) for item in items]]

    def _put_packed(self, items: tuple[Value, ...] | list[Value]) -> EncodedValue | None:
        kinds = set(map(type, items))
        # a long list is one of numbers, whatever it mixes; a short one keeps the types of its items
        if kinds == {float} or (len(items) > self.bounds.items and {int} != kinds <= _REAL):
            self._pack(len(items))
            self._append(_tobytes(_asarray(items, _FLOAT64)))
            return ["f", len(items)]
        if kinds == {int} and min(items) >= -(2**63) and max(items) < 2**63:
            self._pack(len(items))
            self._append(_tobytes(_asarray(items, _INT64)))
            return ["i", len(items)]
        return None

    def _pack(self, count: int) -> None:
        self._numbers += count
        if self._numbers > self.bounds.numbers:
            raise Unfit("value", f"of more than {self.bounds.numbers} items")
        self._reserve(8 * count, "list")

    def _put_dict(self, value: dict[str, Value], depth: int) -> EncodedValue:
        self._enter(len(value), depth)
        node: list[EncodedValue] = ["d"]
        for key, item in value.items():
            if type(key) is not str or len(key) > self.bounds.text:
                raise Unfit("dict", "with keys that are not strings")
            node += [key, self.put(item, depth + 1)]
        return node

    def _put_marker(self, value: DataFile | Generator | Probe | ReadOnly | Strided) -> EncodedValue:
        if isinstance(value, Generator):
            return ["G", *[_checked_int(int(word)) for word in value.seed]]
        if isinstance(value, Probe):
            return ["P", value.name]
        if isinstance(value, DataFile):
            return ["F", value.name, value.text]
        return ["R" if isinstance(value, ReadOnly) else "S", *self._put_array(_asarray(value.array))]

    def _enter(self, count: int, depth: int) -> None:
        self._items += count
        if depth >= self.bounds.depth:
            raise Unfit("value", f"nested more than {self.bounds.depth} deep")
        if self._items > self.bounds.items:
            raise Unfit("value", f"of more than {self.bounds.items} items")

    def _reserve(self, size: int, noun: str) -> None:
        if self.size + size > self._most:
            raise Unfit(noun, f"of {size} bytes; at most {self._most} are taken")

    def _append(self, data: Buffer) -> None:
        self.chunks.append(data)
        fill = pad(len(data))
        if fill:
            self.chunks.append(bytes(fill))
        self.size += len(data) + fill


def _checked_int(value: int) -> int:
    if value.bit_length() > MAX_INT_BITS:
        raise Unfit("int", f"of {value.bit_length()} bits; at most {MAX_INT_BITS} are taken")
    return value


class Reader:
    """Reads values from nodes and a blob, and believes neither.

    Parameters
    ----------
    blob : memoryview
        The bytes.
    start : int
        Where the first of them lies.
    bounds : Bounds
        Exceeding them raises :class:`ProtocolError`.

    Notes
    -----
    Arrays are read-only views of the blob.
    """

    def __init__(self, blob: memoryview, start: int, bounds: Bounds) -> None:
        self.at = start
        self._blob = blob
        self._bounds = bounds
        self._items = 0
        self._numbers = 0

    @property
    def listed(self) -> int:
        """Return how many items of lists, tuples and dicts have been read."""
        return self._items + self._numbers

    def get(self, node: EncodedValue, depth: int = 0) -> Value:
        """Return the value of a node.

        Raises
        ------
        ProtocolError
            If the node is malformed, too large, or the blob too short.
        """
        cls = type(node)
        if node is None or cls is float or cls is bool:
            return node
        if cls is int:
            return self._int(node)
        if cls is str:
            return self._text(node)
        if cls is not list or not node:
            raise ProtocolError("a node is neither plain nor tagged")
        tag = node[0]
        if tag == "a":
            return self._array(node)
        if tag == "t" or tag == "l":
            self._enter(len(node) - 1, depth)
            items = [self.get(item, depth + 1) for item in node[1:]]
            return tuple(items) if tag == "t" else items
        if tag == "d":
            return self._dict(node, depth)
        if tag == "f" or tag == "i":
            return self._packed(node, depth)
        if tag == "x":
            return self._array([tag, *node[1:], []])[()]
        if tag == "c" and len(node) == 3 and type(node[1]) is float and type(node[2]) is float:
            return complex(node[1], node[2])
        if self._bounds.markers:
            return self._marker(node)
        raise ProtocolError("unknown tag")

    def _marker(self, node: list[EncodedValue]) -> Value:
        if node[0] == "G":
            return Generator(tuple(self._int(word) for word in node[1:]))
        if node[0] == "P" and len(node) == 2:
            return Probe(self._text(node[1]))
        if node[0] == "F" and len(node) == 3 and type(node[2]) is str:
            return DataFile(self._text(node[1]), node[2])
        if node[0] == "R":
            return ReadOnly(self._array(node))
        if node[0] == "S":
            return Strided(self._array(node))
        raise ProtocolError("unknown marker")

    def _array(self, node: list[EncodedValue]) -> np.ndarray:
        if len(node) != 3 or type(node[1]) is not str or node[1] not in DTYPES or type(node[2]) is not list:
            raise ProtocolError("malformed array")
        shape = node[2]
        if len(shape) > MAX_NDIM:
            raise ProtocolError("malformed shape")
        for side in shape:
            if type(side) is not int or not 0 <= side < 2**62:
                raise ProtocolError("malformed shape")
        array = self._take(prod(shape), DTYPES[node[1]])
        if len(shape) != 1:  # most arrays have one axis
            try:
                array = array.reshape(shape)
            except ValueError:  # an empty array can have sides whose product NumPy refuses
                raise ProtocolError("impossible shape") from None
        return array

    def _packed(self, node: list[EncodedValue], depth: int) -> Value:
        if len(node) != 2 or type(node[1]) is not int or node[1] < 0:
            raise ProtocolError("malformed packed list")
        self._numbers += node[1]
        if depth >= self._bounds.depth or self._numbers > self._bounds.numbers:
            raise ProtocolError("too deep or too many numbers")
        return self._take(node[1], _FLOAT64 if node[0] == "f" else _INT64).tolist()

    def _dict(self, node: list[EncodedValue], depth: int) -> Value:
        count, odd = divmod(len(node) - 1, 2)
        if odd:
            raise ProtocolError("malformed dict")
        self._enter(count, depth)
        found: dict[str, Value] = {}
        for key, item in zip(node[1::2], node[2::2], strict=True):
            if type(key) is not str or key in found:
                raise ProtocolError("malformed key")
            found[self._text(key)] = self.get(item, depth + 1)
        return found

    def _take(self, count: int, dtype: np.dtype) -> np.ndarray:
        size = count * dtype.itemsize
        if size > self._bounds.size or self.at + size > len(self._blob):
            raise ProtocolError("the blob is too short")
        flat = _frombuffer(self._blob, dtype, count, self.at) if count else np.empty(0, dtype)
        self.at += size + pad(size)
        return flat

    def _enter(self, count: int, depth: int) -> None:
        self._items += count
        if depth >= self._bounds.depth or self._items > self._bounds.items:
            raise ProtocolError("too deep or too many items")

    def _int(self, node: EncodedValue) -> int:
        if type(node) is not int or node.bit_length() > MAX_INT_BITS:
            raise ProtocolError("malformed integer")
        return node

    def _text(self, node: EncodedValue) -> str:
        if type(node) is not str or len(node) > self._bounds.text:
            raise ProtocolError("malformed text")
        return node
