"""Accidents and tricks with names and folders: what is handed in is right, but not as it should be.

Each is put into ``submitted/`` as a student, or whoever collects the files, would.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bplab.course import Course
from tests.grading.hostile.notebook import (
    ALL,
    ASSIGNMENT,
    FUNCTIONS,
    WRONG,
    Notebook,
    added,
    as_bytes,
    cell,
    handed_in,
)
from tests.grading.hostile.notebook import right_notebook as right

NAME = f"{ASSIGNMENT}.ipynb"
LEFT_OUT = "left out"


@dataclass(frozen=True)
class Layout:
    """One student's files.

    Attributes
    ----------
    name, what : str
    student : str
        The folder's name.
    lay : callable
        Is given the folder of this student and assignment, which is there.
    keeps : float or None
        The points; None if there is to be no mark, but a line that says why.
    said : str
        Part of what is printed of it, if anything has to be.
    alone : bool
        Whether it may cost others where nothing keeps it from that.
    """

    name: str
    what: str
    lay: Callable[[Path], None]
    keeps: float | None = ALL
    said: str = ""
    student: str = ""
    alone: bool = False

    @property
    def who(self) -> str:
        """The student's id."""
        return self.student or self.name


def _file(name: str) -> Callable[[Path], None]:
    def lay(folder: Path) -> None:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_bytes(right()))

    return lay


def _two(folder: Path) -> None:
    (folder / "attempt.ipynb").write_bytes(as_bytes(handed_in(WRONG)))
    _file(NAME)(folder)


def _newest(folder: Path) -> None:
    (folder / "first.ipynb").write_bytes(as_bytes(handed_in(WRONG)))
    os.utime(folder / "first.ipynb", (1, 1))
    _file("second.ipynb")(folder)


def _other_files(folder: Path) -> None:
    _file(NAME)(folder)
    (folder / "numpy.py").write_text("raise SystemExit\n", encoding="utf-8")
    (folder / "bplab.py").write_text("raise SystemExit\n", encoding="utf-8")
    (folder / "sitecustomize.py").write_text("raise SystemExit\n", encoding="utf-8")
    (folder / "notes.txt").write_text("mine\n", encoding="utf-8")


def _used(folder: Path) -> None:
    """A module and data that the notebook uses, with names that would take others' places."""
    uses = "import helper\nhelper.table()[2]"
    (folder / NAME).write_bytes(as_bytes(right(added(uses), _needs_helper)))
    code = "import numpy as np\nfrom random import random\ndef table():\n"
    code += "    return np.loadtxt('data/table.csv', delimiter=',')\n"
    (folder / "helper.py").write_text(code, encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "table.csv").write_text("1,2,3\n", encoding="utf-8")
    for name in ("numpy", "random", "bplab", "sitecustomize", "conftest", "IPython"):
        (folder / f"{name}.py").write_text("raise SystemExit\n", encoding="utf-8")
    (folder / "bplab").mkdir()
    (folder / "bplab" / "network.py").write_text("raise SystemExit\n", encoding="utf-8")


def _needs_helper(notebook: Notebook) -> None:
    one = cell(notebook, "eq4")
    one["source"] = "one = helper.table()[0]\n" + "".join(one["source"])
    one["source"] += "\nright = grad_beta\ndef grad_beta(*given):\n    return one * right(*given)"


def _other(folder: Path) -> None:
    """The notebook of another assignment, which the class has, too."""
    other = Course.find().release_file("section_1").read_bytes()
    released = folder.parents[2] / "release" / "section_1"
    released.mkdir(parents=True, exist_ok=True)
    (released / "section_1.ipynb").write_bytes(other)
    (folder / NAME).write_bytes(other)


def _progress(folder: Path) -> None:
    """Progress as a learner has it, in places where somebody may look for it."""
    source = "raise SystemExit"
    for place in ("progress", ".local/share/bplab/progress", "bplab/progress", "."):
        functions = folder / place / "functions"
        functions.mkdir(mode=0o700, parents=True, exist_ok=True)
        for id, name in FUNCTIONS.items():
            kept = {"function": name, "kept": "2026-01-01T00:00:00", "source": source}
            passed = {"tries": 1, "passed": "2026-01-01T00:00:00", "mistake": "", "in_a_row": 0}
            (functions / f"{id}.json").write_text(json.dumps(kept), encoding="utf-8")
            (functions / f"{id}.json").chmod(0o600)
            (functions.parent / f"{id}.json").write_text(json.dumps(passed), encoding="utf-8")


def _progress_beside(folder: Path) -> None:
    _file(NAME)(folder)
    _progress(folder)


def _progress_for_answers(folder: Path) -> None:
    answers = {id: f"from bplab import mine\n{f} = mine.{f}" for id, f in FUNCTIONS.items()}
    (folder / NAME).write_bytes(as_bytes(handed_in(answers)))
    _progress(folder)


def _classmates_notebook(folder: Path) -> None:
    os.symlink(folder.parents[1] / "ada" / ASSIGNMENT / NAME, folder / NAME)


def _systems_file(folder: Path) -> None:
    os.symlink("/etc/passwd", folder / NAME)


def _secret_as_notebook(folder: Path) -> None:
    os.link(_secret(folder), folder / NAME)


def _secret(folder: Path) -> Path:
    """The instructor's secret, or a file in its place where there is none."""
    path = folder.parents[2] / "secret.txt"
    path.touch()
    return path


def _beside(make: Callable[[Path, Path], None]) -> Callable[[Path], None]:
    """The right notebook, and beside it a file that is none."""

    def lay(folder: Path) -> None:
        _file(NAME)(folder)
        make(_secret(folder), folder / "data.txt")

    return lay


def _course(secret: Path, path: Path) -> None:
    os.symlink(secret.parent / "release", path)


def _piped(secret: Path, path: Path) -> None:
    os.mkfifo(path)


def _classmates_folder(folder: Path) -> None:
    folder.rmdir()
    os.symlink(folder.parents[1] / "ada" / ASSIGNMENT, folder)


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / NAME)


def _is_folder(folder: Path) -> None:
    (folder / NAME).mkdir()


def _named(name: str, what: str, student: str, refused: str = "") -> Layout:
    return Layout(name, what, _file(NAME), None if refused else ALL, refused, student)


CODE = "letters in the name that are code"


_ALL = (
    Layout("name-other", "homework.ipynb", _file("homework.ipynb"), said="homework.ipynb"),
    Layout("name-capitals", "Section_2_1.IPYNB", _file("Section_2_1.IPYNB"), said="IPYNB"),
    Layout("name-copy", "section_2_1 (1).ipynb", _file(f"{ASSIGNMENT} (1).ipynb"), said="(1)"),
    Layout("name-in-folder", "a folder in the folder", _file(f"{ASSIGNMENT}/{NAME}"), said=NAME),
    Layout("two-notebooks", "an attempt beside the notebook", _two, said="attempt.ipynb"),
    Layout("two-other-names", "two notebooks, both of other names", _newest, said="second.ipynb"),
    Layout("other-files", "files that are called like modules", _other_files, said=LEFT_OUT),
    Layout("used-files", "a module and data that the notebook uses", _used, said=LEFT_OUT),
    Layout("progress-beside", "progress, whose functions end what runs them", _progress_beside),
    Layout("progress-as-answer", "functions of mine, and such progress", _progress_for_answers, 0),
    Layout("other-assignment", "section 1's notebook", _other, 0, said="is section_1, another"),
    Layout("nothing", "an empty folder", lambda folder: None, 0),
    Layout("checkpoint-only", "only a checkpoint", _file(f".ipynb_checkpoints/{NAME}"), 0),
    Layout("is-a-folder", "a folder in place of the notebook", _is_folder, 0),
    Layout("is-a-pipe", "a named pipe in place of the notebook", _pipe, 0, alone=True),
    Layout("link-to-classmate", "a link to a classmate's notebook", _classmates_notebook, 0),
    Layout("link-to-system", "a link to a file of the system", _systems_file, 0),
    Layout("folder-is-a-link", "the folder is a link to a classmate's", _classmates_folder, None),
    Layout("hard-link-to-secret", "the secret by another name", _secret_as_notebook, 0),
    Layout("file-link-to-secret", "a link to the secret", _beside(os.symlink), said=LEFT_OUT),
    Layout("file-hard-link", "the secret's other name", _beside(os.link), said=LEFT_OUT),
    Layout("file-link-to-folder", "a link to the course", _beside(_course), said=LEFT_OUT),
    Layout("file-pipe", "a named pipe", _beside(_piped), said=LEFT_OUT, alone=True),
    _named("who-unicode", "a name in several alphabets", "Ünïcødé 李 Ωμέγα"),
    _named("who-spaces", "a name with spaces and quotes", "a 'b' ''c'' d"),
    _named("who-quotes", "a name that ends an attribute", 'a "b" c', CODE),
    _named("who-option", "a name that looks like an option", "-rf"),
    _named("who-dots", "a name that ends in dots", "a..."),
    _named("who-shell", "a name that a shell would run", "$(touch ran);`touch ran`", CODE),
    _named("who-html", "a name in HTML", "<b>bold<", CODE),
    _named("who-percent", "a name that formats would fill in", "%s {student_id} %(x)s"),
    _named("who-glob", "a name that matches others", "[a-z]*"),
)

LAYOUTS: Mapping[str, Layout] = {layout.name: layout for layout in _ALL}
"""Everything that may stand in ``submitted/``, by name."""


def lay_out(layouts: Mapping[str, Layout], submitted: Path) -> None:
    """Put them all into a class's folder."""
    for layout in layouts.values():
        folder = submitted / layout.who / ASSIGNMENT
        folder.mkdir(parents=True)
        layout.lay(folder)
