"""Catalogues: what is looked up in them, and what is said of one that is not as it should be."""

import html
import os
import subprocess
import sys
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bplab
from bplab.languages import Catalogue, CatalogueError, Skeleton, Source, door, read, told, told_html
from bplab.languages.source import Place, of_text

SOME = Catalogue(
    {
        "The sum over {index} leaves out the first {one}.": "In Σ_{index} fehlt {one} Nr. 1.",
        "example": "Beispiel",
        "hidden unit": "Einheit",
        "It is so.": "Es ist so.",
        "Two things. They go together.": "Zwei Dinge, zusammen.",
        "{name} is text": "{name} ist Text",
        "line {number}: {code}": "Zeile {number}: {code:as it is}",
        "{a} and {b}": "{a} und {b}",
        "{a}; or {b}": "{a}; oder {b}",
    }
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The sum over i leaves out the first example.", "In Σ_i fehlt Beispiel Nr. 1."),
        ("The sum over k leaves out the first hidden unit.", "In Σ_k fehlt Einheit Nr. 1."),
        ("It is so. It is so.", "Es ist so. Es ist so."),
        ("It is so.\n  It is so.", "Es ist so.\n  Es ist so."),
        ("Two things. They go together. It is so.", "Zwei Dinge, zusammen. Es ist so."),
        ("Z[0] and g(T) and beta", "Z[0] und g(T) und beta"),
        ("line 3: a is text and more", "Zeile 3: a is text and more"),
        ("a is text; or b is text", "a ist Text; oder b ist Text"),
        ("(a is text, b is text)", "(a ist Text, b ist Text)"),
        # whole sentences stay English where a part of them is not known
        ("The sum over i leaves out the first unknown thing.", None),
        ("the other thing is text", None),
        ("It is so, and more. It is so.", "It is so, and more. Es ist so."),
        ("", ""),
        ("  ", "  "),
    ],
)
def test_a_text_is_found_whole(text, wanted):
    assert SOME.translate(text) == (text if wanted is None else wanted)


MARKS = "ab .:;,()<>&\n{}é"
LETTERS = [*MARKS, *{category(c): c for c in map(chr, range(0x3000))}.values(), "\U0001f600"]
"""Marks that a catalogue looks at, and a letter of each kind that Unicode has.

Without them hypothesis looks through all texts of bplab for some to try, and at each letter.
"""


@given(st.text(st.sampled_from(LETTERS), max_size=300))
def test_an_empty_catalogue_changes_nothing(text):
    assert Catalogue({}).translate(text) == text


@given(st.text(st.sampled_from(MARKS), max_size=200))
def test_what_is_not_in_a_catalogue_stays_as_it_is(text):
    assert SOME.translate(text) == text


@given(st.text(st.sampled_from(LETTERS), max_size=60))
def test_a_name_cannot_become_markup(name):
    door._chosen = "xx", SOME
    markup = f"<p>{html.escape(f'{name} is text')}</p>"
    told_parts = told_html(markup)
    assert told_parts.startswith("<p>")
    assert told_parts.endswith("</p>")
    inside = told_parts[3:-4]
    assert "<" not in inside
    assert ">" not in inside
    assert html.unescape(inside) == told(html.unescape(html.escape(f"{name} is text")))


def test_a_long_text_of_a_learner_is_given_up_in_time():
    text = " and ".join(["x is text, (y; z)"] * 500)
    assert SOME.translate(f"It is so. {text}").startswith("Es ist so. ")
    assert SOME._looked < 1000


BROKEN = [
    ('"a {x} b" = "nichts"', r"line 1: \{x\} is missing"),
    ('\n"a {x} b" = "{x} {y}"', r"line 2: \{y\} is no placeholder of the text; it has \{x\}"),
    ('[one]\n"x" = "y"\n["two"]\n"a" = "{y}"', r"line 4: \{y\} is no placeholder.*none"),
    ('"a b" = "<b>c</b>"', "line 1: the translation has other tags"),
    ('"a b" = 3', "line 1: the translation must be text; got 3"),
    ('\n"a b" = "c', r"is no TOML: .*Unterminated"),
    ('"a {x.y}" = "b"', "line 1: .*no placeholder"),
    ('"a { b" = "b"', "line 1: "),
    ('"a {x}" = "{x:d}"', "line 1: .*as it is"),
]


@pytest.mark.parametrize(("source", "said"), BROKEN)
def test_what_is_wrong_in_a_catalogue_is_named_with_file_and_line(source, said, tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(source, encoding="utf-8")
    with pytest.raises(CatalogueError, match=f"(?s)own.toml.*{said}"):
        bplab.language(str(file))
    assert bplab.language() == "en"


def test_an_unknown_language_is_answered_with_those_there_are():
    with pytest.raises(ValueError, match='no language \'xx\'; there are "en", "de", and'):
        bplab.language("xx")
    with pytest.raises(ValueError, match=r"no language 'no/such.toml'"):
        bplab.language("no/such.toml")


@pytest.mark.parametrize("name", ["", " ", "\0", "x" * 10_000, "\udcff", 5, b"de", ["de"], "."])
def test_whatever_is_no_language_is_told(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CatalogueError, match=r"there is no language|no catalogue is in \."):
        bplab.language(name)
    assert bplab.language() == "en"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (bytes(range(128, 256)), "must be text in UTF-8: .*position 0"),
        ('"a" = "ä"'.encode("latin-1"), "must be text in UTF-8: .*position 7"),
        ('"a" = "b"'.encode("utf-16"), "must be text in UTF-8"),
        (b"a = " + b"[" * 100_000, "too deep"),
    ],
)
def test_what_is_no_text_is_told_with_its_file(content, said, tmp_path):
    (tmp_path / "own.toml").write_bytes(content)
    with pytest.raises(CatalogueError, match=f"(?s)own.toml {said}|own.toml is .*{said}"):
        bplab.language(tmp_path / "own.toml")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes as POSIX has them")
def test_what_never_ends_is_no_catalogue(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "folder.toml").mkdir()
    for path in (tmp_path / "pipe.toml", tmp_path, tmp_path / "in", "/dev/zero"):
        monkeypatch.setenv(door.VARIABLE, str(path))
        monkeypatch.setattr(door, "_chosen", None)
        with pytest.warns(UserWarning, match="is no file"):
            assert told("It is so.") == "It is so."


def test_an_editors_mark_at_the_beginning_and_a_home_are_understood(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "own.toml").write_bytes('"It is so." = "Ita est."\r\n'.encode("utf-8-sig"))
    assert bplab.language("~/own.toml") == "~/own.toml"
    assert told("It is so.") == "Ita est."


def test_a_catalogue_of_ones_own_is_a_file_or_a_folder(tmp_path):
    (tmp_path / "one.toml").write_text('"It is so." = "Ita est."', encoding="utf-8")
    (tmp_path / "two.toml").write_text('["more"]\n"So?" = "Itane?"\n"No." = ""', encoding="utf-8")
    assert bplab.language(tmp_path) == str(tmp_path)
    assert told("It is so. So? No.") == "Ita est. Itane? No."
    bplab.language(tmp_path / "one.toml")
    assert told("It is so. So?") == "Ita est. So?"
    assert bplab.language("en") == "en"
    assert told("It is so.") == "It is so."


def test_the_environment_chooses_the_language(monkeypatch):
    monkeypatch.setenv(door.VARIABLE, "de")
    assert told("The factor 2 is missing.") == "Der Faktor 2 fehlt."
    assert bplab.language() == "de"


def test_an_unknown_language_of_the_environment_is_a_warning_and_english(monkeypatch):
    monkeypatch.setenv(door.VARIABLE, "xx")
    with pytest.warns(UserWarning, match="BPLAB_LANGUAGE: there is no language 'xx'"):
        assert told("The factor 2 is missing.") == "The factor 2 is missing."
    assert told("The factor 2 is missing.") == "The factor 2 is missing."


def test_in_english_nothing_is_loaded():
    code = (
        "import sys; from bplab import hint; repr(hint('eq4')); "
        "print([m for m in sys.modules if m.startswith('bplab.languages') or m == 'tomllib'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert sorted(eval(done.stdout)) == ["bplab.languages", "bplab.languages.door"]


# --- what a translator works with -------------------------------------------------------------


def texts(code):
    return [text for text, _ in of_text(code)]


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ('"""A docstring."""\na = "one text"', ["one text"]),
        ("f'line {node.lineno}: {self._name} is {x[0]}'", []),
        ("a = f'line {node.lineno}: {self._name} is {x[0]}'", ["line {lineno}: {name} is {x}"]),
        ("a = f'{a} {b.a} and {a}'", ["{a} {a2} and {a}"]),
        ("a = f\"two {'is' if x else 'are'} b\"", ["two is b", "two are b", "is", "are"]),
        ("a = f\"one{f' of {n}' if n else ''}\"", ["one of {n}", "one", "of {n}"]),
        ("a = f\"argument{'s' * (n > 1)}\"", ["arguments", "argument", "s"]),
        ("a = '; or '.join(x)", ["{one}; or {others}", "; or"]),
        ("a = 'only {} of {name}'.format(1, name=2)", ["only {0} of {name}"]),
        ("a = f'a {{b}}'", ["a {{b}}"]),
        ("a = f'{x:.3g} %'", []),
    ],
)
def test_texts_are_found_in_the_source(code, wanted):
    assert sorted(texts(code)) == sorted(wanted)


SOURCE = Source(
    {
        "The {line} of {part} is {what}. Look there.": Place("a.py", 3),
        "row": Place("a.py", 1),
        "delta": Place("a.py", 2),
        "the last thing": Place("b.py", 7),
        "zero": Place("a.py", 2),
    }
)


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("The {line} of {part} is {what}. Look there.", 3),
        ("The {line} of {part} is {what}.", 3),
        ("Look there.", 3),
        ("The row of delta is {what}.", 3),
        ("The {line} of the last thing is zero.", 3),
        ("the last thing", 7),
        ("The {line} of the first thing is {what}.", None),
        ("Look here.", None),
        ("the last", None),
    ],
)
def test_a_key_stands_in_the_source_as_it_is_or_filled_in(key, line):
    place = SOURCE.place(key)
    assert (place and place.line) == line


def test_the_german_catalogue_has_nothing_that_bplab_does_not_say():
    assert Skeleton("de").gone == []


def test_a_key_that_is_gone_is_named_with_its_line_and_kept_in_the_skeleton(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text('# x\n"row" = "Zeile"\n"no text of it" = "weg {{a}}"\n', encoding="utf-8")
    skeleton = Skeleton(str(file), SOURCE)
    with pytest.raises(
        CatalogueError, match=r"(?s)any more \(1\).*own.toml, line 3: no text of it"
    ):
        skeleton.check()
    written = str(skeleton)
    assert '# "no text of it" = "weg {{a}}"' in written
    assert '["a.py"]\n# line 1\n"row" = "Zeile"' in written
    assert '# line 7\n"the last thing" = ""' in written
    (tmp_path / "again.toml").write_text(written, encoding="utf-8")
    assert read(tmp_path / "again.toml") == {"row": "Zeile"}
