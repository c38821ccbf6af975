# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Start here · A gradient without a formula
#
# *About 25 minutes. You need: derivatives, a little numpy. Nothing about neural networks.*
#
# When you are through, you can
#
# - work in this course: run cells, have your functions checked, ask for hints;
# - read the letters and the shapes that all notebooks use;
# - find the gradient of any function by finite differences, and with it judge any formula;
# - choose the step of a finite difference, and say why neither a large nor a tiny one will do.
#
# The course follows *Back-propagation and its derivation* by Lucas Charpentier (2018), "the
# paper": a few pages of equations, and you will write all of them. This first notebook comes
# before the paper. It gives you the tool with which you will judge every equation in it.
#
# **Two questions, to see whether you are ready.** Answer before you open.
#
# <details><summary>What is the derivative of (1 − w)² with respect to w, at w = 3?</summary>
#
# By the chain rule −2 (1 − w), and at w = 3 that is 4. If the minus surprised you, go through the
# chain rule once more: the whole course is built on it.
# </details>
#
# <details><summary><code>X</code> has shape (5, 3). What are the shapes of <code>X[:, 1:]</code>,
# <code>X[:, 0]</code> and <code>X.T @ X</code>?</summary>
#
# (5, 2), (5,) and (3, 3). If you had to guess, keep a numpy introduction at hand.
# </details>

# %%
import numpy as np

from bplab import check, check_gradient, failing_case, hint, progress, todo
from bplab.activations import sigmoid
from bplab.exercises import CheckFailed
from bplab.gradcheck import step_errors
from bplab.plots import chords, step_curve
from bplab.widgets import step_size

# %% [markdown]
# ## 1. How to work
#
# A notebook is made of cells. Read, make the prediction that is asked for, run the cell. You need
# no mouse:
#
# | keys | what they do |
# |---|---|
# | Shift + Enter | run the cell, go on to the next |
# | Enter, Esc | into the cell to type; out of it again |
# | ↑, ↓ (after Esc) | to the cell above, below |
# | A, B (after Esc) | a new cell above, below: a place for your own experiments |
# | Ctrl + Z; after Esc: Z | undo typing; undo what was done to cells |
# | Tab, Shift + Tab (while typing) | complete a name; show what a function does |
# | 0 0 (after Esc) | restart Python, if anything behaves strangely; then run from the top |
# | Ctrl + S | save (⌘ in place of Ctrl on a Mac) |
#
# **`todo()`** stands where your code belongs. Until you replace it, a call of the function says
# that it is not written yet. Run these two cells; then replace `todo()` with `return 2 * x`, and
# run them again.


# %%
def twice(x):
    """Return 2x."""
    todo()


# %%
try:
    print("twice(21) =", twice(21))
except NotImplementedError as message:
    print("✗", message)

# %% [markdown]
# - **`check(…)`** tries your function on many small cases. If it is wrong, it
#   says which mistake it is, as exactly as it can. Try as often as you like. You will see it at
#   work below.
# - **`failing_case(…)`** gives you what your function was given where it failed, ready to call it
#   with: `case = failing_case("eq4")`, then `grad_beta(*case)`. `case` alone shows every shape.
# - **`hint(…)`**, in a cell of your own, gives a small hint. A second call says more, and a third
#   one nearly the answer.
# - **`progress()`**, at the end of each notebook, shows what you have passed. It is kept in a
#   folder of this computer. Nothing that you write or pass is sent anywhere.
# - **Your copy.** `bplab lab` puts a copy of every notebook into the folder `work`, and never
#   writes over it. To start one again, delete or rename your copy there, and call `bplab lab`
#   again. Opened in Binder, your copy lives as long as the session: download what you want to keep.
# - **Stuck for good?** The folder `solutions` has every notebook solved, with all its figures.
#
# ## 2. Letters and shapes
#
# You need not know yet what these are. Come back when you meet one.
#
# | name | shape | what it will be |
# |---|---|---|
# | `X`, `Y` | (N, p), (N, K) | N examples with p features each, and their K targets |
# | `alpha` | (M, p+1) | weights of M hidden units: one unit per row, its bias first |
# | `beta` | (K, M+1) | weights of K outputs: one output per row, its bias first |
# | `A`, `Z` | (N, M) | hidden units, before and after their activation σ (`sigma`) |
# | `T`, `F` | (N, K) | outputs, before and after the output function g; F is the answer |
# | R(θ) | a number | the loss: how wrong the answers are; θ means all weights together |
# | `delta` | (N, K) | how fast the loss changes with each entry of T |
# | `s` | (N, M) | how fast it changes with each entry of A |
#
# Two rules hold everywhere. **Examples are rows**: the first axis of X, Y, A, Z, T, F, delta and s
# is N. **The bias comes first**: column 0 of `alpha` and `beta` holds biases, the rest weights.
#
# ### Predict, then run
#
# Say the four shapes aloud, and write the last one into the variable, before you run.

# %%
X = np.ones((5, 3))  # N = 5, p = 3
alpha = np.ones((4, 3 + 1))  # M = 4

prediction = "(?, ?)"  # the shape of the product, your answer here
print("biases:       ", alpha[:, 0].shape)
print("weights:      ", alpha[:, 1:].shape)
print("sum over rows:", X.sum(axis=0).shape)
print("product:      ", (X @ alpha[:, 1:].T).shape, "  you said:", prediction)

# %% [markdown]
# Now two traps of numpy that everybody falls into. **Predict** what is printed, then run.

# %%
whole = np.array([1, 2, 3])
whole[0] += 0.5
print("an integer array after += 0.5:", whole)

first = np.array([1.0, 2.0, 3.0])
second = first
second[0] = 99
print("first, after second was changed:", first)

third = np.array(whole, dtype=float)
third[0] += 0.5
print("a floating-point copy:", third, " and what it was made from:", whole)

# %% [markdown]
# An integer array cuts off what it cannot hold, without a warning. And `=` gives an array a second
# name; it does not make a second array. `np.array(…, dtype=float)` helps with both.
#
# ## 3. A slope from two values
#
# The derivative of f at w is the slope of its curve there: how fast f changes when w is nudged.
# Take a second point at w + h, and draw the line through both. The nearer the second point, the
# better that line follows the curve. Here f(w) = w², whose slope at w = 3 is 2w = 6.

# %%
chords(lambda w: w**2, 3, steps=(3, 1.5, 0.5), span=(0, 6.6))

# %% [markdown]
# So, with a small step $h$, the slope is nearly a **finite difference**. It may be taken forward, or
# on both sides of w, where it is called central. The two points are then $2h$ apart:
#
# $$f'(w) \approx \frac{f(w + h) - f(w)}{h} \qquad\text{or}\qquad
# f'(w) \approx \frac{f(w + h) - f(w - h)}{2h}.$$
#
# ### A worked example
#
# f(w) = w² at w = 3, with h = 0.1, by hand:
#
# | | forward | central |
# |---|---|---|
# | two values of f | 3.1² = 9.61 and 3² = 9 | 3.1² = 9.61 and 2.9² = 8.41 |
# | their difference | 0.61 | 1.20 |
# | distance of the points | 0.1 | 0.2 |
# | slope | **6.1** | **6.0** |
#
# Forward is off by just h, since $(3 + h)^2 - 9 = 6h + h^2$. In the central one the h² appears on
# both sides and cancels. For other curves some error is left there as well, but far less than with
# the forward difference: it is in proportion to h², not to h.
#
# ### Half-worked: fill in the gaps
#
# A steeper climb: $f(w) = (1 - \sigma(0.2 + w/2))^2$ at w = 0.6, where
# $\sigma(t) = 1 / (1 + e^{-t})$ is the sigmoid, a smooth step from 0 to 1. **Predict** the sign
# first: σ grows with w, so what does f do? One value is there already. Replace `todo()` with the
# other one and the slope. No formula for the derivative is needed.


# %% nbgrader={"grade_id": "half-numerical-gradient", "solution": true}
def f(w):
    return (1 - sigmoid(0.2 + w / 2)) ** 2


h, w = 1e-5, 0.6
ahead = f(w + h)
# wanted: behind and slope
### BEGIN SOLUTION
behind = f(w - h)
slope = (ahead - behind) / (2 * h)
### END SOLUTION
print(f"yours:              {slope:.6f}")
print(f"by the chain rule:  {-((1 - sigmoid(0.5)) ** 2) * sigmoid(0.5):.6f}")

# %% [markdown]
# f falls there, and its slope is −0.088723. (You will meet this number again: in section 2.1, f is
# the loss of a small network, and w one of its weights.)
#
# ## 4. From one number to an array
#
# A network has many weights, and its loss is a function of all of them. The **gradient** holds the
# derivative with respect to each one: how fast the loss changes when that weight alone is nudged
# and the others stay as they are. It has the shape of the weights.
#
# For example, $f(u, v) = u^2 v$ at (3, 2). Nudge u alone, and f changes at a rate of $2uv = 12$.
# Nudge v alone: $u^2 = 9$. The gradient is (12, 9).
#
# ### A friend's first try, and what `check` makes of it
#
# Your friend writes the central difference, and gives f the whole array. **Predict**: what is
# wrong? Then run, and read the answer line by line. It says what the mistake is, what to do, where
# it first shows, and at the end the mistake's short name.


# %%
def friends_gradient(f, params):
    step = 1e-5
    return (f(params + step) - f(params - step)) / (2 * step)


try:
    check("numerical-gradient", friends_gradient)
except CheckFailed as failed:
    print(failed)

# %% [markdown]
# ### Exercise `numerical-gradient`
#
# Write the gradient of any function f of one array, by central differences with h = 1e-5. `f` takes
# an array of the shape of `params`, and returns a number. You cannot look into f; you can only call
# it. `params` may have any shape, and must be left as it is.
#
# `for index in np.ndindex(2, 3):` visits the index of every entry of a (2, 3) array, from (0, 0)
# to (1, 2), and `array[index]` is that entry. It takes a shape of any length.


# %% nbgrader={"grade_id": "numerical-gradient", "solution": true}
def numerical_gradient(f, params):
    """Return the gradient of f at params, an array of the shape of params."""
    ### BEGIN SOLUTION
    gradient = np.zeros(params.shape)
    for index in np.ndindex(params.shape):
        ahead, behind = np.array(params, dtype=float), np.array(params, dtype=float)
        ahead[index] += 1e-5
        behind[index] -= 1e-5
        gradient[index] = (f(ahead) - f(behind)) / 2e-5  # the points are 2h apart
    return gradient
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-numerical-gradient", "grade": true}
check("numerical-gradient", numerical_gradient)

# %% [markdown]
# Stuck? `hint("numerical-gradient")` in a cell of your own gives the first of three hints.
#
# When it is right, `check` says so, and what it was compared with: with our function, and with
# derivatives that were worked out on paper. You need not take our word for it.
#
# ## 5. A judge for every formula
#
# From here on you can judge any formula: compute both, and compare. `check_gradient` does it entry
# by entry. It takes several steps h, so that it knows how far the numbers can be trusted, and says
# of each entry that it is right, that it is wrong, or that it cannot tell. Three formulas for the
# sum of three of our curves; which ones are right?


# %%
def f(w):
    return np.sum((1 - sigmoid(0.2 + w / 2)) ** 2)


place = np.array([0.6, -1.0, 2.0])
sig = sigmoid(0.2 + place / 2)

print("1:", check_gradient(f, -((1 - sig) ** 2) * sig, place), sep="\n")
print("2:", check_gradient(f, -2 * (1 - sig) * sig, place), sep="\n")
print("3:", check_gradient(f, -(1 - sig) * sig + (1 - sig) * sig**2, place), sep="\n")

# %% [markdown]
# The first and the third are one formula in two forms. The second has lost the inner derivatives.
# Now the same judge on *your* gradient, which used no formula at all:

# %% tags=["raises-exception"]
print("yours:", check_gradient(f, numerical_gradient(f, place), place), sep="\n")

# %% [markdown]
# ## 6. How small is small?
#
# The smaller h, the nearer the line is to the curve. So is a smaller h always better? **Predict**:
# which of the steps 1e-1, 1e-2, … 1e-16 gives the smallest error of the central difference?

# %%
prediction = "…"  # your step here
found = step_errors(f, place, methods=("forward", "central"))

best = found.errors["central"].argmin()
print("You said:", prediction, "  Best here:", f"{found.steps[best]:.0e}")
step_curve(found)

# %% [markdown]
# Read the curve from right to left. Both errors first fall, then rise again: a V.
#
# - **On the right, h is too large.** The curve bends between the two points: *truncation*. For the
#   forward difference, a step ten times smaller makes the error ten times smaller. For the central
#   one, it makes it a hundred times smaller: h².
# - **On the left, h is too small.** A number in the computer has about 16 digits. Two values of f
#   that agree in the first 12 leave 4 digits of their difference, and dividing by a tiny h makes
#   the *rounding* of the last ones large: about $10^{-16}\,|f| / h$.
#
# Watch the digits disappear:

# %%
for h in (1e-5, 1e-12, 1e-17):
    ahead, behind = f(place + h * np.array([1, 0, 0])), f(place - h * np.array([1, 0, 0]))
    print(f"h = {h:.0e}:  {ahead:.16f} − {behind:.16f} = {ahead - behind:.1e}")

# %% [markdown]
# With the smallest step w + h *is* w, and nothing is left. The bottom of the V lies where the two
# errors are equally large: near h = 1e-7 for a forward difference, and near **h = 1e-5 for a central
# one**, which is then right to about ten digits. That is why we asked for it.
#
# ### Find the bottom by hand
#
# Here is a very wavy function, $f(w) = \sum \sin(100\, w)$, summed over the entries. Its V is
# hidden. **Guess first**: is the best h of the central difference larger or smaller than 1e-5, or
# the same? Then click the slider, and go left with the arrow keys to the "sweet spot". Two
# more things to find: the best h of the forward difference; and the method that has no left side.

# %%
step_size(lambda w: np.sum(np.sin(100 * w)), place, state="h=0.1,curve=off")

# %% [markdown]
# <details><summary>Answer</summary>
#
# Smaller: central near 3e-7, forward near 3e-9. The curve bends within a shorter distance, so
# truncation is larger at the same h; the V moves to the left, and 1e-5 gives six right digits, no
# longer ten. The *complex* step has no left side. It takes w + ih with an imaginary h, and
# subtracts nothing, so no digits can be lost. But f must be able to take complex numbers. (Show the
# whole curve now.)
# </details>
#
# ## 7. Do you remember?
#
# Answer before you open.
#
# <details><summary>Why does the central difference divide by 2h?</summary>
#
# Its two points, w + h and w − h, are 2h apart. Divided by h the slope would be twice too large.
# </details>
#
# <details><summary>Your friend takes h = 1e-14, "to be on the safe side". What happens?</summary>
#
# The two values agree in nearly all their digits. What is left of the difference is mostly
# rounding: one or two digits of the slope are right, if any.
# </details>
#
# <details><summary>A network has a million weights. How many times is its loss evaluated for one
# gradient by central differences?</summary>
#
# Two million times. Back-propagation needs one pass forwards and one backwards. So we learn with
# formulas, and use finite differences to judge them.
# </details>
#
# ## To take away
#
# - A gradient has the shape of the weights: one slope for each of them.
# - Central difference, h = 1e-5: any smooth function, no formula, about ten digits.
# - Too large a step: truncation. Too small a step: rounding.
# - Finite differences can judge any formula, since they use none.
#
# Next: **section 1**, where the network answers.

# %%
progress()
