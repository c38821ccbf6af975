# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Section 2.1 · Every weight learns what it did wrong
#
# *About 40 minutes. You need: sections 0 and 1, the chain rule for derivatives.*
#
# When you are through, you can
#
# - derive the gradient of the loss with respect to any weight, equations (4) and (5);
# - compute both gradients through one quantity, delta, equations (6) and (7);
# - prove such a gradient right or wrong with finite differences;
# - train a network on real data with gradients that you wrote.
#
# We follow section 2.1 of Charpentier's paper.
#
# **Two questions on section 1.** Answer before you open. If the cell below asks two, take those.
#
# <details><summary>In which column of <code>beta</code> are the biases?</summary>
#
# In the first, `beta[:, 0]`. The weights are `beta[:, 1:]`.
# </details>
#
# <details><summary>What is the difference between A and Z?</summary>
#
# A is the pre-activation, bias plus weighted sum. Z = σ(A) comes after the activation.
# </details>

# %%
from bplab import review

review(before="section_2_1", items=2)

# %%
import numpy as np

from bplab import (
    check,
    check_gradient,
    explain,
    failing_case,
    hint,
    initial_weights,
    mistakes_gallery,
    numerical_gradient,  # ours; your own from section 0 will do as well
    parsons,
    predict,
    progress,
    todo,
    train,
    where,
)
from bplab.activations import sigmoid, tanh
from bplab.data import penguins
from bplab.losses import loss
from bplab.network import forward, output
from bplab.plots import loss_curves, network_diagram
from bplab.widgets import learning_rate

# %% [markdown]
# ## 1. The question
#
# If we nudge one weight up a little, does R rise or fall, and how fast? That rate is the **partial
# derivative** of R with respect to the weight; all of them are the **gradient**. With it learning is
# easy: move every weight a little in the direction in which R falls. Finite differences need two
# forward passes for each weight. A formula finds all of it at once.
#
# R is a sum over examples, so its gradient is one too. We find the derivative for one example $i$, and
# add up at the end.
#
# Here the output function is **elementwise**: $f_k(x_i) = g(t_{ik})$, output $k$ looks at its own
# $t_{ik}$ alone, as with sigmoid, tanh and the identity.
#
# ### Five steps, five names
#
# Every backward pass is made of the same five steps. `check` uses these names.
#
# | step | what it is | formula |
# |---|---|---|
# | **residual** | how R changes with the output | $-2\,(y_{ik} - f_k(x_i))$ |
# | **output delta** | how R changes with the pre-activation of the output | residual $\cdot\; g'(t_{ik})$ |
# | **weight gradient** | how R changes with a weight | delta $\cdot$ what the weight multiplied |
# | **send back** | how R changes with a hidden unit | $\sum_k \delta_{ki}\, \beta_{km}$ |
# | **hidden delta** | how R changes with the pre-activation of the hidden unit | what was sent back $\cdot\; \sigma'(a_{im})$ |
#
# ## 2. The weights of the output layer: equation (4)
#
# Follow one weight, $\beta_{km}$, from hidden unit $m$ to output $k$.

# %%
network_diagram(p=3, M=3, K=2, follow="beta")

# %% [markdown]
# Now nudge $\beta_{km}$:
#
# 1. $t_{ik} = \beta_{0k} + \sum_m \beta_{km} z_{im}$ changes $z_{im}$ times as fast. No other
#    $t_{il}$ notices.
# 2. $f_k = g(t_{ik})$ changes $g'(t_{ik})$ times as fast as $t_{ik}$.
# 3. $R(i) = \sum_l (y_{il} - f_l)^2$ changes $-2(y_{ik} - f_k)$ times as fast as $f_k$. The 2 comes
#    from the square, the minus from the minus in front of $f$.
#
# The chain rule multiplies the three rates:
#
# $$\frac{\partial R_i}{\partial \beta_{km}} = -2\,(y_{ik} - f_k(x_i))\; g'(t_{ik})\; z_{im}
# \tag{4}$$
#
# The bias $\beta_{0k}$ is the weight of an input that is always 1: put $z_{i0} = 1$.
#
# (The paper writes $\delta g_k(t_{ik}) / \delta \beta_k$ for the middle factor: the derivative of $g$
# with respect to its argument is meant.)
#
# ### A worked example
#
# One hidden unit, one output, one example: $z = 0.5$, target $y = 1$, $\beta = (0.2, 0.6)$, and
# $g$ the sigmoid.
#
# | step | number |
# |---|---|
# | forward | $t = 0.2 + 0.6 \cdot 0.5 = 0.5$, and $f = g(0.5) \approx 0.622$ |
# | residual | $-2\,(1 - 0.622) \approx -0.755$ |
# | output delta | $g'(0.5) = f(1 - f) \approx 0.235$, so $-0.755 \cdot 0.235 \approx -0.177$ |
# | weight gradient | bias: $-0.177 \cdot 1$; weight: $-0.177 \cdot 0.5 \approx -0.089$ |
#
# ### Predict, then run
#
# $f = 0.622$ is too small. Should $\beta_1$ grow or shrink, so that R falls? And what does the sign
# of its gradient, $-0.089$, say?


# %%
def R_of(weight):
    t = 0.2 + weight * 0.5
    return (1 - sigmoid(t)) ** 2


prediction = predict("grow or shrink", "…")  # "grow" or "shrink"
print(f"R at 0.5, 0.6, 0.7: {R_of(0.5):.4f}, {R_of(0.6):.4f}, {R_of(0.7):.4f}")
print("You said that the weight should", prediction)

# %% [markdown]
# R falls when the weight grows. In section 0 you found its slope at 0.6 by a **finite difference**,
# −0.088723. It knows nothing of the chain rule, so it can judge every formula.
#
# ### Half-worked: the same network, another example
#
# Now $z = -0.8$ and the target is 0. Fill in two more steps; the last line judges them.
# *As a puzzle: `parsons("half-eq4")`*

# %% nbgrader={"grade_id": "half-eq4", "solution": true}
z, y = -0.8, 0.0
beta = np.array([0.2, 0.6])
t = beta[0] + beta[1] * z
f = sigmoid(t)
residual = -2 * (y - f)
# wanted: output_delta, and weight_gradient, an array of two, the bias's first
### BEGIN SOLUTION
output_delta = residual * sigmoid.derivative(t)
weight_gradient = np.array([output_delta * 1, output_delta * z])  # bias, weight
### END SOLUTION
print("by (4):            ", weight_gradient)
judged = numerical_gradient(lambda b: (y - sigmoid(b[0] + b[1] * z)) ** 2, beta)
print("finite differences:", judged)

# %% [markdown]
# ### Exercise `eq4`
#
# Write equation (4), **summed over the examples**, for all $k$ and $m$ at once, bias first. You need
# not use every argument. `g.derivative(T)` is $g'$.


# %% nbgrader={"grade_id": "eq4", "solution": true}
def grad_beta(Y, A, Z, T, F, g):
    """Return the gradient with respect to beta, shape (K, M+1): equation (4) summed over i."""
    ### BEGIN SOLUTION
    delta = -2 * (Y - F) * g.derivative(T)  # residual, output delta: (N, K)
    ones_Z = np.column_stack([np.ones(len(Z)), Z])  # the bias multiplies a 1: (N, M+1)
    return delta.T @ ones_Z  # weight gradient: the product sums over the examples
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq4", "grade": true}
check("eq4", grad_beta)

# %% [markdown]
# *Stuck? `hint("eq4")`*
#
# ## 3. The weights of the hidden layer: equation (5)
#
# Now follow $\alpha_{ml}$. It moves one hidden unit, which feeds **every** output.

# %%
network_diagram(p=3, M=3, K=2, follow="alpha")

# %% [markdown]
# 1. The pre-activation $a_{im}$ changes $x_{il}$ times as fast as $\alpha_{ml}$.
# 2. $z_{im} = \sigma(a_{im})$ changes $\sigma'(a_{im})$ times as fast as that.
# 3. Now the path splits. Each $t_{ik}$ changes $\beta_{km}$ times as fast as $z_{im}$.
# 4. From each $t_{ik}$ on, all is as before: $-2\,(y_{ik} - f_k)\, g'(t_{ik})$.
#
# Several paths lead from the weight to the loss, so their rates **add up**:
#
# $$\frac{\partial R_i}{\partial \alpha_{ml}} = -2 \sum_{k=1}^{K} (y_{ik} - f_k(x_i))\;
# g'(t_{ik})\; \beta_{km}\; \sigma'(a_{im})\; x_{il} \tag{5}$$
#
# For the bias, $x_{i0} = 1$. And the bias $\beta_{0k}$? It multiplies the constant 1, which no
# $\alpha$ can change. So nothing goes back through it.
#
# ### Half-worked: from delta back to the hidden layer
#
# Two steps of (5) are new: those between delta and the weight gradient. **Predict** their shapes for
# N = 5, M = 4, K = 2, then write them. The hidden delta is called s.
# *As a puzzle: `parsons("half-eq5")`*

# %% nbgrader={"grade_id": "half-eq5", "solution": true}
prediction = predict("the shape of what is sent back", "(?, ?)")  # the shape of what is sent back
rng = np.random.default_rng(0)
small_X, small_Y = rng.standard_normal((5, 3)), rng.random((5, 2))
small_alpha, small_beta = rng.standard_normal((4, 4)), rng.standard_normal((2, 5))
stored = forward(small_X, small_alpha, small_beta, tanh, sigmoid)  # A, Z, T, F
small_delta = numerical_gradient(lambda T: loss(small_Y, sigmoid(T)), stored.T)  # ∂R/∂T
# wanted: back, of the shape that you said, and small_s
### BEGIN SOLUTION
back = small_delta @ small_beta[:, 1:]  # send back: the product sums over k
small_s = back * tanh.derivative(stored.A)  # hidden delta
### END SOLUTION
judged = numerical_gradient(
    lambda A: loss(small_Y, output(tanh(A), small_beta, sigmoid)[1]), stored.A
)
print("sent back:", back.shape, "  you said:", prediction)
print(f"largest error: {np.abs(small_s - judged).max():.0e} (right if below 1e-8)")

# %% [markdown]
# ### Exercise `eq5`
#
# Write equation (5), summed over the examples.


# %% nbgrader={"grade_id": "eq5", "solution": true}
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    """Return the gradient with respect to alpha, shape (M, p+1): equation (5) summed over i."""
    ### BEGIN SOLUTION
    delta = -2 * (Y - F) * g.derivative(T)  # residual, output delta: (N, K)
    back = delta @ beta[:, 1:]  # send back, without the bias: (N, M)
    s = back * sigma.derivative(A)  # hidden delta: (N, M)
    ones_X = np.column_stack([np.ones(len(X)), X])
    return s.T @ ones_X  # weight gradient
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq5", "grade": true}
check("eq5", grad_alpha)

# %% [markdown]
# *Stuck? `hint("eq5")`*
#
# ## 4. A misprint, caught
#
# Suppose we had believed the loss without the square, as the paper once prints it. The derivative of
# $\sum_l (y_{il} - f_l)$ with respect to $f_k$ is $-1$, so the gradient would be
# $-g'(t_{ik})\, z_{im}$. Ask `check_gradient`:


# %%
def R(beta):
    return loss(small_Y, forward(small_X, small_alpha, beta, tanh, sigmoid).F)


ones_Z = np.column_stack([np.ones(5), stored.Z])

printed = (-sigmoid.derivative(stored.T)).T @ ones_Z
print("without the square:", check_gradient(R, printed, small_beta), sep="\n")

# %% [markdown]
# Ten entries, ten wrong. Now *your* equation (4):

# %% tags=["raises-exception"]
print("yours:", check_gradient(R, grad_beta(small_Y, *stored, sigmoid), small_beta), sep="\n")

# %% [markdown]
# ## 5. Once and for all: delta, equations (6) and (7)
#
# (4) and (5) share a factor. Give it a name:
#
# $$\delta_{ki} = \frac{\partial R_i}{\partial t_{ik}} = -2\,(y_{ik} - f_k(x_i))\; g'(t_{ik}).$$
#
# Then both gradients become short:
#
# $$\frac{\partial R_i}{\partial \beta_{km}} = \delta_{ki}\; z_{im} \tag{6}$$
#
# and
#
# $$\frac{\partial R_i}{\partial \alpha_{ml}} = \sum_{k=1}^{K} \delta_{ki}\; \beta_{km}\;
# \sigma'(a_{im})\; x_{il} \tag{7}$$
#
# `delta` is computed once and used twice, and with more layers it is passed on from layer to layer.
# That is the *back* in back-propagation.
#
# (Under (6) the paper prints $\delta_{km}$. But delta belongs to an output and an **example**: read
# $\delta_{ki}$.)
#
# ### Exercise `eq6`
#
# Return delta **and**, through it, the gradient with respect to beta.


# %% nbgrader={"grade_id": "eq6", "solution": true}
def backward_output(Y, A, Z, T, F, g):
    """Return delta (N, K), and the gradient with respect to beta (K, M+1)."""
    ### BEGIN SOLUTION
    delta = -2 * (Y - F) * g.derivative(T)
    by_beta = np.column_stack([delta.sum(axis=0), delta.T @ Z])
    return delta, by_beta
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq6", "grade": true}
check("eq6", backward_output)

# %% [markdown]
# *Stuck? `hint("eq6")`*
#
# ### Exercise `eq7`
#
# It never sees Y or F: all it needs to know of the loss is in `delta`.


# %% nbgrader={"grade_id": "eq7", "solution": true}
def backward_hidden(X, A, Z, delta, beta, sigma):
    """Return the gradient with respect to alpha (M, p+1), from delta (N, K)."""
    ### BEGIN SOLUTION
    s = (delta @ beta[:, 1:]) * sigma.derivative(A)
    return np.column_stack([s.sum(axis=0), s.T @ X])
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq7", "grade": true}
check("eq7", backward_hidden)

# %% [markdown]
# *Stuck? `hint("eq7")`*
#
# ## 6. Your gradients teach the penguins
#
# A forward pass, then a backward pass with your two functions:


# %%
def my_gradients(X, Y, alpha, beta, sigma, g):
    A, Z, T, F = forward(X, alpha, beta, sigma, g)
    delta, by_beta = backward_output(Y, A, Z, T, F, g)
    by_alpha = backward_hidden(X, A, Z, delta, beta, sigma)
    return by_alpha, by_beta


# %% [markdown]
# The penguins again, with 6 hidden units (tanh) and 3 outputs (sigmoid). Is your gradient right on
# *real* data, for all 51 weights?

# %% tags=["raises-exception"]
birds = penguins()
X = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0)
Y = birds.Y
alpha, beta = initial_weights(p=4, M=6, K=3, seed=0)


def R(weights):
    alpha, beta = weights
    return loss(Y, forward(X, alpha, beta, tanh, sigmoid).F)


print(check_gradient(R, my_gradients(X, Y, alpha, beta, tanh, sigmoid), (alpha, beta)))

# %% [markdown]
# Now gradient descent. Every weight takes a small step against its gradient, again and again. The
# size of the step is the **learning rate** γ. **Predict first**: what share of the birds will be named
# correctly after 300 steps?

# %% tags=["raises-exception"]
prediction = predict("the share of birds after 300 steps", "… %")  # your number here
trained = train(X, Y, alpha, beta, tanh, sigmoid, gamma=0.002, epochs=300, gradients=my_gradients)

outputs = forward(X, trained.alpha, trained.beta, tanh, sigmoid).F
right = np.mean(outputs.argmax(axis=1) == Y.argmax(axis=1))
print(f"R(θ): from {trained.losses[0]:.0f} to {trained.losses[-1]:.1f}")
print(f"{right:.1%} of the birds are named correctly; you said {prediction}")
loss_curves({"your gradients": trained.losses}, title="Penguins, γ = 0.002")

# %% [markdown]
# ## 7. How large a step?
#
# At every move of the slider (click it, then use the arrow keys) the network is trained again, **with
# your functions**. **Guess, then look**: which γ gives the lowest loss after 300 epochs? And what
# does the curve look like at ten times that γ?

# %%
learning_rate(gradients=my_gradients)

# %% [markdown]
# ## 8. Mistakes at work
#
# Six wrong equations (5), each in a training of its own. **Which curve is which?** Fill in `answers`,
# and run the cell again.

# %%
answers = {"A": "…", "B": "…", "C": "…", "D": "…", "E": "…", "F": "…"}
names = [
    "sign-flipped",
    "no-factor-2",
    "no-g-prime",
    "sigma-prime-at-Z",
    "examples-shifted",
    "bias-last",
]
mistakes_gallery("eq5", names, hide=True, answers=answers)

# %% [markdown]
# **A bug hunt.** A colleague's curve ends well *below* the right one. Which of the six is it, and why
# does it look better?
#
# <details><summary>The answer</summary>
#
# `no-g-prime`. For the sigmoid g′ is at most ¼, so without it delta is at least four times as large:
# as if alpha had a larger learning rate, and here γ was small. But theirs is not the direction in
# which R falls fastest, and nothing says that it will work on other data.
#
# With `sign-flipped` beta goes down and alpha up: the loss swings, most of the time below its start.
# The curve of `sigma-prime-at-Z` looks like that of the right one. Only a check finds it.
#
# (A `sigma-prime-at-Z`, B `no-g-prime`, C `bias-last`, D `examples-shifted`, E `sign-flipped`, F
# `no-factor-2`.)
# </details>
#
# ## 9. Do you remember?
#
# <details><summary>Why is there a sum over k in (5), and none in (4)?</summary>
#
# β_km reaches the loss through output k only. α_ml moves hidden unit m, which feeds all outputs.
# </details>
#
# <details><summary>A friend's gradient is half of yours everywhere. What did they forget, or
# how does their loss differ?</summary>
#
# The factor 2. Or their loss has a ½ in front; then they are right, for that loss.
# </details>
#
# <details><summary>At which point is σ′ taken, and why not at Z?</summary>
#
# At A, because that is what σ was applied to.
# </details>
#
# ## To take away
#
# - The five steps: residual, output delta, weight gradient, send back, hidden delta.
# - A weight's gradient is the delta of the unit that it leads to, times what it multiplied.
# - Rates of several paths add up. The bias sends nothing back.
#
# Next: **section 2.2**, where every output looks at all of $t$.

# %%
progress()
