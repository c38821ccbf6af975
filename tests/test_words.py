"""Plain English: what is written in the course, the library and its tests keeps to a few rules."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

RULES = {
    r"\bin the place of\b": "in place of",
    r"\banew\b": "again",
    r"\blearnt\b": "learned",
    r"\bso many\b": "that many, or the number's name",
    r"\b(?:gradients?|derivatives?|slopes?|differentiates?) by (?:(?:alpha|beta|weight)s?\b|"
    r"a weight|the (?:alphas?|betas?|weights?|argument|last)|its|every|all|each|"
    r"[b-zA-Zαβθ]\b|[`$:])": "with respect to",
    r"\b(?:is|are|was|were|be|been) no numbers?\b": "NaN, or not a number",
    r"[\"'“`]no number\b": "NaN",
    r"\b(?:activation|If it|If one) is none\b": "what it is not",
    r"\b(?:to|whether|helps?|for) who\b": "students who …, or whoever",
    r"\bresiduals?(?: is| are)? [(|]?[yY](?:_\w+)? [−-] [fF](?:_\w+)?\b": (
        "−2(y − f), or the error y − f"
    ),
}
"""What to look for, and what to write in its place."""

GAP = r"""(?:[ ]["']\n[ ]*[bfr]*["']|\n[ #]*|[ ])"""
"""What may stand for a space of a rule: the end of a line too, and that of a piece of a string."""

TEXTS = (
    *(
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "course/README.md",
        "course/hub.md",
        "course/judging.md",
        "course/platforms.md",
        "Makefile",
    ),
    *("pyproject.toml", "course/nbgrader_config.py", "binder/postBuild", ".ci/run"),
)
FOLDERS = {
    "what people read": [
        *(ROOT / name for name in TEXTS if (ROOT / name).exists()),
        *(ROOT / "course" / "notebooks").glob("*.py"),
        *(ROOT / "bplab" / "data").glob("*.md"),
    ]
}
for top in ("bplab", "tests"):
    FOLDERS[top] = sorted((ROOT / top).glob("*.py"))
    for folder in sorted(path.parent for path in (ROOT / top).glob("*/__init__.py")):
        FOLDERS[f"{top}/{folder.name}"] = sorted(folder.rglob("*.py"))


def found(text: str) -> list[tuple[int, str, str]]:
    """What breaks a rule: its line, its words, and what to write in their place."""
    hits = []
    for rule, better in RULES.items():
        for match in re.finditer(rule.replace(" ", GAP), text):
            line = text.count("\n", 0, match.start()) + 1
            hits.append((line, re.sub(GAP, " ", match[0]), better))
    return sorted(hits)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a\nput it in the\n    # place of the other", 2, "in the place of"),
        ('"so its derivative by "\n    "f is 2"', 1, "derivative by f"),
        ("made anew", 1, "anew"),
        ("after so many\n    seconds", 1, "so many"),
        ("the gradient by beta", 1, "gradient by beta"),
        ("its derivative by its argument", 1, "derivative by its"),
        ("∞/∞ is no number", 1, "is no number"),
        ("or an activation is none", 1, "activation is none"),
        ("the residual\n    y_ik − f_k stays", 1, "residual y_ik − f_k"),
        ("residuals (Y - F)", 1, "residuals (Y - F"),
        ("give 0 to who has none", 1, "to who"),
    ],
)
def test_a_phrase_is_found_with_its_line_over_the_end_of_a_line_too(text, line, words):
    assert [hit[:2] for hit in found(text)] == [(line, words)]


@pytest.mark.parametrize(
    "text",
    [
        "in place of the other",
        "gradients by four methods, a derivative by hand, by finite differences",
        "a derivative by the chain rule",
        "a gradient by a friend",
        "None where there is none",
        "hidden cases: no numbers of theirs",
        "the residual is −2(Y − F), twice the error y − f with its sign changed",
    ],
)
def test_plain_words_are_let_pass(text):
    assert not found(text)


@pytest.mark.parametrize("folder", FOLDERS)
def test_english_is_plain(folder):
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: “{words}”: write {better}"
        for path in FOLDERS[folder]
        if path != Path(__file__)
        for line, words, better in found(path.read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n" + "\n".join(wrong)


COUNTED = re.compile(
    r"\{(?P<what>[^{}]*)\}\}? (?:others|students|files|points|packages|assignments|notebooks|pages|"
    r"feedback pages|exercises|mistakes|rows|texts|translations|times|processes|submissions|"
    r"wait)\b"
)
SEVERAL = ("several", "limits.processes")  # settings that are never one


@pytest.mark.parametrize("folder", ["bplab/grading", "bplab/cli"])
def test_what_is_counted_agrees_with_its_number(folder):
    """One of something is no plural: `bplab.counting.counted` writes both."""
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix not in (".py", ".j2"):
            continue
        for found in COUNTED.finditer(path.read_text(encoding="utf-8")):
            what = found["what"].strip()
            assert what.isupper() or what in SEVERAL, f"{path.name}: {found[0]}"
