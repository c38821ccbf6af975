"""The data, made from programs written by hand: which faults, at which lines, by what names.

``python -m tests.benchmarks.gradbug.generate`` writes ``data/``. What is drawn is told by texts
alone (SHA-256), so that each run, on each computer, draws the same.
"""

import argparse
import ast
import itertools
import json
import os
import sys
import traceback
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from hashlib import sha256
from multiprocessing import get_context
from typing import Any

from bplab.exercises.registry import EXERCISES
from bplab.learner import handed
from tests.benchmarks.gradbug.bank import FAULTY, RIGHT, by_hand, edited, seeds
from tests.benchmarks.gradbug.judge import TimeIsUp, answers, bounded, cases, is_right, shows
from tests.benchmarks.gradbug.limits import limited
from tests.benchmarks.gradbug.mutations import Mutation, Text, mutations
from tests.benchmarks.gradbug.program import Program, compiled
from tests.benchmarks.gradbug.rewrites import rewritten
from tests.benchmarks.gradbug.truth import all_answers, known_names, near_everywhere

__all__ = ["accepted", "made_from", "right_from"]

SEED = "gradbug 1"
SINGLE, RAISING, PAIRS, REWRITES = 7, 1, 1, 1
"""Of each program by hand: faults that show in numbers, that raise, two at once; and rewritings."""


def _drawn(*words: object) -> str:
    """Return what things are ordered by: nobody's choice."""
    return sha256(" ".join(map(str, (SEED, *words))).encode()).hexdigest()


# --- right ones -----------------------------------------------------------------------------


def right_from(seed: Program) -> Iterator[tuple[Program, tuple[tuple[int, int, str], ...]]]:
    """Yield rewritings of a program, each with its edits; what is not right is left out."""
    made = 0
    for n in range(4 * REWRITES):
        edits = rewritten(seed.source, _drawn(seed.id, "rewritten", n))
        text = edited(seed.source, edits)
        if text == seed.source or made == REWRITES:
            continue
        try:
            right = not shows(seed.exercise, compiled(text, seed.exercise))
        except SyntaxError:
            right = False
        if right:
            made += 1
            id = f"{seed.id}:in-other-words-{n}"
            yield Program(id, seed.exercise, seed.style, seed.base, "in other words", text), edits


# --- faulty ones ----------------------------------------------------------------------------


def made_from(programs: Sequence[Program]) -> Iterator[tuple[Program, Program, Mutation]]:
    """Yield the faulty programs made from one by hand and its rewritings: each, from which, how.

    The kinds of faults take turns, in an order that is drawn; a fault after which the program is
    still right, or has no end, is none.
    """
    base = programs[0]
    tried = _in_turns(base, [(of, m) for of in programs for m in mutations(of.source)])
    found: list[tuple[Program, Mutation, str]] = []
    texts: set[str] = set()
    counts = {"raises": RAISING, "": SINGLE}
    for of, mutation in tried:
        if not any(counts.values()):
            break
        text = mutation.applied(of.source)
        if text in texts:
            continue
        texts.add(text)
        how = _shows(base.exercise, text)
        room = "raises" if how == "raises" else ""
        if how in ("", "no end", "memory") or not counts[room]:
            continue
        counts[room] -= 1
        found.append((of, mutation, how))
        yield _faulty(of, mutation, how, len(found)), of, mutation
    yield from _two_at_once(base, found)


def _in_turns(
    base: Program, all_of_them: Sequence[tuple[Program, Mutation]]
) -> Iterator[tuple[Program, Mutation]]:
    by_kind: dict[str, list[tuple[Program, Mutation]]] = defaultdict(list)
    for of, mutation in all_of_them:
        by_kind[mutation.kind].append((of, mutation))
    for kind, some in by_kind.items():
        some.sort(key=lambda one: _drawn(base.id, one[0].id, kind, one[1].edits))
    kinds = sorted(by_kind, key=lambda kind: _drawn(base.id, kind))
    for row in itertools.zip_longest(*(by_kind[kind] for kind in kinds)):
        yield from (one for one in row if one)


def _shows(exercise: str, text: str) -> str:
    try:
        return shows(exercise, compiled(text, exercise))
    except SyntaxError:
        return ""


def _faulty(of: Program, mutation: Mutation, how: str, number: int) -> Program:
    text = mutation.applied(of.source)
    lines = accepted(of, mutation)
    known = {m.name for m in EXERCISES[of.exercise].mistakes}
    names = known_names(of.exercise, text) | ({mutation.means} & known)
    id = f"{of.base if of.exercise in of.base else of.exercise + '=' + of.base}:{number}"
    return Program(id, of.exercise, of.style, of.base, mutation.kind, text, lines, names, how)


def _two_at_once(
    base: Program, found: Sequence[tuple[Program, Mutation, str]]
) -> Iterator[tuple[Program, Program, Mutation]]:
    """Yield pairs of the faults found, on different lines, of which none hides the other."""
    made = 0
    pairs = sorted(
        itertools.combinations(found, 2),
        key=lambda pair: _drawn(base.id, pair[0][1].edits, pair[1][1].edits),
    )
    for (of, a, _), (also, b, _) in pairs:
        if made == PAIRS:
            return
        both = a.together(b) if of is also and a.kind != b.kind else None
        if both is None or any(m.gap or m.lines or _moves(m, of.source) for m in (a, b)):
            continue
        text = both.applied(of.source)
        alone = [m.applied(of.source) for m in (a, b)]
        first = _first(of, a, b, text)
        if first is None or _shows(of.exercise, text) != "ordinary":
            continue
        came = all_answers(of.exercise, text)
        if any(near_everywhere(came, all_answers(of.exercise, one)) for one in alone):
            continue
        made += 1
        names = known_names(of.exercise, text).union(
            *(known_names(of.exercise, one) for one in alone)
        )
        one = _faulty(of, first, "ordinary", len(found) + made)
        lines = one.lines | _raised_at(of.exercise, text)
        yield replace(one, kind=both.kind, source=text, lines=lines, names=names), of, both


def _moves(mutation: Mutation, source: str) -> bool:
    """Whether lines move."""
    return source.count("\n") != mutation.applied(source).count("\n")


def _first(of: Program, a: Mutation, b: Mutation, text: str) -> Mutation | None:
    """The one of two faults whose line is run first; None if both are on one line."""
    order = executed(of.exercise, text)
    at = [
        min((order.get(n, 10**9) for n in own_lines(of.source, m)), default=10**9) for m in (a, b)
    ]
    return None if at[0] == at[1] else (a, b)[at[1] < at[0]]


# --- lines ----------------------------------------------------------------------------------


def own_lines(source: str, mutation: Mutation) -> frozenset[int]:
    """Return the lines of the faulty text that hold what was changed."""
    if mutation.lines:
        return frozenset(mutation.lines)
    text, shift, lines = Text(source), 0, set()
    for start, end, new in sorted(mutation.edits):
        first = text.line_of(start) + shift
        moved = new.count("\n") - source.encode()[start:end].count(b"\n")
        lines |= {first} if mutation.gap else set(range(first, first + new.count("\n") + 1))
        shift += moved
    return frozenset(lines)


def accepted(of: Program, mutation: Mutation) -> frozenset[int]:
    """Return every line that may be called the first wrong one, found by construction.

    The line that was changed. Of a line that is missing those beside the gap, and the first after
    it that reads what it should have given. Of an array of the wrong kind, or shared, the first
    line that writes into it; of an error, where it comes up. And each line where what undoes the
    damage, put round one expression, makes the program right: one that the damage has reached, or
    that gives the changed expression its operands.
    """
    text = mutation.applied(of.source)
    lines = set(own_lines(of.source, mutation))
    if mutation.gap:
        gap = min(mutation.lines) if mutation.lines else max(lines)
        lines = set(mutation.lines) or _beside(text, gap)
        lines |= _first_line(text, mutation.about, gap, ast.Load) | _returned(text, mutation.about)
    if mutation.kind in ("whole numbers", "one array under two names"):
        for name in _given(text, lines):
            lines |= _first_line(text, name, max(lines) + 1, ast.Store)
    if mutation.undo:
        lines |= _undone_at(of.exercise, text, mutation.undo, lines)
    lines |= _raised_at(of.exercise, text)
    return frozenset(n for n in lines if 1 <= n <= text.count("\n"))


def _code(text: str, n: int) -> bool:
    lines = text.splitlines()
    return 1 <= n <= len(lines) and bool(lines[n - 1].split("#")[0].strip())


def _beside(text: str, gap: int) -> set[int]:
    """The lines of code before and after a place between two lines; ``gap`` is the one after it."""
    before = next((n for n in range(gap - 1, 0, -1) if _code(text, n)), 0)
    after = next((n for n in range(gap, text.count("\n") + 1) if _code(text, n)), 0)
    return {n for n in (before, after) if n}


def _given(text: str, lines: set[int]) -> set[str]:
    """The names that statements on these lines give something to."""
    return {
        name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Assign | ast.AugAssign) and node.lineno in lines
        for name in _targets(node)
    }


def _targets(node: ast.stmt) -> set[str]:
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    bases = {n for t in targets if t for n in ast.walk(t) if isinstance(n, ast.Name)}
    return {n.id for n in bases}


def _first_line(text: str, name: str, after: int, how: type) -> set[int]:
    """The first line from there on that reads a name, or writes into what it names."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if how is ast.Load and isinstance(node, ast.Name) and node.id == name:
            found.append(node.lineno)
        elif isinstance(node, ast.Assign | ast.AugAssign) and how is ast.Store:
            plain = isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            if not plain and name in _targets(node):
                found.append(node.lineno)
    later = [n for n in found if n >= after]
    return {min(later)} if name and later else set()


def _returned(text: str, name: str) -> set[int]:
    """The lines that return what a name stands for, as it is."""
    return {
        node.lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Return) and node.value is not None
        for part in getattr(node.value, "elts", [node.value])
        if isinstance(part, ast.Name) and part.id == name
    }


def _raised_at(exercise: str, text: str) -> set[int]:
    """The last line of the program on the way to an error, in the first case that has one."""
    function = compiled(text, exercise)
    for case in cases(exercise):
        given = case.arguments(EXERCISES[exercise].arguments).values()
        try:
            with bounded():
                function(*map(handed, given))
        except (TimeIsUp, MemoryError):
            return set()
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            own = [f.lineno for f in frames if f.filename.startswith("<gradbug")]
            return set(own[-1:])
    return set()


_VALUES = (ast.BinOp, ast.Call, ast.Name, ast.Attribute, ast.Subscript)


def _undone_at(exercise: str, text: str, undo: str, own: set[int]) -> set[int]:
    parsed = Text(text)
    reached, feeds = _reached(parsed, own), _feeds(parsed, own)
    found: set[int] = set()
    for node in ast.walk(parsed.tree):
        loads = isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
        if not isinstance(node, _VALUES) or not loads or node.lineno in own | found:
            continue
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        if not names & reached and node.lineno not in feeds:
            continue
        start, end = parsed.span(node)
        made = edited(text, ((start, end, undo.format(parsed.of(node))),))
        try:
            with bounded():
                if is_right(exercise, compiled(made, exercise)):
                    found |= set(range(node.lineno, node.end_lineno + 1))
        except (SyntaxError, TimeIsUp, MemoryError):
            pass
    return found


def _statements(parsed: Text) -> list[ast.stmt]:
    kinds = (ast.Assign, ast.AugAssign, ast.Return, ast.Expr)
    return [node for node in ast.walk(parsed.tree) if isinstance(node, kinds)]


def _makes(parsed: Text, node: ast.stmt) -> set[str]:
    """What a statement gives a value to: names, the list it appends to, or its function's."""
    if isinstance(node, ast.Return):
        function = parsed.within(node, ast.FunctionDef)
        return {function.name}
    if isinstance(node, ast.Expr):
        return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} & {
            parsed.of(node).partition(".")[0]
        }
    return _targets(node)


def _reached(parsed: Text, own: set[int]) -> set[str]:
    """The names that the damage reaches from these lines, in whatever order lines are run."""
    reached: set[str] = set()
    before = None
    while before != reached:
        before = set(reached)
        for node in _statements(parsed):
            reads = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
            if own & set(range(node.lineno, node.end_lineno + 1)) or reads & before:
                reached |= _makes(parsed, node)
    return reached


def _feeds(parsed: Text, own: set[int]) -> set[int]:
    """The lines of plain differences, sums and factors that the changed lines go on with."""
    reads: set[str] = set()
    for node in _statements(parsed):
        if own & set(range(node.lineno, node.end_lineno + 1)):
            reads |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    return {
        node.lineno
        for node in _statements(parsed)
        if isinstance(node, ast.Assign | ast.AugAssign)
        and isinstance(node.value, ast.BinOp)
        and isinstance(node.value.op, ast.Sub | ast.Mult)
        and not any(isinstance(n, ast.Call) for n in ast.walk(node.value))
        and _targets(node) & reads
    }


def executed(exercise: str, text: str) -> dict[int, int]:
    """Return of each line when it was first run, on the first case."""
    order: dict[int, int] = {}

    def trace(frame: Any, event: str, arg: object) -> Any:
        if not frame.f_code.co_filename.startswith("<gradbug"):
            return None
        if event == "line":
            order.setdefault(frame.f_lineno, len(order))
        return trace

    function = compiled(text, exercise)
    before = sys.gettrace()
    try:
        with bounded():
            sys.settrace(trace)
            list(answers(exercise, function, cases(exercise)[:1]))
    except TimeIsUp:
        pass
    finally:
        sys.settrace(before)
    return order


# --- all of it ------------------------------------------------------------------------------


def _rows(id: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of one exercise: its right programs, and its faulty ones."""
    right, faulty = [], []
    for seed in (one for one in seeds() if one.exercise == id):
        others = list(right_from(seed))
        right += [_row(program, seed, edits) for program, edits in others]
        programs = [seed, *(program for program, _ in others)]
        faulty += [_row(made, of, how.edits) for made, of, how in made_from(programs)]
    for program in by_hand():
        if program.exercise == id:
            names = program.names | known_names(id, program.source)
            how = _shows(id, program.source)
            faulty.append(_row(program, program, ()) | {"names": sorted(names), "shows": how})
    return right, faulty


def _row(program: Program, of: Program, edits: Sequence[tuple[int, int, str]]) -> dict[str, Any]:
    row: dict[str, Any] = {"id": program.id, "of": of.id, "kind": program.kind}
    if program.faulty:
        row |= {"lines": sorted(program.lines), "names": sorted(program.names)}
        row |= {"shows": program.shows}
    return row | {"sha": program.checksum, "edits": [list(edit) for edit in edits]}


def main() -> None:
    """Write the data."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exercises", nargs="*", help="which; else all, and the data are written")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    chosen = parser.parse_args()
    ids = chosen.exercises or list(EXERCISES)
    with ProcessPoolExecutor(
        chosen.jobs, mp_context=get_context("spawn"), initializer=limited
    ) as pool:
        rows = list(pool.map(_rows, ids))
    for path, n in ((RIGHT, 0), (FAULTY, 1)):
        lines = [json.dumps(row, ensure_ascii=False) for pair in rows for row in pair[n]]
        if not chosen.exercises:
            path.parent.mkdir(exist_ok=True)
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{path.name}: {len(lines)}")


if __name__ == "__main__":
    main()
