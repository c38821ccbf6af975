import json
import subprocess
import sys

import pytest

import bplab


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("bplab", {"matplotlib", "ipywidgets", "IPython", "nbgrader", "dask"}),
        # `bplab lab` starts in the time that JupyterLab needs
        ("bplab.cli.main", {"matplotlib", "numpy", "nbformat", "jupytext", "nbgrader"}),
    ],
)
def test_import_loads_nothing_before_it_is_used(module, heavy):
    code = f"import sys, {module}; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_matplotlib_is_loaded_by_what_draws_with_it_alone():
    without = [
        "from bplab import check",
        "from bplab.network import grad_beta",
        "check('eq4', grad_beta)",
        "with contextlib.suppress(AssertionError): check('eq4', lambda *a: -grad_beta(*a))",
        "from bplab import failing_case, hint, progress, check_gradient, mistakes_gallery, train",
        "progress()._repr_html_(), hint('eq4')",
        "from bplab import gallery, plots, widgets",
        *(f"widgets.{name}()" for name in SVG_PANELS),
    ]
    assert _which_load(["matplotlib"], without) == {"matplotlib": []}
    drawn = ["plots.softmax_curves([0, 1])", *(f"widgets.{name}()" for name in PIXEL_PANELS)]
    loads = _which_load(
        ["matplotlib", "matplotlib.pyplot"], ["from bplab import plots, widgets", *drawn]
    )
    assert loads == {"matplotlib": drawn[:1], "matplotlib.pyplot": []}


SVG_PANELS = (
    *("backward_pass", "learning_rate", "playground", "read_digit", "softmax", "step_size"),
)
PIXEL_PANELS = ("activation", "loss_landscape", "vanishing_gradients")


def _which_load(modules, steps):
    """Return the steps, run in a process of their own, at which each module was first loaded."""
    code = f"""
import contextlib, json, os, sys
loads = {{module: [] for module in {modules!r}}}
for step in {steps!r}:
    missing = [module for module in loads if module not in sys.modules]
    with contextlib.redirect_stdout(open(os.devnull, "w")):
        exec(step)
    for module in missing:
        if module in sys.modules:
            loads[module].append(step)
print(json.dumps(loads))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_every_public_name_is_there():
    for name in bplab.__all__:
        assert getattr(bplab, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = bplab.nonsense
