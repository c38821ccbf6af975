"""Students' files are read as files only, whatever becomes of them meanwhile."""

import errno
import os
import shutil
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from bplab.grading import files
from bplab.grading.files import TooLarge, copy_regular, read_regular

LIMIT = 1000


@pytest.fixture
def place(tmp_path):
    """A student's folder beside a secret."""
    (tmp_path / "secret.txt").write_text("c0ffee", encoding="utf-8")
    (tmp_path / "ada" / "sums" / "in").mkdir(parents=True)
    return tmp_path / "ada" / "sums"


def pipe(path, secret):
    os.mkfifo(path)


def bound_socket(path, secret):
    with socket.socket(socket.AF_UNIX) as one:
        before = os.getcwd()
        os.chdir(path.parent)  # a socket's path may not be long
        try:
            one.bind(path.name)
        finally:
            os.chdir(before)


KINDS = {
    "a link": lambda path, secret: path.symlink_to(secret),
    "a relative link": lambda path, secret: path.symlink_to("../../secret.txt"),
    "a link that leads nowhere": lambda path, secret: path.symlink_to("nowhere"),
    "a link to itself": lambda path, secret: path.symlink_to(path.name),
    "a link to a device": lambda path, secret: path.symlink_to("/dev/zero"),
    "a link to the folder above": lambda path, secret: path.symlink_to(".."),
    "a hard link": lambda path, secret: os.link(secret, path),
    "a pipe": pipe,
    "a socket": bound_socket,
    "a huge file": lambda path, secret: (path.touch(), os.truncate(path, 10**12)),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["data.txt", "in/data.txt"])
def test_what_is_no_regular_file_is_neither_read_nor_copied(place, kind, name):
    above = place.parents[1]
    KINDS[kind](place / name, above / "secret.txt")
    (place / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises((OSError, TooLarge)):
        read_regular(place / name, LIMIT, above)
    ((left_out, why),) = copy_regular(place, above / "copy", LIMIT, above)
    assert left_out == name
    assert why
    copied = [p for p in (above / "copy").rglob("*") if not p.is_dir()]
    assert [p.name for p in copied] == ["mine.txt"]


@pytest.mark.parametrize("step", ["ada", "ada/sums", "ada/sums/in"])
def test_no_folder_on_the_way_may_be_a_link(place, step):
    above = place.parents[1]
    (place / "in" / "data.txt").write_text("mine", encoding="utf-8")
    assert read_regular(place / "in" / "data.txt", LIMIT, above) == b"mine"
    (above / step).rename(above / "elsewhere")
    (above / step).symlink_to(above / "elsewhere")
    with pytest.raises(OSError, match="is a link"):
        read_regular(place / "in" / "data.txt", LIMIT, above)
    if step != "ada/sums/in":
        with pytest.raises(OSError, match="is a link"):
            copy_regular(place, above / "copy", LIMIT, above)


def test_a_way_out_is_no_way(place):
    with pytest.raises(OSError, match="leads out"):
        read_regular(place / ".." / ".." / "secret.txt", LIMIT, place)
    with pytest.raises(ValueError, match="subpath"):
        read_regular(place.parents[1] / "secret.txt", LIMIT, place)


@contextmanager
def nested(place):
    """Put more folders into each other than Python's recursion can follow."""
    at = place
    for _ in range(1200):
        at /= "d"
        at.mkdir()
    (at / "data.txt").write_text("mine", encoding="utf-8")
    try:
        yield
    finally:
        subprocess.run(["rm", "-r", str(place / "d")], check=True)  # shutil cannot do it either


def test_folders_nested_too_deeply_are_refused_and_the_copy_can_be_removed(place):
    above = place.parents[1]
    with nested(place), pytest.raises(OSError, match="nested too deeply"):
        copy_regular(place, above / "copy", LIMIT, above)
    shutil.rmtree(above / "copy")


def test_folders_nested_as_deeply_as_allowed_are_copied(place):
    above, at = place.parents[1], Path(*["d"] * files.DEEPEST)
    (place / at).mkdir(parents=True)
    (place / at / "data.txt").write_text("mine", encoding="utf-8")
    assert copy_regular(place, above / "copy", LIMIT, above) == []
    assert (above / "copy" / at / "data.txt").exists()


def becomes(monkeypatch, name, change):
    """Change a file between the look at it and its opening."""
    real = os.open

    def late(path, *args, **kwargs):
        if path == name:
            change()
        return real(path, *args, **kwargs)

    monkeypatch.setattr(files.os, "open", late)


def test_a_file_that_becomes_a_link_is_not_read(place, monkeypatch):
    file, above = place / "data.txt", place.parents[1]
    file.write_text("mine", encoding="utf-8")

    def swap():
        file.unlink()
        file.symlink_to(above / "secret.txt")

    becomes(monkeypatch, "data.txt", swap)
    with pytest.raises(OSError, match="symbolic"):
        read_regular(file, LIMIT, above)


def test_a_file_that_becomes_a_pipe_is_not_waited_for(place, monkeypatch):
    file = place / "data.txt"
    file.write_text("mine", encoding="utf-8")

    def swap():
        file.unlink()
        os.mkfifo(file)

    becomes(monkeypatch, "data.txt", swap)
    with pytest.raises(OSError, match="regular"):
        read_regular(file, LIMIT, place)


def test_a_folder_that_becomes_a_link_is_not_entered(place, monkeypatch):
    above = place.parents[1]
    (above / "others").mkdir()
    (above / "others" / "secret.txt").write_text("c0ffee", encoding="utf-8")

    def swap():
        (place / "in").rename(place / "was")
        (place / "in").symlink_to(above / "others")

    becomes(monkeypatch, "in", swap)
    copy_regular(place, above / "copy", LIMIT, above)
    assert not list((above / "copy").rglob("secret.txt"))


def test_a_file_that_grows_is_read_up_to_the_limit(place, monkeypatch):
    file, above = place / "data.txt", place.parents[1]
    file.write_bytes(b"x" * LIMIT)
    assert read_regular(file, LIMIT, above) == b"x" * LIMIT
    real = os.fstat

    def small(descriptor):
        file.write_bytes(b"x" * 5 * LIMIT)
        values = list(real(descriptor))
        values[6] = 1
        return os.stat_result(values)

    monkeypatch.setattr(files.os, "fstat", small)
    with pytest.raises(TooLarge):
        read_regular(file, LIMIT, above)
    assert copy_regular(place, above / "copy", LIMIT, above)[0][0] == "data.txt"
    assert not (above / "copy" / "data.txt").exists()


def test_an_instructors_own_file_may_be_a_hard_link(place):
    os.link(place.parents[1] / "secret.txt", place / "helper.py")
    assert read_regular(place / "helper.py", LIMIT) == b"c0ffee"


def test_a_copy_is_as_old_as_the_file(place):
    old, above = 1_000_000_000_123_456_789, place.parents[1]
    (place / "in" / "data.txt").write_text("mine", encoding="utf-8")
    os.utime(place / "in" / "data.txt", ns=(old + 1, old))
    assert copy_regular(place, above / "copy", LIMIT, above) == []
    assert (above / "copy" / "in" / "data.txt").stat().st_mtime_ns == old


def test_of_a_file_that_cannot_be_read_to_its_end_nothing_is_copied(place, monkeypatch):
    above = place.parents[1]
    (place / "data.txt").write_text("mine", encoding="utf-8")

    def breaks(file, out):
        out.write(file.read(2))
        raise OSError(errno.EIO, "broken disk")

    monkeypatch.setattr(files.shutil, "copyfileobj", breaks)
    assert copy_regular(place, above / "copy", LIMIT, above) == [("data.txt", "broken disk")]
    assert not (above / "copy" / "data.txt").exists()
