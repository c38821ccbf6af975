"""The half-worked steps as puzzles: judged by running, and never by comparing with one order."""

import re
import textwrap
from functools import cache
from itertools import permutations

import jupytext
import numpy as np
import pytest

from bplab.course import Course
from bplab.exercises import EXERCISES, PUZZLES

EACH = pytest.mark.parametrize("id", PUZZLES)
LOOPS = {"half-eq8": ("for k", "\nh, moves"), "half-one-epoch": ("for start", "print(")}
LOOPS |= {"half-reverse-pass": ("for node", "print(")}
"""Cells whose gaps stand in loops: where these begin, and what comes after them."""
WRONG = [
    (id, i, wrong)
    for id, puzzle in PUZZLES.items()
    for i, line in enumerate(puzzle.lines)
    for wrong in line.wrong
]


@cache
def half_worked():
    """The sources of the half-worked cells, by their names."""
    course = Course.find()
    return {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for name in course.names()
        for cell in jupytext.read(course.notebooks / f"{name}.py").cells
        if cell.metadata.get("nbgrader", {}).get("grade_id", "").startswith("half-")
    }


def values(found):
    """Numbers as one flat array: a tuple, a list, an array."""
    parts = found if isinstance(found, (tuple, list)) else [found]
    return np.concatenate([np.ravel(np.asarray(part, float)) for part in parts])


def raised_or(function, *arguments):
    """What a function returns; or None, if it raises."""
    try:
        return values(function(*arguments))
    except Exception:
        return None


def test_every_half_worked_cell_has_its_puzzle():
    assert list(PUZZLES) == list(half_worked())


@EACH
def test_the_right_lines_make_what_the_notebooks_solution_makes(id):
    puzzle = PUZZLES[id]
    assert puzzle.judge(puzzle.right).right
    begin, source = puzzle.right, half_worked()[id]
    if id in LOOPS:
        begin, (first, after) = (), LOOPS[id]
        solution = source[source.index(first) : source.index(after)]
    else:
        [gap] = re.findall(r"### BEGIN SOLUTION\n(.*?)^ *### END", source, re.M | re.S)
        solution = textwrap.dedent(gap)
    right, made = puzzle.run(puzzle.right), puzzle.run([*begin, solution])
    for name in puzzle.wanted:
        assert values(made[name]) == pytest.approx(values(right[name]), rel=1e-12)


@pytest.mark.parametrize(("id", "place", "wrong"), WRONG)
def test_a_wrong_line_is_named_and_has_the_numbers_of_its_known_mistake(id, place, wrong):
    puzzle = PUZZLES[id]
    program = [*puzzle.right]
    program[place] = wrong.text
    outcome = puzzle.judge(program)
    assert not outcome.right
    assert outcome.says == (f"Line {place + 1}: {puzzle.words(wrong)}",)
    assert bool(wrong.mistake) != bool(wrong.because)
    if not wrong.mistake:
        return
    [known] = [m for m in EXERCISES[puzzle.like].mistakes if m.name == wrong.mistake]
    for draw in range(3):
        arguments = puzzle.arguments(puzzle.run(puzzle.right, draw))
        made = raised_or(lambda d: puzzle.answer(puzzle.run(program, d)), draw)
        told = raised_or(known.wrong, *arguments)
        assert (made is None) == (told is None)
        if made is not None:
            assert made == pytest.approx(told, rel=1e-6, abs=1e-12)
        reference = values(EXERCISES[puzzle.like].reference(*arguments))
        answer = values(puzzle.answer(puzzle.run(puzzle.right, draw)))
        assert answer == pytest.approx(reference, rel=1e-5)


@pytest.mark.parametrize("id", ["half-hidden", "half-eq13", "half-eq17", "half-numerical-gradient"])
def test_any_order_is_right_that_makes_the_right_numbers(id):
    """By what each line needs, as Python's own names say it."""
    puzzle = PUZZLES[id]
    given, seen = set(puzzle.run(())), []
    for order in permutations(puzzle.right):
        have, needs_met = set(given), True
        for line in order:
            code = compile(line, "", "exec")
            made = re.findall(r"\w+", line.partition(" = ")[0])
            needs_met &= {n for n in code.co_names if n in puzzle.run(puzzle.right)} <= have | set(
                made
            )
            needs_met &= not (line == "a = a + biases" and "a" not in have)
            needs_met &= not (line.startswith("a = x") and "a" in have)
            have |= set(made)
        assert puzzle.judge(order).right == needs_met, order
        seen.append(needs_met)
    assert 0 < sum(seen) < len(seen)


@pytest.mark.parametrize(
    ("id", "program", "says"),
    [
        ("half-eq4", [], "There is no line yet: choose the first one."),
        ("half-eq4", [2, 0, 1], "Line 1 needs output_delta, and no line above it makes that."),
        ("half-eq4", [0, 1], "These lines run, but do not make weight_gradient yet."),
        ("half-eq8", [1, 0, 2, 3, 4], "Line 1 cannot stand there"),
        ("half-eq8", [0, 4], "These lines run, but delta comes out wrong."),
        ("half-eq17-2", [3, 0, 2, 1, 4], "These lines run, but weights comes out wrong."),
        ("half-hidden", [1, 2], "These lines run, but a comes out wrong."),
    ],
)
def test_what_is_said_of_an_order_is_true_of_it(id, program, says):
    puzzle = PUZZLES[id]
    outcome = puzzle.judge([puzzle.right[i] for i in program])
    assert not outcome.right
    assert outcome.says[0].startswith(says)


def test_of_two_wrong_lines_both_are_named_and_one_that_does_nothing_is_not():
    puzzle = PUZZLES["half-eq4"]
    both = ["residual = -(y - f)", "output_delta = residual * sigmoid(t)", puzzle.right[2]]
    assert [said[:7] for said in puzzle.judge(both).says] == ["Line 1:", "Line 2:"]
    overwritten = ["residual = 2 * (y - f)", puzzle.right[0], both[1], puzzle.right[2]]
    assert [said[:7] for said in puzzle.judge(overwritten).says] == ["Line 3:"]
    assert puzzle.judge(["residual = -(y - f)", *puzzle.right]).right  # and needed is not all


def test_numbers_that_are_right_once_do_not_pass():
    puzzle = PUZZLES["half-eq12"]
    once = puzzle.run(puzzle.right)["after"].tolist()
    assert not puzzle.judge([f"after = {once}"]).right


@EACH
def test_all_lines_are_offered_once_and_not_in_their_order(id):
    puzzle = PUZZLES[id]
    texts = [t for line in puzzle.lines for t in (line.text, *(w.text for w in line.wrong))]
    assert sorted(puzzle.offered) == sorted(texts)
    assert len(set(texts)) == len(texts) > len(puzzle.right)
    assert [t for t in puzzle.offered if t in puzzle.right] != puzzle.right
    assert puzzle.offered == puzzle.offered
