# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Section 1 · The network, forwards
#
# *About 35 minutes. You need: section 0, matrix products in numpy. Nothing about neural networks.*
#
# When you are through, you can
#
# - compute what a network with one hidden layer answers, for many examples at once;
# - say with one number how wrong it is, equations (1) to (3);
# - tell biases from weights, and examples from units, by their shapes.
#
# We follow section 1 of Charpentier's paper, and the loss from the start of its section 2.
#
# **Two questions on section 0.** Answer before you open. If the cell below asks two, take those.
#
# <details><summary>A function takes an array of shape (3, 5). What shape has its gradient, and how
# many values of the function does a central difference need for it?</summary>
#
# The same shape, with a slope for each entry. Two values for each: 30.
# </details>
#
# <details><summary>In <code>alpha</code>, of shape (M, p+1), what is a row, and what stands in
# column 0?</summary>
#
# A row is a hidden unit. Column 0 holds the biases.
# </details>

# %%
from bplab import review

review(before="section_1", items=2)

# %%
import numpy as np

from bplab import check, explain, failing_case, hint, mistakes_gallery, where
from bplab import parsons, predict, progress, todo
from bplab.activations import sigmoid, tanh
from bplab.data import penguins
from bplab.plots import network_diagram, penguin_scatter

# %% [markdown]
# ## 1. What the network is to learn
#
# Kristen Gorman and her colleagues measured penguins of three species in the Antarctic: bill length
# and depth, flipper length, body mass. **Can these four numbers tell the species?**

# %%
birds = penguins()
N, p = birds.X.shape
print(
    f"{N} penguins, {p} measurements each, {birds.Y.shape[1]} species: {', '.join(birds.species)}"
)
print("The first bird:", birds.X[0], "→", birds.Y[0])
penguin_scatter(birds.X, birds.Y, birds.features, birds.species)

# %% [markdown]
# Each row of `X` is an **example**, one bird. Each row of `Y` holds its **targets**: 1 in the
# column of its species, 0 in the others.
#
# We bring every column to mean 0 and standard deviation 1, so that no measurement counts more only
# because of its unit.

# %%
X = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0)
Y = birds.Y

# %% [markdown]
# ## 2. The hidden layer
#
# Read the network from left to right.

# %%
network_diagram(p=4, M=3, K=3)

# %% [markdown]
# A **hidden unit** $m$ takes all $p$ inputs of an example, weighs them, adds a bias, and bends
# the result with an **activation function** $\sigma$:
#
# $$a_{im} = \alpha_{0m} + \sum_{l=1}^{p} \alpha_{ml}\, x_{il}, \qquad z_{im} = \sigma(a_{im}).$$
#
# The sum $a_{im}$ is the **pre-activation**. The backward pass will need it too.
#
# We keep all weights of the layer in one matrix, `alpha`:
#
# | name | shape | holds |
# |---|---|---|
# | `X` | (N, p) | one example per row |
# | `alpha` | (M, p+1) | one hidden unit per row: bias first, then p weights |
# | `A`, `Z` | (N, M) | before and after σ: one example per row, one hidden unit per column |
#
# (The paper prints $Z = (Z_1, Z_1, \dots, Z_M)$. The second should be $Z_2$.)
#
# ### A worked example
#
# One example, $x = (2, -1)$, and one hidden unit with bias $0.5$ and weights $(1, 3)$. By hand:
#
# $$a = 0.5 + 1 \cdot 2 + 3 \cdot (-1) = -0.5, \qquad z = \tanh(-0.5) \approx -0.462.$$
#
# With arrays, the weights are `alpha[:, 1:]`, the bias is `alpha[:, 0]`:

# %%
x = np.array([[2.0, -1.0]])  # (N, p) = (1, 2)
unit = np.array([[0.5, 1.0, 3.0]])  # (M, p+1) = (1, 3)

a = x @ unit[:, 1:].T + unit[:, 0]
print("a =", a, " z =", tanh(a))

# %% [markdown]
# ### Half-worked: three examples, two units
#
# **Predict** the shape of `a` first. Then fill the gaps: which part of `units` are the weights, and
# what is `a`?
# *As a puzzle: `parsons("half-hidden")`*

# %% nbgrader={"grade_id": "half-hidden", "solution": true}
prediction = predict("the shape of a", "(?, ?)")  # the shape of a, your answer here
x = np.array([[2.0, -1.0], [0.0, 1.0], [1.0, 1.0]])  # (N, p) = (3, 2)
units = np.array([[0.5, 1.0, 3.0], [-1.0, 2.0, 0.0]])  # (M, p+1) = (2, 3)
biases = units[:, 0]
# wanted: weights and a
### BEGIN SOLUTION
weights = units[:, 1:]
a = x @ weights.T + biases
### END SOLUTION
print("shape:", a.shape, "  you said:", prediction)
print("yours:  ", a.tolist())
print("by hand:", [[-0.5, 3.0], [3.5, -1.0], [4.5, 1.0]])

# %% [markdown]
# The biases have shape (2,), and numpy adds them to every row: each example meets the same units.
#
# ### Exercise `hidden`
#
# Write the hidden layer for arrays of any size. `sigma(A)` applies the activation to every entry. It
# is not always tanh.


# %% nbgrader={"grade_id": "hidden", "solution": true}
def hidden(X, alpha, sigma):
    """Return Z of shape (N, M), from X (N, p), alpha (M, p+1) and the activation sigma."""
    ### BEGIN SOLUTION
    A = X @ alpha[:, 1:].T + alpha[:, 0]
    return sigma(A)
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-hidden", "grade": true}
check("hidden", hidden)

# %% [markdown]
# *Stuck? `hint("hidden")`*
#
# ## 3. The output layer
#
# An output $k$ does with the hidden units what they do with the inputs:
#
# $$t_{ik} = \beta_{0k} + \sum_{m=1}^{M} \beta_{km}\, z_{im}, \qquad f_k(x_i) = g(t_{ik}).$$
#
# The **output function** $g$ brings the answer into the range we want. Our targets are 0 or 1, so a
# sigmoid suits.
#
# | name | shape | holds |
# |---|---|---|
# | `beta` | (K, M+1) | one output per row: bias first, then M weights |
# | `T`, `F` | (N, K) | before and after g: one output per column |
#
# ### Exercise `output`
#
# Return **both** `T` and `F`.


# %% nbgrader={"grade_id": "output", "solution": true}
def output(Z, beta, g):
    """Return T and F, both (N, K), from Z (N, M), beta (K, M+1) and g, which takes all of T."""
    ### BEGIN SOLUTION
    T = Z @ beta[:, 1:].T + beta[:, 0]
    return T, g(T)
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-output", "grade": true}
check("output", output)

# %% [markdown]
# *Stuck? `hint("output")`*
#
# ## 4. How wrong is it?
#
# For one example $i$, square the error of each output and add up:
#
# $$R(i) = \sum_{k=1}^{K} \left(y_{ik} - f_k(x_i)\right)^2. \tag{2}$$
#
# Then add up the examples. Equation (1) does it at once, (3) in two steps:
#
# $$R(\theta) = \sum_{k=1}^{K} \sum_{i=1}^{N} \left(y_{ik} - f_k(x_i)\right)^2 \tag{1}$$
#
# and
#
# $$R(\theta) = \sum_{i=1}^{N} R(i). \tag{3}$$
#
# $\theta$ stands for all weights. Many books put a $\frac12$ in front, or divide by $N$. The paper
# does *not*, and every gradient in this course follows from that.
#
# ### Predict, then run
#
# Once the paper prints the error without the square, $\sum_l (y_{il} - f_l(x_i))$. How large is the
# error of the bad answer below with the square, and how large without?

# %%
target = np.array([1.0, 0.0])
bad = np.array([0.1, 0.9])  # nearly as wrong as it can be
print("with the square:   ", np.sum((target - bad) ** 2))
print("without the square:", np.sum(target - bad))

# %% [markdown]
# Without the square, errors of opposite sign cancel, and the worst network can look perfect. It is
# a misprint.
#
# ### Exercise `eq2`: one number for each example


# %% nbgrader={"grade_id": "eq2", "solution": true}
def loss_per_example(Y, F):
    """Return R(i) for every example: shape (N,), from Y and F of shape (N, K)."""
    ### BEGIN SOLUTION
    return np.sum((Y - F) ** 2, axis=1)
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq2", "grade": true}
check("eq2", loss_per_example)

# %% [markdown]
# *Stuck? `hint("eq2")`*
#
# ### Exercise `eq1`: one number for all of them


# %% nbgrader={"grade_id": "eq1", "solution": true}
def loss(Y, F):
    """Return R(θ), one number, from Y and F of shape (N, K)."""
    ### BEGIN SOLUTION
    return np.sum((Y - F) ** 2)
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq1", "grade": true}
check("eq1", loss)

# %% [markdown]
# *Stuck? `hint("eq1")`*
#
# ## 5. Your network meets the penguins
#
# Your four functions are a whole network, with random weights. **Predict first**: what share of the
# birds will it get right?

# %% tags=["raises-exception"]
prediction = predict("the share of birds named correctly", "… %")  # your number here

rng = np.random.default_rng(1)
M, K = 6, Y.shape[1]
alpha = rng.standard_normal((M, p + 1)) / np.sqrt(p)
beta = rng.standard_normal((K, M + 1)) / np.sqrt(M)

Z = hidden(X, alpha, tanh)
T, F = output(Z, beta, sigmoid)

right = np.mean(F.argmax(axis=1) == Y.argmax(axis=1))
print(f"R(θ) = {loss(Y, F):.1f}, and {right:.0%} of the birds are named correctly")
print("You said:", prediction)

# %% [markdown]
# Random weights guess. How should every weight change to make R(θ) smaller? That is what
# back-propagation tells.
#
# ## 6. Mistakes at work
#
# Training moves all weights a little, again and again, so that R(θ) falls; each time is an *epoch*.
# Here six mistakes train a network; dashed, the right layer. **Which curve is which?** Put a name for
# each letter into `answers`, and run the cell again.

# %%
answers = {"A": "…", "B": "…", "C": "…", "D": "…", "E": "…", "F": "…"}
names = [
    "weights-not-transposed",
    "bias-missing",
    "no-sigma",
    "assumes-tanh",
    "sigma-prime-for-sigma",
]
mistakes_gallery("hidden", [*names, "examples-reversed"], hide=True, answers=answers)

# %% [markdown]
# **A bug hunt.** Somebody's network stops at R(θ) ≈ 217. A network that gives every bird the same
# answer, the share of each species, would be at 217.6. Which of the six is it, and why does it stop
# just there?
#
# <details><summary>The answer</summary>
#
# `examples-reversed`. Row i of Z belongs to another bird than row i of Y, so its measurements say
# nothing about the species. All that is left is to answer with the shares. A loss that stops at that
# number says: inputs and targets do not belong together.
#
# (A `sigma-prime-for-sigma`, B `bias-missing`, C `weights-not-transposed`, D `assumes-tanh`, E
# `no-sigma`, F `examples-reversed`.)
# </details>
#
# Most of the others learn, and one curve is that of the right layer. A curve that falls proves
# little: compare with something independent.
#
# ## 7. Do you remember?
#
# <details><summary>Where in <code>alpha</code> is the bias of hidden unit 3?</summary>
#
# In `alpha[2, 0]`: one unit per row (counted from 0), the bias first.
# </details>
#
# <details><summary>Why do we keep T, when the network's answer is F?</summary>
#
# The backward pass multiplies by $g'(T)$.
# </details>
#
# <details><summary>You double the number of birds. What happens to R(θ), roughly?</summary>
#
# It doubles: it is a sum, not a mean.
# </details>
#
# ## To take away
#
# - A layer is: bias plus weighted sum, then an activation.
# - Examples are rows; in `alpha` and `beta` a unit is a row, bias first.
# - R(θ) is the sum of squared errors, and nothing else.
#
# Next: **section 2.1**, where the network learns.

# %%
progress()
