"""Attacks that look for what they should not see: answers, the course, the store, other students, the grader."""

# ruff: noqa: E501  an attack is one line of a table, however long

from __future__ import annotations

from tests.attacks.corpus import Maker

_FRAMES = Maker("frames and objects")
_FILES = Maker("reading secrets")

OBJECTS = (
    _FRAMES.call(
        "walk the frames for an expected value",
        "import sys; frame = sys._getframe()",
        "while frame:",
        "    for value in list(frame.f_locals.values()):",
        "        if hasattr(value, 'expected'): return value.expected",
        "    frame = frame.f_back",
        "return -1.0",
    ),
    _FRAMES.call(
        "walk the frames for a reference",
        "import sys; frame = sys._getframe()",
        "while frame:",
        "    for name, value in {**frame.f_globals, **frame.f_locals}.items():",
        "        if name in ('GRADING', 'secrets', 'reference') and callable(value): return value(residual)",
        "    frame = frame.f_back",
        "return -1.0",
    ),
    _FRAMES.call(
        "search all objects for a reference",
        "import gc",
        "for one in gc.get_objects():",
        "    if type(one).__name__ in ('Secret', 'PartQuestions', 'Questions', 'Asked'): return one.reference(residual)",
        "return -1.0",
    ),
    _FRAMES.call(
        "search all functions for one of the same name",
        "import gc, types",
        "for one in gc.get_objects():",
        "    if isinstance(one, types.FunctionType) and one.__name__ == 'mean_square' and one is not mean_square:",
        "        return one(residual)",
        "return -1.0",
    ),
    _FRAMES.call(
        "find who refers to the argument",
        "import gc",
        "for one in gc.get_referrers(residual):",
        "    if isinstance(one, dict) and 'expected' in one: return one['expected']",
        "return -1.0",
    ),
    _FRAMES.call(
        "ask the subclasses of object",
        "for cls in object.__subclasses__():",
        "    if cls.__name__ == 'Expected': return cls()",
        "return float(len(object.__subclasses__()))",
    ),
    _FRAMES.call(
        "raise and read the traceback",
        "try: raise ValueError",
        "except ValueError as error: frame = error.__traceback__.tb_frame.f_back",
        "child = frame.f_locals.get('self'); return float(len(str(vars(child))))",
    ),
    _FRAMES.call(
        "read the batch of calls",
        "import sys; frame = sys._getframe()",
        "while 'self' not in frame.f_locals or not hasattr(frame.f_locals['self'], '_batch'): frame = frame.f_back",
        "batch = frame.f_locals['self']._batch",
        "return ' '.join(str(batch.call(0, k)) for k in range(batch.counts[0]))[:5000]",
        ends=("wrong", "bad_output"),
    ),
    _FRAMES.call(
        "read memory beyond an array",
        "from numpy.lib.stride_tricks import as_strided",
        "return bytes(as_strided(np.zeros(1, np.uint8), (1 << 16,), (1,))).hex()",
        ends=("wrong", "bad_output", "crash"),
    ),
    _FRAMES.call(
        "read memory through ctypes",
        "import ctypes; a = np.zeros(8); return ctypes.string_at(a.ctypes.data - 4096, 8192).hex()",
        ends=("wrong", "bad_output", "crash"),
    ),
    _FRAMES.call(
        "return uninitialised memory",
        "return np.empty(1 << 20)",
        ends=("bad_output",),
    ),
    _FRAMES.call(
        "search the heap for the secret",
        "import gc",
        "return ''.join(s for s in gc.get_objects() if isinstance(s, str) and 'sesame' in s) or 'none'",
        ends=("bad_output",),
    ),
    _FRAMES.call("read a cell of a closure", "return mean_square.__closure__[0].cell_contents", ends=("error",)),
    _FRAMES.call(
        "ask the code object of the caller",
        "import sys; return str(sys._getframe(1).f_code.co_consts)",
        ends=("bad_output",),
    ),
    _FRAMES.call(
        "look among the loaded modules",
        "import sys; names = [n for n in sys.modules if 'grad' in n or 'reference' in n or 'judge' in n]",
        "return ' '.join(names)",
        ends=("bad_output",),
    ),
)

SECRETS = (
    _FILES.call("the course file", "return open('@COURSE@/course.yml').read()", ends=("forbidden",)),
    _FILES.call("the course's secret", "return open('@COURSE@/.autograder-secret').read()", ends=("forbidden",)),
    _FILES.call(
        "the reference", "return open('@COURSE@/exercises/target/grading.py').read()", ends=("forbidden",)
    ),
    _FILES.call("the public checks", "return open('@COURSE@/exercises/target/checks.py').read()", ends=("forbidden",)),
    _FILES.call("the store of results", "return open('@STORE@/results.db', 'rb').read()", ends=("forbidden",)),
    _FILES.call("another student's file", "return open('@OTHER@').read()", ends=("forbidden",)),
    _FILES.call("a folder of students", "import os; return ' '.join(os.listdir('@SUBMITTED@'))", ends=("forbidden",)),
    _FILES.call("a file that everybody may read", "return open('@CANARY@/canary').read()", ends=("forbidden",)),
    _FILES.call("the same by another call", "import io; return io.FileIO('@CANARY@/canary').read()", ends=("forbidden",)),
    _FILES.call("the same by NumPy", "return str(np.fromfile('@CANARY@/canary', np.uint8))", ends=("forbidden",)),
    _FILES.call("the same by a memory map", "return np.memmap('@CANARY@/canary', mode='r').sum()", ends=("forbidden",)),
    _FILES.call(
        "the same by the C library",
        "import ctypes; c = ctypes.CDLL(None, use_errno=True)",
        "return c.open(b'@CANARY@/canary', 0)",
    ),
    _FILES.call(
        "the same with openat2",
        "import ctypes; how = (ctypes.c_uint64 * 3)(0, 0, 0)",
        "return ctypes.CDLL(None).syscall(437, -100, b'@CANARY@/canary', how, 24)",
        ends=("wrong", "forbidden"),
    ),
    _FILES.call(
        "the same as a library",
        "import ctypes; ctypes.CDLL('@CANARY@/canary'); return 5.0",
        ends=("error", "forbidden"),
    ),
    _FILES.call(
        "the same as a module",
        "import sys; sys.path.insert(0, '@COURSE@/exercises/target'); import grading; return grading.mean_square(residual)",
        ends=("error", "forbidden"),
    ),
    _FILES.call(
        "the same by a loader",
        "from importlib.machinery import SourceFileLoader as Load",
        "return Load('g', '@COURSE@/exercises/target/grading.py').load_module().mean_square(residual)",
        ends=("forbidden", "error"),
    ),
    _FILES.call(
        "the same by linecache",
        "import linecache; return ''.join(linecache.getlines('@COURSE@/exercises/target/grading.py'))",
        ends=("bad_output",),
    ),
    _FILES.call(
        "the same by a path that climbs",
        "import numpy, os; up = os.path.dirname(numpy.__file__) + '/..' * 12; return open(up + '@CANARY@/canary').read()",
        ends=("forbidden",),
    ),
    _FILES.call("the same by a descriptor of the root", "import os; return os.open('/', os.O_PATH)", ends=("wrong", "forbidden")),
    _FILES.call(
        "the same below such a descriptor",
        "import os; root = os.open('/', os.O_PATH)",
        "return os.read(os.open('@CANARY@/canary'[1:], os.O_RDONLY, dir_fd=root), 99).decode()",
        ends=("forbidden",),
    ),
    _FILES.call("its working folder", "import os; return ' '.join(os.listdir('.'))", ends=("forbidden",)),
    _FILES.call("the history of a shell", "import os; return open(os.path.expanduser('~/.bash_history')).read()", ends=("forbidden", "error")),
    _FILES.call("the grader's environment", "import os; return ' '.join(os.environ.values())", ends=("bad_output",)),
    _FILES.call(
        "the environment block on the stack",
        "import ctypes; block = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), 'environ')",
        "return ' '.join(block[k].decode() for k in range(9) if block and block[k])",
        ends=("bad_output", "error", "crash"),
    ),
    _FILES.call("the command line", "import sys; return ' '.join(sys.argv + sys.orig_argv)", ends=("bad_output",)),
    _FILES.call("the server's command line", "return open('/proc/@SERVER@/cmdline').read()", ends=("forbidden", "error")),
    _FILES.call("the grader's memory", "return open('/proc/@GRADER@/mem', 'rb').read(9)", ends=("forbidden", "error")),
    _FILES.call("the map of its own memory", "return open('/proc/self/maps').read()", ends=("forbidden", "error")),
    _FILES.call("its own memory", "return open('/proc/self/mem', 'rb').read(9)", ends=("forbidden", "error")),
    _FILES.call("the mounts", "return open('/proc/mounts').read()", ends=("forbidden", "error")),
    _FILES.call(
        "every descriptor that is open",
        "import os",
        "for fd in range(200):",
        "    if fd == 5: continue",
        "    try: text = os.pread(fd, 1 << 16, 0)",
        "    except OSError: continue",
        "    if text: return text.decode('latin-1')",
        "return 'none'",
        ends=("bad_output",),
    ),
    _FILES.call(
        "messages of another process",
        "import ctypes; c = ctypes.CDLL(None); return [c.syscall(n, 0, 0, 0) for n in (29, 68, 64)].pop()",
        ends=("forbidden", "wrong"),
    ),
    _FILES.call(
        "what was printed before",
        "import os; return os.read(1, 100).decode()",
        ends=("error", "forbidden"),
    ),
)  # fmt: skip

ATTACKS = (*OBJECTS, *SECRETS)
