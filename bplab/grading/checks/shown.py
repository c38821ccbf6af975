"""Show the results of files, for people and for programs."""

import json
import os
import xml.etree.ElementTree as ET
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from bplab.counting import counted
from bplab.grading.checks.checked import Checked
from bplab.grading.printable import shown_path
from bplab.grading.records import Record, known, task_line, task_text

__all__ = ["as_json", "as_junit", "as_markdown", "as_table", "as_text"]


def as_table(checked: Sequence[Checked]) -> Table:
    """Return a table with a row for every exercise of every file."""
    table = Table(title="What the judge says")
    for column in ("notebook", "exercise", "result"):
        table.add_column(column, overflow="fold")
    table.add_column("points", justify="right", no_wrap=True)
    for one in checked:
        name = shown_path(one.path)
        for record in one.records:
            result = record.mistake or "right"
            table.add_row(Text(name), record.exercise, Text(result), _points(record))
            name = ""
        total = f"{one.score:g} / {one.max_score:g}"
        table.add_row(Text(name), "all", Text(_shown(one)), total, style="bold", end_section=True)
    return table


def as_text(checked: Sequence[Checked]) -> str:
    """Return what is said of everything that is not right, in the words of feedback."""
    said = []
    for one in checked:
        wrong = [record for record in one.records if not record.passed]
        lines = [task_text(known(record), record) for record in wrong]
        path = shown_path(one.path)
        named = [f"{path}, {record.exercise}" for record in wrong]
        said += [f"{name}\n{text}" for name, text in zip(named, lines, strict=True)]
        said += [f"{path}: {flag}" for flag in one.flags]
        said += [] if one.judged else [f"{path}: not judged\n{_shown(one)}"]
    return "\n\n".join(said)


def as_json(checked: Sequence[Checked]) -> str:
    """Return the results as JSON, for a script that keeps marks elsewhere."""
    return json.dumps(
        [
            {
                "notebook": os.fspath(one.path),
                "assignment": one.assignment,
                "score": one.score,
                "max_score": one.max_score,
                "results": [
                    {
                        "exercise": record.exercise,
                        "passed": record.passed,
                        "points": record.points,
                        "max_points": record.max_points,
                        "mistake": record.mistake,
                        "text": task_text(known(record), record),
                    }
                    for record in one.records
                ],
                "events": list(one.events),
                "flags": list(one.flags),
                "protected": one.protected,
                "judged": one.judged,
            }
            for one in checked
        ],
        indent=2,
    )


def as_junit(checked: Sequence[Checked]) -> str:
    """Return the results as JUnit's XML: a suite for each file, a case for each exercise.

    A case that is not right is a failure, whose type is the mistake's name; a file that could not
    be judged has one case, which is an error.
    """
    root = ET.Element("testsuites", name="bplab check")
    for one in checked:
        suite = ET.SubElement(root, "testsuite", name=_xml(os.fspath(one.path)))
        properties = ET.SubElement(suite, "properties")
        for name, value in (("points", one.score), ("max-points", one.max_score)):
            ET.SubElement(properties, "property", name=name, value=f"{value:g}")
        for record in one.records:
            case = ET.SubElement(
                suite,
                "testcase",
                classname=_xml(one.assignment),
                name=record.exercise,
                time=f"{record.seconds or 0:.3f}",
            )
            if not record.passed:
                task = known(record)
                most = counted(record.max_points, "point")
                message = _xml(f"{record.points:g} of {most}: {record.says}")
                failure = ET.SubElement(case, "failure", message=message, type=str(record.mistake))
                failure.text = _xml(task_text(task, record))
        if not one.judged:
            case = ET.SubElement(suite, "testcase", classname=_xml(os.fspath(one.path)))
            case.attrib |= {"name": "judged", "time": "0.000"}
            ET.SubElement(case, "error", message=_xml(_shown(one)), type="not-judged")
        _count(suite, suite)
    _count(root, root)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def as_markdown(checked: Sequence[Checked]) -> str:
    """Return the results as Markdown: a table for each file, with the mistake in words."""
    parts = []
    for one in checked:
        most = counted(one.max_score, "point")
        title = f"### {_cell(os.fspath(one.path))}: {one.score:g} of {most}"
        rows = ["| | exercise | points | what to look at |", "|---|---|---:|---|"]
        for record in one.records:
            sign = "✓" if record.passed else "◐" if record.points else "✗"
            words = "" if record.passed else task_line(known(record), record, points=False)
            rows.append(f"| {sign} | `{record.exercise}` | {_points(record)} | {_cell(words)} |")
        notes = [f"- {_cell(line)}" for line in (*one.events, *one.flags)]
        parts.append("\n".join([title, "", *rows, *([""] if notes else []), *notes]))
    return "\n\n".join(parts) + "\n"


def _points(record: Record) -> str:
    return f"{record.points:g} / {record.max_points:g}"


def _shown(one: Checked) -> str:
    return "; ".join((*one.events, *one.flags))


def _count(element: ET.Element, over: ET.Element) -> None:
    cases = list(over.iter("testcase"))
    element.set("tests", str(len(cases)))
    for kind in ("failure", "error"):
        element.set(f"{kind}s", str(sum(case.find(kind) is not None for case in cases)))
    element.set("skipped", "0")
    element.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")


def _xml(text: str) -> str:
    """Text that XML can hold: it allows no control characters, not even as escapes."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def _cell(text: str) -> str:
    """Text with Markdown's signs escaped: a file's name, or what a student's code has said."""
    plain = " ".join(_xml(text).split())
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+!|~@" else c for c in plain)
