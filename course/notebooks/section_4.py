# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Section 4 · How a unit bends
#
# *About 40 minutes. You need: sections 2.1, 2.2 and 3.*
#
# When you are through, you can
#
# - write six activation functions with their derivatives;
# - say why a formula that is right on paper may give NaN, and cure it;
# - say what happens at a kink, in a saturated unit and in a dead one;
# - train with activations of your own, and choose one for a purpose.
#
# We follow section 4 of Charpentier's paper.
#
# **Two questions on section 3.** Answer before you open. If the cell below asks two, take those.
#
# <details><summary>The hidden delta of layer d is what was sent back, times what?</summary>
# Times σ′ at the pre-activation of layer d.
# </details>
#
# <details><summary>Why must the forward pass keep A of every layer, and not only Z?</summary>
# Because σ′ is taken at A. (For some functions Z is enough.)
# </details>

# %%
from bplab import review

review(before="section_4", items=2)

# %%
import warnings
import numpy as np
from bplab import activations, check, check_gradient, failing_case, initial_weights
from bplab import explain, mine, mistakes_gallery, parsons, predict, progress, todo, train, where
from bplab.activations import Activation
from bplab.data import penguins
from bplab.losses import loss
from bplab.network import forward
from bplab.plots import activation_curves, loss_curves, softmax_curves
from bplab.widgets import activation, playground

# %% [markdown]
# ## 1. What an activation must do
#
# It must **bend**. Here are two layers that do not: 3 features, 8 hidden units with the identity, 2
# outputs, 50 weights in all. **Predict, then run:** how many would *one* layer need to compute the same?

# %%
prediction = predict("how many weights", "…")  # your number here
rng = np.random.default_rng(4)
small_X = rng.standard_normal((5, 3))
small_alpha, small_beta = rng.standard_normal((8, 4)), rng.standard_normal((2, 9))
two = forward(small_X, small_alpha, small_beta, activations.identity, activations.identity).F
weights = small_beta[:, 1:] @ small_alpha[:, 1:]  # the product of two matrices is a matrix
biases = small_beta[:, 1:] @ small_alpha[:, 0] + small_beta[:, 0]
print(f"you said {prediction}; it takes {weights.size + biases.size}")
print(f"largest difference: {np.abs(two - small_X @ weights.T - biases).max():.0e}")

# %% [markdown]
# Without a bend, D layers are one. And the backward pass multiplies by σ′: where that is 0, nothing is
# learned.
#
# ## 2. Two that saturate: sigmoid and tanh

# %%
activation_curves(activations.sigmoid, activations.tanh)

# %% [markdown]
# **The sigmoid** is an inner function to the power −1, $a(x) = (1 + e^{-x})^{-1}$. The chain rule:
#
# $$a' = \underbrace{-(1 + e^{-x})^{-2}}_{\text{outer}} \cdot \underbrace{(-e^{-x})}_{\text{inner}}
# = \frac{1}{1 + e^{-x}} \cdot \frac{e^{-x}}{1 + e^{-x}} = a\,(1 - a).$$
#
# The second fraction is $1 - a$, since $1 - a = \frac{1 + e^{-x} - 1}{1 + e^{-x}}$.
#
# **The hyperbolic tangent** is $a(x) = u / v$ with $u = e^x - e^{-x}$ and $v = e^x + e^{-x}$. Then
# $u' = v$ and $v' = u$, and the quotient rule gives
#
# $$a' = \frac{u'v - u v'}{v^2} = \frac{v^2 - u^2}{v^2} = 1 - a^2.$$
#
# ### A worked example
#
# At $x = \ln 3$ we have $e^x = 3$ and $e^{-x} = \frac13$. One hidden unit (tanh) with $a = \ln 3$ feeds
# one output (sigmoid) with $t = \ln 3$ through a weight of 2; the target is 1.
#
# | step | number |
# |---|---|
# | forward | $z = (3 - \frac13) / (3 + \frac13) = 0.8$ and $f = 1 / (1 + \frac13) = 0.75$ |
# | residual | $-2\,(1 - 0.75) = -0.5$ |
# | output delta | $g' = 0.75 \cdot 0.25 = 0.1875$, so $-0.5 \cdot 0.1875 \approx -0.094$ |
# | weight gradient | bias $-0.094$, weight $-0.094 \cdot 0.8 = -0.075$ |
# | send back | $-0.094 \cdot 2 \approx -0.188$ |
# | hidden delta | $\tanh' = 1 - 0.8^2 = 0.36$, so $-0.188 \cdot 0.36 \approx -0.068$ |
#
# Now you: the sigmoid's derivative in two ways. Fill in the second.
# *As a puzzle: `parsons("half-sigmoid")`*

# %% nbgrader={"grade_id": "half-sigmoid", "solution": true}
numbers = np.array([np.log(3), -2.0])
value = 1 / (1 + np.exp(-numbers))
difference = (1 / (1 + np.exp(-numbers - 1e-6)) - 1 / (1 + np.exp(-numbers + 1e-6))) / 2e-6
### BEGIN SOLUTION
from_value = value * (1 - value)  # without any exponential
### END SOLUTION
print("finite difference:", difference)
print("from the value:   ", from_value)
assert np.allclose(from_value, difference), "not yet: the two should agree"

# %% [markdown]
# ### As printed, in the machine: predict, then run
#
# `np.exp` is infinite above 709. Here are three forms, each right on paper. **Which survive** at
# x = −1000, and which at 1000?

# %%
prediction = predict("which forms survive", "…")  # your words here
FORMS = {
    "sigmoid as printed": lambda x: 1 / (1 + np.exp(-x)),
    "the same times e^x": lambda x: np.exp(x) / (1 + np.exp(x)),
    "tanh as printed": lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
}
print("you said:", prediction)
for name, form in FORMS.items():
    print(name)
    for x in np.array([-1000.0, 1000.0]):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            result = form(x)
        warned = [str(w.message).partition(" encountered")[0] for w in caught]
        print(f"  at {x:5.0f}: {result:<3} ({', '.join(dict.fromkeys(warned)) or 'silent'})")

# %% [markdown]
# - **A warning is not yet a wrong result.** In the printed sigmoid at −1000 the denominator is
#   $1 + \infty$, and $1/\infty = 0$ is right.
# - **∞/∞ is wrong**: it gives NaN, and after the next update *every* weight is NaN.
#
# The cure: take the exponential only of numbers that are **not positive**; it then lies between 0
# and 1. For the sigmoid that is the printed form where $x \ge 0$, and the other one where $x < 0$.
#
# ### Exercise `sigmoid`
#
# It must work for $|x|$ up to 10,000, and for whole numbers too. Leave `x` as it was.


# %% nbgrader={"grade_id": "sigmoid", "solution": true}
def sigmoid(x):
    """Return the value and the derivative of the sigmoid, both of the shape of x (N, M)."""
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(x))  # never above 1
    a = np.where(x >= 0, 1, e) / (1 + e)
    return a, a * (1 - a)
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-sigmoid", "grade": true}
check("sigmoid", sigmoid)

# %% [markdown]
# *Stuck? `hint("sigmoid")`*
#
# ### Exercise `tanh`


# %% nbgrader={"grade_id": "tanh", "solution": true}
def tanh(x):
    """Return the value and the derivative of tanh, both of the shape of x (N, M)."""
    ### BEGIN SOLUTION
    a = np.tanh(x)
    return a, 1 - a**2
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-tanh", "grade": true}
check("tanh", tanh)

# %% [markdown]
# *Stuck? `hint("tanh")`*
#
# ## 3. One that sees all of t: softmax
#
# $$g_k(t_i) = \frac{e^{t_{ik}}}{\sum_{l=1}^{K} e^{t_{il}}}$$

# %%
softmax_curves()

# %% [markdown]
# ### Two misprints, caught
#
# The paper prints $t_{ikl}$ in the denominator: $t$ has no third index. And it calls the value
# $\delta_k$. Suppose we believe that, and put the softmax value into (10),
# $\partial R_i / \partial \beta_{km} = \delta_{ki}\, z_{im}$.

# %%
small_Y, g = np.eye(2)[[0, 1, 1, 0, 1]], activations.softmax
_, small_Z, small_T, small_F = forward(small_X, small_alpha, small_beta, activations.tanh, g)
# section 2.2: the residual, through the Jacobian
small_delta = g.pull_back(-2 * (small_Y - small_F), small_T)
for reading, factor in (("the softmax value", small_F), ("as in section 2.2", small_delta)):
    report = check_gradient(
        lambda beta: loss(small_Y, forward(small_X, small_alpha, beta, activations.tanh, g).F),
        factor.T @ np.column_stack([np.ones(5), small_Z]),
        small_beta,
    )
    print(f"δ is {reading}:", str(report).partition("\n")[0], sep="\n")

# %% [markdown]
# So the value is $g_k$, and $\delta$ stays $\partial R_i / \partial t$.
#
# ### The Jacobian, both cases
#
# As in section 2.2, with $S = \sum_l e^{t_l}$, first **k = l**, then **k ≠ l**:
#
# $$\frac{\partial g_k}{\partial t_k} = \frac{e^{t_k} S - e^{t_k} e^{t_k}}{S^2} = g_k (1 - g_k),
# \qquad \frac{\partial g_k}{\partial t_l} = \frac{0 \cdot S - e^{t_k} e^{t_l}}{S^2} = -g_k\, g_l.$$
#
# So: *minus the product $g_k g_l$ everywhere, and $g_k$ more on the diagonal*. By hand, with $t = (\ln 1, \ln 2, \ln 5)$, so that $S = 8$ and the shares are $\frac18, \frac28, \frac58$:
#
# $$\frac{1}{64} \begin{pmatrix} 1 \cdot 7 & -1 \cdot 2 & -1 \cdot 5 \\ -2 \cdot 1 & 2 \cdot 6 &
# -2 \cdot 5 \\ -5 \cdot 1 & -5 \cdot 2 & 5 \cdot 3 \end{pmatrix}$$
#
# Each row sums to 0, since a shift of all $t$ changes nothing. That shift is the cure for overflow, too:
#
# $$\frac{e^{t_k - c}}{\sum_l e^{t_l - c}} = \frac{e^{-c}\, e^{t_k}}{e^{-c} \sum_l e^{t_l}} = g_k.$$
#
# Choose $c$ as the largest $t$ **of the row**, and no exponent is positive.
#
# ### Exercise `softmax`
#
# Entry `[i, k, l]` of the Jacobian is $\partial g_k / \partial t_l$ of example i.


# %% nbgrader={"grade_id": "softmax", "solution": true}
def softmax(t):
    """Return the softmax of each row (N, K), and its Jacobian (N, K, K), from t (N, K)."""
    ### BEGIN SOLUTION
    e = np.exp(t - t.max(axis=1, keepdims=True))
    g = e / e.sum(axis=1, keepdims=True)
    products = g[:, :, None] * g[:, None, :]  # g_k g_l
    diagonals = g[:, :, None] * np.eye(g.shape[1])  # g_k where k = l
    return g, diagonals - products
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-softmax", "grade": true}
check("softmax", softmax)

# %% [markdown]
# *Stuck? `hint("softmax")`*
#
# ## 4. Three with a kink: ReLU, leaky ReLU, ELU
#
# | | for $x \le 0$ | for $x > 0$ | derivative for $x \le 0$ | for $x > 0$ |
# |---|---|---|---|---|
# | ReLU | $0$ | $x$ | $0$ | $1$ |
# | leaky ReLU | $\alpha x$ | $x$ | $\alpha$ | $1$ |
# | ELU | $\alpha (e^x - 1)$ | $x$ | $a + \alpha$ | $1$ |
#
# (Here $\alpha$ is a number that you choose, not a weight.)

# %%
activation_curves(activations.relu, activations.leaky_relu(0.1), activations.elu(0.5), limit=3)

# %% [markdown]
# ELU's derivative on the left is found from its value, too:
# $\alpha e^x = \alpha (e^x - 1) + \alpha = a + \alpha$.
#
# ### At 0: predict, then run
#
# The full dots are the paper's **convention**: $x = 0$ belongs to the left. What does a central
# difference say about the ReLU at 0?

# %%
for h in (1e-1, 1e-3, 1e-5):
    left, here, right = activations.relu(np.array([-h, 0.0, h]))
    print(f"h = {h:g}: left {(here - left) / h}, right {(right - here) / h}, ", end="")
    print(f"central {(right - left) / (2 * h)}")
at = np.array([-1.0, 0.0, 2.0])
print(check_gradient(lambda x: activations.relu(x).sum(), activations.relu.derivative(at), at))

# %% [markdown]
# A half, for every step: the mean of both sides. At a kink there is no derivative, so the checker
# *cannot tell*. We take the paper's 0. Mind the `=`.
#
# ### What α = 1 hides
#
# Is `a + 1` right for ELU's derivative on the left? Fill in your own.
# *As a puzzle: `parsons("half-elu")`*

# %% nbgrader={"grade_id": "half-elu", "solution": true}
x = np.array([-2.0, -0.5])
for elu_alpha in (1.0, 0.3):
    a = elu_alpha * np.expm1(x)  # e^x − 1, with all its digits
    difference = elu_alpha * (np.expm1(x + 1e-6) - np.expm1(x - 1e-6)) / 2e-6
    ### BEGIN SOLUTION
    yours = a + elu_alpha
    ### END SOLUTION
    print(f"α = {elu_alpha}: finite difference {difference.round(4)}")
    print(f"         a + 1             {(a + 1).round(4)}")
    print(f"         yours             {yours.round(4)}")
    assert np.allclose(yours, difference), "not yet: yours should agree with the difference"

# %% [markdown]
# At $\alpha = 1$ they are the same: no test there can tell right from wrong. **Test where the parts of a
# formula differ.**
#
# ### Exercises `relu`, `leaky-relu`, `elu`
#
# `alpha` is at most 1, and may be 0 or negative. `np.where` computes **both** sides for all of `x`.


# %% nbgrader={"grade_id": "relu", "solution": true}
def relu(x):
    """Return the value and the derivative of the ReLU, both of the shape of x (N, M)."""
    ### BEGIN SOLUTION
    return np.maximum(x, 0), np.where(x > 0, 1.0, 0.0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-relu", "grade": true}
check("relu", relu)


# %% nbgrader={"grade_id": "leaky-relu", "solution": true}
def leaky_relu(x, alpha):
    """Return the value and the derivative of the leaky ReLU, both of the shape of x (N, M)."""
    ### BEGIN SOLUTION
    return np.where(x > 0, x, alpha * x), np.where(x > 0, 1.0, alpha)
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-leaky-relu", "grade": true}
check("leaky-relu", leaky_relu)


# %% nbgrader={"grade_id": "elu", "solution": true}
def elu(x, alpha):
    """Return the value and the derivative of the ELU, both of the shape of x (N, M)."""
    ### BEGIN SOLUTION
    left = alpha * np.expm1(np.minimum(x, 0))  # no exponential of a positive number
    return np.where(x > 0, x, left), np.where(x > 0, 1.0, left + alpha)
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-elu", "grade": true}
check("elu", elu)

# %% [markdown]
# *Stuck? `hint("relu")`, `hint("leaky-relu")`, `hint("elu")`*
#
# ### Yours, point by point
#
# Shaded is where less than 5 % of what is sent back gets through. **Guess, then look**: which runs into
# it first as x falls from 0, your ELU with α = 0.5, the sigmoid, or tanh? And for which α does your ELU
# have no kink at 0?

# %%
activation(elu, state="function=yours,alpha=0.5,x=0,h=0.1")

# %% [markdown]
# <details><summary>Answer</summary>
# tanh, at −2.2, though it is the steepest at 0; ELU at −2.3, the sigmoid at −2.9. The kink is gone at
# α = 1 only.
# </details>
#
# ## 5. Your activations teach the penguins
#
# An `Activation` is a new name and two functions.

# %%
my_sigmoid = Activation("my sigmoid", lambda x: sigmoid(x)[0], lambda x: sigmoid(x)[1])
my_tanh = Activation("my tanh", lambda x: tanh(x)[0], lambda x: tanh(x)[1])
my_relu = Activation("my ReLU", lambda x: relu(x)[0], lambda x: relu(x)[1])
my_leaky = Activation("my leaky", lambda x: leaky_relu(x, 0.1)[0], lambda x: leaky_relu(x, 0.1)[1])
my_elu = Activation("my ELU", lambda x: elu(x, 0.5)[0], lambda x: elu(x, 0.5)[1])
birds = penguins()
X, Y = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0), birds.Y
alpha, beta = initial_weights(p=4, M=6, K=3, seed=0)


def trained(sigma, alpha, beta):
    setting = {"gamma": 0.002, "epochs": 300, "gradients": mine.backward}  # yours, of section 3
    run = train(X, Y, [alpha], beta, [sigma], activations.softmax, **setting)
    F = forward(X, run.alpha[0], run.beta, sigma, activations.softmax).F
    right = np.mean(F.argmax(axis=1) == Y.argmax(axis=1))
    print(f"{sigma}: R from {run.losses[0]:.0f} to {run.losses[-1]:.1f}, {right:.1%} right")
    return run.losses


# %% [markdown]
# **Predict first**: which learns fastest, which slowest?

# %% tags=["raises-exception"]
prediction = predict("the order", "…")  # your order of sigmoid, tanh, ELU
curves = {str(a): trained(a, alpha, beta) for a in (my_sigmoid, my_tanh, my_elu)}
print("you said:", prediction)
loss_curves(curves, title="Penguins, γ = 0.002, another hidden activation in each")

# %% [markdown]
# A derivative of at most ¼ makes every entry of ∂R/∂α small: the sigmoid is slowest.
#
# ### Presets named after failures
#
# **Saturated**: the hidden layer's weights are 100 times too large. **Dead ReLU**: its biases are −10.
# **Predict first**: which weights can still learn? And with a leaky ReLU?

# %% tags=["raises-exception"]
prediction = predict("what can still learn", "…")  # your words here
off = np.column_stack([np.full(6, -10.0), alpha[:, 1:]])
PRESETS = {"saturated": (my_sigmoid, 100 * alpha), "dead ReLU": (my_relu, off)}
PRESETS["the same start, leaky"] = (my_leaky, off)
curves = {}
for name, (sigma, start) in PRESETS.items():
    slopes = sigma.derivative(forward(X, start, beta, sigma, activations.softmax).A)
    print(f"{name}: {np.mean(slopes < 0.001):.0%} of σ′ under 0.001")
    curves[name] = trained(sigma, start, beta)
print(f"one answer for all birds: R = {loss(Y, 0 * Y + Y.mean(axis=0)):.1f} at best")
print("you said:", prediction)
loss_curves(curves, title="Two unhappy starts, and a cure for one")

# %% [markdown]
# - **Saturated**: the hidden layer stays about as random as it was. Little but `beta` learns.
# - **Dead ReLU**: Z and σ′ are exactly 0, and so are all gradients but those of the output *biases*.
#   They find the best answer for all birds alike.
# - **Leaky**: 0.1 is a small slope, but it is not 0. The units come back.
#
# ### Which one when?
#
# | where | what you want | take |
# |---|---|---|
# | output | any number | identity, with the squared error |
# | output | yes or no, each for itself | sigmoid |
# | output | one of K classes | softmax |
# | hidden | few layers: smooth, and around 0 | tanh |
# | hidden | many layers: slopes that do not shrink | ReLU; leaky ReLU or ELU if units die |
#
# ## 6. The mistakes gallery
#
# Each panel trains with a wrong ELU. **Which is which?** And a **bug hunt**: a friend's ELU was right as
# long as α was 1. Which two may it be? Which would the loss never have told?

# %%
answers = {"A": "…", "B": "…", "C": "…", "D": "…", "E": "…"}  # a name for each, then run again
names = ("a-plus-1", "slope-at-value", "alpha-on-right", "always-one", "order-swapped")
mistakes_gallery("elu", names, hide=True, answers=answers)

# %% [markdown]
# <details><summary>Answer</summary>
# "a + 1" in place of "a + α", and α on the positive side. The first learns as well as the right
# one: a loss that falls is no proof of a gradient.
#
# (A `a-plus-1`, B `order-swapped`, C `alpha-on-right`, D `slope-at-value`, E `always-one`.)
# </details>
#
# ## 7. Play
#
# Six ReLU units have learned a circle in 400 epochs. Press **dead ReLU**, choose your prediction, then
# Play. Keep that start, and try to save the network: with another γ, with `leaky_relu`. **Does anything
# help within 200 epochs?**

# %%
playground(state="act1=relu,epoch=400")

# %% [markdown]
# <details><summary>Answer</summary>
# No γ does: γ times 0 is 0. Nor does the leak, which is only 0.01 here; above it was 0.1. Sigmoid and
# tanh are saturated there. What helps is a better start: "random", and R falls as at first.
# </details>
#
# ## 8. Do you remember?
#
# <details><summary>Why is the printed sigmoid right at −1000, the other form NaN at 1000?</summary>
# At −1000 only the denominator is infinite, and 1/∞ = 0 is right. At 1000 both are: ∞/∞ is NaN.
# </details>
#
# <details><summary>A softmax gives NaN for some examples only, and only in some batches. What do
# you suspect?</summary>
# The maximum of the whole array is subtracted, not that of the row. In a row far below it all
# exponentials are 0: 0/0.
# </details>
#
# ## To take away
#
# - Without a bend, D layers are one. Without a slope, nothing is learned.
# - Every derivative here can be found from the value: $a(1-a)$; $1-a^2$; $a + \alpha$ on the left of ELU.
# - Take exponentials of what is not positive. A warning may be harmless, a NaN never is.
# - Test where the parts of a formula differ, on the kink, and far out.
#
# Next: the **capstone**.

# %%
progress()
