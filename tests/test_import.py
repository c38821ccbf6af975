import subprocess
import sys

import pytest

import bplab


def test_import_loads_neither_matplotlib_nor_widgets_nor_the_grader():
    code = (
        "import sys, bplab; heavy = {'matplotlib', 'ipywidgets', 'IPython', 'nbgrader', 'dask'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there():
    for name in bplab.__all__:
        assert getattr(bplab, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = bplab.nonsense
