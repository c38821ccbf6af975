"""Put the repository's address into every page that names it: ``make address URL=https://…``.

The one place where it stands is ``[project.urls]`` in ``pyproject.toml``; what else names it is
found by that.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path


def main(url: str) -> None:
    """Replace the address, and the ``owner/name`` of badges, in all files of the repository."""
    found = re.fullmatch(r"(https://[\w.-]+)/([\w.-]+/[\w.-]+?)(\.git|/)?", url)
    if not found:
        sys.exit(f"an address looks like https://github.com/owner/name; got {url!r}")
    host, slug = found[1], found[2]
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    old = project["urls"]["Repository"]
    old_slug = old.split("/", 3)[3]
    naming = subprocess.run(
        ["git", "grep", "-lIF", "-e", old_slug], capture_output=True, text=True, check=True
    )
    for name in naming.stdout.splitlines():
        text = Path(name).read_text(encoding="utf-8")
        text = text.replace(old, f"{host}/{slug}").replace(old_slug, slug)
        Path(name).write_text(text, encoding="utf-8", newline="")
        print(f"changed: {name}")


if __name__ == "__main__":
    main(*sys.argv[1:] or [""])
