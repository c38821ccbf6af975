"""Keys found once more, in another way: by loops, by finite differences, by other networks."""

from collections import Counter

import numpy as np

from bplab import by_equation
from bplab.exercises import EXERCISES, steps
from bplab.exercises.review.changes import BEFORE, CHANGES, OUTPUTS, SIGMAS, Network
from bplab.gallery import TRAININGS
from bplab.gallery.verdict import judge
from bplab.learner import copied

H = 1e-5
NEW_NETWORKS = range(1000, 1003)


def verify(item):
    """Raise AssertionError unless exactly the right choice is true."""
    assert len({choice.text for choice in item.choices}) == len(item.choices) >= 3
    assert 0 <= item.right < len(item.choices)
    assert all(len(choice.because) > 15 for choice in item.choices), item
    BY_KIND[item.kind](item)


# --- which step ---------------------------------------------------------------------------


def step(item):
    values = item.facts["values"]
    done = item.facts["done"]
    wrong = [name for name in done if not reads_alike(done[name], follows(name, done, values))]
    assert len(wrong) <= 1
    assert item.answer.text == (wrong[0] if wrong else "none of them: all follow")
    assert (item.then is None) == (not wrong)
    shown = [table.values for table in item.tables]
    assert all(any(array is table for table in shown) for array in done.values())
    if item.then is not None:
        why(item.then, wrong[0], done)


def follows(name, done, values):
    """What a step should give for the numbers before it, number by number."""
    Y, F, T, A, Z, X, beta = (values[letter] for letter in ("Y", "F", "T", "A", "Z", "X", "beta"))
    delta = done.get("output delta", values["delta"])
    if name == "residual":
        return [[-2 * (Y[i, k] - F[i, k]) for k in range(Y.shape[1])] for i in range(len(Y))]
    if name == "output delta":
        D, J = done["residual"], jacobians(values["g"], T)
        return [[D[i] @ J[i][:, k] for k in range(T.shape[1])] for i in range(len(T))]
    if name == "send back":
        return [
            [sum(delta[i, k] * beta[k, m + 1] for k in range(len(beta))) for m in range(Z.shape[1])]
            for i in range(len(Z))
        ]
    if name == "hidden delta":
        back, J = done["send back"], jacobians(values["sigma"], A)
        return [[back[i, m] * J[i][m, m] for m in range(A.shape[1])] for i in range(len(A))]
    s, inputs = (done["hidden delta"], X) if "hidden delta" in done else (delta, Z)
    return [
        [
            sum(s[i, m] * (inputs[i, j - 1] if j else 1) for i in range(len(s)))
            for j in range(inputs.shape[1] + 1)
        ]
        for m in range(s.shape[1])
    ]


def jacobians(g, T):
    """∂g_l/∂t_k for each example, by central differences."""
    return [
        np.column_stack([(g((t + h)[None])[0] - g((t - h)[None])[0]) / (2 * H) for h in moves(t)])
        for t in T
    ]


def moves(t):
    return H * np.eye(len(t))


def why(item, step_name, done):
    exercise, values = EXERCISES[item.exercise], item.facts["values"]
    theirs = done[step_name]
    by_says = {mistake.says: mistake for mistake in exercise.mistakes}
    same = []
    for choice in item.choices:
        pieces = type(steps.RIGHT)(**vars(steps.RIGHT), **{})
        vars(pieces).update(by_says[choice.text].wrong.changed)
        try:
            found = alone(step_name, pieces, done, values)
        except (ValueError, IndexError):
            found = np.empty(0)
        same.append(reads_alike(theirs, found))
    assert same == [i == item.right for i in range(len(same))]


def alone(name, pieces, done, values):
    """One step with somebody's pieces, from what they had before it."""
    Y, F, T, A, Z, X, beta = (values[letter] for letter in ("Y", "F", "T", "A", "Z", "X", "beta"))
    delta = done.get("output delta", values["delta"])
    if name == "residual":
        return steps.residual(pieces, Y, F)
    if name == "output delta":
        return pieces.output_delta(done["residual"], T, F, values["g"])
    if name == "send back":
        return pieces.send_back(delta, beta)
    if name == "hidden delta":
        return pieces.hidden_delta(done["send back"], A, Z, values["sigma"])
    s, inputs = (done["hidden delta"], X) if "hidden delta" in done else (delta, Z)
    return steps.weight_gradient(pieces, s, inputs)


# --- which mistake, which number ----------------------------------------------------------


def mistake(item):
    exercise, values, somebody = (
        EXERCISES[item.exercise],
        item.facts["values"],
        item.facts["somebody"],
    )
    right = other_way(exercise, values)
    assert not all(reads_alike(a, b) for a, b in zip(somebody, right, strict=True))
    by_says = {}
    for known in exercise.mistakes:
        by_says.setdefault(known.says, []).append(known)
    shown = [table.values for table in item.tables[-len(somebody) :]]
    same = []
    for choice in item.choices:
        answers = [
            flat(known.wrong(*(copied(values[name]) for name in exercise.arguments)))
            for known in by_says[choice.text]
        ]
        same.append(
            any(
                all(reads_alike(a, b) for a, b in zip(shown, found, strict=True))
                for found in answers
            )
        )
    assert same == [i == item.right for i in range(len(same))]


def number(item):
    values, part, index = (item.facts[name] for name in ("values", "part", "index"))
    right = np.asarray(other_way(EXERCISES[item.exercise], values)[part])[index]
    said = [float(choice.text.replace("−", "-")) for choice in item.choices]
    assert [abs(x - right) < 2e-3 * max(1, abs(right)) for x in said] == [
        i == item.right for i in range(len(said))
    ]
    # the explanation ends with it
    assert item.answer.because.rstrip(".").endswith(item.answer.text), item.answer


def other_way(exercise, values):
    """The right answer without the function that the course takes for right."""
    get = values.get
    if exercise.id in ("eq4", "eq8", "eq5", "eq9", "eq7", "eq11", "eq6", "eq10"):
        X, Y, sigma, g, alpha, beta = (get(n) for n in ("X", "Y", "sigma", "g", "alpha", "beta"))

        def R(alpha, beta, t=0.0):
            T = sigma(X @ alpha[:, 1:].T + alpha[:, 0]) @ beta[:, 1:].T + beta[:, 0] + t
            return ((Y - g(T)) ** 2).sum()

        if exercise.id in ("eq5", "eq9", "eq7", "eq11"):
            return [slopes(lambda w: R(w, beta), alpha)]
        by_beta = slopes(lambda w: R(alpha, w), beta)
        delta = slopes(lambda t: R(alpha, beta, t), np.zeros_like(Y))
        return [delta, by_beta] if exercise.id in ("eq6", "eq10") else [by_beta]
    return OTHER_WAYS[exercise.id](values)


def slopes(f, at):
    found = np.zeros_like(at)
    for i in np.ndindex(at.shape):
        move = np.zeros_like(at)
        move[i] = H
        found[i] = (f(at + move) - f(at - move)) / (2 * H)
    return found


def of_weights(v, by_one=None):
    """R of all weights of a deep network."""
    alphas, beta = list(v["alphas"]), v["beta"]

    def R(weights):
        Z = v["X"]
        for w, sigma in zip(weights[:-1], v["sigmas"], strict=True):
            Z = sigma(Z @ w[:, 1:].T + w[:, 0])
        return ((v["Y"] - v["g"](Z @ weights[-1][:, 1:].T + weights[-1][:, 0])) ** 2).sum()

    weights = [*alphas, beta]
    return [
        slopes(lambda w, d=d: R([*weights[:d], w, *weights[d + 1 :]]), weights[d])
        for d in range(len(weights))
    ]


def deep_s(v):
    """∂/∂A[d] of Σ δ t, with all above it: what the recursion gives."""
    found = []
    for d, A in enumerate(v["A"]):

        def sent(a, d=d):
            Z = v["sigmas"][d](a)
            for w, sigma in zip(v["alphas"][d + 1 :], v["sigmas"][d + 1 :], strict=True):
                Z = sigma(Z @ w[:, 1:].T + w[:, 0])
            return (v["delta"] * (Z @ v["beta"][:, 1:].T)).sum()

        found.append(slopes(sent, A))
    return found


def one_s(v):
    return slopes(lambda a: (v["delta"] * (v["sigma"](a) @ v["beta"][:, 1:].T)).sum(), v["A"])


def one(z):
    return np.array([1, *z])


def elementwise(function, *more):
    def answer(v):
        pairs = [function(float(x), *(v[name] for name in more)) for x in v["x"]]
        return [np.array([pair[part] for pair in pairs]) for part in (0, 1)]

    return answer


def summed(each):
    return [np.sum(list(each), axis=0)]


def counts(v):
    seen = Counter(zip(v["actual"].tolist(), v["predicted"].tolist(), strict=True))
    return [np.array([[seen[a, b] for b in range(v["K"])] for a in range(v["K"])])]


OTHER_WAYS = {
    "numerical-gradient": lambda v: [slopes(v["f"], v["params"].astype(float))],
    "hidden": lambda v: [
        np.array(
            [by_equation.hidden(np.array([1, *x]), v["alpha"], v["sigma"])[1][1:] for x in v["X"]]
        )
    ],
    "output": lambda v: [
        np.array([by_equation.output(one(z), v["beta"], v["g"])[part] for z in v["Z"]])
        for part in (0, 1)
    ],
    "eq2": lambda v: [
        np.array([by_equation.eq2(y, f) for y, f in zip(v["Y"], v["F"], strict=True)])
    ],
    "eq1": lambda v: [np.array(by_equation.eq1(v["Y"], v["F"]))],
    "eq12": lambda v: [
        [
            [w - v["gamma"] * d for w, d in zip(*rows, strict=True)]
            for rows in zip(v["weights"], v["gradient"], strict=True)
        ]
    ],
    "eq13": lambda v: [
        w - v["gamma"] * d for w, d in zip([v["alphas"][0], v["beta"]], of_weights(v), strict=True)
    ],
    "eq14": lambda v: summed(
        np.outer(d, [1, *z]) for d, z in zip(v["delta"], v["inputs"], strict=True)
    ),
    "eq15": lambda v: summed(np.outer(s, [1, *x]) for s, x in zip(one_s(v), v["X"], strict=True)),
    "eq16": lambda v: [one_s(v)],
    "eq17": deep_s,
    "eq18": of_weights,
    "sigmoid": elementwise(by_equation.sigmoid),
    "tanh": elementwise(by_equation.tanh),
    "relu": elementwise(by_equation.relu),
    "leaky-relu": elementwise(by_equation.leaky_relu, "alpha"),
    "elu": elementwise(by_equation.elu, "alpha"),
    "softmax": lambda v: [
        np.array([by_equation.softmax(t)[part] for t in v["t"]]) for part in (0, 1)
    ],
    "confusion": counts,
}


def flat(answer):
    parts = answer if isinstance(answer, (tuple, list)) else (answer,)
    arrays = []
    for part in parts:
        arrays += part if isinstance(part, (tuple, list)) else (part,)
    return [np.asarray(array, float) for array in arrays]


# --- shapes -------------------------------------------------------------------------------


def shape(item):
    sizes = item.facts["sizes"]
    of = [sizes[axis[0]] + axis.endswith("+1") for axis in item.facts["axes"]]
    assert [choice.text == str(tuple(of)) for choice in item.choices] == [
        i == item.right for i in range(len(item.choices))
    ]


# --- changes ------------------------------------------------------------------------------


def change(item):
    """On other networks, with gradients by finite differences."""
    name, fact = item.facts["quantity"], item.facts
    for seed in NEW_NETWORKS:
        rng = np.random.default_rng(seed)
        network = Network.random(rng, SIGMAS[fact["sigma"]], OUTPUTS[fact["g"]])
        network = BEFORE.get(fact["change"], lambda n: n)(network)
        before = quantity(network, name)
        after = quantity(CHANGES[fact["change"]].do(network), name)
        true = [HAPPENED[choice.text](before, after) for choice in item.choices]
        assert true == [i == item.right for i in range(len(true))], (item, before, after)


def quantity(n, name):
    def R(alpha=n.alpha, beta=n.beta, a=0.0, t=0.0):
        Z = n.sigma(n.X @ alpha[:, 1:].T + alpha[:, 0] + a)
        return n.factor * ((n.Y - n.g(Z @ beta[:, 1:].T + beta[:, 0] + t)) ** 2).sum()

    A = n.X @ n.alpha[:, 1:].T + n.alpha[:, 0]
    Z = n.sigma(A)
    T = Z @ n.beta[:, 1:].T + n.beta[:, 0]
    ways = {
        "A": lambda: A,
        "Z": lambda: Z,
        "T": lambda: T,
        "F": lambda: n.g(T),
        "loss": lambda: np.asarray(R()),
        "delta": lambda: slopes(lambda t: R(t=t), np.zeros_like(T)),
        "s": lambda: slopes(lambda a: R(a=a), np.zeros_like(A)),
        "alpha": lambda: slopes(lambda w: R(alpha=w), n.alpha),
        "beta": lambda: slopes(lambda w: R(beta=w), n.beta),
        "step": lambda: -n.gamma * slopes(lambda w: R(beta=w), n.beta),
    }
    return ways[name]()


def close(a, b):
    """But for what finite differences lose."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    return a.shape == b.shape and np.allclose(a, b, atol=1e-5 * np.abs(b).max(initial=1))


def reads_alike(a, b):
    """To three decimals, or to three digits of what is large: as a learner reads them."""
    a, b = np.asarray(a, float), np.asarray(b, float)
    return a.shape == b.shape and np.allclose(a, b, rtol=3e-3, atol=3e-3)


def rows_equal(a):
    return a.ndim == 2 and close(a, np.tile(a[:1], (len(a), 1))) and not close(a, 0 * a)


HAPPENED = {
    "It stays as it was.": lambda b, a: close(a, b),
    "It is doubled.": lambda b, a: close(a, 2 * b),
    "It is halved.": lambda b, a: close(2 * a, b),
    "It becomes four times as large.": lambda b, a: close(a, 4 * b),
    "It changes its sign.": lambda b, a: close(a + b, 0 * b) if a.shape == b.shape else False,
    "It becomes 0.": lambda b, a: close(a, 0 * a),
    "It rises by 1.": lambda b, a: a.shape == b.shape and close(a - b, np.ones_like(b)),
    "It falls by 2.": lambda b, a: a.shape == b.shape and close(b - a, 2 * np.ones_like(b)),
    "Its rows come in reverse order.": lambda b, a: close(a, np.flipud(b)),
    "Its first two rows are swapped.": lambda b, a: close(a, b[[1, 0, *range(2, len(b))]]),
    "Its first two columns are swapped.": lambda b, a: close(
        a, b[:, [1, 0, *range(2, b.shape[1])]]
    ),
    "Its second and third column are swapped.": lambda b, a: close(
        a, b[:, [0, 2, 1, *range(3, b.shape[1])]]
    ),
    "Its rows come twice.": lambda b, a: close(a, np.concatenate([b, b])),
    "It gets one row more, of zeros; the others stay.": lambda b, a: (
        len(a) == len(b) + 1 and close(a[:-1], b) and close(a[-1], 0 * a[-1])
    ),
    "Its first row changes its sign; the rest stays.": lambda b, a: (
        close(a[:1], -b[:1]) and close(a[1:], b[1:])
    ),
    "Its first column changes its sign; the rest stays.": lambda b, a: (
        close(a[:, :1], -b[:, :1]) and close(a[:, 1:], b[:, 1:])
    ),
    "Its second column changes its sign; the rest stays.": lambda b, a: (
        close(a[:, 1], -b[:, 1]) and close(np.delete(a, 1, 1), np.delete(b, 1, 1))
    ),
    "Its first column stays; the others are doubled.": lambda b, a: (
        close(a[:, :1], b[:, :1]) and close(a[:, 1:], 2 * b[:, 1:])
    ),
    "Its first column stays; the others become 0.": lambda b, a: (
        close(a[:, :1], b[:, :1]) and close(a[:, 1:], 0 * a[:, 1:])
    ),
    "All its rows become alike.": lambda b, a: rows_equal(a),
}


# --- curves -------------------------------------------------------------------------------


def curve(item):
    exercise, names = EXERCISES[item.exercise], item.facts["names"]
    training = TRAININGS[exercise.id]
    known = {mistake.name: mistake for mistake in exercise.mistakes}
    right = training.run(exercise, exercise.reference, training.epochs).losses
    runs = [training.run(exercise, known[name].wrong, training.epochs).losses for name in names]
    assert all(
        np.array_equal(run, drawn, equal_nan=True)
        for run, drawn in zip(runs, item.facts["curves"], strict=True)
    )
    assert len({judge(run, right).kind for run in runs}) == len(runs)
    says = [known[name].says for name in names]
    assert says[item.right] in item.question
    assert [choice.text for choice in item.choices] == [f"Curve {x}" for x in "ABC"]
    assert len(item.pictures) == len(runs)
    assert all(f"Curve {x}" in p.alt for x, p in zip("ABC", item.pictures, strict=True))


BY_KIND = {
    "step": step,
    "mistake": mistake,
    "number": number,
    "shape": shape,
    "change": change,
    "curve": curve,
}
