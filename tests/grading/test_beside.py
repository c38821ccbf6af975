"""What lies beside a student's notebook: what of it the notebook finds while it is graded."""

import os

import pytest

from bplab.grading import beside
from bplab.grading.beside import MOST, released_beside, take

NOTEBOOK = "sums.ipynb"


@pytest.fixture
def folder(tmp_path):
    """A student's folder, in one of the instructor's."""
    made = tmp_path / "submitted" / "ada" / "sums"
    made.mkdir(parents=True)
    (made / NOTEBOOK).write_text("{}", encoding="utf-8")
    return made


def put(folder, *names, content=b"x"):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def taken(folder, notebook=NOTEBOOK, ours=None):
    return take(
        folder,
        folder / notebook if notebook else None,
        folder.parents[1],
        ours=ours or {},
        ignore=["*.pyc", "__pycache__"],
    )


def test_what_an_honest_notebook_uses_is_taken(folder):
    names = ["helper.py", "data/digits.csv", "pkg/__init__.py", "pkg/a.py", "Ünï.txt", "b.npz"]
    put(folder, *names)
    put(folder, "empty/__init__.py", content=b"")
    came = taken(folder)
    assert dict.fromkeys(names, b"x") | {"empty/__init__.py": b""} == dict(came.files)
    assert came.left_out == ()


def test_of_what_computers_leave_nothing_is_said(folder):
    put(folder, ".DS_Store", ".git/config", "__pycache__/helper.pyc", "timestamp.txt", ".a/b.txt")
    assert taken(folder) == beside.Beside()


HIDING = (
    *("numpy.py", "random.py", "bplab/network.py", "bplab/__init__.py", "bplab.py", "IPython/a.py"),
    *("json.pyc.py", "__main__.py", "matplotlib/pyplot.py", "nbgrader.so", "_random.abi3.so"),
)


@pytest.mark.parametrize("name", HIDING)
def test_a_name_that_a_module_has_is_left_out(folder, name):
    put(folder, name, "statistics/table.csv")
    came = taken(folder)
    assert list(came.files) == ["statistics/table.csv"]
    assert came.left_out == (
        f"{name} was left out: Python, a package or bplab has a module of that name, which is used",
    )


SETTING = (
    *("sitecustomize.py", "usercustomize.py", "conftest.py", "a/conftest.py", "x.pth"),
    *("ipython_config.py", "IPYTHON_KERNEL_CONFIG.py", "jupyter_server_config.json"),
    *("matplotlibrc", "nbgrader_config.py", "pytest.ini"),
)


@pytest.mark.parametrize("name", SETTING)
def test_what_sets_up_python_is_left_out(folder, name):
    put(folder, name)
    came = taken(folder)
    assert not came.files
    assert came.left_out == (
        f"{name} was left out: what sets up Python, IPython, matplotlib or pytest is not taken",
    )


def test_what_is_no_regular_file_is_left_out_and_not_opened(folder):
    secret = folder.parents[2] / "secret.txt"
    secret.write_text("c0ffee", encoding="utf-8")
    (folder / "link.txt").symlink_to(secret)
    (folder / "all").symlink_to(folder.parents[2])
    os.mkfifo(folder / "pipe.py")
    os.link(secret, folder / "hard.txt")
    came = taken(folder)
    assert not came.files
    assert came.left_out == (
        "hard.txt was left out: a hard link is the same file as one elsewhere",
        "all, link.txt and pipe.py were left out: links, pipes and devices are not read",
    )


def test_a_file_that_becomes_a_link_while_it_is_looked_at_is_not_read(folder, monkeypatch):
    put(folder, "data.txt")
    secret = folder.parents[2] / "secret.txt"
    secret.write_text("c0ffee", encoding="utf-8")
    real = beside.read_regular

    def late(path, *args):
        path.unlink()
        path.symlink_to(secret)
        return real(path, *args)

    monkeypatch.setattr(beside, "read_regular", late)
    came = taken(folder)
    assert not came.files
    assert len(came.left_out) == 1


def test_a_folder_that_becomes_a_link_is_not_followed(folder, monkeypatch):
    put(folder, "data/secret.txt")
    elsewhere = folder.parents[2] / "elsewhere"
    put(elsewhere, "secret.txt", content=b"c0ffee")
    real = beside.read_regular

    def late(path, *args):
        (folder / "data").rename(folder / "was")
        (folder / "data").symlink_to(elsewhere)
        return real(path, *args)

    monkeypatch.setattr(beside, "read_regular", late)
    assert not taken(folder).files


def test_there_is_room_for_so_many_and_modules_come_first(folder):
    put(folder, *(f"img/{n:04}.png" for n in range(MOST + 5)), "z.py", "a.csv")
    came = taken(folder)
    assert len(came.files) == MOST
    assert list(came.files)[:2] == ["z.py", "a.csv"]
    assert came.left_out == (
        "img/0198.png, img/0199.png, img/0200.png and 4 more were left out: at most 200 files "
        "beside a notebook are taken",
    )


def test_there_is_room_for_so_much(folder, monkeypatch):
    monkeypatch.setattr(beside, "MOST_MB", 1)
    put(folder, "a.bin", content=bytes(2**19))
    put(folder, "b.bin", content=bytes(2**19 + 1))
    put(folder, "c.bin", content=bytes(2**19))
    with (folder / "huge.bin").open("wb") as file:
        file.truncate(2 * 2**30)
    came = taken(folder)
    assert list(came.files) == ["a.bin", "c.bin"]
    assert came.left_out[0].startswith("b.bin and huge.bin were left out: ")


def test_of_very_many_none_is_taken(folder, monkeypatch):
    monkeypatch.setattr(beside, "LOOKED_AT", 20)
    put(folder, *(f"{n}.txt" for n in range(21)))
    came = taken(folder)
    assert not came.files
    assert len(came.left_out) == 1


def test_folders_may_be_in_each_other_as_deep_as_it_says(folder):
    put(folder, "/".join("abcdefghij") + "/x.txt", "/".join("0123456789") + "/10/x.txt")
    came = taken(folder)
    assert list(came.files) == ["a/b/c/d/e/f/g/h/i/j/x.txt"]
    (line,) = came.left_out
    assert line.startswith("0/1/2/3/4/5/6/7/8/9/10/x.txt was left out: folders may be 10 deep, ")


@pytest.mark.parametrize(
    "name", ["two\nlines.txt", "esc\x1b[1m.py", "back\u202ewards.py", "\udcff.py"]
)
def test_a_name_that_cannot_be_printed_is_left_out(folder, name):
    put(folder, name)
    came = taken(folder)
    assert not came.files
    assert came.left_out[0].isprintable()


def test_the_assignments_own_files_come_before_a_students(folder):
    put(folder, "same.csv", "other.csv", "data/x.csv", "img", content=b"mine")
    ours = {"same.csv": b"mine", "other.csv": b"ours", "data": b"", "img/a.png": b""}
    came = taken(folder, ours=ours)
    assert not came.files
    assert came.left_out == (
        "data/x.csv, img and other.csv were left out: the assignment has its own, which is used",
    )


def test_a_notebook_in_a_folder_has_beside_it_what_lies_there(folder):
    (folder / NOTEBOOK).unlink()
    put(folder, f"my work/{NOTEBOOK}", "my work/helper.py", "data.csv")
    came = taken(folder, f"my work/{NOTEBOOK}")
    assert list(came.files) == ["helper.py"]
    assert came.left_out == (
        "data.csv was left out: only what lies in the notebook's folder is taken",
    )


def test_an_environment_of_pythons_is_left_out_as_a_whole(folder):
    put(folder, "venv/pyvenv.cfg", "venv/lib/python3/site-packages/a.py")
    came = taken(folder)
    assert not came.files
    assert came.left_out == ("venv was left out: an environment of Python's is not taken",)


def test_an_assignments_own_files_are_those_beside_its_notebook(folder, monkeypatch):
    put(folder, "data/a.csv", "b.csv", ".hidden", "other.ipynb", "__pycache__/x.pyc")
    assert released_beside(folder, ["__pycache__"]) == ((("b.csv", b"x"), ("data/a.csv", b"x")), ())
    monkeypatch.setattr(beside, "RELEASED_MB", 0)
    assert released_beside(folder, ["__pycache__"]) == ((), ("b.csv", "data/a.csv"))
