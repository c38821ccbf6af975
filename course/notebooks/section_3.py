# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Section 3 · Down through many layers
#
# *About 40 minutes. You need: sections 2.1 to 2.3.*
#
# When you are through, you can
#
# - write a network of any depth, forward and backward: equations (14) to (18);
# - say why paths to the loss multiply with depth, but the work does not;
# - train a deep network, and see where gradients vanish.
#
# We follow section 3 of Charpentier's paper.
#
# **Two questions on section 2.3.** Answer before you open. If the cell below asks two, take those.
#
# <details><summary>One pass updates alpha and beta: both gradients at which weights?</summary>
#
# Both at the old weights: together they are the gradient of R(θ) at one point.
# </details>
#
# <details><summary>Why must weights not all start equal?</summary>
#
# Units with equal weights get equal gradients. They stay copies for ever.
# </details>

# %%
from bplab import review

review(before="section_3", items=2)

# %%
import numpy as np

from bplab import check, check_gradient, failing_case, hint, initial_weights, mistakes_gallery
from bplab import explain, mine, parsons, predict, progress, todo, train, where
from bplab.activations import identity, relu, sigmoid, softmax, tanh
from bplab.data import penguins
from bplab.deep import output_delta
from bplab.losses import loss
from bplab.plots import deep_network_diagram, gradient_norms, loss_curves
from bplab.widgets import backward_pass, vanishing_gradients

# %% [markdown]
# ## 1. Layer upon layer
#
# **D hidden layers**: section 1's layer D times, each fed with the output of the one below. Layer $d$
# has $M_d$ units, weights $\alpha^{(d)}$ and an activation $\sigma^{(d)}$. With $z_i^{(0)} = x_i$
# and $M_0 = p$:
#
# $$a_{im}^{(d)} = \alpha_{0m}^{(d)} + \sum_{l=1}^{M_{d-1}} \alpha_{ml}^{(d)}\, z_{il}^{(d-1)},
# \qquad z_{im}^{(d)} = \sigma^{(d)}\big(a_{im}^{(d)}\big), \qquad d = 1, \dots, D,$$
#
# and on top the output layer. In code, `alphas`, `sigmas`, `A` and `Z` have one item per layer:
# `alphas[0]` is $\alpha^{(1)}$, of shape $(M_1, p+1)$.


# %%
def forward_pass(X, alphas, beta, sigmas, g):
    A, Z = [], []
    inputs = X
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        A.append(alpha[:, 0] + inputs @ alpha[:, 1:].T)
        Z.append(sigma(A[-1]))
        inputs = Z[-1]  # what the next layer is given
    T = beta[:, 0] + inputs @ beta[:, 1:].T
    return A, Z, T, g(T)


rng = np.random.default_rng(3)
few_X, few_Y = rng.standard_normal((5, 4)), np.eye(3)[[0, 1, 2, 0, 1]]
alphas, beta = initial_weights(p=4, M=[8, 6], K=3, seed=0)
_, few_Z, _, few_F = forward_pass(few_X, alphas, beta, [tanh, sigmoid], softmax)
print("alphas:", [alpha.shape for alpha in alphas], "beta:", beta.shape)
print("Z:", [z.shape for z in few_Z], "F:", few_F.shape)

# %% [markdown]
# ### A misprint, caught
#
# The paper makes $Z^{(d)}$ from **X**, with $\alpha_m^{(d)}$ of length p, for every $d$: right for
# $d = 1$ only. (It also prints $Z_1^{(d)}$ for $Z_2^{(d)}$.) **Predict first**: feed X to every layer,
# as printed, then change $\alpha^{(1)}$. What does the output do?


# %%
def printed_pass(X, alphas, beta, sigmas, g):
    for alpha, sigma in zip(alphas, sigmas, strict=True):
        z = sigma(alpha[:, 0] + X @ alpha[:, 1:].T)
    return g(beta[:, 0] + z @ beta[:, 1:].T)


prediction = predict("layer 1 changed", "…")  # your word here
even, top = initial_weights(p=4, M=[4, 4], K=3, seed=1)
right = forward_pass(few_X, even, top, [tanh, tanh], softmax)[-1]
printed = printed_pass(few_X, even, top, [tanh, tanh], softmax)
changed = printed_pass(few_X, [9 * even[0], even[1]], top, [tanh, tanh], softmax)
print("You said:", prediction)
print("right and printed differ by", np.abs(right - printed).max().round(3))
print("layer 1 changed: output moves by", np.abs(changed - printed).max())

# %% [markdown]
# It runs, and layer 1 plays no part.
#
# ## 2. Many paths
#
# Follow one weight in the middle, $\alpha_{11}^{(2)}$, to the loss.

# %%
deep_network_diagram(p=3, widths=(3, 3, 3), K=2, follow=2)

# %% [markdown]
# It moves one unit of layer 2, which moves all of layer 3. Each of these moves all outputs: 3 · 2 = 6 paths.
# A path picks up the weight of each edge and σ′ of each unit, and ends in δ. Where paths split, the rates
# **add up**, as in (5). For a weight of the *first* layer:

# %%
w, v = [rng.standard_normal((3, 4)) for _ in range(3)], rng.standard_normal((2, 4))
x1, y1 = rng.standard_normal((1, 3)), np.zeros((1, 2))
a, z, t, f = forward_pass(x1, w, v, [tanh] * 3, identity)
slope = [1 - layer[0] ** 2 for layer in z]  # tanh′, one vector per layer
delta1 = -2 * (y1 - f)[0]

along = []  # what each path contributes
for j, i, k in np.ndindex(3, 3, 2):  # through unit j of layer 2, unit i of layer 3, output k
    edges = w[1][j, 1] * w[2][i, 1 + j] * v[k, 1 + i]
    along.append(delta1[k] * edges * slope[0][0] * slope[1][j] * slope[2][i] * x1[0, 0])


def R_of(first):
    return loss(y1, forward_pass(x1, [first, *w[1:]], v, [tanh] * 3, identity)[-1])


difference = mine.numerical_gradient(R_of, w[0])[0, 1]  # your own, of section 0
print(f"{len(along)} paths add up to {sum(along):.8f}")
print(f"finite difference:  {difference:.8f}")

# %% [markdown]
# It works, and it is hopeless. **Predict, then run**: with 10 hidden layers of 100 units and 10
# outputs, how many paths has such a weight?

# %%
for D in (1, 2, 3, 10):
    print(f"{D:2} layers: {10 * 100 ** (D - 1):,} paths")

# %% [markdown]
# The way out: all weights **into** one unit share what comes after it. Collect that once:
# $s_{mi}^{(d)} = \partial R_i / \partial a_{im}^{(d)}$, the **hidden delta** of layer $d$. It comes
# from that of the layer above by one matrix product.
#
# ## 3. The top two layers: equations (14) to (16)
#
# The last hidden layer feeds only the outputs. So nothing is new up there:
#
# $$\frac{\partial R_i}{\partial \beta_{km}} = \delta_{ki}\; z_{im}^{(D)} \tag{14}$$
#
# and, one layer below,
#
# $$\frac{\partial R_i}{\partial \alpha_{ml}^{(D)}} = \sum_{k=1}^{K} \delta_{ki}\, \beta_{km}\;
# \sigma^{(D)\prime}\big(a_{im}^{(D)}\big)\; z_{il}^{(D-1)} \tag{15}$$
#
# ### You have written this before
#
# Your `backward_output` gives (14). **Predict**: which of your functions gives (15), and what do you hand
# to it for X, A and Z? Then call it: `mine` has them all.
# *As a puzzle: `parsons("half-eq15")`*


# %% nbgrader={"grade_id": "half-eq15", "solution": true}
def R_of_top(top):
    return loss(
        few_Y, forward_pass(few_X, [alphas[0], top[0]], top[1], [tanh, sigmoid], softmax)[-1]
    )


A, Z, T, F = forward_pass(few_X, alphas, beta, [tanh, sigmoid], softmax)  # layers 1 and 2
delta, by_beta = mine.backward_output(few_Y, A[1], Z[1], T, F, softmax)  # (14)
# by_last = one call of a function of mine: (15), of the shape of alphas[1]
### BEGIN SOLUTION
by_last = mine.backward_hidden(Z[0], A[1], Z[1], delta, beta, sigmoid)
### END SOLUTION
print(check_gradient(R_of_top, [by_last, by_beta], [alphas[1], beta]))

# %% [markdown]
# Two layers are done, and you wrote nothing. But `backward_hidden` keeps to itself what the layer below
# will need: $s$, the part of (15) that belongs to unit $m$ alone:
#
# $$s_{mi}^{(D)} = \sum_{k=1}^{K} \delta_{ki}\, \beta_{km}\; \sigma^{(D)\prime}\big(a_{im}^{(D)}
# \big), \qquad \frac{\partial R_i}{\partial \alpha_{ml}^{(D)}} = s_{mi}^{(D)}\, z_{il}^{(D-1)}
# \tag{16}$$
#
# So take it apart, into two tools that fit every layer.
#
# ### Exercise `eq14`
#
# The **weight gradient**, summed over the examples: `delta` is of the layer that the weights lead to,
# `inputs` what they multiply, without the leading 1. *Stuck? `hint("eq14")`*


# %% nbgrader={"grade_id": "eq14", "solution": true}
def weight_gradient(delta, inputs):
    """Return the gradient (K, M+1), bias first, from delta (N, K) and inputs (N, M)."""
    ### BEGIN SOLUTION
    return np.column_stack([delta.sum(axis=0), delta.T @ inputs])
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq14", "grade": true}
check("eq14", weight_gradient)

# %% [markdown]
# ### Exercise `eq16`
#
# **Send back**, then the **hidden delta** $s^{(D)}$. `weights` are those of the layer **above**, bias
# first: β, for now. *Stuck? `hint("eq16")`*


# %% nbgrader={"grade_id": "eq16", "solution": true}
def hidden_delta(delta, weights, A, sigma):
    """Return s of a layer, shape (N, M_d), from the delta of the layer above."""
    ### BEGIN SOLUTION
    return (delta @ weights[:, 1:]) * sigma.derivative(A)
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq16", "grade": true}
check("eq16", hidden_delta)

# %% [markdown]
# ### Exercise `eq15`
#
# (15), summed over the examples: your two tools, one inside the other. `inputs` is $Z^{(D-1)}$, or X
# if D = 1. *Stuck? `hint("eq15")`*


# %% nbgrader={"grade_id": "eq15", "solution": true}
def grad_last_hidden(inputs, A, delta, beta, sigma):
    """Return the gradient with respect to the last hidden layer's weights, (M_D, M_{D-1}+1)."""
    ### BEGIN SOLUTION
    return weight_gradient(hidden_delta(delta, beta, A, sigma), inputs)
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq15", "grade": true}
check("eq15", grad_last_hidden)

# %% [markdown]
# ## 4. The recursion: equation (17)
#
# Unit $m$ of layer $d$ feeds all units of the layer above, whose $s^{(d+1)}$ we know. So the same two
# steps apply, with $s^{(d+1)}$ for δ and $\alpha^{(d+1)}$ for β:
#
# $$s_{mi}^{(d)} = \sum_{k=1}^{M_{d+1}} s_{ki}^{(d+1)}\, \alpha_{km}^{(d+1)}\;
# \sigma^{(d)\prime}\big(a_{im}^{(d)}\big), \qquad
# \frac{\partial R_i}{\partial \alpha_{ml}^{(d)}} = s_{mi}^{(d)}\, z_{il}^{(d-1)} \tag{17}$$
#
# ### A worked example
#
# One example, $x = 2$, $y = 1$. Layer 1: one sigmoid unit, weights (−1, 0.5), bias first. Layer 2:
# two tanh units, (0, 1) and (0.5, −1). Output: identity, $\beta = (0.1,\ 1,\ -2)$.
#
# | step | number |
# |---|---|
# | forward | $a^{(1)} = 0$, $z^{(1)} = 0.5$; $a^{(2)} = (0.5,\ 0)$, $z^{(2)} = (0.462,\ 0)$; $f = 0.562$ |
# | residual, output delta | $-2\,(1 - 0.562) = -0.876$; $g' = 1$, so $\delta = -0.876$ |
# | send back | through β: $(-0.876 \cdot 1,\ -0.876 \cdot (-2)) = (-0.876,\ 1.752)$ |
# | hidden delta | $\tanh' = 1 - z^2 = (0.786,\ 1)$, so $s^{(2)} = (-0.689,\ 1.752)$ |
# | send back | through $\alpha^{(2)}$: $-0.689 \cdot 1 + 1.752 \cdot (-1) \approx -2.440$ |
# | hidden delta | $\sigma' = z(1 - z) = 0.25$, so $s^{(1)} = -0.610$ |
# | weight gradient | of layer 1: bias $-0.610$; weight $-0.610 \cdot 2 = -1.220$ |
#
# Now you, with other weights in layer 2. Fill in $s^{(1)}$. It is the gradient of layer 1's bias: a finite
# difference can judge it.
# *As a puzzle: `parsons("half-eq17")`*

# %% nbgrader={"grade_id": "half-eq17", "solution": true}
x, y, first = np.array([[2.0]]), np.array([[1.0]]), np.array([[-1.0, 0.5]])
second, last = np.array([[0.3, 1.0], [0.5, -1.5]]), np.array([[0.1, 1.0, -2.0]])


def R_of(first):
    return loss(y, forward_pass(x, [first, second], last, [sigmoid, tanh], identity)[-1])


(a1, a2), _, _, f = forward_pass(x, [first, second], last, [sigmoid, tanh], identity)
d = -2 * (y - f)
s2 = (d @ last[:, 1:]) * tanh.derivative(a2)  # shape (1, 2)
# s1 = s of layer 1, shape (1, 1)
### BEGIN SOLUTION
s1 = (s2 @ second[:, 1:]) * sigmoid.derivative(a1)
### END SOLUTION
print(f"yours: {s1[0, 0]:.6f}")
print(f"finite difference: {mine.numerical_gradient(R_of, first)[0, 0]:.6f}")

# %% [markdown]
# ### Layer by layer, with shapes
#
# Five examples, and three hidden layers of 8, 6 and 2 units. Each step is a call of your
# `hidden_delta`; the first is there. (The library's `output_delta(Y, T, F, g)` is **residual** and
# **output delta** in one, for both kinds of $g$.) **Predict** the shape of each $s$, then fill in the
# other two. Through which weights does each go back?
# *As a puzzle: `parsons("half-eq17-2")`*

# %% nbgrader={"grade_id": "half-eq17-2", "solution": true}
prediction = predict("the shapes of s3, s2 and s1", "(?, ?) (?, ?) (?, ?)")
three, top = initial_weights(p=4, M=[8, 6, 2], K=3, seed=2)
A, Z, T, F = forward_pass(few_X, three, top, [tanh, sigmoid, tanh], softmax)
delta = output_delta(few_Y, T, F, softmax)

s3 = hidden_delta(delta, top, A[2], tanh)
# wanted: s2 and s1
### BEGIN SOLUTION
s2 = hidden_delta(s3, three[2], A[1], sigmoid)
s1 = hidden_delta(s2, three[1], A[0], tanh)
### END SOLUTION


def R_of(first):
    weights = [first, *three[1:]]
    return loss(few_Y, forward_pass(few_X, weights, top, [tanh, sigmoid, tanh], softmax)[-1])


print("you said:", prediction)
print("shapes:  ", s3.shape, s2.shape, s1.shape)
print("layer 1:", check_gradient(R_of, weight_gradient(s1, few_X), three[0]), sep="\n")

# %% [markdown]
# ### Exercise `eq17`
#
# The same for any number of layers: a loop from δ down to layer 1. *Stuck? `hint("eq17")`*


# %% nbgrader={"grade_id": "eq17", "solution": true}
def hidden_deltas(delta, alphas, beta, A, sigmas):
    """Return [s^(1), …, s^(D)], of shapes (N, M_d), from the output delta (N, K)."""
    ### BEGIN SOLUTION
    weights_above = [*alphas[1:], beta]  # those that lead out of each layer
    s = []
    for d in reversed(range(len(A))):
        delta = hidden_delta(delta, weights_above[d], A[d], sigmas[d])
        s.insert(0, delta)
    return s
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq17", "grade": true}
check("eq17", hidden_deltas)

# %% [markdown]
# ### One example, there and back
#
# (17) with its numbers: your `hidden_delta` is judged in each layer. A new activation:
#
# > **ReLU**: $\sigma(a) = \max(0, a)$. Its slope is 1 where $a > 0$, and 0 elsewhere: there the unit is
# > *off*.
#
# Choose it for layer 2: all units there are off. **Predict, then look**: how many of the last step's 19
# gradients are not 0? As x₁ rises, from where on does layer 1 learn again?

# %%
backward_pass(sizes=(2, 2, 3, 1), hidden_delta=hidden_delta, state="step=11")

# %% [markdown]
# <details><summary>Answer</summary>
# One, the output's bias: all else passes a unit that is off, or is multiplied by its z = 0. From
# x₁ = 3 on, one unit of layer 2 is on, and through it all of layer 1 learns.
# </details>
#
# ### Another misprint, caught
#
# Below (17) the paper gets $s^{(d+1)}$ as a gradient divided by an input,
# $(\partial R_i / \partial \alpha_{kl}^{(d+1)}) / z_{il}^{(d)}$. Let layer 1 have ReLU units. **Predict
# first**: for what share of all birds, units $k$ and units $l$ does the quotient exist?

# %%
birds = penguins()
X, Y = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0), birds.Y
sigmas = [relu, tanh]

# %% tags=["raises-exception"]
prediction = predict("the share that exists", "…")  # your word here
A, Z, T, F = forward_pass(X, alphas, beta, sigmas, softmax)
s_last = hidden_delta(output_delta(Y, T, F, softmax), beta, A[1], tanh)
gradients = s_last[:, :, None] * Z[0][:, None, :]  # of each bird, for each k and l
with np.errstate(invalid="ignore"):
    exists = np.isfinite(gradients / Z[0][:, None, :])
print("You said:", prediction)
print(f"it exists for {exists.mean():.0%}; birds without any NaN: {exists.all(axis=(1, 2)).sum()}")

# %% [markdown]
# A unit that is off has $z = 0$: 0/0. And one NaN makes every later sum NaN. No division is needed:
# $s$ was there before the gradient.
#
# ## 5. Down to the input: equation (18)
#
# Below layer 1 is the input, $z^{(0)} = x$:
#
# $$\frac{\partial R_i}{\partial \alpha_{ml}^{(1)}} = \sum_{k=1}^{M_2} s_{ki}^{(2)}\,
# \alpha_{km}^{(2)}\; \sigma^{(1)\prime}\big(a_{im}^{(1)}\big)\; x_{il} \tag{18}$$
#
# ### Exercise `eq18`
#
# The whole backward pass, with `forward_pass`, `output_delta` and your own functions. *Stuck? `hint("eq18")`*


# %% nbgrader={"grade_id": "eq18", "solution": true}
def backward(X, Y, alphas, beta, sigmas, g):
    """Return ([∂R/∂alphas[0], …], ∂R/∂beta), each in the shape of its weights."""
    ### BEGIN SOLUTION
    A, Z, T, F = forward_pass(X, alphas, beta, sigmas, g)
    delta = output_delta(Y, T, F, g)
    s = hidden_deltas(delta, alphas, beta, A, sigmas)
    inputs = [X, *Z[:-1]]  # what each hidden layer was given
    by_alphas = [weight_gradient(s_d, z) for s_d, z in zip(s, inputs, strict=True)]
    return by_alphas, weight_gradient(delta, Z[-1])
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq18", "grade": true}
check("eq18", backward)

# %% [markdown]
# ### A word too few
#
# Below (18) the paper calls $(\sigma^{(1)})'$ the activation function: layer 1 would multiply by
# $Z^{(1)}$ where its slope is due. **Predict first**: in which of the three blocks, `[0]`, `[1]` and
# beta `[2]`, are entries wrong?


# %% tags=["raises-exception"]
def R(weights):
    return loss(Y, forward_pass(X, weights[:-1], weights[-1], sigmas, softmax)[-1])


weights = [*alphas, beta]
by_alphas, by_beta = backward(X, Y, alphas, beta, sigmas, softmax)
printed = weight_gradient((s_last @ alphas[1][:, 1:]) * Z[0], X)
print("as printed:", check_gradient(R, [printed, by_alphas[1], by_beta], weights), sep="\n")
print("\nyours:", check_gradient(R, [*by_alphas, by_beta], weights), sep="\n")

# %% [markdown]
# ## 6. Your backward pass teaches the penguins

# %% tags=["raises-exception"]
trained = train(X, Y, alphas, beta, sigmas, softmax, gamma=0.002, epochs=300, gradients=backward)
outputs = forward_pass(X, trained.alpha, trained.beta, sigmas, softmax)[-1]
right = np.mean(outputs.argmax(axis=1) == Y.argmax(axis=1))
print(f"R(θ): from {trained.losses[0]:.0f} to {trained.losses[-1]:.2f}")
print(f"{right:.1%} of the birds are named correctly")
loss_curves({"4-8-6-3": trained.losses}, title="Penguins, two hidden layers, γ = 0.002")

# %% [markdown]
# ## 7. Why deep networks were hard
#
# On its way down, $s$ is multiplied by a σ′ in every layer: of the sigmoid at most 1/4, of ReLU 1 or 0.
# **Predict first**: with eight hidden layers and random weights, how many times smaller is the gradient
# in layer 1 than at the output, with sigmoid and with ReLU?

# %% tags=["raises-exception"]
prediction = predict("how many times smaller in layer 1", "…")  # your two numbers here
deep_alphas, deep_beta = initial_weights(p=4, M=[8] * 8, K=3, seed=0)
norms = {}
for name, sigma in {"sigmoid": sigmoid, "ReLU": relu}.items():
    by_alphas, by_beta = backward(X, Y, deep_alphas, deep_beta, [sigma] * 8, sigmoid)
    norms[name] = [np.linalg.norm(by) for by in (*by_alphas, by_beta)]
print("you said:", prediction)
for name, sizes in norms.items():
    print(f"{name}: {sizes[-1] / sizes[0]:,.0f} times smaller in layer 1")
gradient_norms(norms, title="8 hidden layers of 8 units, before training")

# %% [markdown]
# The gradient **vanishes**: with sigmoid units layer 1 hardly moves. ReLU keeps far more of it: one
# reason why deep networks use it.
#
# **Guess, then search**: is there a weight scale at which s keeps its size through 10 layers, with
# sigmoid, and with tanh?

# %%
vanishing_gradients(backward, state="depth=10,sigma=sigmoid,scale=1,bias=0")

# %% [markdown]
# <details><summary>Answer</summary>
# With tanh yes, near 1.8. With sigmoid there is none: from 0.21 at scale 1 the factor gets to 0.73
# at 10. Larger weights also push units to where σ′ is smaller still.
# </details>
#
# ## 8. The mistakes, at work
#
# Each trains a network with three hidden layers. **Which curve is which?**

# %%
# a name for each letter, then run again
answers = {"A": "…", "B": "…", "C": "…", "D": "…", "E": "…", "F": "…"}
names = ["sign-each-layer", "weights-left-out", "sigma-of-layer-below"]
names += ["back-sent-down", "s-by-division", "own-weights"]
mistakes_gallery("eq17", names, hide=True, answers=answers)

# %% [markdown]
# **A bug hunt.** A friend's network learned well with tanh everywhere. With ReLU in layer 1 the loss
# is NaN after a single update. Which is it? And which looks like no mistake?
#
# <details><summary>Answer</summary>
#
# s by division: with tanh no z is exactly 0. And what is sent down without its σ′ looks better than
# the right one.
#
# (A `s-by-division`, B `back-sent-down`, C `sign-each-layer`, D `own-weights`, E
# `weights-left-out`, F `sigma-of-layer-below`.)
# </details>
#
# ## 9. Do you remember?
#
# <details><summary>From which layers are the weights, A and Z in ∂R/∂α^(d)?</summary>
#
# Weights: from layer d + 1 (β for d = D). A and σ: from layer d. Z: from d − 1 (X for d = 1).
# </details>
#
# <details><summary>There are very many paths. Why is the backward pass not slow?</summary>
#
# All paths through a unit share what comes after it: one matrix product per layer.
# </details>
#
# ## To take away
#
# - s collects all paths: one matrix product per layer.
# - Every layer puts in a σ′. Small slopes, many layers: the gradient vanishes.
#
# Next: **section 4**, the activation functions.

# %%
progress()
