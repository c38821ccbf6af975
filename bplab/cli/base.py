"""The entry point of ``bplab``. Commands that need no other package work in the base install."""

import sys

import bplab
from bplab.cli.plain import equations_as_text, printable

__all__ = ["main"]


def main() -> None:
    """Run the command line; without typer or rich, only the commands of the base install."""
    try:
        from bplab.cli.main import main as run
    except ModuleNotFoundError as missing:
        if missing.name not in ("rich", "typer"):
            raise
        printable()
        match sys.argv[1:]:
            case ["--version"]:
                print(f"bplab {bplab.__version__}")
            case ["equations"]:
                print(equations_as_text())
            case _:
                sys.exit(
                    "bplab: this install has the library alone, with bplab equations and "
                    "bplab --version. For the course: pip install 'bplab[learn]'. To build it, and "
                    "to grade: pip install 'bplab[course]'"
                )
    else:
        run()
