"""Put the repository's address into every page that names it: ``make address URL=https://…``.

The one place where it stands is ``[project.urls]`` in ``pyproject.toml``; what else names it is
found by that.
"""

import re
import subprocess
import sys
from pathlib import Path


def main(url: str) -> None:
    """Replace the address, and the ``owner/name`` of badges, in all files of the repository."""
    found = re.fullmatch(r"(https://[\w.-]+)/([\w.-]+/[\w.-]+?)(\.git|/)?", url)
    if not found:
        sys.exit(f"an address looks like https://github.com/owner/name; got {url!r}")
    host, slug = found[1], found[2]
    settings = Path("pyproject.toml").read_text(encoding="utf-8")
    [old] = re.findall(r'^Repository = "(.+)"$', settings, re.MULTILINE)
    old_slug = old.split("/", 3)[3]
    known = re.compile(rf"{re.escape(old)}(?![\w-])|(?<![\w.-]){re.escape(old_slug)}(?![\w-])")
    naming = subprocess.run(
        ["git", "grep", "-lIF", "-e", old_slug], capture_output=True, text=True, check=True
    )
    for name in naming.stdout.splitlines():
        text = Path(name).read_text(encoding="utf-8")
        text = known.sub(lambda m: f"{host}/{slug}" if m[0] == old else slug, text)
        Path(name).write_text(text, encoding="utf-8", newline="")
        print(f"changed: {name}")


if __name__ == "__main__":
    main(*sys.argv[1:] or [""])
