"""The notebooks and panels with Colab's versions, and the badges that lead there."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.places.colab import PANELS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_each_notebook_has_a_badge_that_leads_to_it(course):
    badges = re.findall(
        r"^\| `(\w+)` .*\[!\[Open in Colab\]\(\S+\)\]"
        r"\(https://colab\.research\.google\.com/github/[\w.-]+/[\w.-]+/blob/main/(\S+)\) \|$",
        README,
        re.MULTILINE,
    )
    assert [name for name, _ in badges] == course.names()
    for name, path in badges:
        assert ROOT / path == course.release_file(name)


@pytest.mark.thorough
@pytest.mark.skipif(not shutil.which("uv"), reason="make test-colab needs uv")
def test_every_notebook_and_panel_runs_with_colabs_versions(course):
    found = subprocess.run(["uv", "python", "find", "3.12"], capture_output=True, text=True)
    if found.returncode:
        pytest.skip("Colab has Python 3.12, which is not installed here")
    command = ["make", "test-colab", f"PYTHON={found.stdout.strip()}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(re.findall(r"^(\w+): run$", done.stdout, re.MULTILINE)) == set(course.names())
    assert re.findall(r"^(\w+): moved, ", done.stdout, re.MULTILINE) == PANELS
