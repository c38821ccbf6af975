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
# **Draw a digit.** Click into the cell below, press Shift + Enter twice, and draw in the frame, with mouse
# or finger: a network reads it. In eight notebooks you will have written every line of what happens
# here, how it answers and how it learned.

# %%
from bplab.widgets import read_digit

read_digit()

# %% [markdown]
# Sometimes it is wrong: of 300 digits that it has not learned from, it reads 286.
# First comes a tool that judges every formula. When you are through, you can
#
# - work in this course: run cells, have your functions checked, ask for hints;
# - find any gradient by finite differences, and judge a formula by it;
# - choose the step of a finite difference, and say why.
#
# **Two questions, to see whether you are ready.** Answer before you open.
#
# <details><summary>What is the derivative of (1 − w)² with respect to w, at w = 3?</summary>
#
# −2 (1 − w), by the chain rule; at w = 3 that is 4.
# </details>
#
# <details><summary><code>X</code> has shape (5, 3). What are the shapes of <code>X[:, 1:]</code>,
# <code>X[:, 0]</code> and <code>X.T @ X</code>?</summary>
#
# (5, 2), (5,) and (3, 3).
# </details>

# %%
import numpy as np

from bplab import CheckFailed, check, check_gradient, failing_case, hint, where
from bplab import explain, parsons, predict, progress, todo
from bplab.activations import sigmoid

# %% [markdown]
# ## 1. A slope from two values
#
# The derivative of f at w says how fast f changes when w is nudged by a small **step** $h$. So it is
# nearly a **finite difference**, forward or central:
#
# $$f'(w) \approx \frac{f(w + h) - f(w)}{h} \qquad\text{or}\qquad
# f'(w) \approx \frac{f(w + h) - f(w - h)}{2h}.$$
#
# <details><summary>A worked example, by hand: f(w) = w² at w = 3, with h = 0.1</summary>
#
# | | forward | central |
# |---|---|---|
# | two values of f | 3.1² = 9.61 and 3² = 9 | 3.1² = 9.61 and 2.9² = 8.41 |
# | their difference | 0.61 | 1.20 |
# | distance of the points | 0.1 | 0.2 |
# | slope | **6.1** | **6.0** |
#
# Forward is off by just h, since $(3 + h)^2 - 9 = 6h + h^2$. In the central one the h² cancels. Other
# curves leave some error there, in proportion to h².
# </details>
#
# **Your first two lines.** $f(w) = (1 - \sigma(0.2 + w/2))^2$ at w = 0.6, where $\sigma(t) = 1 / (1 + e^{-t})$
# is a smooth step from 0 to 1. **Predict** the sign: σ grows with w, so what does f do? Then put the other
# value and the central slope where `todo()` stands. *As a puzzle,
# lines to put in order: `parsons("half-numerical-gradient")`*


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
print(f"yours: {slope:.6f}   by the chain rule: {-((1 - sigmoid(0.5)) ** 2) * sigmoid(0.5):.6f}")

# %% [markdown]
# f falls there. (You will meet −0.088723 again in section 2.1: there f is the loss of a network.)
#
# ## 2. From one number to an array: exercise `numerical-gradient`
#
# The loss of a network depends on all its weights. Its **gradient** says how fast it changes when each of
# them alone is nudged. Write it for any function `f` of one array, by central differences with h = 1e-5.
# `params` may have any shape, and must be left as it is; `f(params)` is a number.
#
# `for index in np.ndindex(2, 3):` visits the index of every entry of a (2, 3) array; `array[index]` is it.


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
# - **The paper** that the course follows is *Back-propagation and its derivation* by Lucas Charpentier
#   (2018). You will write all its equations.
# - **`check(…)`** tries your function on many small cases. If it is wrong, it says how.
# - **`hint("numerical-gradient")`**, in a cell of your own, gives a small hint; called again, it says more.
# - **`failing_case(…)`** gives what your function got where it failed: after
#   `case = failing_case("eq4")` call `grad_beta(*case)`. `case` alone shows every shape.
# - **`where(…)`** says what is right so far, and which line is not, if that can be proven.
# - **`progress()`** shows what you have passed. It stays on this computer.
# - **Your copy** is in the folder `work`. To begin again, delete it there, and call `bplab lab`. Binder
#   keeps nothing: download what you want to keep.
# - **Stuck for good?** The folder `solutions` has every notebook solved. A table of keys ends this one.
#
# ## 3. Not right yet?
#
# Take an example: $f(u, v) = u^2 v$ at (3, 2). Nudge u alone, and f changes at a rate of $2uv = 12$.
# Nudge v alone: $u^2 = 9$. The gradient is (12, 9).
#
# To nudge one entry you change an array, and there numpy has two traps. **Predict** what is printed.

# %%
whole = np.array([1, 2, 3])
whole[0] += 0.5
print("after += 0.5:", whole)

first = np.array([1.0, 2.0, 3.0])
second = first
second[0] = 99
print("first:", first)

# %% [markdown]
# An integer array cuts off what it cannot hold, without a warning. And `=` gives an array a second
# name, and makes no second array. `np.array(first, dtype=float)` makes one, which holds fractions.
#
# ### A friend's first try, and what `check` makes of it
#
# Your friend gives f the whole array. **Predict**: what is wrong? Then run, and read: the mistake,
# what to do, where it first shows, and the mistake's short name.


# %%
def friends_gradient(f, params):
    step = 1e-5
    return (f(params + step) - f(params - step)) / (2 * step)


try:
    check("numerical-gradient", friends_gradient)
except CheckFailed as failed:
    print(failed)

# %% [markdown]
# ### In a picture
#
# The derivative is the slope of the curve. A line through the points at w and w + h follows the curve
# the better, the smaller h is. Here f(w) = w², whose slope at w = 3 is 6.

# %%
from bplab.plots import chords

chords(lambda w: w**2, 3, steps=(3, 1.5, 0.5), span=(0, 6.6))

# %% [markdown]
# ## 4. A judge for every formula
#
# From here on you can judge any formula. `check_gradient` compares entry by entry, with several steps,
# and says of each: right, wrong, or cannot tell. Three formulas for the sum of three of our curves;
# which are right?


# %%
def f(w):
    return np.sum((1 - sigmoid(0.2 + w / 2)) ** 2)


place = np.array([0.6, -1.0, 2.0])
sig = sigmoid(0.2 + place / 2)

print("1:", check_gradient(f, -((1 - sig) ** 2) * sig, place), sep="\n")
print("2:", check_gradient(f, -2 * (1 - sig) * sig, place), sep="\n")
print("3:", check_gradient(f, -(1 - sig) * sig + (1 - sig) * sig**2, place), sep="\n")

# %% [markdown]
# The first and the third are one formula in two forms. The second has lost the inner derivatives. And
# *your* gradient?

# %% tags=["raises-exception"]
print("yours:", check_gradient(f, numerical_gradient(f, place), place), sep="\n")

# %% [markdown]
# ## 5. How small is small?
#
# Is a smaller h always better? **Predict**: which of the steps 1e-1, 1e-2, … 1e-16 gives the smallest
# error of the central difference?

# %%
from bplab.gradcheck import step_errors
from bplab.plots import step_curve

prediction = predict("the best step", "…")  # your step here
found = step_errors(f, place, methods=("forward", "central"))

best = found.errors["central"].argmin()
print("You said:", prediction, "  Best here:", f"{found.steps[best]:.0e}")
step_curve(found)

# %% [markdown]
# From right to left both errors first fall, then rise again: a V.
#
# - **On the right, h is too large**: the curve bends between the two points. This is *truncation*. A
#   step ten times smaller makes it ten times smaller (forward), or a hundred times (central).
# - **On the left, h is too small**: two values of f that agree in the first 12 of their 16 digits leave
#   4 digits of their difference. Dividing by h makes this *rounding* large: about $10^{-16}\,|f| / h$.
#
# Watch the digits disappear:

# %%
for h in (1e-5, 1e-12, 1e-17):
    ahead, behind = f(place + h * np.array([1, 0, 0])), f(place - h * np.array([1, 0, 0]))
    print(f"h = {h:.0e}:  {ahead:.16f} − {behind:.16f} = {ahead - behind:.1e}")

# %% [markdown]
# With the smallest step w + h *is* w, and nothing is left. The bottom of the V lies where the two
# errors are equally large: near h = 1e-7 for a forward difference, and near **h = 1e-5 for a central
# one**, which is then right to about ten digits.
#
# ### Find the bottom by hand
#
# A very wavy function: $f(w) = \sum \sin(100\, w)$. **Predict**: is its best h for the central difference
# larger or smaller than 1e-5? Then click the slider, and go left with the arrow keys. Find the best h of
# the forward difference, too, and the method that has no left side.

# %%
from bplab.widgets import step_size

step_size(lambda w: np.sum(np.sin(100 * w)), place, state="h=0.1,curve=off")

# %% [markdown]
# <details><summary>Answer</summary>
#
# Smaller: central near 3e-7, forward near 3e-9. The curve bends within a shorter distance: truncation is
# larger, and 1e-5 gives six right digits, no longer ten. The *complex* step has no left side: it takes
# w + ih with an imaginary h, and subtracts nothing. (Show the whole curve now.)
# </details>
#
# ## 6. Letters and shapes
#
# Come back when you meet one.
#
# | name | shape | what it will be |
# |---|---|---|
# | `X`, `Y` | (N, p), (N, K) | N examples: their p features, their K targets |
# | `alpha` | (M, p+1) | weights of M hidden units, a row each |
# | `beta` | (K, M+1) | weights of K outputs, a row each |
# | `A`, `Z` | (N, M) | hidden units, before and after their activation σ (`sigma`) |
# | `T`, `F` | (N, K) | outputs, before and after the output function g; F is the answer |
# | R(θ) | a number | the loss: how wrong the answers are; θ means all weights |
# | `delta`, `s` | (N, K), (N, M) | how fast the loss changes with each entry of T, of A |
#
# Two rules hold everywhere. **Examples are rows**: the first axis of X, Y, A, Z, T, F, delta and s
# is N. **The bias comes first**: column 0 of `alpha` and `beta` holds biases, the rest weights. So
# `X @ alpha[:, 1:].T` has shape (N, M).
#
# ## 7. Do you remember?
#
# <details><summary>Why does the central difference divide by 2h?</summary>
#
# Its two points, w + h and w − h, are 2h apart.
# </details>
#
# <details><summary>Your friend takes h = 1e-14, "to be on the safe side". What happens?</summary>
#
# The two values agree in nearly all their digits. One or two digits of the slope are right, if any.
# </details>
#
# <details><summary>A network has a million weights. How many times is its loss evaluated for one
# gradient by central differences?</summary>
#
# Two million times. Back-propagation needs one pass forwards and one backwards.
# </details>
#
# ## Keys
#
# | keys | what they do |
# |---|---|
# | Shift + Enter | run the cell, go on to the next |
# | Enter, Esc | into the cell to type; out of it again |
# | ↑, ↓; A, B (after Esc) | to the cell above, below; a new cell there |
# | Ctrl + Z; Z (after Esc) | undo typing; undo what was done to cells |
# | Tab, Shift + Tab | complete a name; show what a function does |
# | 0 0 (after Esc) | restart Python; then run from the top |
# | Ctrl + S | save (⌘ in place of Ctrl on a Mac) |
# | in the frame | arrow keys move the pen, Space puts it down or lifts it |
#
# ## To take away
#
# - A gradient has the shape of the weights.
# - Central difference, h = 1e-5: any smooth function, no formula, about ten digits.
# - Too large a step: truncation. Too small a step: rounding.
# - Finite differences judge any formula: they use none.
#
# Next: **section 1**, where the network answers.

# %%
progress()
