# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Section 2.2 · Every output looks at all of t
#
# *About 40 minutes. You need: section 2.1, and your functions from it.*
#
# When you are through, you can
#
# - write down the Jacobian of softmax, and compute with it the gradients (8) to (11);
# - tell by its symptom a gradient that is zero, a third off, or of another loss;
# - train a network with softmax on real data, with your own gradients.
#
# We follow section 2.2 of Charpentier's paper.
#
# **Two questions on section 2.1.** Answer before you open. If the cell below asks two, take those.
#
# <details><summary>What are the five steps of a backward pass, in order?</summary>
#
# residual → output delta → weight gradient → send back → hidden delta.
# </details>
#
# <details><summary>Which outputs does β_km reach when g is elementwise?</summary>
#
# Output k alone, so (4) has no sum over the outputs. Here that ends.
# </details>

# %%
from bplab import review

review(before="section_2_2", items=2)

# %%
import numpy as np

from bplab import check, check_gradient, failing_case, hint, initial_weights, mistakes_gallery
from bplab import explain, network, parsons, predict, progress, todo, train, where
from bplab.activations import sigmoid, softmax, tanh
from bplab.data import penguins
from bplab.losses import cross_entropy, loss
from bplab.network import forward
from bplab.plots import jacobian_heatmap, loss_curves, output_paths
from bplab.widgets import learning_rate
from bplab.widgets import softmax as softmax_panel

# %% [markdown]
# ## 1. Outputs that share
#
# Sigmoid outputs know nothing of each other: they may call a bird 90 % Adelie *and* 80 % Gentoo. So:
#
# > **Softmax** lets the outputs share 1: $f_k = g_k(t) = e^{t_k} / (e^{t_1} + \dots + e^{t_K})$.
# > Every output is positive, and each row of F sums to 1.
#
# The price: $t_k$ stands in **every** denominator. Here is one weight's path, for an elementwise $g$
# and then for softmax.

# %%
output_paths("elementwise", follow="beta")

# %%
output_paths("softmax", follow="beta")

# %% [markdown]
# One edge left $t_1$ in section 2.1; now there are $K$.
#
# ### Predict, then run
#
# Let $t = (2, 1, 0)$. We push $t_1$ up by 0.1. Do $f_2$ and $f_3$ rise, fall, or stand still? Does
# one change more?

# %%
prediction = predict("what the outputs do", "…")  # your words here
t = np.array([2.0, 1.0, 0.0])
before, after = softmax(t), softmax(t + np.array([0.1, 0, 0]))
print("before:", before.round(3))
print("after: ", after.round(3))
print("change:", (after - before).round(4))
print("you said:", prediction)

# %% [markdown]
# ## 2. The Jacobian of softmax
#
# How fast does $f_l$ change with $t_k$? Write $S$ for the denominator, so $f_l = e^{t_l} / S$.
#
# - **l = k**: $t_k$ is in both numerator and denominator. The quotient rule gives
#   $(e^{t_k} S - e^{t_k} e^{t_k}) / S^2 = f_k - f_k^2$.
# - **l ≠ k**: it is in the denominator only, which gives $-\,e^{t_l} e^{t_k} / S^2 = -f_l f_k$.
#
# These $K \times K$ rates of one example are the **Jacobian** of $g$:
#
# $$\frac{\partial f_l}{\partial t_k} = \begin{cases} f_k (1 - f_k) & \text{if } l = k \\
# -f_l f_k & \text{if } l \neq k \end{cases}$$
#
# (The paper writes $g_l'(\beta_k^T z_i)$ for it.) By hand, for $K = 2$, $t = (\ln 3, 0)$: exponentials 3 and 1, so $f = (\tfrac34, \tfrac14)$, and
#
# | | with respect to $t_1$ | with respect to $t_2$ | sum |
# |---|---|---|---|
# | $f_1$ | $\tfrac34 \cdot \tfrac14 = 0.1875$ | $-\tfrac34 \cdot \tfrac14 = -0.1875$ | 0 |
# | $f_2$ | $-\tfrac14 \cdot \tfrac34 = -0.1875$ | $\tfrac14 \cdot \tfrac34 = 0.1875$ | 0 |
#
# **Each column sums to zero**: what one output gains the others lose. **Each row sums to zero**: add
# the same number to all $t_k$, and nothing changes.

# %%
jacobian_heatmap(softmax.jacobian(t), title="softmax at t = (2, 1, 0)")

# %% [markdown]
# `g.jacobian(T)` has shape (N, K, K): a matrix for each example, with ∂f_l/∂t_k in `[i, l, k]`.
#
# ## 3. The weights of the output layer: equation (8)
#
# Follow $\beta_{km}$ through the second figure.
#
# 1. $t_{ik}$ changes $z_{im}$ times as fast.
# 2. **Every** $f_l$ changes $\partial f_l / \partial t_k$ times as fast as $t_{ik}$.
# 3. $R(i)$ changes $-2\,(y_{il} - f_l)$ times as fast as $f_l$.
#
# The rates of all $K$ paths add up:
#
# $$\frac{\partial R_i}{\partial \beta_{km}} = -2 \sum_{l=1}^{K} (y_{il} - f_l(x_i))\;
# \frac{\partial g_l}{\partial t_k}(t_i)\; z_{im} \tag{8}$$
#
# ### A worked example
#
# The example from above, $f = (\tfrac34, \tfrac14)$, with the target $y = (0, 1)$, and one hidden
# unit (tanh) with $z = 0.5$ and weights $0.4$ and $-0.6$ to the outputs.
#
# | step | number |
# |---|---|
# | residual | $-2\,(0 - \tfrac34) = 1.5$ and $-2\,(1 - \tfrac14) = -1.5$ |
# | output delta | $\delta_1 = 1.5 \cdot 0.1875 + (-1.5)(-0.1875) = 0.5625$, and $\delta_2 = -0.5625$ |
# | weight gradient | for $k = 1$: bias $0.5625$, weight $0.5625 \cdot 0.5 \approx 0.281$ |
# | send back | $0.5625 \cdot 0.4 + (-0.5625)(-0.6) = 0.5625$ |
# | hidden delta | $\sigma' = 1 - 0.5^2 = 0.75$, so $0.5625 \cdot 0.75 \approx 0.422$ |
#
# Section 2.1's delta, $1.5 \cdot f_1 (1 - f_1) \approx 0.281$, is half of what is right.
#
# ### Half of it is yours
#
# One example with $K = 3$. Fill the two gaps.
# *As a puzzle: `parsons("half-eq8")`*

# %% nbgrader={"grade_id": "half-eq8", "solution": true}
f, y = np.array([0.5, 0.3, 0.2]), np.array([0.0, 1.0, 0.0])
d = -2 * (y - f)  # residual
J = np.diag(f * (1 - f))  # the diagonal is there already
delta = np.zeros(3)
for k in range(3):
    for j in range(3):  # j is the l of (8): in code an l looks like a 1
        if j != k:  # J[j, k] is how fast f_j changes with t_k
            ### BEGIN SOLUTION
            J[j, k] = -f[j] * f[k]
            ### END SOLUTION
for k in range(3):  # output delta: add up over all j what d[j] and J[j, k] give together
    ### BEGIN SOLUTION
    delta[k] = sum(d[j] * J[j, k] for j in range(3))
    ### END SOLUTION

h, moves = 1e-6, np.eye(3)
t3 = np.log(f)  # softmax(log f) = f
slopes = [sum((y - softmax(t3 + h * m)) ** 2 - (y - softmax(t3 - h * m)) ** 2) for m in moves]
print("yours:             ", delta.round(6))
print("finite differences:", np.round(np.array(slopes) / (2 * h), 6))

# %% [markdown]
# The two lines should be equal. (And delta sums to zero, since the Jacobian's rows do.)
#
# ### Exercise `eq8`
#
# Write equation (8), summed over the examples. Now `g` is softmax: build on `F`, or on
# `g.jacobian(T)`.
# *Stuck? `hint("eq8")`*


# %% nbgrader={"grade_id": "eq8", "solution": true}
def grad_beta(Y, A, Z, T, F, g):
    """Return the gradient with respect to beta, shape (K, M+1): equation (8) summed over i."""
    ### BEGIN SOLUTION
    D = -2 * (Y - F)  # residual: (N, K)
    delta = np.einsum("il,ilk->ik", D, g.jacobian(T))  # output delta: the sum runs over l
    ones_Z = np.column_stack([np.ones(len(Z)), Z])
    return delta.T @ ones_Z  # weight gradient
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq8", "grade": true}
check("eq8", grad_beta)

# %% [markdown]
# ## 4. Two wrong turns
#
# The next cell lets us choose a network's **delta**; all that follows from delta is right.

# %%
birds = penguins()
X = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0)
Y = birds.Y
alpha, beta = initial_weights(p=4, M=6, K=3, seed=0)
stored = forward(X, alpha, beta, tanh, softmax)  # A, Z, T, F


def R(weights):
    return loss(Y, forward(X, *weights, tanh, softmax).F)


def with_delta(formula):  # formula(E, F, J): E is Y − F, J the Jacobians
    def gradients(X, Y, alpha, beta, sigma, g):
        A, Z, T, F = forward(X, alpha, beta, sigma, g)
        delta = formula(Y - F, F, g.jacobian(T))
        by_alpha = network.backward_hidden(X, A, Z, delta, beta, sigma)
        return by_alpha, np.insert(delta.T @ Z, 0, delta.sum(axis=0), axis=1)

    return gradients


# %% [markdown]
# ### Section 2.1's formula
#
# Softmax has no `g.derivative`. Suppose somebody takes the diagonal $f_k (1 - f_k)$, as for the
# sigmoid. How wrong is the gradient?

# %%
diagonal = with_delta(lambda E, F, J: -2 * E * F * (1 - F))
right = network.grad_beta(Y, *stored, softmax)
wrong = diagonal(X, Y, alpha, beta, tanh, softmax)[1]
print(f"off by {np.linalg.norm(wrong - right) / np.linalg.norm(right):.0%}")

# %% [markdown]
# ### A misprint, caught
#
# In the last line before (8) the paper prints $(y_{ik} - f_k)$ inside the sum over $l$, where
# $(y_{il} - f_l)$ is right. Then the bracket comes out of the sum, and leaves a column of the
# Jacobian inside. What do you expect?

# %% tags=["raises-exception"]
printed = with_delta(lambda E, F, J: -2 * E * J.sum(axis=1))  # the sum over l is J's alone
by_printed = printed(X, Y, alpha, beta, tanh, softmax)[1]
print(f"largest, as printed: {np.abs(by_printed).max():.1e}  right: {np.abs(right).max():.1f}")
print("printed:", check_gradient(lambda beta: R((alpha, beta)), by_printed, beta), sep="\n")
by_mine = grad_beta(Y, *stored, softmax)  # and yours
print("yours:", check_gradient(lambda beta: R((alpha, beta)), by_mine, beta), sep="\n")

# %% [markdown]
# Zero, up to rounding: each column of the Jacobian sums to zero.
#
# ### Predict, then run
#
# We train with each delta. **Predict** for each: does the loss fall, climb, or stand still?

# %%
predictions = {"right": "…", "diagonal only": "…", "as printed": "…"}  # your words here
deltas = {"right": network.backward, "diagonal only": diagonal, "as printed": printed}
curves = {}
for name, gradients in deltas.items():
    run = train(X, Y, alpha, beta, tanh, softmax, gamma=0.002, epochs=300, gradients=gradients)
    curves[name] = run.losses
    print(f"{name}: you said {predictions[name]}; R(θ): {run.losses[0]:.1f} → {run.losses[-1]:.1f}")
loss_curves(curves, title="Penguins, softmax, γ = 0.002")

# %% [markdown]
# With the misprint the network never learns: easy to notice. The diagonal is harder: a gradient more
# than a third off, and yet the loss falls, only more slowly. **A falling curve proves nothing**.
#
# ### What the diagonal does not see
#
# One example, of class 3. Below its Jacobian stand δ by all of it, and by its diagonal only; here its
# signs are right. **Guess, then move $t_2$**: where does the diagonal push a $t$ the *wrong way*, and
# which one?

# %%
softmax_panel(state="t1=2,t2=2,t3=-2,target=3")

# %% [markdown]
# <details><summary>Answer</summary>
#
# Everywhere but at t₂ = 2. Below it, t₂ is pushed down, and should go up: that takes from f₁, which
# is even more wrong. Above it, the same with t₁. **Which outputs gain what one loses** stands off the
# diagonal.
# </details>
#
# ## 5. The weights of the hidden layer: equation (9)

# %%
output_paths("softmax", follow="alpha")

# %% [markdown]
# $\alpha_{ml}$ moves one hidden unit, the unit moves every $t_k$, and every $t_k$ moves every
# $f_j$. All the paths add up, so there are two sums:
#
# $$\frac{\partial R_i}{\partial \alpha_{ml}} = -2 \sum_{k=1}^{K} \sum_{j=1}^{K}
# (y_{ij} - f_j(x_i))\; \frac{\partial g_j}{\partial t_k}(t_i)\; \beta_{km}\; \sigma'(a_{im})\;
# x_{il} \tag{9}$$
#
# (The paper prints the inner sum as $\sum_{i=1}^{K}$. But $i$ is the example. The sum runs over the
# outputs $j$.) Do the inner sum first: it is the output delta of (8). What is left is (5).
#
# ### Exercise `eq9`
#
# Write equation (9), summed over the examples.
# *Stuck? `hint("eq9")`*


# %% nbgrader={"grade_id": "eq9", "solution": true}
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    """Return the gradient with respect to alpha, shape (M, p+1): equation (9) summed over i."""
    ### BEGIN SOLUTION
    delta = np.einsum("ij,ijk->ik", -2 * (Y - F), g.jacobian(T))  # residual, output delta
    back = delta @ beta[:, 1:]  # send back, without the bias
    s = back * sigma.derivative(A)  # hidden delta
    return s.T @ np.column_stack([np.ones(len(X)), X])  # weight gradient
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq9", "grade": true}
check("eq9", grad_alpha)

# %% [markdown]
# ## 6. All of the difference is in delta: equations (10) and (11)
#
# The common factor gets its name:
#
# $$\delta_{ki} = \frac{\partial R_i}{\partial t_{ik}} = -2 \sum_{l=1}^{K} (y_{il} - f_l(x_i))\;
# \frac{\partial g_l}{\partial t_k}(t_i), \qquad
# \frac{\partial R_i}{\partial \beta_{km}} = \delta_{ki}\; z_{im} \tag{10}$$
#
# and
#
# $$\frac{\partial R_i}{\partial \alpha_{ml}} = \sum_{k=1}^{K} \delta_{ki}\; \beta_{km}\;
# \sigma'(a_{im})\; x_{il} \tag{11}$$
#
# (Under (10) the paper again prints $\delta_{km}$ for $\delta_{ki}$.)
#
# For softmax delta needs no Jacobian. Multiply the sum out, with the residual $d_l$, and move the
# term $-d_k f_k^2$ from the diagonal into it:
#
# $$\delta_k = d_k f_k (1 - f_k) - \sum_{l \neq k} d_l f_l f_k = f_k \Bigl( d_k -
# \sum_{l=1}^{K} f_l\, d_l \Bigr)$$
#
# In words: each residual counts by how far it is from their mean, weighted by the outputs.
#
# ### Exercise `eq10`
#
# Return delta **and** the gradient through it.
# *Stuck? `hint("eq10")`*


# %% nbgrader={"grade_id": "eq10", "solution": true}
def backward_output(Y, A, Z, T, F, g):
    """Return delta (N, K), and the gradient with respect to beta (K, M+1)."""
    ### BEGIN SOLUTION
    D = -2 * (Y - F)
    delta = F * (D - (F * D).sum(axis=1, keepdims=True))
    return delta, np.column_stack([delta.sum(axis=0), delta.T @ Z])
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq10", "grade": true}
check("eq10", backward_output)

# %% [markdown]
# ### Exercise `eq11`
#
# (11) is equation (7), letter by letter. So **write your `backward_hidden` of section 2.1 once more,
# from memory**: nothing below delta needs to know the output function.
# *Stuck? `hint("eq11")`*


# %% nbgrader={"grade_id": "eq11", "solution": true}
def backward_hidden(X, A, Z, delta, beta, sigma):
    """Return the gradient with respect to alpha (M, p+1), from delta (N, K)."""
    ### BEGIN SOLUTION
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq11", "grade": true}
check("eq11", backward_hidden)

# %% [markdown]
# ## 7. The mistakes gallery
#
# A bug hunt: each panel trains with a mistake in (8). **Which is which?** Fill in `answers`, and run
# the cell again. Three symptoms to begin with:
#
# 1. The loss does not move at all.
# 2. It climbs, as if examples pulled each other's outputs along.
# 3. It falls *faster* than the right one. Can a wrong gradient be better?

# %%
answers = {"A": "…", "B": "…", "C": "…", "D": "…", "E": "…", "F": "…"}
names = [
    "vanishes",
    "diagonal-only",
    "off-diagonal-sign",
    "jacobian-across-batch",
    "jacobian-from-T",
]
mistakes_gallery("eq8", [*names, "cross-entropy-shortcut"], hide=True, answers=answers)

# %% [markdown]
# <details><summary>The answers</summary>
#
# 1: `vanishes`, the misprint. 2: `jacobian-across-batch`, one big Jacobian in which every example
# moves all others. 3: `cross-entropy-shortcut`, the gradient of another loss (see part 9), so wrong
# for (8).
#
# (A `jacobian-across-batch`, B `jacobian-from-T`, C `vanishes`, D `off-diagonal-sign`, E
# `diagonal-only`, F `cross-entropy-shortcut`.)
# </details>
#
# ## 8. Your softmax learns the penguins
#
# First the check, then 300 epochs beside the sigmoid outputs of section 2.1, from the same weights,
# with the same γ. **Predict**: which loss is lower at the end?


# %% tags=["raises-exception"]
def my_gradients(X, Y, alpha, beta, sigma, g):
    A, Z, T, F = forward(X, alpha, beta, sigma, g)
    delta, by_beta = backward_output(Y, A, Z, T, F, g)
    return backward_hidden(X, A, Z, delta, beta, sigma), by_beta


print(check_gradient(R, my_gradients(X, Y, alpha, beta, tanh, softmax), (alpha, beta)))
setting = {"gamma": 0.002, "epochs": 300}
own = train(X, Y, alpha, beta, tanh, softmax, gradients=my_gradients, **setting)
theirs = train(X, Y, alpha, beta, tanh, sigmoid, **setting)  # the reference's gradients
for name, g, run in (("softmax, yours", softmax, own), ("sigmoid", sigmoid, theirs)):
    outputs = forward(X, run.alpha, run.beta, tanh, g).F
    named = np.mean(outputs.argmax(axis=1) == Y.argmax(axis=1))
    print(f"{name}: R(θ) ends at {run.losses[-1]:.2f}; {named:.1%} of the birds named correctly")
loss_curves({"softmax, yours": own.losses, "sigmoid": theirs.losses}, title="γ = 0.002")

# %% [markdown]
# Softmax gets down faster: raising the right output lowers the wrong ones. **May γ be larger here, or
# must it be smaller?**

# %%
learning_rate(gradients=my_gradients, gamma=0.002, g=softmax)

# %% [markdown]
# ## 9. An extension: cross-entropy
#
# Most classifiers with softmax use another loss, **cross-entropy**:
# $R(i) = -\sum_l y_{il} \log f_l(x_i)$. The residual becomes $-y_l / f_l$, and the sum over $l$
# shrinks:
#
# $$\delta_k = \sum_l \Bigl(-\frac{y_l}{f_l}\Bigr)\, \frac{\partial f_l}{\partial t_k}
# = -y_k (1 - f_k) + \sum_{l \neq k} y_l\, f_k = f_k \sum_l y_l - y_k = f_k - y_k,$$
#
# since targets sum to 1. Delta is simply F − Y, and people use it for any loss. Judge it for both:

# %%
shortcut = with_delta(lambda E, F, J: -E)  # F − Y
candidate = shortcut(X, Y, alpha, beta, tanh, softmax)


def entropy(weights):
    return cross_entropy(Y, forward(X, *weights, tanh, softmax).T)


print("cross-entropy:", check_gradient(entropy, candidate, (alpha, beta)), sep="\n")
print("squared error:", check_gradient(R, candidate, (alpha, beta)), sep="\n")

# %% [markdown]
# Why do people like cross-entropy? Say a bird's own species gets $f = 0.001$. There the Jacobian is
# nearly zero, and so is the squared error's delta. Cross-entropy's is nearly −1: the worse the
# answer, the larger its delta.
#
# ## 10. Do you remember?
#
# <details><summary>Is softmax with K = 1 of any use?</summary>
#
# No. Its one output is always 1, and nothing is learned. For two classes take K = 2, or one sigmoid.
# </details>
#
# <details><summary>A friend's softmax network does not learn at all: not even the last digit
# of the loss changes. What do you look for?</summary>
#
# A factor in the sum over l that does not depend on l: the rest sums to zero.
# </details>
#
# ## To take away
#
# - The slope of softmax is a matrix: f_k(1 − f_k) on the diagonal, −f_l f_k off it.
# - Output delta is the residual times the Jacobian. For softmax: f_k (d_k − Σ f_l d_l).
# - Below delta all stays as it was: (11) is (7).
# - F − Y is the delta of cross-entropy, not of the squared error.
#
# Next: **section 2.3**, where the weights take their step.

# %%
progress()
