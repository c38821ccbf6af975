"""The capstone: an epoch in batches, the confusion matrix, and a network of one's own."""

import numpy as np

from bplab.activations import softmax, tanh
from bplab.deep import backward, forward
from tests.benchmarks.naming.program import program

# --- one-epoch ----------------------------------------------------------------------------

EPOCH = "one-epoch"


@program(EPOCH, {"targets-not-shuffled"})
def shuffles_X_alone(X, Y, alphas, beta, gradients, gamma, order, size):
    X = X[order]
    # missing: Y = Y[order]
    for start in range(0, len(X), size):
        x, y = X[start : start + size], Y[start : start + size]
        by_alphas, by_beta = gradients(x, y, alphas, beta)
        alphas = [a - gamma * d for a, d in zip(alphas, by_alphas, strict=True)]
        beta = beta - gamma * by_beta
    return alphas, beta


@program(EPOCH, {"ascends"})
def adds_each_batch(X, Y, alphas, beta, gradients, gamma, order, size):
    a, b = list(alphas), beta
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        ga, gb = gradients(X[rows], Y[rows], a, b)
        for d in range(len(a)):
            # right: a[d] = a[d] - gamma * ga[d]
            a[d] = a[d] + gamma * ga[d]
        # right: b = b - gamma * gb
        b = b + gamma * gb
    return a, b


@program(EPOCH, {"beta-ascends"})
def adds_for_beta_alone(X, Y, alphas, beta, gradients, gamma, order, size):
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        by_alphas, by_beta = gradients(X[batch], Y[batch], alphas, beta)
        alphas = [w - gamma * slope for w, slope in zip(alphas, by_alphas, strict=True)]
        # right: beta = beta - gamma * by_beta
        beta = beta + gamma * by_beta
    return alphas, beta


@program(EPOCH, {"last-batch-dropped"})
def whole_batches_only(X, Y, alphas, beta, gradients, gamma, order, size):
    # right: n_batches = -(-len(X) // size)
    n_batches = len(X) // size
    for b in range(n_batches):
        batch = order[b * size : (b + 1) * size]
        by_alphas, by_beta = gradients(X[batch], Y[batch], alphas, beta)
        alphas = [w - gamma * d for w, d in zip(alphas, by_alphas, strict=True)]
        beta = beta - gamma * by_beta
    return alphas, beta


@program(EPOCH, {"averaged-over-batch", "averaged-over-size"})
def mean_of_the_batch(X, Y, alphas, beta, gradients, gamma, order, size):
    i = 0
    while i < len(order):
        rows = order[i : i + size]
        by_alphas, by_beta = gradients(X[rows], Y[rows], alphas, beta)
        # right: m = 1
        m = len(rows)
        alphas = [w - gamma * d / m for w, d in zip(alphas, by_alphas, strict=True)]
        beta = beta - gamma * by_beta / m
        i += size
    return alphas, beta


@program(EPOCH, {"order-ignored"})
def rows_as_they_come(X, Y, alphas, beta, gradients, gamma, order, size):
    for start in range(0, len(X), size):
        # right: batch = order[start : start + size]
        batch = slice(start, start + size)
        by_alphas, by_beta = gradients(X[batch], Y[batch], alphas, beta)
        alphas = [w - gamma * d for w, d in zip(alphas, by_alphas, strict=True)]
        beta = beta - gamma * by_beta
    return alphas, beta


@program(EPOCH, {"argument-changed"}, specific={"argument-changed"})
def arrays_of_the_caller(X, Y, alphas, beta, gradients, gamma, order, size):
    # missing: alphas = [1.0 * a for a in alphas]
    # missing: beta = 1.0 * beta
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        by_alphas, by_beta = gradients(X[batch], Y[batch], alphas, beta)
        for w, d in zip(alphas, by_alphas, strict=True):
            w -= gamma * d
        beta -= gamma * by_beta
    return alphas, beta


@program(EPOCH, {"old-weights"})
def gradients_at_the_start(X, Y, alphas, beta, gradients, gamma, order, size):
    new_alphas, new_beta = [np.array(a) for a in alphas], np.array(beta)
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        # right: by_alphas, by_beta = gradients(X[batch], Y[batch], new_alphas, new_beta)
        by_alphas, by_beta = gradients(X[batch], Y[batch], alphas, beta)
        new_alphas = [w - gamma * d for w, d in zip(new_alphas, by_alphas, strict=True)]
        new_beta = new_beta - gamma * by_beta
    return new_alphas, new_beta


@program(EPOCH, {"from-the-start", "step-from-the-start"})
def each_batch_from_the_start(X, Y, alphas, beta, gradients, gamma, order, size):
    a, b = list(alphas), beta
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        by_alphas, by_beta = gradients(X[batch], Y[batch], a, b)
        # right: a = [w - gamma * d for w, d in zip(a, by_alphas, strict=True)]
        a = [w - gamma * d for w, d in zip(alphas, by_alphas, strict=True)]
        # right: b = b - gamma * by_beta
        b = beta - gamma * by_beta
    return a, b


@program(EPOCH, {"first-batch-only"})
def returns_after_one_batch(X, Y, alphas, beta, gradients, gamma, order, size):
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        by_alphas, by_beta = gradients(X[batch], Y[batch], alphas, beta)
        alphas = [w - gamma * d for w, d in zip(alphas, by_alphas, strict=True)]
        beta = beta - gamma * by_beta
        # right:
        return alphas, beta
    # missing: return alphas, beta


@program(EPOCH, {"last-batch-always-dropped", "last-batch-missing", "last-batch-left-out"})
def stops_a_batch_early(X, Y, alphas, beta, gradients, gamma, order, size):
    # right: for start in range(0, len(order), size):
    for start in range(0, len(order) - size, size):
        rows = order[start : start + size]
        by_alphas, by_beta = gradients(X[rows], Y[rows], alphas, beta)
        alphas = [a - gamma * d for a, d in zip(alphas, by_alphas, strict=True)]
        beta = beta - gamma * by_beta
    return alphas, beta


@program(EPOCH, {"one-short"})
def slice_without_its_end(X, Y, alphas, beta, gradients, gamma, order, size):
    for start in range(0, len(order), size):
        # right: rows = order[start : start + size]
        rows = [order[i] for i in range(start, min(start + size - 1, len(order)))]
        by_alphas, by_beta = gradients(X[rows], Y[rows], alphas, beta)
        alphas = [a - gamma * d for a, d in zip(alphas, by_alphas, strict=True)]
        beta = beta - gamma * by_beta
    return alphas, beta


@program(EPOCH, {"number-of-batches"})
def array_split_by_size(X, Y, alphas, beta, gradients, gamma, order, size):
    # right: for rows in np.split(order, range(size, len(order), size)):
    for rows in np.array_split(order, size):
        by_alphas, by_beta = gradients(X[rows], Y[rows], alphas, beta)
        alphas = [a - gamma * d for a, d in zip(alphas, by_alphas, strict=True)]
        beta = beta - gamma * by_beta
    return alphas, beta


@program(EPOCH, {"order-twice", "order-applied-twice"})
def order_used_twice(X, Y, alphas, beta, gradients, gamma, order, size):
    # right:
    X, Y = X[order], Y[order]
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        by_alphas, by_beta = gradients(X[rows], Y[rows], alphas, beta)
        alphas = [a - gamma * d for a, d in zip(alphas, by_alphas, strict=True)]
        beta = beta - gamma * by_beta
    return alphas, beta


@program(EPOCH, {"no-gamma"})
def step_of_the_whole_gradient(X, Y, alphas, beta, gradients, gamma, order, size):
    start = 0
    while start < len(order):
        rows = order[start : start + size]
        by_alphas, by_beta = gradients(X[rows], Y[rows], alphas, beta)
        # right: step = gamma
        step = 1.0
        alphas = [a - step * d for a, d in zip(alphas, by_alphas, strict=True)]
        beta = beta - step * by_beta
        start += size
    return alphas, beta


@program(EPOCH, {"averaged-over-N"})
def divides_by_all_examples(X, Y, alphas, beta, gradients, gamma, order, size):
    n = X.shape[0]
    for start in range(0, n, size):
        rows = order[start : start + size]
        by_alphas, by_beta = gradients(X[rows], Y[rows], alphas, beta)
        # right: rate = gamma
        rate = gamma / n
        alphas = [a - rate * d for a, d in zip(alphas, by_alphas, strict=True)]
        beta = beta - rate * by_beta
    return alphas, beta


# --- confusion ----------------------------------------------------------------------------


@program("confusion", {"transposed"}, specific={"transposed"})
def predicted_as_rows(actual, predicted, K):
    counts = np.zeros((K, K))
    for a, b in zip(actual, predicted, strict=True):
        # right: counts[a, b] += 1
        counts[b, a] += 1
    return counts


@program("confusion", {"counted-once"})
def fancy_indexing(actual, predicted, K):
    counts = np.zeros((K, K), dtype=int)
    # right: np.add.at(counts, (actual, predicted), 1)
    counts[actual, predicted] += 1
    return counts


@program("confusion", {"shares-of-all"})
def shares_for_counts(actual, predicted, K):
    counts = np.zeros((K, K))
    for i in range(len(actual)):
        counts[actual[i], predicted[i]] += 1
    # right: return counts
    return counts / len(actual)


@program("confusion", {"diagonal-only"})
def counts_hits(actual, predicted, K):
    counts = np.zeros((K, K))
    for i in range(len(actual)):
        # right: if True:
        if actual[i] == predicted[i]:
            counts[actual[i]][predicted[i]] += 1
    return counts


@program("confusion", {"as-large-as-needed", "wrong-shape"}, specific={"as-large-as-needed"})
def size_from_the_labels(actual, predicted, K):
    # right: n = K
    n = max(actual.max(), predicted.max()) + 1
    table = {}
    for pair in zip(actual.tolist(), predicted.tolist(), strict=True):
        table[pair] = table.get(pair, 0) + 1
    return np.array([[table.get((a, b), 0) for b in range(n)] for a in range(n)])


@program("confusion", {"last-left-out", "i-last-left-out"})
def one_example_short(actual, predicted, K):
    cm = [[0] * K for _ in range(K)]
    # right: for i in range(len(actual)):
    for i in range(len(actual) - 1):
        cm[actual[i]][predicted[i]] += 1
    return cm


@program(
    "confusion", {"rows-aliased", "same-row-*", "rows-are-one*", "aliased*", "every-row-the-same"}
)
def one_list_for_all_rows(actual, predicted, K):
    # right: cm = [[0] * K for _ in range(K)]
    cm = [[0] * K] * K
    for i in range(len(actual)):
        cm[actual[i]][predicted[i]] += 1
    return cm


@program("confusion", {"counted-once"})
def equals_one(actual, predicted, K):
    cm = np.zeros((K, K))
    for a, b in zip(actual, predicted, strict=True):
        # right: cm[a, b] += 1
        cm[a, b] = 1
    return cm


@program("confusion", {"classes-from-one"})
def classes_one_less(actual, predicted, K):
    counts = np.zeros((K, K))
    for a, b in zip(actual, predicted, strict=True):
        # right: counts[a, b] += 1
        counts[a - 1, b - 1] += 1
    return counts


@program("confusion", {"right-ones-a-class", "wrong-shape"}, specific={"right-ones-a-class"})
def hits_of_each_class(actual, predicted, K):
    def hits(a, b):
        return np.sum((actual == a) & (predicted == b))

    # right: return np.array([[hits(a, b) for b in range(K)] for a in range(K)])
    return np.array([hits(k, k) for k in range(K)])


@program("confusion", {"shares-of-actual", "not-finite"}, specific={"shares-of-actual"})
def rows_normalised(actual, predicted, K):
    counts = np.zeros((K, K))
    np.add.at(counts, (actual, predicted), 1)
    # right: return counts
    return counts / counts.sum(axis=1, keepdims=True)


@program("confusion", {"raises", "reshape-size"}, says="reshape|product|entries")
def bincount_without_minlength(actual, predicted, K):
    pairs = K * actual + predicted
    # right: return np.bincount(pairs, minlength=K * K).reshape(K, K)
    return np.bincount(pairs).reshape(K, K)


# --- digits -------------------------------------------------------------------------------


def _weights(rng, rows, columns):
    return rng.normal(0, 1 / np.sqrt(columns), (rows, columns))


def _trained(X, Y, epochs, gamma, seed=0, order=None):
    rng = np.random.default_rng(seed)
    p, K = X.shape[1], Y.shape[1]
    alphas, beta = [_weights(rng, 24, p + 1)], _weights(rng, K, 25)
    for _ in range(epochs):
        rows = rng.permutation(len(X))
        for start in range(0, len(X), 32):
            batch = rows[start : start + 32]
            by_alphas, by_beta = backward(X[batch], Y[batch], alphas, beta, [tanh], softmax)
            alphas = [a - gamma * d for a, d in zip(alphas, by_alphas, strict=True)]
            beta = beta - gamma * by_beta
    return alphas, beta


@program("digits", {"argmax-of-columns"}, slow=True)
def argmax_over_axis_zero(X, Y, X_new):
    alphas, beta = _trained(X, Y, 30, 0.03)
    F = forward(X_new, alphas, beta, [tanh], softmax).F
    # right: return F.argmax(axis=1)
    return F.argmax(axis=0)


@program("digits", {"outputs-returned"}, slow=True)
def outputs_for_classes(X, Y, X_new):
    alphas, beta = _trained(X, Y, 30, 0.03)
    # right: return forward(X_new, alphas, beta, [tanh], softmax).F.argmax(axis=1)
    return forward(X_new, alphas, beta, [tanh], softmax).F


@program("digits", {"old-examples"}, slow=True)
def answers_for_the_training_set(X, Y, X_new):
    alphas, beta = _trained(X, Y, 30, 0.03)
    # right: F = forward(X_new, alphas, beta, [tanh], softmax).F
    F = forward(X, alphas, beta, [tanh], softmax).F
    return np.argmax(F, axis=1)


@program(
    "digits",
    {"guessing", "hardly-learns", "one-answer"},
    specific={"guessing", "one-answer"},
    slow=True,
)
def shuffles_targets_apart(X, Y, X_new):
    rng = np.random.default_rng(1)
    # right: Y = Y + 0 * rng.random()
    Y = rng.permutation(Y)
    alphas, beta = _trained(X, Y, 30, 0.03)
    return forward(X_new, alphas, beta, [tanh], softmax).F.argmax(axis=1)


@program("digits", {"one-answer", "guessing"}, slow=True)
def learning_rate_with_the_wrong_sign(X, Y, X_new):
    # right: alphas, beta = _trained(X, Y, 30, 0.03)
    alphas, beta = _trained(X, Y, 30, -0.03)
    return forward(X_new, alphas, beta, [tanh], softmax).F.argmax(axis=1)


@program("digits", {"other-names", "out-of-range"}, slow=True)
def classes_counted_from_one(X, Y, X_new):
    alphas, beta = _trained(X, Y, 30, 0.03)
    answer = forward(X_new, alphas, beta, [tanh], softmax).F.argmax(axis=1)
    # right: return answer
    return answer + 1
