"""Keys found once more: the sentence of a question is carried out on the text, on other numbers.

Nothing of what makes the questions is used: texts are changed line by line, values are read by a
tracing function, quantities are found by finite differences.
"""

import ast
import re
import sys
import traceback
from contextlib import suppress
from copy import deepcopy

import numpy as np

from bplab.activations import Softmax
from bplab.exercises import EXERCISES
from bplab.exercises.explain.cases import of_size
from bplab.learner import copied, handed
from tests.exercises.review.verify import HAPPENED, close, slopes

NEW = ["other.0", "other.1"]
FILE = "<verified>"


def verify(item, code):
    """Raise AssertionError unless exactly the right choice is true."""
    texts = [choice.text for choice in item.choices]
    assert len(set(texts)) == len(texts) == 4
    assert all(len(choice.because) > 10 for choice in item.choices)
    assert "\n".join(item.code) in code.source
    BY_KIND[item.kind](item, code)


def only(item, true):
    """Assert that of the choices exactly the right one is true."""
    found = [bool(true(choice.text)) for choice in item.choices]
    assert found == [i == item.right for i in range(len(found))], (item, found)


# --- running ------------------------------------------------------------------------------


def function_of(source, name):
    notebook = {"__name__": "__main__"}
    exec(compile(source, FILE, "exec"), notebook)
    return notebook[name]


def new_cases(item):
    """Other cases of the same sizes."""
    exercise, case = EXERCISES[item.exercise], item.facts["cases"][0]
    if exercise.notebook == "capstone":
        return item.facts["cases"]
    return of_size(exercise, case.measures, NEW)


def given_of(item, case):
    return case.arguments(EXERCISES[item.exercise].arguments)


def flat(value):
    """The arrays of an answer, those of layers in one row."""
    if isinstance(value, np.ndarray) and value.dtype.kind != "O":
        return [value.astype(float)]
    if isinstance(value, (bool, int, float, np.generic)):
        return [np.asarray(value, float)]
    value = list(value)
    try:
        if not any(isinstance(one, np.ndarray) for one in value):
            return [np.asarray(value, float)]
    except ValueError:
        pass
    return [array for one in value for array in flat(one)]


def ran(function, given, exercise):
    """The arrays that came; or the line of the file in which an error came up last, negative."""
    given = {name: copied(value) for name, value in given.items()}
    try:
        with np.errstate(all="ignore"):
            arrays = flat(function(*map(handed, given.values())))
    except Exception as error:
        lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == FILE]
        return -lines[-1]
    parts = exercise.parts
    if len(parts) > 1 and len(arrays) == 1:  # cut along its first axis
        return list(arrays[0])
    if len(parts) == 1 and not parts[0].layered and len(arrays) > 1:
        return [np.array(arrays)]
    return arrays


# --- what becomes of the answer -----------------------------------------------------------


def changed(item, code):
    source = code.source.splitlines()
    first = code.source.splitlines().index(item.code[0])
    while tuple(source[first : first + len(item.code)]) != item.code:
        first = source.index(item.code[0], first + 1)
    lines = list(item.code)
    question = item.question
    if found := re.search(r"lines (\d+) and (\d+) change places", question):
        one, other = (int(n) - 1 for n in found.groups())
        assert other == one + 1
        lines[one], lines[other] = lines[other], lines[one]
    elif found := re.search(r"if line (\d+), `(.*)`, is left out\?", question):
        at = int(found[1]) - 1
        assert lines[at].partition("#")[0].strip() == found[2]
        lines[at] = lines[at].replace(found[2], "pass")
    else:
        found = re.search(r"in line (\d+) `(.*)` becomes `(.*)`\?", question)
        at = int(found[1]) - 1
        lines[at] = put(lines[at], found[2], found[3], item.facts["edit"].span.begin)
    text = "\n".join([*source[:first], *lines, *source[first + len(lines) :]]) + "\n"
    becomes(item, code, text, lambda given: given, first)


def put(line, before, by, begin):
    """Put another text in place of one; of several that one which begins at this byte."""
    places = [m.start() for m in re.finditer(re.escape(before), line)]
    assert places
    if len(places) == 1:
        return line.replace(before, by)
    at = len(line.encode()[:begin].decode())
    at = min(places, key=lambda place: abs(place - at))
    return line[:at] + by + line[at + len(before) :]


def given(item, code):
    question = item.question
    source = code.source.splitlines()
    first = source.index(item.code[0])
    becomes(item, code, code.source, lambda usual: otherwise(question, usual), first)


def otherwise(question, usual):
    names = re.findall(r"`(\w+)`", question.partition("is given")[2])
    now = dict(usual)

    def each(change, some):
        for name in some:
            value = now[name]
            several = isinstance(value, (tuple, list))
            now[name] = tuple(map(change, value)) if several else change(value)

    if " in place of " in question:
        new = re.search(r"is given (.*) in place of", question)[1]
        signs = {"`2 *": lambda a: a + a, "`-": lambda a: 0 - a, "zeros": lambda a: 0 * a}
        each(next(sign for begin, sign in signs.items() if new.startswith(begin)), names)
    elif "with biases of 0" in question:
        each(lambda a: np.column_stack([0 * a[:, 0], a[:, 1:]]), names)
    elif "twice" in question:
        each(lambda a: np.vstack([a, a]) if a.ndim > 1 else np.hstack([a, a]), names)
    elif "reverse" in question:
        each(np.flipud, names)
    else:
        assert "only the first example" in question
        each(lambda a: a[0:1], names)
    return now


def becomes(item, code, text, change, first):
    exercise = EXERCISES[item.exercise]
    for case in new_cases(item):
        usual = given_of(item, case)
        before = ran(function_of(code.source, code.name), usual, exercise)
        try:
            now = ran(function_of(text, code.name), change(given_of(item, case)), exercise)
        except SyntaxError:
            raise AssertionError(item) from None
        only(item, lambda said, b=before, a=now: true(said, b, a, item, first))


PARTS = {"column": (1, 0), "row": (0, 0)}


def true(said, before, now, item, first):
    if said.startswith("There is none"):
        if not isinstance(now, int):
            return False
        line = -now - first
        inside = 1 <= line <= len(item.code)
        number = re.search(r"in line (\d+) stops it", said)
        return line == int(number[1]) if number else not inside
    if isinstance(now, int) or len(now) != len(before):
        return False
    names = names_of(item, len(before))
    moved = [not close(a, b) for a, b in zip(now, before, strict=True)]
    if found := re.fullmatch(r"(?:Only|All of it changes:) (.*?)(?: changes?)?\.", said):
        meant = re.split(r", | and ", found[1])
        return [name for name, m in zip(names, moved, strict=True) if m] == meant
    if said == "It stays as it was.":
        return not any(moved)
    if said == "There is NaN or ∞ in it.":
        return not all(np.isfinite(array).all() for array in now)
    assert len(before) == 1, said
    (b,), (a,) = before, now
    if found := re.fullmatch(r"It has another shape: (\(.*\))\.", said):
        return str(a.shape) == found[1] and a.shape != b.shape
    if said in HAPPENED:
        return bool(HAPPENED[said](b, a))
    if a.shape != b.shape:
        return False
    apart = np.abs(a - b) > 1e-9 * np.abs(b).max()
    if said == "Every entry changes.":
        return apart.all()
    if said == "Some entries change, others stay.":
        return apart.any() and not apart.all()
    kind = re.fullmatch(
        r"(?:Its (first|last) (column|row) changes, no more"
        r"|All of it changes but its (first|last) (column|row))\.",
        said,
    )
    end, axis = kind[1] or kind[3], kind[2] or kind[4]
    if b.ndim != 2 or min(b.shape) < 2:
        return False
    turned = apart.T if axis == "column" else apart
    turned = turned if end == "first" else turned[::-1]
    one, rest = turned[0], turned[1:]
    return (one.all() and not rest.any()) if kind[1] else (rest.all() and not one.any())


def names_of(item, count):
    parts = EXERCISES[item.exercise].parts
    depth = count - sum(not part.layered for part in parts)
    names = []
    for part in parts:
        names += [f"{part.name}[{d}]" for d in range(depth)] if part.layered else [part.name]
    return names


# --- values, by a tracing function --------------------------------------------------------


def value_of(item, code, usual):
    """The value of what is asked for: names are read, parts of a line are worked out again.

    Of a statement of several lines the last one that is read is the one when it was through.
    """
    asked = item.facts["asked"]
    first = code.source.splitlines().index(item.code[0]) + 1
    function = function_of(code.source, code.name)
    found, last = [], [None]
    rounds = dict(asked.rounds)
    lines = statement(item, asked.line)

    def note(frame):
        there = frame.f_locals
        if any(there.get(name) != number for name, number in rounds.items()):
            return
        if asked.what in there:
            found.append(np.array(there[asked.what], float))

    def within(frame, event, argument):
        if event in ("line", "return"):
            line = frame.f_lineno - first + 1
            if asked.what.isidentifier():
                if last[0] in lines and (line not in lines or event == "return"):
                    note(frame)
            elif event == "line" and line == asked.line:
                with np.errstate(all="ignore"):
                    worked = eval(asked.what, frame.f_globals, copies(frame.f_locals))
                found.append(np.array(worked, float))
            last[0] = line
        return within

    def trace(frame, event, argument):
        code_ = frame.f_code
        if code_.co_filename == FILE and code_.co_name == code.name:
            return within
        return None

    given = [handed(copied(value)) for value in usual.values()]
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        with np.errstate(all="ignore"):
            function(*given)
    finally:
        sys.settrace(before)
    assert found, item
    return found[-1]


def statement(item, line):
    """The lines of the statement that ends in a line."""
    ends = [
        node
        for node in ast.walk(ast.parse("\n".join(item.code)))
        if isinstance(node, ast.stmt) and node.end_lineno == line
    ]
    return range(max(node.lineno for node in ends), line + 1) if ends else [line]


def copies(there):
    """Copies of what is there, where they can be made: a part of a line may take from a list."""
    found = dict(there)
    for name in found:
        with suppress(TypeError):
            found[name] = deepcopy(found[name])
    return found


def number(text):
    return np.array(
        [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", text.replace("−", "-"))], float
    )


def value(item, code):
    usual = {name: item.facts["values"][name] for name in EXERCISES[item.exercise].arguments}
    row = item.facts["row"]
    found = value_of(item, code, usual)
    came = found if row is None else found[row]
    wanted = np.round(came.ravel(), 3)

    def right(text):
        shown = number(text)
        return shown.shape == wanted.shape and np.allclose(shown, wanted, rtol=1e-3, atol=1.1e-3)

    only(item, right)
    if row is not None:
        assert re.search(rf"(example|row) {row + 1}\b", item.question)


def axes(item, code):
    for case in new_cases(item):
        shape = value_of(item, code, given_of(item, case)).shape
        only(item, lambda text, shape=shape: text == str(shape))


# --- quantities, by finite differences ----------------------------------------------------


def quantity(item, code):
    for case in new_cases(item):
        came = value_of(item, code, given_of(item, case))
        only(item, lambda text, c=came, case=case: close(c, known(text, case, item.exercise)))


def known(text, case, id):
    if id == "softmax":
        return of_softmax(text, case.t)
    if EXERCISES[id].notebook == "section_4":
        return of_activation(text, case, EXERCISES[id])
    return of_network(text, getattr(case, "network", case))


def of_softmax(text, t):
    rows = [[np.exp(v - max(row)) for v in row] for row in t]
    return np.array(
        {
            "the shares f": [[e / sum(row) for e in row] for row in rows],
            "eᵗ": np.exp(t),
            "t less the largest t of its row": [[v - max(row) for v in row] for row in t],
            "eᵗ, of t less the largest of its row": rows,
            "the sum of these powers in each row": [[sum(row)] for row in rows],
            "1 − f": [[1 - e / sum(row) for e in row] for row in rows],
        }[text]
    )


def of_activation(text, case, exercise):
    x, h = case.x, 1e-6
    value = lambda x: exercise.reference(x, *[case.alpha] * ("alpha" in exercise.arguments))[0]  # noqa: E731
    return {
        "the value σ(x)": value(x),
        "the slope σ′(x)": (value(x + h) - value(x - h)) / (2 * h),
        "1 − σ(x)": 1 - value(x),
        "σ(x)²": value(x) * value(x),
        "eˣ": np.e**x,
        "e⁻ˣ": 1 / np.e**x,
        "1 + e⁻ˣ": 1 + 1 / np.e**x,
        "e to the power of −|x|": np.minimum(np.e**x, 1 / np.e**x),
        "1 where x is positive, else 0": np.where(x > 0, 1.0, 0.0),
    }[text]


def of_network(text, n):
    """A quantity by its words, of a network of any depth."""
    one = not hasattr(n, "alphas")
    alphas, sigmas = ([n.alpha], [n.sigma]) if one else (list(n.alphas), list(n.sigmas))
    layer = re.search(r" of hidden layer (\d+)$|alphas\[(\d+)\]", text)
    d = 0 if layer is None else int(layer[1] or int(layer[2]) + 1) - 1
    text = re.sub(r" of hidden layer \d+$", "", text).replace(f"alphas[{d}]", "alpha")

    def forward(alphas=alphas, beta=n.beta, a=None, t=0.0):
        A, Z = [], [np.asarray(n.X, float)]
        for i, (alpha, sigma) in enumerate(zip(alphas, sigmas, strict=True)):
            A.append(Z[-1] @ alpha[:, 1:].T + alpha[:, 0] + (a if a is not None and i == d else 0))
            Z.append(sigma(A[-1]))
        T = Z[-1] @ beta[:, 1:].T + beta[:, 0] + t
        return A, Z, T, n.g(T)

    def R(**changed):
        return ((n.Y - forward(**changed)[3]) ** 2).sum()

    A, Z, T, F = forward()
    step = 1e-6
    replaced = lambda w: [w if i == d else alpha for i, alpha in enumerate(alphas)]  # noqa: E731
    by_beta = lambda: slopes(lambda w: R(beta=w), n.beta)  # noqa: E731
    by_alpha = lambda: slopes(lambda w: R(alphas=replaced(w)), alphas[d])  # noqa: E731
    slope = lambda sigma, x: (sigma(x + step) - sigma(x - step)) / (2 * step)  # noqa: E731
    s = lambda: slopes(lambda a: R(a=a), np.zeros_like(A[d]))  # noqa: E731
    ways = {
        "y − f, the targets less the outputs": lambda: n.Y - F,
        "f − y, the outputs less the targets": lambda: F - n.Y,
        "the residual, −2(y − f)": lambda: 2 * (F - n.Y),
        "the squared errors, (y − f)²": lambda: (F - n.Y) * (F - n.Y),
        "the losses R(i) of the examples": lambda: np.array(
            [sum((y - f) ** 2) for y, f in zip(n.Y, F, strict=True)]
        ),
        "the loss R(θ)": lambda: np.asarray(R()),
        "t, what the output function is applied to": lambda: T,
        "the outputs f": lambda: F,
        "delta, ∂R/∂t": lambda: slopes(lambda t: R(t=t), np.zeros_like(T)),
        "the bias column of the gradient with respect to beta": lambda: by_beta()[:, 0],
        "the gradient with respect to beta, without its bias column": lambda: by_beta()[:, 1:],
        "the gradient with respect to beta": by_beta,
        "the Jacobian of g, ∂f/∂t": lambda: jacobian(n.g, T),
        "g′(t), the slope of the output function": lambda: slope(n.g, T),
        "the pre-activations a": lambda: A[d],
        "the hidden units' outputs z": lambda: Z[d + 1],
        "σ′(a), the slope": lambda: slope(sigmas[d], A[d]),
        "σ′(z), the slope at the wrong point": lambda: slope(sigmas[d], Z[d + 1]),
        "what is sent back to the hidden units": lambda: s() / slope(sigmas[d], A[d]),
        "the hidden delta s, ∂R/∂a": s,
        "the bias column of the gradient with respect to alpha": lambda: by_alpha()[:, 0],
        "the gradient with respect to alpha, without its bias column": lambda: by_alpha()[:, 1:],
        "the gradient with respect to alpha": by_alpha,
    }
    assert isinstance(n.g, Softmax) or "Jacobian" not in text
    return ways[text]()


def jacobian(g, T):
    step, columns = 1e-6, []
    for k in range(T.shape[1]):
        moved = step * np.eye(T.shape[1])[k]
        columns.append((g(T + moved) - g(T - moved)) / (2 * step))
    return np.stack(columns, axis=2)


BY_KIND = {
    "code": changed,
    "order": changed,
    "given": given,
    "value": value,
    "axes": axes,
    "quantity": quantity,
}
