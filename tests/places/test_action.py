"""The Action for GitHub: its file, and what it runs in a student's repository, without GitHub."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from bplab.course import Course
from tests.grading.checks.test_checks import NO_2
from tests.grading.hostile.notebook import ASSIGNMENT, as_bytes, handed_in, right_answers
from tests.thorough import one_in

ROOT = Course.find().root
SCRIPT = ROOT / ".github" / "action" / "check.py"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]
GUIDE = (ROOT / "course" / "platforms.md").read_text(encoding="utf-8")
REFERENCE = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")


def test_the_file_has_what_github_documents_and_nothing_else():
    assert set(ACTION) == {
        *("name", "description", "author", "branding", "inputs", "outputs", "runs"),
    }
    assert set(ACTION["runs"]) == {"using", "steps"}
    assert ACTION["runs"]["using"] == "composite"
    for about in ACTION["inputs"].values():
        assert set(about) == {"description", "default"}
        assert isinstance(about["default"], str)
    for about in ACTION["outputs"].values():
        assert set(about) == {"description", "value"}
    for step in STEPS:
        assert ("run" in step) != ("uses" in step)
        assert set(step) <= {"id", "shell", "env", "run", "uses", "with"}
        assert ("shell" in step) == ("run" in step)


def test_every_reference_leads_somewhere_and_every_input_is_used():
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    used = set(REFERENCE.findall(text))
    inputs = {f"inputs.{name}" for name in ACTION["inputs"]}
    ids = [step["id"] for step in STEPS if "id" in step]
    steps = {one for one in used if one.startswith("steps.")}
    assert used - steps == inputs
    assert {one.split(".")[1] for one in steps} <= set(ids)
    told = {one.split(".")[3] for one in steps if one.startswith("steps.check")}
    assert told == {"points", "max-points", "passed"}


def test_no_text_of_anybodys_becomes_part_of_a_script():
    assert not [step for step in STEPS if "${{" in step.get("run", "")]
    variables = {name for step in STEPS for name in step.get("env", {})}
    assert set(re.findall(r"BPLAB_\w+", SCRIPT.read_text(encoding="utf-8"))) <= variables


def test_the_guide_has_each_input_and_output_and_its_workflows_can_be_read():
    for name in {*ACTION["inputs"], *ACTION["outputs"]} - {"python-version"}:
        assert f"`{name}`" in GUIDE
    workflows = [yaml.safe_load(one) for one in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)]
    assert len(workflows) == 2
    for workflow in workflows:
        (job,) = workflow["jobs"].values()
        (ours,) = [step for step in job["steps"] if "bplab" in step.get("uses", "")]
        assert set(ours["with"]) <= set(ACTION["inputs"])
        assert workflow["permissions"] == {"contents": "read"}


def act(folder: Path, **inputs: str) -> subprocess.CompletedProcess:
    """Run what the last step runs, with GitHub's two files."""
    command = STEPS[-1]["run"]
    assert command.endswith('-P "$GITHUB_ACTION_PATH/.github/action/check.py"')
    files = {name: str(folder / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    return subprocess.run(
        [sys.executable, "-P", SCRIPT],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **files, **inputs},
        capture_output=True,
        encoding="utf-8",
    )


def test_a_students_repository_is_judged_in_one_step(tmp_path):
    place = tmp_path / "::notice title=bplab::13 of 13 points.ipynb"
    place.write_bytes(as_bytes(handed_in({**right_answers(), "eq4": NO_2})))
    inputs = {"BPLAB_PATH": f"{place.name}\n", "BPLAB_FAIL": "false"}
    done = act(tmp_path, **inputs, BPLAB_SECRET="ours")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "GITHUB_OUTPUT").read_text() == "points=10\nmax-points=13\npassed=false\n"
    summary = (tmp_path / "GITHUB_STEP_SUMMARY").read_text(encoding="utf-8")
    assert summary.startswith("## 10 of 13 points\n")
    assert "| ✗ | `eq4` | 0 / 3 | The factor 2 is missing" in summary
    assert "| ✓ | `eq5` | 4 / 4 |" in summary
    root = ET.parse(tmp_path / "bplab-junit.xml").getroot()
    assert (root.get("tests"), root.get("failures")) == ("4", "1")
    assert "[eq4/no-factor-2]" in done.stdout
    # GitHub takes a line that begins so for a command: here for a note with marks of its own
    assert not any(line.lstrip().startswith("::") for line in done.stdout.splitlines())


@pytest.mark.parametrize(
    ("inputs", "says"),
    one_in(
        4,
        [
            ({}, "none of the course's notebooks"),
            ({"BPLAB_PATH": "nowhere.ipynb"}, "cannot be read"),
            ({"BPLAB_EXERCISES": "eq99"}, "eq99"),
            ({"BPLAB_PATH": "--help"}, "--help"),
        ],
    ),
)
def test_where_nothing_was_judged_the_step_fails_and_says_why(tmp_path, inputs, says):
    done = act(tmp_path, BPLAB_FAIL="false", **inputs)
    assert done.returncode == 2
    assert says in done.stderr
    assert "::error title=bplab::" in done.stdout
    assert not (tmp_path / "GITHUB_OUTPUT").exists()


def test_the_name_of_the_assignment_is_one_of_the_course():
    assert ASSIGNMENT in ACTION["inputs"]["assignment"]["description"]
