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


def test_every_public_name_is_there():
    for name in bplab.__all__:
        assert getattr(bplab, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = bplab.nonsense
