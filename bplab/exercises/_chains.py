"""The gradients of sections 2.1 and 2.2 as chains of the five steps.

An equation of section 2.2 is the chain of its namesake in section 2.1: what differs, how delta
looks at the output function, is inside one step. Each chain takes the five functions as its first
argument, so that one of them may be a wrong one.
"""

__all__ = ["grad_alpha", "grad_alpha_through_delta", "grad_beta", "output_delta_and_grad_beta"]


def grad_beta(steps, Y, A, Z, T, F, g):
    """Equations (4) and (8)."""
    return steps.weight_gradient(steps.output_delta(steps.residual(Y, F), T, F, g), Z)


def grad_alpha(steps, X, Y, A, Z, T, F, beta, sigma, g):
    """Equations (5) and (9)."""
    delta = steps.output_delta(steps.residual(Y, F), T, F, g)
    return grad_alpha_through_delta(steps, X, A, Z, delta, beta, sigma)


def output_delta_and_grad_beta(steps, Y, A, Z, T, F, g):
    """Equations (6) and (10)."""
    delta = steps.output_delta(steps.residual(Y, F), T, F, g)
    gradient = steps.weight_gradient(delta, Z)
    return (delta, *gradient) if isinstance(gradient, tuple) else (delta, gradient)


def grad_alpha_through_delta(steps, X, A, Z, delta, beta, sigma):
    """Equations (7) and (11)."""
    s = steps.hidden_delta(steps.send_back(delta, beta), A, Z, sigma)
    return steps.weight_gradient(s, X)
