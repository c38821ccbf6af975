"""What the Action of ``action.yml`` runs: `bplab check`, and what GitHub is told of it.

Without GitHub: ``BPLAB_PATH=work python .github/action/check.py`` does the same, and writes none.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bplab.grading.printable import shown_path


def main() -> int:
    """Judge, tell GitHub, and return the exit status of the step."""
    asked = os.environ.get
    with tempfile.TemporaryDirectory() as folder:
        summary = Path(folder, "summary.md")
        ran = subprocess.run(
            [sys.executable, "-P", "-c", "from bplab.cli.base import main; main()"]
            + ["check", "--json", f"--markdown={summary}"]
            + [f"--junit={asked('BPLAB_JUNIT') or 'bplab-junit.xml'}"]
            + ([f"--assignment={given}"] if (given := asked("BPLAB_ASSIGNMENT")) else [])
            # without a wall the notebook's own kernel would have the secret
            + (["--hidden", "--isolation=wall"] if asked("BPLAB_SECRET") else [])
            + ["--", *paths(asked("BPLAB_PATH") or "."), *asked("BPLAB_EXERCISES", "").split()],
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
        if ran.returncode not in (0, 1):
            print("::error title=bplab::Nothing was judged: see the lines above.")
            return ran.returncode
        text = summary.read_text(encoding="utf-8")
    came = json.loads(ran.stdout)
    points, whole = (f"{sum(one[name] for one in came):g}" for name in ("score", "max_score"))
    total = f"{points} of {whole} points"
    add("GITHUB_STEP_SUMMARY", f"## {total}\n\n{text}")
    passed = str(not ran.returncode).lower()
    add("GITHUB_OUTPUT", f"points={points}\nmax-points={whole}\npassed={passed}\n")
    for one in came:
        # a line that begins with two colons would be a command to GitHub
        score, most = f"{one['score']:g}", f"{one['max_score']:g}"
        print(f"judged {shown_path(one['notebook'])}: {score} of {most} points")
        wrong = (result["text"] for result in one["results"] if not result["passed"])
        print(*wrong, sep="\n\n", end="\n\n")
    print(total)
    return ran.returncode if asked("BPLAB_FAIL", "true").lower() == "true" else 0


def paths(given: str) -> list[str]:
    """A line each, and without empty ones."""
    return [line.strip() for line in given.splitlines() if line.strip()]


def add(variable: str, text: str) -> None:
    """Add to a file of GitHub's, if it has named one."""
    if name := os.environ.get(variable):
        with open(name, "a", encoding="utf-8") as file:
            file.write(text)


if __name__ == "__main__":
    sys.exit(main())
