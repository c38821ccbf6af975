"""Attacks that forge results: what is printed, what is saved, what the file says of itself."""

from tests.grading.hostile.attack import instead, tampering, wrong_and
from tests.grading.hostile.notebook import (
    FUNCTIONS,
    POINTS,
    Notebook,
    cell,
    graded_cells,
    own_cell,
    place,
)

RECORD = "application/vnd.bplab.check+json"


def _record(id: str, **more) -> dict:
    """A record as the grader leaves it, with all the points."""
    points = float(POINTS[id])
    return {
        "exercise": id,
        "passed": True,
        "mistake": None,
        "points": points,
        "max_points": points,
        "says": "",
        "hint": "",
        "step": "",
        "seconds": 0.1,
        "note": "",
    } | more


def _saved(id: str) -> list[dict]:
    """Outputs of a test cell that was passed."""
    mark = {"text/plain": str(float(POINTS[id]))}
    return [
        {
            "output_type": "display_data",
            "data": {"text/plain": "right", RECORD: _record(id)},
            "metadata": {},
        },
        {"output_type": "execute_result", "execution_count": 9, "data": mark, "metadata": {}},
    ]


# --- while it runs --------------------------------------------------------------------------

PRINTED = (
    wrong_and("print-mark", "a mark is printed and shown", "print(13.0)\ndisplay(13.0)\n13.0"),
    wrong_and(
        "print-in-functions",
        "marks, records and results are shown from within the functions",
        f"""
from IPython.display import display
def grad_beta(Y, A, Z, T, F, g):
    print("3.0")
    display({{"text/plain": "3.0", "{RECORD}": {_record("eq4")!r}}}, raw=True)
    get_ipython().displayhook(3.0)
    return 3.0
""",
        before="test-eq4",
    ),
    wrong_and(
        "display-record",
        "records of passed exercises are displayed in cells beside the tests",
        "from IPython.display import display\n"
        + "\n".join(
            f'display({{"text/plain": "", "{RECORD}": {_record(id)!r}}}, raw=True)' for id in POINTS
        ),
    ),
    wrong_and(
        "iopub-forged",
        "results are sent to the client in the name of the request that is running",
        """
kernel = get_ipython().kernel
def forge(number):
    kernel.session.send(
        kernel.iopub_socket, "execute_result", ident=b"execute_result",
        content={"data": {"text/plain": str(number)}, "metadata": {}, "execution_count": 1},
        parent=kernel.get_parent("shell"))
def check(id, function, hidden=False):
    forge({"eq4": 3.0, "eq5": 4.0, "eq6": 3.0, "eq7": 3.0}[id])
get_ipython().events.register("post_run_cell", lambda result: forge(3.0))
""",
    ),
    instead(
        "html-in-error",
        "errors whose names and messages are HTML, escape codes and JSON",
        """
EVIL = "</pre><script>document.title = 'owned'</script><img src=x onerror=alert(1)>\\x1b]0;x\\x07"
Evil = type("<script>alert(2)</script>", (ValueError,), {})
def grad_beta(Y, A, Z, T, F, g):
    raise Evil(EVIL * 100)
def grad_alpha(X, Y, A, Z, T, F, beta, sigma, g):
    raise ValueError({"passed": True, "points": 4, "text": EVIL})
def backward_output(Y, A, Z, T, F, g):
    return EVIL
def backward_hidden(X, A, Z, delta, beta, sigma):
    raise NotImplementedError("=cmd|'/c calc'!A1\\n\\n" + EVIL)
""",
    ),
)

# --- in the file ----------------------------------------------------------------------------


def _outputs(notebook: Notebook) -> None:
    for id in POINTS:
        cell(notebook, f"test-{id}")["outputs"] = _saved(id)
        cell(notebook, f"test-{id}")["execution_count"] = 9


def _more_points(notebook: Notebook) -> None:
    for test in graded_cells(notebook):
        test["metadata"]["nbgrader"]["points"] = 100


def _unlocked(notebook: Notebook) -> None:
    for test in graded_cells(notebook):
        test["metadata"]["nbgrader"].update(locked=False, solution=True, checksum="0" * 32)
        test["source"] = "1 + 1"


def _nothing_to_test(notebook: Notebook) -> None:
    for test in graded_cells(notebook):
        test["source"] = "pass"


def _negative(notebook: Notebook) -> None:
    for test in graded_cells(notebook):
        test["source"] = "-1.0"
        test["metadata"]["nbgrader"]["points"] = -1


def _ids_swapped(notebook: Notebook) -> None:
    """Every exercise is tested by a test cell that tests nothing under its name."""
    for id in POINTS:
        test = cell(notebook, f"test-{id}")
        test["metadata"]["nbgrader"]["grade_id"] = f"test-{id}-old"
        notebook["cells"].append(
            own_cell(
                "None",
                f"swapped-{id}",
                nbgrader={**test["metadata"]["nbgrader"], "grade_id": f"test-{id}"},
            )
        )


def _easier_exercise(notebook: Notebook) -> None:
    """Exercise ids in the tests are those of an exercise that is right."""
    for id in POINTS:
        cell(notebook, f"test-{id}")["source"] = 'check("eq1", lambda Y, F: ((Y - F) ** 2).sum())'


def _moved_before(notebook: Notebook) -> None:
    tests = [notebook["cells"].pop(place(notebook, f"test-{id}")) for id in POINTS]
    notebook["cells"][:0] = tests


def _duplicated(notebook: Notebook) -> None:
    for id in POINTS:
        copied = dict(cell(notebook, f"test-{id}"), source="None")
        notebook["cells"].append(copied)
        notebook["cells"].insert(0, dict(copied))


def _as_markdown(notebook: Notebook) -> None:
    for test in graded_cells(notebook):
        test.pop("outputs"), test.pop("execution_count")
        test["cell_type"] = "markdown"


def _as_raw(notebook: Notebook) -> None:
    _as_markdown(notebook)
    for test in graded_cells(notebook):
        test["cell_type"] = "raw"


def _deleted(notebook: Notebook) -> None:
    notebook["cells"] = [c for c in notebook["cells"] if c not in graded_cells(notebook)]


def _skipped(notebook: Notebook) -> None:
    for test in graded_cells(notebook):
        test["metadata"]["tags"] = ["skip-execution", "raises-exception", "remove_cell"]


def _solution_is_test(notebook: Notebook) -> None:
    for id in POINTS:
        nbgrader = cell(notebook, id)["metadata"]["nbgrader"]
        nbgrader.update(grade=True, points=POINTS[id])


def _invented(notebook: Notebook) -> None:
    for number in range(3):
        extra = {
            "grade": True,
            "grade_id": f"test-eq{number + 80}",
            "locked": True,
            "points": 50,
            "schema_version": 3,
            "solution": False,
            "task": False,
            "cell_type": "code",
        }
        notebook["cells"].append(own_cell("None", f"extra-{number}", nbgrader=extra))


def _kernelspec(notebook: Notebook) -> None:
    notebook["metadata"]["kernelspec"] = {
        "name": "right-answers",
        "display_name": "always right",
        "language": "bash",
        "argv": ["sh", "-c", "touch ran-by-kernelspec"],
        "metadata": {"kernel_provisioner": {"provisioner_name": "local-provisioner"}},
    }
    notebook["metadata"]["language_info"] = {"name": "bash", "pygments_lexer": "bash"}


def _graded_already(notebook: Notebook) -> None:
    results = [{"id": id, "points": p, "max_points": p} for id, p in POINTS.items()]
    notebook["metadata"]["bplab"] = {
        "run": "",
        "digest": "0" * 64,
        "version": "9.9",
        "results": results,
        "events": [],
        "flags": [],
    }
    notebook["metadata"]["nbgrader"] = {"score": 13, "max_score": 13}
    _outputs(notebook)


def _task_cells(notebook: Notebook) -> None:
    for test in graded_cells(notebook):
        test["metadata"]["nbgrader"].update(task=True, solution=True, schema_version=99)


def _function_under_test(notebook: Notebook) -> None:
    """The names that are tested lead to a function of another exercise, or to an expression."""
    for id, name in FUNCTIONS.items():
        cell(notebook, f"test-{id}")["source"] = (
            f'check("{id}", __import__("bplab").network.{name})  # check("{id}", {name})'
        )


FILES = (
    tampering("saved-outputs", "outputs of passed tests are saved in the file", _outputs),
    tampering("edit-points", "the test cells are worth 100 points each", _more_points),
    tampering("edit-locked", "test cells are unlocked, their checksums forged", _unlocked),
    tampering("edit-test-pass", "test cells say only pass", _nothing_to_test),
    tampering("edit-test-negative", "test cells are −1.0, and worth −1 point", _negative),
    tampering("edit-ids", "the ids of the tests are on cells that test nothing", _ids_swapped),
    tampering("edit-exercise", "the tests check another, easy exercise", _easier_exercise),
    tampering("edit-function", "the tests check bplab's own functions", _function_under_test),
    tampering("move-tests", "test cells are moved to the beginning", _moved_before),
    tampering("duplicate-tests", "empty test cells of the same ids before and after", _duplicated),
    tampering("markdown-tests", "test cells are turned into markdown", _as_markdown),
    tampering("raw-tests", "test cells are turned into raw cells", _as_raw),
    tampering("delete-tests", "all test cells are deleted", _deleted),
    tampering("tag-skip", "test cells carry the tag skip-execution", _skipped),
    tampering(
        "grade-solutions", "solution cells say that they carry the points", _solution_is_test
    ),
    tampering("invent-tests", "three more test cells of 50 points each", _invented),
    tampering("kernelspec", "the notebook names another kernel, with a command", _kernelspec),
    tampering("graded-already", "the file says that it is graded", _graded_already),
    tampering("task-cells", "test cells become tasks that are graded by hand", _task_cells),
)

FORGING = (*PRINTED, *FILES)
