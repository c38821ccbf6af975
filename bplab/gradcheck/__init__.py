r"""Gradients by finite differences, and a check of any gradient against them.

`numerical_gradient` differentiates any function of any structure of arrays: by forward, central
or Richardson-extrapolated differences, or by complex steps.

`check_gradient` judges a gradient entry by entry: *right*, *wrong*, or *cannot tell*. Its
tolerance is not a constant. It comes from the error of the numerical derivative, and from the best
accuracy that a gradient of this function can have in floating point. So saturated units, tiny
gradients, huge residuals and badly scaled features are judged correctly, and a kink is never called
a mistake.

==================  ======================================================================
``report``          verdicts, entries, and the report in text and HTML
``probe``           a function, and its parameters moved one entry or one direction at a time
``numerical``       `numerical_gradient`; `step_errors`: how its error depends on the step
``resolution``      the size of a function's rounding errors, found from its values
``ladder``          derivatives with error bars, for any function
``afar``            slopes in wide windows, for a function with jumps or kinks nearby
``nearer``          slopes in the finest steps that there are, below the ladder's
``network``         exact derivatives of a `bplab.risk.Risk`, by complex steps
``rounding``        how accurate a gradient of a `Risk` can be
``looks``           a cheap first look at entries, with steps that suit each one
``check``           `check_gradient`
``directions``      the fast mode of `check_gradient`: random directions, then bisection
``line``            the derivative along one line, for the fast mode
``progress``        shows the time left of a long check, and keeps its results if it is stopped
==================  ======================================================================
"""

from bplab.gradcheck.check import check_gradient
from bplab.gradcheck.numerical import (
    METHODS,
    StepErrors,
    complex_steps,
    numerical_gradient,
    step_errors,
)
from bplab.gradcheck.probe import Probe
from bplab.gradcheck.report import Entry, GradientReport, Verdict

__all__ = [
    "METHODS",
    "Entry",
    "GradientReport",
    "Probe",
    "StepErrors",
    "Verdict",
    "check_gradient",
    "complex_steps",
    "numerical_gradient",
    "step_errors",
]
