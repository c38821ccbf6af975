# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Capstone · Digits, recognised by your own network
#
# *About 40 minutes. You need: all sections, above all section 3.*
#
# When you are through, you can
#
# - split data into training, validation and test set, and say what each is for;
# - train a deep network in small steps, with your own gradients;
# - have it read handwriting that it has never seen: 95 of 100 digits;
# - say which digits it confuses, and what depth, width and γ change.
#
# No equation is new: all are of Charpentier's paper.
#
# **Two questions on section 4.** Answer before you open. If the cell below asks two, take those.
#
# <details><summary>Ten classes, of which exactly one is right. Which output function?</summary>
#
# Softmax: ten positive numbers that sum to 1.
# </details>
#
# <details><summary>Why are hidden units rarely sigmoids where there are many layers?</summary>
#
# Every layer multiplies s by σ′, for a sigmoid 1/4 at most. Soon hardly anything is left.
# </details>

# %%
from bplab import review

review(before="capstone", items=2)

# %%
import time

import numpy as np

from bplab import (
    Risk,
    board,
    check,
    check_gradient,
    deep,
    failing_case,
    hint,
    initial_weights,
    where,
)
from bplab import explain, mine, parsons, predict, progress, todo
from bplab.activations import relu, sigmoid, softmax, tanh
from bplab.data import digits
from bplab.losses import loss
from bplab.plots import confusion_table, digit_images, loss_curves, weight_images
from bplab.widgets import read_digit

# %% [markdown]
# ## 1. The digits
#
# 1,797 handwritten digits, 8 × 8 pixels each (by E. Alpaydin and C. Kaynak, licence CC BY 4.0). A row of
# `X` is an image, read line by line: $p = 64$ inputs from 0 (paper) to 1 (ink). A row of `Y` has a 1 in
# the column of its digit, so $K = 10$; `digit` holds the same as a number.

# %%
X, Y, digit = digits()
print("X", X.shape, " Y", Y.shape, " digit", digit.shape)
print((16 * X[3]).reshape(8, 8).astype(int), "is a", digit[3])
print("target", Y[3])
some = np.array([np.flatnonzero(digit == k)[:3] for k in range(10)]).T.ravel()
digit_images(X[some], [str(k) for k in digit[some]], title="Three of each digit")

# %% [markdown]
# ## 2. Three sets
#
# A network may learn its examples by heart. So the digits are shuffled, and split once:
#
# | set | digits | what for |
# |---|---|---|
# | **training** | 1,197 | the gradients see only these |
# | **validation** | 300 | comparing networks: widths, γ, when to stop |
# | **test** | 300 | one look, at the very end |
#
# Why three? Try twenty networks, keep the best on the validation set, and its number is too good: you
# chose it *because* of these 300. The test set has no part in any choice.

# %%
shuffled = np.random.default_rng(0).permutation(len(X))
train, validation, test = shuffled[:1197], shuffled[1197:1497], shuffled[1497:]
print([len(rows) for rows in (train, validation, test)])

# %% [markdown]
# ## 3. Your network
#
# `mine` has your functions that passed: `hidden` and `output` of section 1 go forward, `hidden_deltas` and
# `backward` of section 3 go back.

# %%
hidden, output = mine.hidden, mine.output
hidden_deltas, backward = mine.hidden_deltas, mine.backward


def forward_pass(X, alphas, beta, sigmas, g):
    Z = [X]
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        Z.append(hidden(Z[-1], alpha, sigma))
    return Z[1:], *output(Z[-1], beta, g)


def gradients(X, Y, alphas, beta):
    return backward(X, Y, alphas, beta, [tanh] * len(alphas), softmax)


print(mine.whose("hidden", "output", "hidden_deltas", "backward"))


# %% [markdown]
# Two hidden layers, 64-32-16-10: 2,778 weights. Are all their gradients right? `Risk` is R(θ) on given
# data, as a function of the weights. With `fast=True`, `check_gradient` compares along random
# directions, and looks at single entries only if something is wrong.

# %%
alphas, beta = initial_weights(p=64, M=[32, 16], K=10, seed=0)
few = train[:100]
R = Risk(X[few], Y[few], tanh, softmax)
by_alphas, by_beta = gradients(X[few], Y[few], alphas, beta)
print(check_gradient(R, [*by_alphas, by_beta], [*alphas, beta], fast=True))

spoilt = by_beta.copy()
spoilt[7, 3] *= 1.01  # one entry of 2,778, off by one per cent
print(check_gradient(R, [*by_alphas, spoilt], [*alphas, beta], fast=True))

# %% [markdown]
# ## 4. Before it learns
#
# **Predict, then run**: with random weights, what share will it name correctly? And what is R for an
# image if all ten outputs are 0.1?

# %%
prediction = predict("before it learns: named correctly, and R", "…")  # your two numbers here
outputs = forward_pass(X[train], alphas, beta, [tanh, tanh], softmax)[-1]
print("You said:", prediction)
print(f"named correctly: {np.mean(outputs.argmax(axis=1) == digit[train]):.1%}")
print(f"R per image:     {loss(Y[train], outputs) / len(train):.3f}")

# %% [markdown]
# About one in ten, by chance. And $0.9^2 + 9 \cdot 0.1^2 = 0.9$, which is the loss of a network
# that knows nothing. A training that stands at 0.9 and 10 % has not begun.
#
# ## 5. In small steps
#
# Equations (12) and (13) sum over *all* examples before a weight moves once. But a sum over 32
# digits points in nearly the same direction, and costs a fraction. So: shuffle, cut into
# **batches**, and update after each. One walk through all batches is an **epoch**. Fill the gap: the next
# three of `rows`, or what is left.
# *As a puzzle: `parsons("half-one-epoch")`*

# %% nbgrader={"grade_id": "half-one-epoch", "solution": true}
rows = np.array([4, 0, 6, 2, 5, 1, 3])
pieces = []
for start in range(0, 7, 3):
    # piece = the next rows
    ### BEGIN SOLUTION
    piece = rows[start : start + 3]
    ### END SOLUTION
    pieces.append(piece.tolist())
print("yours:  ", pieces)
print("by hand: [[4, 0, 6], [2, 5, 1], [3]]")

# %% [markdown]
# ### Exercise `one-epoch`
#
# `order` is a permutation of the N rows, `size` the number of examples in a batch.
# `gradients(X, Y, alphas, beta)` gives the gradients, **summed** over the examples that it gets: with
# respect to the alphas, a sequence, and to beta. Each batch starts from the weights that the last one
# left. Return new weights; leave the given ones as they are. *Stuck? `hint("one-epoch")`*


# %% nbgrader={"grade_id": "one-epoch", "solution": true}
def one_epoch(X, Y, alphas, beta, gradients, gamma, order, size):
    """Return the alphas, D of (M_d, M_{d-1}+1), and beta (K, M_D+1), after one epoch."""
    ### BEGIN SOLUTION
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        by_alphas, by_beta = gradients(X[batch], Y[batch], alphas, beta)
        alphas = [w - gamma * slope for w, slope in zip(alphas, by_alphas, strict=True)]
        beta = beta - gamma * by_beta
    return alphas, beta
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-one-epoch", "grade": true}
check("one-epoch", one_epoch)

# %% [markdown]
# **Predict, then run**: an epoch costs the same multiplications, in batches or at once. Which is
# ahead after 20 epochs? (R is a sum, so the whole set needs a smaller γ.)

# %% tags=["raises-exception"]
curves = {}
for size, gamma in ((32, 0.02), (1197, 0.001), (1197, 0.002)):
    shuffle, weights, losses = np.random.default_rng(0), (alphas, beta), []
    for _ in range(21):
        F = forward_pass(X[train], *weights, [tanh, tanh], softmax)[-1]
        losses.append(loss(Y[train], F) / len(train))
        walk = shuffle.permutation(len(train))
        weights = one_epoch(X[train], Y[train], *weights, gradients, gamma, walk, size)
    curves[f"{size} per batch, γ = {gamma}"] = losses
loss_curves(curves, title="R per image, on the training set")

# %% [markdown]
# 38 steps per epoch against one. And with the whole set, γ cannot be larger: at 0.002 it jumps.
#
# ## 6. The challenge
#
# All in one function: it trains a network with **at least two hidden layers**, from random weights, and
# names the digits in new images. `check` gives it 1,347 digits, keeps 450 back, and wants **95 %** of these
# right, within 60 seconds. Then it calls you again, with other names for the digits: learn from `X` and
# `Y` alone. Grading splits the digits in another way, which may be harder, and 93 % will do.
#
# To start from: layers of 32 and 16, tanh, batches of 32, γ = 0.02. *Stuck? `hint("digits")`*


# %% nbgrader={"grade_id": "digits", "solution": true}
def recognise(X, Y, X_new):
    """Return the digit in each row of X_new, integers (N_new,), learned from X and Y (N, 10)."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(seed=0)
    layers, top = initial_weights(p=X.shape[1], M=[32, 16], K=Y.shape[1], seed=0)
    for _ in range(40):
        layers, top = one_epoch(X, Y, layers, top, gradients, 0.02, rng.permutation(len(X)), 32)
    return forward_pass(X_new, layers, top, [tanh, tanh], softmax)[-1].argmax(axis=1)
    ### END SOLUTION


# %% [markdown]
# Try it on the validation set, as often as you like.

# %% tags=["raises-exception"]
began = time.perf_counter()
answers = recognise(X[train], Y[train], X[validation])
right = np.mean(answers == digit[validation])
print(f"{right:.1%} of the validation set, in {time.perf_counter() - began:.1f} s")

# %% nbgrader={"grade_id": "test-digits", "grade": true}
check("digits", recognise)

# %% [markdown]
# ### Draw a digit, and your network answers
#
# And which pixels speak for a 7? The derivatives of $f_7$ tell. Send the delta of $f_7$, not of the loss,
# down to $s^{(1)}$ as in (17), and once more, through the first layer:
#
# $$\frac{\partial f_k}{\partial x_l} = \sum_m s_m^{(1)}\, \alpha_{ml}^{(1)}$$
#
# **Predict, then draw**: a 7. Where would more ink speak against it?

# %%
yours = initial_weights(p=64, M=[32, 16], K=10, seed=0)


def network(images):
    return forward_pass(images, *yours, [tanh, tanh], softmax)[-1]


def by_pixels(images, k):
    Z, T, _ = forward_pass(images, *yours, [tanh, tanh], softmax)
    A = [w[:, 0] + z @ w[:, 1:].T for w, z in zip(yours[0], [images, Z[0]], strict=True)]
    delta = softmax.pull_back(np.eye(10)[[k] * len(images)], T)  # of f_k
    first = hidden_deltas(delta, *yours, A, [tanh, tanh])[0]
    return first @ yours[0][0][:, 1:]


# %% tags=["raises-exception"]
shuffle = np.random.default_rng(0)
for _ in range(30):
    walk = shuffle.permutation(len(train))
    yours = one_epoch(X[train], Y[train], *yours, gradients, 0.02, walk, 32)

read_digit(network, gradient=by_pixels)

# %% [markdown]
# Your drawing becomes 8 × 8 pixels as the data did, but nobody there drew with a mouse. What does it
# say to a face? It has no way to say "none of these".
#
# The first layer's 32 units are all that it has of an image:

# %% tags=["raises-exception"]
weight_images(yours[0][0], title="What each unit looks at: full for, empty against")

# %% [markdown]
# **Predict**: what do the twelve validation digits look like whose right answer it finds least likely?
# Could you read them?

# %% tags=["raises-exception"]
F = network(X[validation])
sure = F[np.arange(len(F)), digit[validation]]
hardest = sure.argsort()[:12]
captions = [f"{digit[validation][i]}: {sure[i]:.0%}, read {F[i].argmax()}" for i in hardest]
digit_images(X[validation][hardest], captions, columns=6, title="The hardest twelve")

# %% [markdown]
# ## 7. What is taken for what
#
# The **confusion matrix** has a row for each actual class and a column for what it was taken for. A
# worked example: `actual` is 0, 0, 1, 2, 2, 2, and `predicted` is 0, 1, 1, 2, 0, 2.
#
# | counts | 0 | 1 | 2 |
# |---|---|---|---|
# | **0** | 1 | 1 | 0 |
# | **1** | 0 | 1 | 0 |
# | **2** | 1 | 0 | 2 |
#
# ### Exercise `confusion`
#
# A class that does not occur keeps its row and its column of zeros. *Stuck? `hint("confusion")`*


# %% nbgrader={"grade_id": "confusion", "solution": true}
def confusion_matrix(actual, predicted, K):
    """Return counts (K, K): counts[a, b] examples of class a were taken for class b."""
    ### BEGIN SOLUTION
    counts = np.zeros((K, K), dtype=int)
    for a, b in zip(actual, predicted, strict=True):
        counts[a, b] += 1
    return counts
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-confusion", "grade": true}
check("confusion", confusion_matrix)

# %% [markdown]
# **Predict, then run**: which two digits does your network confuse most?

# %% tags=["raises-exception"]
answers = recognise(X[train], Y[train], X[validation])
table = confusion_matrix(digit[validation], answers, 10)
confusion_table(table, title="Validation set: mistakes are framed")


# %% [markdown]
# ## 8. What makes the difference?
#
# A workbench: the share of right answers on the validation set, and R per image on the training set, in
# 20 epochs of your `one_epoch`.


# %%
def bench(widths=(32, 16), sigma=tanh, gamma=0.02, targets=Y, loss_name="squared"):
    def slopes(X, Y, alphas, beta):
        sigmas = [sigma] * len(alphas)
        if loss_name == "squared":
            return backward(X, Y, alphas, beta, sigmas, softmax)
        return deep.backward(X, Y, alphas, beta, sigmas, softmax, loss=loss_name)

    rng = np.random.default_rng(0)
    weights = initial_weights(p=64, M=list(widths), K=10, seed=0)
    history = []
    for _ in range(20):
        steps = rng.permutation(len(train))
        weights = one_epoch(X[train], targets[train], *weights, slopes, gamma, steps, 32)
        seen, new = (
            forward_pass(X[rows], *weights, [sigma] * len(weights[0]), softmax)[-1]
            for rows in (train, validation)
        )
        history.append(np.mean(new.argmax(axis=1) == digit[validation]))
    return history, loss(targets[train], seen) / len(train), weights


# %% [markdown]
# **Predict first**, a share for each row of `settings`: does a wider, a deeper network do better? Which
# rows will stand at 10 %?

# %% tags=["raises-exception"]
prediction = predict("the seven shares", "…")  # your seven shares here
settings = [  # hidden layers, σ, γ
    ([32, 16], tanh, 0.02),
    ([8], tanh, 0.02),
    ([128], tanh, 0.02),
    ([32, 32, 32, 32], relu, 0.02),
    ([32, 32, 32, 32], sigmoid, 0.02),
    ([32, 16], tanh, 0.001),
    ([32, 16], tanh, 0.2),
]
print("You said:", prediction)
print("row  layers      σ       γ      right       R")
for row, (widths, sigma, gamma) in enumerate(settings, start=1):
    history, R_train, _ = bench(widths, sigma, gamma)
    layers = "-".join(map(str, widths))
    print(f"{row:3}  {layers:12}{sigma.name:8}{gamma:<5}{history[-1]:7.1%} {R_train:7.3f}")

# %% [markdown]
# - **Shape** hardly matters for images this small: a point more or less is chance, with 300 digits.
# - **Four sigmoid layers** have not begun: the gradient vanishes. ReLU keeps it.
# - **γ** matters most. Too small, and 20 epochs are not enough. Too large, and the first steps drive
#   softmax into a corner: sure, wrong, and without a slope.
#
# ### Another loss
#
# **Predict first**: is cross-entropy, of section 2.2, better at the end, or sooner there?

# %% tags=["raises-exception"]
prediction = predict("cross-entropy", "…")  # your word here
print("You said:", prediction)
print("after epoch       1     2     5    10    20")
for name in ("squared", "cross-entropy"):
    history, *_ = bench(gamma=0.01, loss_name=name)
    print(f"{name:13}", *(f"{history[epoch - 1]:.1%}" for epoch in (1, 2, 5, 10, 20)))

# %% [markdown]
# Sooner. Its delta, $F - Y$, is large wherever the network is wrong. In the end it is much the same.
#
# ### A bug hunt
#
# A friend's loss falls, and the gradients are right. Yet the validation set stays at 10 %. What has
# happened?

# %% tags=["raises-exception"]
mixed = Y.copy()
mixed[train] = Y[np.random.default_rng(1).permutation(train)]
history, R_train, _ = bench(targets=mixed, gamma=0.05)
print(f"R per image: from 0.9 to {R_train:.3f}")
print(f"right on the validation set: {history[-1]:.1%}")

# %% [markdown]
# <details><summary>Answer</summary>
#
# Inputs and targets were shuffled separately. The network slowly learns by heart a link that does
# not exist. Only digits that it has not learned from show it.
# </details>
#
# ### An open end
#
# How few weights read 95 %? How far does a second of training go? Change what you like, name the run, and
# it goes on the board of your own runs.

# %% tags=["raises-exception"]
began = time.perf_counter()
history, _, weights = bench((32, 16), tanh, 0.02)
taken = time.perf_counter() - began
size = sum(layer.size for layer in (*weights[0], weights[1]))
board("32-16, tanh, γ = 0.02", accuracy=history[-1], parameters=size, seconds=taken)

# %% [markdown]
# ## 9. The test set, once
#
# Done choosing? Then train on all that is not for testing, and look.

# %% tags=["raises-exception"]
known = np.concatenate([train, validation])
answers = recognise(X[known], Y[known], X[test])
print(f"test set: {np.mean(answers == digit[test]):.1%}")

# %% [markdown]
# The digits are by 13 people. We shuffled, so everybody is in every set. In the file, neighbours look as
# if by one hand. Now hold its *last* 300 rows back. **Predict first**: the same share?

# %% tags=["raises-exception"]
prediction = predict("the last 300 rows", "…")  # your share here
answers = recognise(X[:-300], Y[:-300], X[-300:])
print("You said:", prediction)
print(f"the last 300 rows: {np.mean(answers == digit[-300:]):.1%}")

# %% [markdown]
# It seems that the network has hardly met these writers. A random split asks how well it reads
# people that it knows. To ask about others, hold back everything that some people wrote.
#
# ## 10. Do you remember the course?
#
# <details><summary>What does back-propagation save, compared with summing over all paths?</summary>
#
# All paths through a unit share what comes after it: one matrix product per layer.
# </details>
#
# <details><summary>You read a gradient in a book. How do you find out whether it is right?</summary>
#
# Finite differences of the loss, entry by entry, on a case that hides no mistake: N > 1, all sizes
# different, biases not zero.
# </details>
#
# ## To take away: the course on one page
#
# | step | what it is | in the paper |
# |---|---|---|
# | forward | $a^{(d)} = \alpha^{(d)} z^{(d-1)}$, $z = \sigma(a)$, $t = \beta z^{(D)}$, $f = g(t)$ | sections 1, 3, 4 |
# | loss | $R = \sum_i \sum_k (y_{ik} - f_k)^2$ | (1) to (3) |
# | **residual** | $-2\,(y - f)$ | in (4), (8) |
# | **output delta** | residual · $g'(t)$; residual through the whole Jacobian | (6); (10) |
# | **weight gradient** | delta · what the weight multiplied | (4), (6), (8), (14), (16) |
# | **send back** | $\sum_k \delta_k\, \beta_{km}$, then $\sum_k s_k^{(d+1)} \alpha_{km}^{(d+1)}$ | (5), (7), (9), (11); (17) |
# | **hidden delta** | what was sent back · $\sigma'(a)$ | (15) to (18) |
# | update | old weight − γ · gradient | (12), (13) |
#
# - Check a gradient before you train; after it, the accuracy on digits held back.
# - Start at random, step in batches, choose γ first, by factors of 2.
# - A test set answers the question that its split asks.
#
# ### Where to go from here
#
# - **Better steps**: momentum and Adam change what is done with the gradient, not the gradient.
# - **Less overfitting**: early stopping; weight decay; images moved by a pixel, as new examples.
# - **Other layers**: in a convolution many edges share a weight. Its gradient is a sum over them.
#
# Your network reads handwriting, and nothing in it is a mystery to you. Well done.
#
# Next: **beyond**, if you like: automatic differentiation in forty lines.

# %%
progress()
