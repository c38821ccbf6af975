r"""Every equation of the paper as printed there: for one example, each sum a loop.

These functions are for reading next to the paper. They take one example, and write out every
sum in the paper's own letters. The library's other modules compute the same for all examples at
once, in a few matrix products. The tests compare the two.

=============  ================  ==========================================================
name           shape             in the paper
=============  ================  ==========================================================
``x``          (p+1,)            :math:`x_i = (1, x_{i1}, …, x_{ip})`
``z``          (M+1,)            :math:`z_i = (1, z_{i1}, …, z_{iM})`
``y, t, f``    (K,)              :math:`y_{ik}`, :math:`t_{ik} = β_k^T z_i`, :math:`f_k(x_i)`
``a``          (M,)              :math:`a_m = α_m^T x_i`, the argument of σ
``alpha``      (M, p+1)          row m is :math:`α_m`, bias first
``beta``       (K, M+1)          row k is :math:`β_k`, bias first
``delta``      (K,)              :math:`δ_{ki}`
``s``          (M_d,)            :math:`s_{mi}^{(d)}`
=============  ================  ==========================================================

Python counts from 0 and the paper from 1, so unit m of a hidden layer has index m in ``a`` and
``s`` and index 1 + m in ``z`` and in a row of weights, whose index 0 belongs to the bias.
Docstrings give the shapes of the arrays. Nothing is checked: these are formulas, not a library.

================  =====================================================================
``section_1``     the forward pass and the loss, (1) to (3)
``section_2_1``   gradients for an elementwise output function, (4) to (7)
``section_2_2``   gradients where every output depends on all of t, (8) to (11)
``section_2_3``   gradient descent, (12) and (13)
``section_3``     D hidden layers, (14) to (18), and back-propagation as a whole
``section_4``     the six activations
``equation_map``  `Equation`: a row of the map; `EQUATIONS`: all rows; `Misprint`
================  =====================================================================

Misprints of the paper are corrected. What it prints instead is in ``misprints``, above the
function, and in the function's docstring.
"""

from bplab.by_equation.equation_map import EQUATIONS, Equation, Misprint
from bplab.by_equation.section_1 import eq1, eq2, eq3, hidden, output, with_one
from bplab.by_equation.section_2_1 import eq4, eq5, eq6, eq7
from bplab.by_equation.section_2_2 import eq8, eq9, eq10, eq11
from bplab.by_equation.section_2_3 import eq12, eq13
from bplab.by_equation.section_3 import back_propagation, eq14, eq15, eq16, eq17, eq18
from bplab.by_equation.section_4 import elu, leaky_relu, relu, sigmoid, softmax, tanh

__all__ = [
    "EQUATIONS",
    "Equation",
    "Misprint",
    "back_propagation",
    "elu",
    "eq1",
    "eq2",
    "eq3",
    "eq4",
    "eq5",
    "eq6",
    "eq7",
    "eq8",
    "eq9",
    "eq10",
    "eq11",
    "eq12",
    "eq13",
    "eq14",
    "eq15",
    "eq16",
    "eq17",
    "eq18",
    "hidden",
    "leaky_relu",
    "output",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
    "with_one",
]
