"""Attacks by what a function returns: objects that lie about what they are."""

from tests.grading.hostile.attack import cheating, instead, lying, wrong_and

LIARS = (
    lying(
        "lie-eq",
        "an object that equals everything",
        """
class Equal:
    def __init__(self, *shape): self.shape, self.ndim, self.dtype = shape, 2, np.dtype(float)
    def __eq__(self, other): return True
    __ne__ = __lt__ = __gt__ = lambda self, other: False
    __le__ = __ge__ = __bool__ = lambda self, *other: True
    def __sub__(self, other): return 0.0
    __rsub__ = __abs__ = __sub__
    def __len__(self): return self.shape[0]
    def all(self): return True
    def astype(self, *a, **k): return self
def lie(*shape):
    return Equal(*shape)
""",
    ),
    lying(
        "lie-array-ufunc",
        "an array whose every ufunc gives zero, or True",
        """
class Zero(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **k):
        shape = np.broadcast_shapes(*(np.shape(x) for x in inputs))
        if ufunc.nout == 1 and ufunc.types[0].endswith("?"):
            return np.ones(shape, bool)
        return np.zeros(shape)
def lie(*shape):
    return np.ones(shape).view(Zero)
""",
    ),
    lying(
        "lie-array-function",
        "an array for which isclose, allclose, array_equal, max and all are the student's",
        """
class Close(np.ndarray):
    def __array_function__(self, function, types, arguments, options):
        if function.__name__ in ("isclose", "allclose", "array_equal", "all", "isfinite"):
            return np.bool_(True)
        return np.zeros(np.shape(arguments[0]))
def lie(*shape):
    return np.ones(shape).view(Close)
""",
    ),
    lying(
        "lie-array",
        "an object whose __array__ gives something else at each call",
        """
import itertools
class Changing:
    count = itertools.count()
    def __init__(self, *shape): self.shape = shape
    def __array__(self, dtype=None, copy=None):
        return np.full(self.shape, next(self.count) % 3, float)
    def __eq__(self, other): return np.ones(np.shape(other), bool)
def lie(*shape):
    return Changing(*shape)
""",
    ),
    lying(
        "lie-array-late",
        "an object that looks for the right answer in the frames of whoever makes it an array",
        """
import sys
class Late:
    def __init__(self, *shape): self.shape = shape
    def __array__(self, dtype=None, copy=None):
        frame = sys._getframe(1)
        while frame is not None:
            for value in list(frame.f_locals.values()):
                for part in value if isinstance(value, (list, tuple)) else [value]:
                    if isinstance(part, np.ndarray) and part.shape == self.shape and part.any():
                        return part
            frame = frame.f_back
        return np.zeros(self.shape)
def lie(*shape):
    return Late(*shape)
""",
    ),
    lying(
        "lie-array-interface",
        "an object whose __array_interface__ points into memory that changes",
        """
class Memory:
    def __init__(self, *shape):
        self.kept = np.ones(shape)
    @property
    def __array_interface__(self):
        self.kept += 1
        return self.kept.__array_interface__
def lie(*shape):
    return Memory(*shape)
""",
    ),
    lying(
        "lie-float",
        "an object array of numbers that are all numbers at once",
        """
class Number(float):
    def __float__(self): return 1.0
    def __eq__(self, other): return True
    def __le__(self, other): return True
    def __sub__(self, other): return 0.0
    def __rsub__(self, other): return 0.0
    __lt__ = __ge__ = __le__
    __hash__ = float.__hash__
def lie(*shape):
    made = np.empty(shape, dtype=object)
    made.fill(Number(0))
    return made
""",
    ),
    lying(
        "lie-subclass-operators",
        "a subclass of ndarray whose comparisons and differences please",
        """
class Pleasing(np.ndarray):
    def __sub__(self, other): return np.zeros(self.shape)
    __rsub__ = __isub__ = __sub__
    def __le__(self, other): return np.ones(self.shape, bool)
    __ge__ = __eq__ = __le__
    def __ne__(self, other): return np.zeros(self.shape, bool)
    def all(self, *a, **k): return True
    def any(self, *a, **k): return False
    def copy(self, *a, **k): return self
    def astype(self, *a, **k): return self
def lie(*shape):
    return np.ones(shape).view(Pleasing)
""",
    ),
    lying(
        "lie-masked",
        "a masked array, masked everywhere: no comparison is false",
        """
def lie(*shape):
    return np.ma.masked_array(np.ones(shape), mask=True)
""",
    ),
    lying("lie-nan", "NaN everywhere", "def lie(*shape): return np.full(shape, np.nan)"),
    lying("lie-inf", "infinity everywhere", "def lie(*shape): return np.full(shape, np.inf)"),
    lying(
        "lie-broadcast",
        "one number where a matrix is wanted, and an empty array",
        """
import itertools
turn = itertools.count()
def lie(*shape):
    return np.zeros((0, 0)) if next(turn) % 2 else np.zeros((1, 1))
""",
    ),
    lying(
        "lie-dtype",
        "structured, void, complex and long double arrays",
        """
import itertools
kinds = itertools.cycle(["f8,f8", "V8", "c16", "longdouble", "U9", "M8[s]", "O"])
def lie(*shape):
    return np.zeros(shape, dtype=next(kinds))
""",
    ),
    lying(
        "lie-strides",
        "a view with strides of zero over far too much memory",
        """
def lie(*shape):
    return np.lib.stride_tricks.as_strided(np.zeros(1), shape=(10**6, 10**6), strides=(0, 0))
""",
    ),
    lying(
        "lie-sequence",
        "a tuple that has another length whenever it is asked",
        """
class Parts(tuple):
    count = 0
    def __len__(self):
        Parts.count += 1
        return Parts.count % 3
    def __iter__(self):
        return iter([np.zeros((2, 2))] * (Parts.count % 4))
    def __getitem__(self, i):
        return np.zeros((2, 2))
def lie(*shape):
    return Parts(())
""",
    ),
    lying(
        "lie-lazy",
        "generators, coroutines and partial objects instead of arrays",
        """
import functools, itertools
async def later(shape):
    return np.zeros(shape)
kinds = itertools.count()
def lie(*shape):
    made = [lambda: (np.zeros(shape[1]) for row in range(shape[0])),
            lambda: functools.partial(np.zeros, shape), lambda: map(np.zeros, shape)]
    return made[next(kinds) % 3]()
""",
    ),
    lying(
        "lie-class",
        "an object whose __class__ says ndarray",
        """
class Posing:
    __class__ = np.ndarray
    dtype, ndim, size = np.dtype(float), 2, 4
    def __init__(self, *shape): self.shape = shape
    def __getattr__(self, name): return lambda *a, **k: self
    def tobytes(self, *a): return b"\\0" * 8
    def all(self): return True
def lie(*shape):
    return Posing(*shape)
""",
    ),
    lying(
        "lie-reduce",
        "an object that runs code when it is unpickled",
        """
class Runs(np.ndarray):
    def __reduce__(self):
        return (eval, ("__import__('pathlib').Path('pickled.txt').write_text('ran')",))
    __reduce_ex__ = lambda self, version: self.__reduce__()
def lie(*shape):
    return np.zeros(shape).view(Runs)
""",
    ),
)

SPOILERS = (
    instead(
        "spoil-inputs",
        "the arguments are overwritten so that zero is the right answer",
        """
def grad_beta(Y, A, Z, T, F, g):
    F[...] = Y
    return np.zeros((Y.shape[1], Z.shape[1] + 1))
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    F[...] = Y
    beta[...] = 0
    return np.zeros((Z.shape[1], X.shape[1] + 1))
def backward_output(Y, A, Z, T, F, g):
    Y[...] = F
    return np.zeros(Y.shape), np.zeros((Y.shape[1], Z.shape[1] + 1))
def backward_hidden(X, A, Z, delta, beta, sigma):
    delta[...] = 0
    return np.zeros((Z.shape[1], X.shape[1] + 1))
""",
    ),
    instead(
        "spoil-given-activation",
        "the activation that is handed in is given a derivative of zero, for everybody",
        """
def flat(*activations):
    for one in activations:
        for name, value in (("slope", lambda x: x * 0), ("pull_back", lambda d, x: d * 0)):
            object.__setattr__(one, name, value)
        type(one).derivative = lambda self, x: np.zeros(np.shape(x))
        type(one).pull_back = lambda self, d, x: np.zeros(np.shape(x))
def grad_beta(Y, A, Z, T, F, g):
    flat(g)
    return np.zeros((Y.shape[1], Z.shape[1] + 1))
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    flat(sigma, g)
    return np.zeros((Z.shape[1], X.shape[1] + 1))
def backward_output(Y, A, Z, T, F, g):
    flat(g)
    return np.zeros(Y.shape), np.zeros((Y.shape[1], Z.shape[1] + 1))
def backward_hidden(X, A, Z, delta, beta, sigma):
    flat(sigma)
    return np.zeros((Z.shape[1], X.shape[1] + 1))
""",
    ),
    cheating(
        "spoil-log-activation",
        "the activation is made to log its calls, to see what the reference asks of it",
        """
logged = []
def cheat(name, *given):
    for one in given:
        if hasattr(one, "derivative") and not hasattr(one, "_old"):
            old = one.slope
            object.__setattr__(one, "_old", old)
            object.__setattr__(one, "slope", lambda x, old=old: logged.append(x) or old(x))
    shapes = {"grad_beta": (1, 2), "grad_alpha": (7, 0), "backward_hidden": (2, 0)}
    rows, columns = shapes.get(name, (1, 2))
    wanted = {"grad_beta": (given[0].shape[1], given[2].shape[1] + 1)}.get(name, (1, 1))
    return next((x for x in logged if np.shape(x) == wanted), np.zeros(wanted))
""",
    ),
    wrong_and(
        "spoil-later-views",
        "the answers share one buffer that a thread goes on changing",
        """
import threading, time
shared = np.zeros(10_000)
def grow():
    while True:
        shared[:] += 1
        time.sleep(0.001)
threading.Thread(target=grow, daemon=True).start()
def grad_beta(Y, A, Z, T, F, g):
    rows, columns = Y.shape[1], Z.shape[1] + 1
    return shared[: rows * columns].reshape(rows, columns)
""",
        before="test-eq4",
    ),
    instead(
        "evil-errors",
        "errors whose text raises, never ends, is no text, or is of a class that lies",
        """
import itertools
class Raising(Exception):
    def __str__(self): raise Raising()
    __repr__ = __str__
class Endless(Exception):
    def __str__(self): return "x" * 10**8
class NoText(Exception):
    def __str__(self): return 5
class Meta(type):
    __name__ = property(lambda self: 1 / 0)
class Nameless(Exception, metaclass=Meta):
    @property
    def __traceback__(self): raise KeyError
def grad_beta(Y, A, Z, T, F, g):
    raise Raising()
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    raise Endless()
def backward_output(Y, A, Z, T, F, g):
    raise NoText()
def backward_hidden(X, A, Z, delta, beta, sigma):
    raise Nameless()
""",
    ),
)

OBJECTS = (*LIARS, *SPOILERS)
