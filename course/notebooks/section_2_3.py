# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
# ---

# %% [markdown]
# # Section 2.3 · From gradient to step
#
# *About 35 minutes. You need: section 2.1; section 2.2 where softmax occurs.*
#
# When you are through, you can
#
# - update every weight, equations (12) and (13), and say why that helps;
# - write one pass of back-propagation, with both gradients taken at the old weights;
# - tell from a loss curve whether the learning rate is too small or too large;
# - say what gradient descent does not tell you: where to start, and when to stop.
#
# We follow section 2.3 of Charpentier's paper, half a page that leaves much open.
#
# **Two questions on section 2.2.** Answer before you open. If the cell below asks two, take those.
#
# <details><summary>Which of the five steps changes when the output is softmax?</summary>
#
# Only the output delta: every $f_l$ depends on every $t_k$, so it takes the whole Jacobian.
# </details>
#
# <details><summary>The last line before (8) is printed with <i>y_ik − f_k</i> inside the sum over
# l. What would the output layer learn from that gradient?</summary>
#
# Nothing. For softmax it is zero, whatever the weights.
# </details>

# %%
from bplab import review

review(before="section_2_3", items=2)

# %%
import numpy as np

from bplab import check, failing_case, hint, mistakes_gallery, predict, progress, todo
from bplab import check_gradient, explain, initial_weights, parsons, train, where
from bplab.activations import sigmoid, softmax, tanh
from bplab.data import penguins
from bplab.losses import loss
from bplab.network import backward_hidden, backward_output, forward
from bplab.plots import descent_paths, loss_curves, tangent_step
from bplab.widgets import learning_rate, loss_landscape

# %% [markdown]
# ## 1. One weight
#
# The smallest network: one weight $w$, no bias, output $f = w x$. Three examples.

# %%
x, y = np.array([1.0, 2.0, -1.0]), np.array([0.0, 2.5, -1.0])


def R(w):
    return np.sum((y - w * x) ** 2)


def slope(w):
    return np.sum(-2 * (y - w * x) * x)


tangent_step(R, slope, 2.5, gamma=0.04, span=(-2, 4))

# %% [markdown]
# Very near to $w$, the curve is nearly its tangent. So for a small step $h$
#
# $$R(w + h) \approx R(w) + h\, R'(w).$$
#
# If the sign of $h$ is opposite to that of the slope, R falls. The simplest choice is
# $h = -\gamma\, R'(w)$, with a positive number $\gamma$, the **learning rate**. Its promise is
#
# $$R(w + h) \approx R(w) - \gamma\, R'(w)^2,$$
#
# and a square is never negative. It is as good as the tangent: γ must be small enough.
#
# ### A worked example
#
# Here $R'(w) = 12\,(w - 1)$; the lowest point is $w = 1$. Two steps by hand, with γ = 0.04:
#
# | step | weight $w$ | slope $12(w-1)$ | step $-\gamma \cdot$ slope | new $w$ |
# |---|---|---|---|---|
# | 1 | 2.5 | 18 | −0.72 | 1.78 |
# | 2 | 1.78 | 9.36 | −0.374 | 1.406 |
#
# The second step is shorter, with the same γ: there the slope is smaller.
#
# ### Predict, then run
#
# Eight steps with γ = 0.02, 0.07 and 0.18. Which ends nearest to $w = 1$? Does any end farther away
# than it started?

# %%
prediction = predict("which γ ends nearest", "…")  # your word here
rates = {f"γ = {gamma}": gamma for gamma in (0.02, 0.07, 0.18)}
for name, gamma in rates.items():
    w = 2.5
    for _ in range(8):
        w = w - gamma * slope(w)
    print(f"{name}: w = {w:.3f} after 8 steps")
print("You said:", prediction)
descent_paths(R, slope, 2.5, rates, steps=8, span=(-2, 4))

# %% [markdown]
# One step turns the distance $w - 1$ into
# $(w - 1) - \gamma \cdot 12\,(w - 1) = (1 - 12\gamma)(w - 1)$: always the same factor.
#
# | γ | factor $1 - 12\gamma$ | what you see |
# |---|---|---|
# | far below 1/12 | nearly 1 | from one side, slowly: **too small** |
# | about 1/12 | about 0 | there at once: **right** |
# | between 1/12 and 1/6 | between 0 and −1 | from side to side, but nearer |
# | above 1/6 | below −1 | from side to side, and farther away: **too large** |
#
# ### The rate may change on the way
#
# The paper writes $\gamma_r$, for step $r$. Often the rate decays. **Predict first**: will the weight
# still go farther and farther away, if γ shrinks as $0.18 / (1 + r/5)$?

# %%
decaying = [0.18 / (1 + r / 5) for r in range(8)]
print("rates:", np.round(decaying, 2), sep="\n")
rates = {"γ = 0.18": 0.18, "γ from 0.18 down": decaying}
descent_paths(R, slope, 2.5, rates, steps=8, span=(-2, 4))

# %% [markdown]
# The first step goes too far. From the second on, the rate is below 1/6, and the path gets nearer.
#
# ## 2. All weights at once: equations (12) and (13)
#
# Many weights: for small steps their effects add up. Let each step by $-\gamma$ times its own
# derivative, and R falls by about γ times the **sum of all squared derivatives**:
#
# $$\beta_{km}^{(r+1)} = \beta_{km}^{(r)} - \gamma_r \sum_{i=1}^{N} \frac{\partial R_i}{\partial
# \beta_{km}} \tag{12}$$
#
# and
#
# $$\alpha_{ml}^{(r+1)} = \alpha_{ml}^{(r)} - \gamma_r \sum_{i=1}^{N} \frac{\partial R_i}{\partial
# \alpha_{ml}} \tag{13}$$
#
# The biases are in it, as $m = 0$ and $l = 0$. The sum over $i$ is in your gradients already.
#
# ### A worked example, all five steps
#
# One input, one hidden unit, one output, both sigmoid. $x = 2$, target $y = 1$, $\alpha = (-1,\ 0.5)$
# and $\beta = (0.2,\ 0.6)$, bias first, and γ = 1.
#
# | step | number |
# |---|---|
# | forward | $a = 0$, $z = 0.5$, $t = 0.5$, $f \approx 0.622$, so $R \approx 0.1425$ |
# | residual | $-2\,(1 - 0.622) \approx -0.755$ |
# | output delta | $-0.755 \cdot f(1 - f) \approx -0.177$ |
# | weight gradient, β | bias: $-0.177$; weight: $-0.177 \cdot z \approx -0.089$ |
# | send back | $-0.177 \cdot 0.6 \approx -0.106$, through the **old** $\beta_1$ |
# | hidden delta | $-0.106 \cdot \sigma'(0) = -0.106 \cdot 0.25 \approx -0.027$ |
# | weight gradient, α | bias: $-0.027$; weight: $-0.027 \cdot x \approx -0.053$ |
# | updates (12), (13) | $\beta = (0.377,\ 0.689)$, $\alpha = (-0.973,\ 0.553)$ |
#
# Forward again: $f \approx 0.678$, $R \approx 0.1037$. It fell by 0.039. The promise was
# $0.177^2 + 0.089^2 + 0.027^2 + 0.053^2 \approx 0.043$: near, though γ = 1 is no tiny step.
#
# Now half of it is yours. Only β moves, and γ is 0.5. Where are the two weights then? If R falls
# about as promised, you are right.
# *As a puzzle: `parsons("half-eq12")`*


# %% nbgrader={"grade_id": "half-eq12", "solution": true}
def R_of(beta):
    return (1 - sigmoid(beta[0] + beta[1] * 0.5)) ** 2


before, slopes, rate = np.array([0.2, 0.6]), np.array([-0.1774, -0.0887]), 0.5
# after = two numbers
### BEGIN SOLUTION
after = before - rate * slopes
### END SOLUTION
print(f"R: from {R_of(before):.4f} to {R_of(after):.4f}")
print(f"fell by {R_of(before) - R_of(after):.4f}, promised {rate * np.sum(slopes**2):.4f}")

# %% [markdown]
# ### Exercise `eq12`
#
# One function serves (12) and (13). Return **new** weights and leave the given ones as they are: they
# may still be needed.
#
# *Stuck? `hint("eq12")`*


# %% nbgrader={"grade_id": "eq12", "solution": true}
def update(weights, gradient, gamma):
    """Return the weights after one update; weights and gradient have one shape, e.g. (K, M+1)."""
    ### BEGIN SOLUTION
    return weights - gamma * gradient
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq12", "grade": true}
check("eq12", update)

# %% [markdown]
# ## 3. One pass of back-propagation
#
# **One pass** is: forward with the old weights; both gradients from that; both updates. Here each
# pass uses every example once: it is an **epoch**.
#
# On the right of (12) and (13) everything is **old**, marked $(r)$: slopes at *one* point.
#
# The worked example again, in arrays; `W0` and `V0` are its α and β. Fill the gap with
# `backward_hidden(X, A, Z, delta, beta, sigma)`, that of section 2.1.
# *As a puzzle: `parsons("half-eq13")`*

# %% nbgrader={"grade_id": "half-eq13", "solution": true}
x1, y1 = np.array([[2.0]]), np.array([[1.0]])
W0, V0 = np.array([[-1.0, 0.5]]), np.array([[0.2, 0.6]])
A1, Z1, T1, F1 = forward(x1, W0, V0, sigmoid, sigmoid)
d1, by_V = backward_output(y1, A1, Z1, T1, F1, sigmoid)
# by_W = its gradient with respect to α, shape (1, 2)
### BEGIN SOLUTION
by_W = backward_hidden(x1, A1, Z1, d1, V0, sigmoid)
### END SOLUTION
W1, V1 = W0 - 1.0 * by_W, V0 - 1.0 * by_V
print("new α:", W1[0].round(3), " by hand −0.973, 0.553")
print("new β:", V1[0].round(3), "   by hand 0.377, 0.689")
print("R:", loss(y1, forward(x1, W1, V1, sigmoid, sigmoid).F).round(4), " by hand 0.1037")

# %% [markdown]
# ### Exercise `eq13`
#
# Write one pass; `g` is elementwise or softmax. Use the library's `forward`, `backward_output` and
# `backward_hidden`, which do what yours do for both, and your own `update`.
#
# *Stuck? `hint("eq13")`*


# %% nbgrader={"grade_id": "eq13", "solution": true}
def one_pass(X, Y, alpha, beta, sigma, g, gamma):
    """Return the new alpha (M, p+1) and the new beta (K, M+1), after one pass on all examples."""
    ### BEGIN SOLUTION
    A, Z, T, F = forward(X, alpha, beta, sigma, g)
    delta, by_beta = backward_output(Y, A, Z, T, F, g)
    by_alpha = backward_hidden(X, A, Z, delta, beta, sigma)  # beta is still the old one
    return update(alpha, by_alpha, gamma), update(beta, by_beta, gamma)
    ### END SOLUTION


# %% nbgrader={"grade_id": "test-eq13", "grade": true}
check("eq13", one_pass)

# %% [markdown]
# ### Why the old weights matter
#
# Here is a pass in a hurry: it updates beta as soon as it can. **Predict first**: of the 16 weights
# in alpha and 10 in beta, how many get a wrong step? Old minus new weights, divided by γ, must be the
# gradient: `check_gradient` can judge it.


# %%
def hasty_pass(X, Y, alpha, beta, sigma, g, gamma):
    seen = forward(X, alpha, beta, sigma, g)
    d, slopes = backward_output(Y, *seen, g)
    beta = beta - gamma * slopes
    slopes = backward_hidden(X, seen.A, seen.Z, d, beta, sigma)
    return alpha - gamma * slopes, beta


prediction = predict("how many steps are wrong", "…")  # your word here
rng = np.random.default_rng(0)
few_X, few_Y = rng.standard_normal((5, 3)), rng.random((5, 2))
start = rng.standard_normal((4, 4)), rng.standard_normal((2, 5))


def R_few(weights):
    return loss(few_Y, forward(few_X, *weights, tanh, softmax).F)


def gradient_of(some_pass):
    new = some_pass(few_X, few_Y, *start, tanh, softmax, 0.25)
    return [(start[part] - new[part]) / 0.25 for part in (0, 1)]


print("You said:", prediction)
print(check_gradient(R_few, gradient_of(hasty_pass), list(start)))

# %% [markdown]
# `[0]` is alpha, and all 16 are wrong: delta was made with the old beta, and sent back through the
# new one. The bug hides while γ is small, and does harm when it is larger. Now yours:

# %% tags=["raises-exception"]
print(check_gradient(R_few, gradient_of(one_pass), list(start)))

# %% [markdown]
# ## 4. Your pass teaches the penguins
#
# A training is your pass, again and again.

# %%
birds = penguins()
X, Y = (birds.X - birds.X.mean(axis=0)) / birds.X.std(axis=0), birds.Y
alpha0, beta0 = initial_weights(p=4, M=6, K=3, seed=0)
library = train(X, Y, alpha0, beta0, tanh, sigmoid, gamma=0.002, epochs=300)

# %% tags=["raises-exception"]
alpha, beta = alpha0, beta0
losses = [loss(Y, forward(X, alpha, beta, tanh, sigmoid).F)]
for _ in range(300):
    alpha, beta = one_pass(X, Y, alpha, beta, tanh, sigmoid, 0.002)
    losses.append(loss(Y, forward(X, alpha, beta, tanh, sigmoid).F))

print(f"R(θ): from {losses[0]:.0f} to {losses[-1]:.2f}; train gets to {library.losses[-1]:.2f}")
print(f"largest difference in alpha: {np.abs(alpha - library.alpha).max():.0e}")
print(f"largest difference in beta:  {np.abs(beta - library.beta).max():.0e}")
loss_curves({"your pass": losses, "bplab's train": library.losses})

# %% [markdown]
# What differs is rounding: you have written `train`.
#
# ### Every bird twice
#
# γ = 0.02 is about as much as 342 birds can take. Now enter every bird twice. **Predict first**: with
# the same γ, is the curve as before, only twice as high?

# %%
X2, Y2 = np.vstack([X, X]), np.vstack([Y, Y])
once = train(X, Y, alpha0, beta0, tanh, sigmoid, gamma=0.02, epochs=60)
twice = train(X2, Y2, alpha0, beta0, tanh, sigmoid, gamma=0.02, epochs=60)
halved = train(X2, Y2, alpha0, beta0, tanh, sigmoid, gamma=0.01, epochs=60)
print(f"γ = 0.01 for 684: alpha differs by {np.abs(once.alpha - halved.alpha).max():.0e}")
curves = {"342 birds, γ = 0.02": once.losses, "684 birds, γ = 0.02": twice.losses}
loss_curves(curves | {"684 birds, γ = 0.01": halved.losses}, title="Every bird twice")

# %% [markdown]
# The gradient doubled, and with it every step: 0.02 for 684 birds is 0.04 for 342, and jumps. Half the
# rate gives the very same weights as before. Where the loss is a sum, the right γ is proportional to
# $1/N$. (Many libraries average; their rates are $N$ times ours.)
#
# ## 5. Where to start
#
# **Predict first**: all entries of alpha and beta start at 0.1. After 300 epochs, how do the six
# hidden units, the rows of alpha, differ?

# %%
prediction = predict("six equal units", "…")  # your word here
equal = np.full((6, 5), 0.1), np.full((3, 7), 0.1)
symmetric = train(X, Y, *equal, tanh, sigmoid, gamma=0.002, epochs=300)
print("You said:", prediction)
print(symmetric.alpha.round(3))
print(f"R(θ) = {symmetric.losses[-1]:.1f}; from a random start {library.losses[-1]:.1f}")

# %% [markdown]
# Six copies of one unit: equal weights get equal gradients and take equal steps, for ever. So weights
# start at **random**; the biases may start at zero.
#
# ## 6. A low loss, and new birds
#
# The network should name birds that it has *not* seen. So we hold 282 back and train with 60. Six of
# these were **noted as the wrong species**. **Predict first**: the loss on the 60 falls and falls.
# And on the held-out birds?

# %% tags=["raises-exception"]
shuffled = np.random.default_rng(0).permutation(len(birds.X))
seen, held_out = shuffled[:60], shuffled[60:]
S = (birds.X - birds.X[seen].mean(axis=0)) / birds.X[seen].std(axis=0)
noted = Y.copy()
noted[seen[:6]] = np.roll(Y[seen[:6]], 1, axis=1)  # six times the next species
wrongly = (noted != Y).any(axis=1)

alpha, beta = alpha0, beta0
curves = {"60 birds seen": [], "282 birds held out": []}
print("        R/N on          held out: wrong notes")
print("epoch   seen   held out right     learned")
for epoch in range(2001):
    F = forward(S, alpha, beta, tanh, sigmoid).F
    for name, rows in zip(curves, (seen, held_out), strict=True):
        curves[name].append(loss(noted[rows], F[rows]) / len(rows))
    if epoch in (20, 200, 2000):
        on_seen, on_new = (curve[-1] for curve in curves.values())
        as_noted = F.argmax(axis=1) == noted.argmax(axis=1)
        print(f"{epoch:5}   {on_seen:.3f}  {on_new:.3f}    ", end="")
        print(f"{as_noted[held_out].mean():.1%}     {as_noted[wrongly].sum()} of 6")
    alpha, beta = one_pass(S[seen], noted[seen], alpha, beta, tanh, sigmoid, 0.01)

print("lowest on the held-out birds after", np.argmin(curves["282 birds held out"]), "epochs")
loss_curves(curves, title="Loss per bird, R(θ) / N")

# %% [markdown]
# - On the birds seen the loss falls all the time. On held-out birds it falls, then **rises** to
#   more than twice its lowest value.
# - After 200 epochs not one of the six wrong notes is learned: the other birds speak against them.
#   After 2000 five of them are, by heart, and fewer held-out birds are named correctly. The
#   network has learned these 60 birds, not penguins: **overfitting**.
# - So the training loss does not tell you when to stop. Held-out birds do.
#
# ## 7. The mistakes, at work
#
# Six wrong passes train a network. **Which curve is which?** Fill in `answers`, and run the cell
# again.

# %%
answers = {"A": "…", "B": "…", "C": "…", "D": "…", "E": "…", "F": "…"}
names = ["ascends", "gamma-missing", "averaged-over-N"]
names += ["bias-not-updated", "only-beta-updated", "beta-updated-too-early"]
mistakes_gallery("eq13", names, hide=True, answers=answers)

# %% [markdown]
# **A bug hunt.** A friend's loss falls smoothly, but so slowly that γ would have to be N times
# larger. Which is it? And which would you never find by looking at curves?
#
# <details><summary>Answer</summary>
#
# The gradient is averaged over N. What curves do not show is beta updated too early: it takes a
# comparison with finite differences, as in part 3.
#
# (A `beta-updated-too-early`, B `ascends`, C `only-beta-updated`, D `gamma-missing`, E
# `bias-not-updated`, F `averaged-over-N`.)
# </details>
#
# ## 8. How large may γ be?
#
# **Guess, then look**: what is the largest γ with which the loss never jumps up? And with every bird
# twice (in a cell of your own, `learning_rate(X=X2, Y=Y2)`)?

# %%
learning_rate(gamma=0.002)

# %% [markdown]
# <details><summary>Answer</summary>
#
# 0.02: one key further, at 0.0251, it jumps. With every bird twice it is half of that, 0.01.
# </details>
#
# ### A valley from above
#
# Why this limit? Here is the loss over **two** weights of a trained network: a valley. Raise γ key by
# key. **Guess, then look**: which weight jumps from side to side first, from which γ on? Has the
# other arrived by then?

# %%
loss_landscape(state="first=α₁₁,second=α₂₀,start1=-3,start2=3,gamma=0.01,steps=60")

# %% [markdown]
# <details><summary>Answer</summary>
#
# $\alpha_{20}$, upwards, where the valley is steep: it first turns back at 0.0398, zigzags all the
# way at 0.0631, and leaves at 0.158. $\alpha_{11}$ has not arrived: its slope is small, and so are
# its steps. The steepest direction sets the limit of γ, the flattest one how long it takes.
# </details>
#
# ## 9. Do you remember?
#
# <details><summary>Why is there a minus in (12) and (13)?</summary>
#
# The gradient says where R grows. A step against it makes R fall.
# </details>
#
# <details><summary>The loss jumps up and down from epoch to epoch. What do you try first?</summary>
#
# A smaller γ, by a factor of 3 or 10. If R rises even then, the gradient is wrong: check it.
# </details>
#
# <details><summary>A pass writes <code>beta -= …</code> and then computes the gradient with respect
# to alpha. Which two things are wrong?</summary>
#
# delta is sent back through the new beta. And the caller's beta has changed.
# </details>
#
# ## To take away
#
# - New weight = old weight minus γ times its derivative, biases included.
# - One pass: forward, both gradients at the old weights, both updates.
# - Too small a γ is slow, too large a γ jumps. The right γ is proportional to 1/N.
# - Start at random, or the units stay copies of each other.
# - Hold some examples back: the training loss does not say when to stop.
#
# Next: **section 3**, where the network becomes deep.

# %%
progress()
