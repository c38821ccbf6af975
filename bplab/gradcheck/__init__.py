r"""Gradients by finite differences, and a check of any gradient against them.

`numerical_gradient` differentiates any function of any structure of arrays: by forward, central
or Richardson-extrapolated differences, or by complex steps.

`check_gradient` judges a gradient entry by entry: *right*, *wrong*, or *cannot tell*. Its
tolerance is not a constant. It comes from the error of the numerical derivative and from the
accuracy that any gradient of this function can have in floating point, so that saturated units,
tiny gradients, huge residuals and badly scaled features are judged rightly, and a kink is never
called a mistake.

==================  ======================================================================
``report``          verdicts, entries, and the report in text and HTML
``probe``           a function, and its parameters moved one entry or one direction at a time
``numerical``       `numerical_gradient`, and `step_errors`: its error against the step
``resolution``      how finely a function answers, found from its answers
``ladder``          derivatives with error bars, for any function
``afar``            slopes of a function with jumps or kinks nearby, as they look from afar
``nearer``          the same from nearer than the ladder's steps, down to the finest there are
``network``         exact derivatives of a `bplab.risk.Risk`, by complex steps
``rounding``        how accurate a gradient of a `Risk` can be
``looks``           cheap looks at entries, with steps that suit each one
``check``           `check_gradient`
``directions``      its fast mode: random directions, then bisection
``line``            derivatives along one line, for the fast mode
``progress``        how much of a long check is left, and what is known if it is stopped
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
