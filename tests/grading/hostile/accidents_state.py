"""Accidents that change what comes after: names, imports, settings, processes left behind."""

from tests.grading.hostile.accident import edited, in_cell
from tests.grading.hostile.notebook import ALL, POINTS, Notebook, added, cell, imports

STATE = (
    in_cell(
        "cell-syntax-error", "a cell of the student's own that is no Python", "def f(:\n    pass"
    ),
    edited(
        "solution-syntax-error",
        "a solution with a syntax error",
        lambda nb: cell(nb, "eq5").update(source=cell(nb, "eq5")["source"] + "\n    return (("),
        keeps=ALL - POINTS["eq5"],
    ),
    edited(
        "solution-null-byte",
        "a null byte in a solution",
        lambda nb: cell(nb, "eq5").update(source=cell(nb, "eq5")["source"] + "\n# \x00"),
    ),
    edited(
        "solution-wide-spaces",
        "spaces that are none, copied from a web page",
        lambda nb: cell(nb, "eq5").update(
            source=cell(nb, "eq5")["source"].replace("    ", "\u00a0   ")
        ),
        keeps=ALL - POINTS["eq5"],
    ),
    edited(
        "imports-fail-at-the-end",
        "the cell with the imports has one more, of a package that is not there",
        lambda nb: _imports(nb, "{}\nimport no_such_package"),
    ),
    edited(
        "imports-fail-at-once",
        "the same before all others: none of them runs",
        lambda nb: _imports(nb, "import no_such_package\n{}"),
    ),
    edited(
        "imports-deleted",
        "the cell with the imports is deleted",
        lambda nb: nb["cells"].pop(imports(nb)),
    ),
    in_cell(
        "cell-chdir",
        "the working folder is changed and removed",
        "import os\nos.mkdir('gone')\nos.chdir('gone')\nos.rmdir('../gone')",
    ),
    in_cell(
        "cell-closes-stdout",
        "sys.stdout is closed",
        "import sys\nsys.stdout.close()\nprint('gone')",
    ),
    in_cell(
        "cell-errors-raise",
        "warnings and numpy's errors are made exceptions",
        "import warnings\nwarnings.simplefilter('error')\nnp.seterr(all='raise')",
    ),
    in_cell(
        "cell-pip",
        "a package is installed in a cell",
        "import sys\n!{sys.executable} -m pip install --no-index no-such-package",
    ),
    in_cell("cell-matplotlib-qt", "a plotting window is asked for", "%matplotlib qt"),
    in_cell(
        "cell-unknown-magic",
        "magics of other tools",
        "%load_ext no_such_extension\n%%html\n<b>x</b>",
    ),
    in_cell(
        "cell-other-language",
        "a cell in another language",
        "%%bash\nwhile read line; do echo $line; done",
    ),
    edited(
        "reset-at-the-end",
        "%reset -f in a cell before eq7: what is defined later lacks numpy",
        added("%reset -f", before="eq7"),
        keeps=ALL - POINTS["eq7"],
    ),
    in_cell(
        "cell-child-left",
        "a process is left behind",
        "import subprocess\nleft = subprocess.Popen(['sleep', '120'])",
    ),
    in_cell(
        "cell-np-is-a-number",
        "np is given another meaning for a while",
        "kept, np = np, 3\nnp = kept",
    ),
)


def _imports(notebook: Notebook, form: str) -> None:
    first = notebook["cells"][imports(notebook)]
    first["source"] = form.format("".join(first["source"]))
