"""Bytecode in the archives of a site: it is found and used, and the lock names the new hashes."""

import json
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest

from bplab.course import CourseError
from bplab.course.site import bytecode
from bplab.course.site.wheels import write_wheel

COMPILED = Path(bytecode.__file__).with_name("compiled.py")
HERE = f"{sys.version_info[0]}{sys.version_info[1]}"


def python(code):
    return subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)


def compiled(tmp_path, sources, modules):
    """Write modules, and return where `compile_loaded` has put their bytecode."""
    there, out = tmp_path / "there", tmp_path / "out"
    out.mkdir()
    for name, source in sources.items():
        (there / name).parent.mkdir(parents=True, exist_ok=True)
        (there / name).write_text(source, encoding="utf-8")
    code = f"import sys; sys.path.insert(0, {str(there)!r})\nexec(open({str(COMPILED)!r}).read())\n"
    done = python(f"{code}compile_loaded({str(out)!r}, {modules!r}, below={str(there)!r})")
    assert done.returncode == 0, done.stderr
    return out / there.relative_to(there.anchor)


def test_what_can_be_imported_is_compiled_and_nothing_else(tmp_path):
    sources = {
        "one.py": "import two.three",
        "two/__init__.py": "",
        "two/three.py": "",
        "two/four.py": "",
        "needy.py": "import a_package_that_comes_from_afar",
    }
    found = compiled(tmp_path, sources, ["needy", "absent", "one"])
    names = {path.relative_to(found).as_posix() for path in found.rglob("*.pyc")}
    assert names == {"one.pyc", "two/__init__.pyc", "two/three.pyc"}


@pytest.mark.parametrize("place", ["archive", "folder"])
def test_python_takes_the_bytecode_and_its_tracebacks_name_the_source(tmp_path, monkeypatch, place):
    source = "SAID = {}\ndef fail():\n    return 1 / 0  # this line\n"
    found = compiled(tmp_path, {"a/one.py": source.format(1), "a/__init__.py": ""}, ["a.one"])
    root = tmp_path / "there.zip"
    with zipfile.ZipFile(root, "w") as made:
        made.writestr("a/one.py", source.format(2))  # what is said tells which of them was run
        made.writestr("a/__init__.py", "")
    monkeypatch.setattr(bytecode, "_VERSION", HERE)
    assert bytecode._add(
        root, found, bytecode._beside if place == "archive" else bytecode._in_cache
    )
    if place == "folder":
        root = tmp_path / "unpacked"
        zipfile.ZipFile(tmp_path / "there.zip").extractall(root)
    done = python(
        f"import sys; sys.path.insert(0, {str(root)!r})\n"
        "from a import one\nprint(one.SAID)\none.fail()"
    )
    assert done.stdout == "1\n"
    name = tmp_path / "there" if place == "archive" else root  # an archive's names are not mended
    assert f'File "{name / "a" / "one.py"}", line 3, in fail' in done.stderr
    assert "# this line" in done.stderr


@pytest.fixture
def folder(tmp_path):
    """What a kernel is served with, and a wheel of ours."""
    folder = tmp_path / "served"
    folder.mkdir()
    with zipfile.ZipFile(folder / "python_stdlib.zip", "w") as stdlib:
        stdlib.writestr("os.py", "")
    wheels = [write_wheel(folder, name, {f"{name}.py": b""}) for name in ("ours", "comm", "six")]
    afar = {"numpy": {"file_name": "https://packages.invalid/numpy.whl", "sha256": "0" * 64}}
    known = {one.name: {"file_name": one.path.name, "sha256": one.sha256} for one in wheels}
    lock = json.dumps({"packages": {**known, **afar}})
    (folder / "pyodide-lock.json").write_text(lock, encoding="utf-8")
    return folder


def with_node(monkeypatch, tmp_path, code):
    """Let a program in Python stand for Node.js."""
    node = tmp_path / "node.py"
    node.write_text(f"#!{sys.executable}\nimport json, pathlib, sys\n{code}", encoding="utf-8")
    node.chmod(0o755)
    monkeypatch.setattr(bytecode.shutil, "which", {"node": str(node)}.get)


COMPILES = """
lib = pathlib.Path(json.loads(sys.argv[-1])["out"], "lib")
assert (lib / "python3.14/site-packages/ours.py").is_file()
for name in ("python3.14/site-packages/ours.pyc", "python3.14/site-packages/comm.pyc",
             "python314.zip/os.pyc"):
    (lib / name).parent.mkdir(parents=True, exist_ok=True)
    (lib / name).write_bytes(b"bytecode")
"""


def added(folder, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    mine = bytecode.Wheel.read(next(folder.glob("ours-*.whl")))
    return bytecode.add_bytecode(folder, scratch, {}, [], mine)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in begins with #!")
def test_the_lock_names_the_hash_of_each_archive_as_it_is_now(folder, tmp_path, monkeypatch):
    before = json.loads((folder / "pyodide-lock.json").read_text())["packages"]
    with_node(monkeypatch, tmp_path, COMPILES)
    assert added(folder, tmp_path)
    after = json.loads((folder / "pyodide-lock.json").read_text())["packages"]
    assert {name for name in before if before[name] != after[name]} == {"ours", "comm"}
    for name in ("ours", "comm", "six"):
        path = folder / after[name]["file_name"]
        assert after[name]["sha256"] == sha256(path.read_bytes()).hexdigest()
        names = zipfile.ZipFile(path).namelist()
        assert (f"__pycache__/{name}.cpython-314.pyc" in names) is (name != "six")
    assert zipfile.ZipFile(folder / "python_stdlib.zip").namelist() == ["os.py", "os.pyc"]


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in begins with #!")
def test_what_fails_in_node_is_told(folder, tmp_path, monkeypatch):
    with_node(monkeypatch, tmp_path, "sys.exit('ImportError no module of this name')")
    with pytest.raises(CourseError, match=r"in Node\.js: ImportError no module of this name"):
        added(folder, tmp_path)


def test_without_node_everything_stays_as_it_is(folder, tmp_path, monkeypatch):
    before = {path: path.read_bytes() for path in folder.iterdir()}
    monkeypatch.setattr(bytecode.shutil, "which", lambda name: None)
    assert not added(folder, tmp_path)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
