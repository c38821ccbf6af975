"""Pyodide's core: from a file, a folder or npm, and only that whose hashes are known."""

import io
import tarfile
from hashlib import sha256

import pytest

from bplab.course import CourseError
from bplab.course.site import pyodide

FILES = {"pyodide.mjs": b"export", "pyodide.asm.wasm": b"\0asm", "pyodide-lock.json": b"{}"}


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """A core that is small; what is done with it is the same."""
    known = {name: sha256(data).hexdigest() for name, data in FILES.items()}
    monkeypatch.setattr(pyodide, "_FILES", known)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "package"
    folder.mkdir()
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    (folder / "README.md").write_bytes(b"not needed")
    return folder


def packed(folder, path):
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder, "package")
    return path


def test_a_folder_and_the_npm_package_are_the_same_core(folder, tmp_path):
    assert pyodide.core(tmp_path, folder) == FILES
    assert pyodide.core(tmp_path, packed(folder, tmp_path / "pyodide.tgz")) == FILES


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_hash_is_refused_with_both_hashes(folder, tmp_path, name):
    (folder / name).write_bytes(b"another version")
    for source in (folder, packed(folder, tmp_path / "pyodide.tgz")):
        with pytest.raises(CourseError, match=f"{name} in .* is not that of Pyodide") as refused:
            pyodide.core(tmp_path, source)
        assert sha256(b"another version").hexdigest() in str(refused.value)
        assert sha256(FILES[name]).hexdigest() in str(refused.value)


def test_a_file_that_is_missing_is_named(folder, tmp_path):
    (folder / "pyodide.mjs").unlink()
    with pytest.raises(CourseError, match=r"has no pyodide\.mjs: give the npm package pyodide"):
        pyodide.core(tmp_path, folder)


def test_an_entry_that_is_no_file_is_not_read(folder, tmp_path):
    path = tmp_path / "links.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, data in FILES.items():
            entry = tarfile.TarInfo(f"package/{name}")
            if name == "pyodide.mjs":
                entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/hostname"
                archive.addfile(entry)
            else:
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
    with pytest.raises(CourseError, match=r"has no pyodide\.mjs"):
        pyodide.core(tmp_path, path)


@pytest.mark.parametrize("given", ["absent.tgz", "notes.txt"])
def test_what_is_no_package_is_said_to_be_unreadable(tmp_path, given):
    (tmp_path / "notes.txt").write_text("no archive", encoding="utf-8")
    with pytest.raises(CourseError, match="cannot be read"):
        pyodide.core(tmp_path, tmp_path / given)


def test_without_npm_the_way_without_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CourseError, match=r"npm is needed, .*--pyodide FILE"):
        pyodide.core(tmp_path)
