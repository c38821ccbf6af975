"""A notebook's file is read, whatever it is; or it is said what it is instead."""

import gzip
import json

import pytest

from bplab.course import Course
from bplab.grading.handed_in import Unfit, read_notebook

WHOLE = Course.find().release_file("section_2_1").read_bytes()


def own(source):
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def conflict(end):
    """A notebook as git leaves it: a line of the one version, and of the other."""
    lines = WHOLE.split(b"\n")
    both = [b"<<<<<<< HEAD", lines[9], b"=======", lines[9], b">>>>>>> anna"]
    return end.join([*lines[:9], *both, *lines[10:]])


WHAT_IS_NO_NOTEBOOK = {
    b"": "empty",
    b"  \n": "empty",
    b"<html></html>": "a web page",
    b"import numpy": "not JSON",
    WHOLE[:5000]: "cut off",
    WHOLE[: WHOLE.index(b'"source"')]: "cut off",
    WHOLE.rstrip()[:-1]: "cut off",
    WHOLE + b"}": r"not JSON \(line \d{3,}\)",
    WHOLE[1:]: r"not JSON \(line \d\)",
    b"PK\x03\x04\x14\x00\x00\x00": "is a zip file, or a document that is one, not a notebook",
    gzip.compress(WHOLE): "gzip",
    b"%PDF-1.7\n%\xe2\xe3": "is a PDF, not a notebook",
    b"{\\rtf1\\ansi}": "RTF",
    b"\xd0\xcf\x11\xe0\xa1": "older Office",
    b"\x89PNG\r\n\x1a\n": "is a picture",
    b"\xff\xd8\xff\xe0": "is a picture",
    b"\xef\xbb\xbf\n<!DOCTYPE html>\n": "a web page",
    b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC>': "a web page",
    b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n": "git lfs pull",
    b"\x00" * 5000: "nothing but zero bytes",
    conflict(b"\n"): "two versions that git could not merge",
    conflict(b"\r\n"): "two versions that git could not merge",
    b"\xff\xfe\x00": "UTF-8",
    b"[]": "no list of cells",
    b"3": "no list of cells",
    b'{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}': "no list of cells",
    b"[" * 100_000: "nested too deeply",
    b'{"nbformat": 4}': "no list of cells",
}


@pytest.mark.parametrize("content", WHAT_IS_NO_NOTEBOOK, ids=range(len(WHAT_IS_NO_NOTEBOOK)))
def test_what_is_no_notebook_is_said(content):
    with pytest.raises(Unfit, match=WHAT_IS_NO_NOTEBOOK[content]):
        read_notebook(content)


def test_a_notebook_of_too_many_cells_is_not_read():
    many = {"cells": [{"cell_type": "code", "source": "1"}] * 5000} | {"nbformat": 4}
    with pytest.raises(Unfit, match="5000 cells"):
        read_notebook(json.dumps(many | {"nbformat_minor": 5, "metadata": {}}).encode())


@pytest.mark.parametrize("letters", ["é", "\U0001f600", "a\u0000b", "\ud800", "\ufeffa", "\\u00e9"])
@pytest.mark.parametrize("ascii", [True, False])
def test_letters_are_read_as_json_has_them(letters, ascii):
    file = json.dumps({"cells": [own(letters)]}, ensure_ascii=ascii)
    read = read_notebook(file.encode("utf-8", "surrogatepass") if ascii else _utf8(file))
    assert read["cells"][0]["source"] == letters.replace("\ud800", letters[0] if ascii else "?")


def _utf8(text):
    return text.encode("utf-8", "replace")


@pytest.mark.parametrize("data", [b"\xff{}", b'{"cells": "\xe9"}', b"\x80"])
def test_a_file_that_is_no_utf_8_is_said_to_be_none(data):
    with pytest.raises(Unfit, match="not text in UTF-8"):
        read_notebook(data)


def test_what_looks_like_a_conflict_in_a_cell_is_read():
    marks = "<<<<<<< HEAD\n=======\n>>>>>>> anna\n"
    assert read_notebook(json.dumps({"cells": [own(marks)]}).encode())["cells"] == [own(marks)]


def test_a_byte_order_mark_is_passed_over():
    assert read_notebook(b'\xef\xbb\xbf{"cells": []}') == {"cells": []}


def test_a_file_that_may_become_too_large_is_not_read():
    lists = b'{"cells": [' + b"[]," * 7_000_000 + b"0]}"
    with pytest.raises(Unfit, match="may take more than 800 MB"):
        read_notebook(lists)
