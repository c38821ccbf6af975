"""The commands ``bplab gradescope build`` and ``bplab gradescope try``."""

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from bplab.cli import grade as cli_grade
from bplab.cli.shared import CourseFolder, for_tables
from bplab.counting import counted
from bplab.course import CourseError

__all__ = ["app"]

app = typer.Typer()
_gradescope = typer.Typer(help="Grade on Gradescope.", no_args_is_help=True)
app.add_typer(_gradescope, name="gradescope")

_MB = 1e6
_SOME_DAY = "2999-12-31T00:00:00+00:00"
"""The due date of an assignment that is tried: it must not be due yet."""


@_gradescope.command("build")
def gradescope_build(
    name: Annotated[str, typer.Argument(help="Which assignment, e.g. section_2_1.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="The zip file; else NAME-autograder.zip.")
    ] = None,
    hidden_after: Annotated[
        str,
        typer.Option(
            "--hidden-after",
            help="When marks, which come from hidden cases, are shown: due (Gradescope's date), "
            "published (when you publish them), or a moment such as 2026-12-01T23:59+01:00.",
        ),
    ] = "due",
    wheels: Annotated[
        bool, typer.Option(help="Put all packages into it; else Gradescope fetches them.")
    ] = True,
    course: CourseFolder = None,
) -> None:
    """Make the zip file to upload as an assignment's autograder.

    It holds your secret: keep it to yourself. Points are those of `bplab grade`.
    """
    from bplab.grading.folder import ClassFolder
    from bplab.grading.gradescope.build import build, refuse_after

    refuse_after(hidden_after)
    assignment = cli_grade.assignment_of(ClassFolder.open(course), name)
    made = build(
        assignment, out or Path(f"{name}-autograder.zip"), after=hidden_after, wheels=wheels
    )
    packages = counted(made.wheels, "package")
    print(
        f"wrote: {made.path} ({made.path.stat().st_size / _MB:.1f} MB, {packages}, for "
        f"Python {made.python}). Your secret is in it. Upload it in Gradescope: Configure "
        "Autograder. To try it here: bplab gradescope try"
    )


@_gradescope.command("try")
def gradescope_try(
    upload: Annotated[Path, typer.Argument(help="The zip file that was built.")],
    submission: Annotated[Path, typer.Argument(help="A notebook, or a folder with what came.")],
    metadata: Annotated[
        Path | None, typer.Option(help="A submission_metadata.json, for dates and extensions.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print results.json itself.")] = False,
) -> None:
    """Run the autograder here, in Gradescope's folders, and show what students would see.

    With the packages of this Python: setup.sh, which installs those in the zip file, is not run.
    """
    with tempfile.TemporaryDirectory(prefix="bplab-gradescope-") as folder:
        root = Path(folder)
        _laid_out(root, upload, submission, metadata)
        ran = subprocess.run(
            ["bash", root / "source" / "run_autograder", root, sys.executable],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,  # what instructors see
            check=False,
        )
        result = root / "results" / "results.json"
        if ran.returncode or not result.is_file():
            raise CourseError(f"run_autograder of {upload} left no results.json")
        text = result.read_text(encoding="utf-8")
    if as_json:
        print(text)
    else:
        show(json.loads(text))


def _laid_out(root: Path, upload: Path, submission: Path, metadata: Path | None) -> None:
    try:
        with zipfile.ZipFile(upload) as archive:
            archive.extractall(root / "source")
        if submission.is_dir():
            shutil.copytree(submission, root / "submission", symlinks=True)
        else:
            (root / "submission").mkdir()
            shutil.copy(submission, root / "submission")
        about = root / "submission_metadata.json"
        if metadata is not None:
            shutil.copy(metadata, about)
        else:
            about.write_text(json.dumps({"assignment": {"due_date": _SOME_DAY}}), encoding="utf-8")
    except zipfile.BadZipFile as error:
        raise CourseError(f"{upload} is not what gradescope build writes: {error}") from error
    except OSError as error:
        why = error.strerror or error
        raise CourseError(f"{error.filename or upload} cannot be read: {why}") from error
    (root / "results").mkdir()


def show(came: dict) -> None:
    """Print ``results.json`` as a table; a test without a verdict has no sign."""
    table = Table(title=counted(came["score"], "point"))
    for column in ("test", "points", "shown", "output"):
        table.add_column(column, overflow="fold")
    for test in came["tests"]:
        points = f"{test['score']:g} / {test['max_score']:g}" if "score" in test else ""
        sign = {"passed": "✓", "failed": "✗"}.get(test.get("status", ""), "")
        row = f"{sign} {test['name']}", points, test.get("visibility", ""), test["output"]
        table.add_row(*map(Text, row))
    console = for_tables()
    console.print(table)
    console.print(Text(came.get("output", "")))
