"""Commands about the course itself: ``bplab course … | demo class | equations``."""

from pathlib import Path
from typing import Annotated

import typer

from bplab.cli.plain import equations_as_text
from bplab.counting import counted
from bplab.course import Course, CourseError

__all__ = ["app"]

app = typer.Typer()
_course = typer.Typer(help="Build the course's notebooks.", no_args_is_help=True)
_demo = typer.Typer(help="See the whole cycle at work.", no_args_is_help=True)
app.add_typer(_course, name="course")
app.add_typer(_demo, name="demo")


@_course.command("build")
def course_build(
    names: Annotated[
        list[str] | None, typer.Argument(help="Which notebooks, e.g. section_2_1; else all.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if something is out of date.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Build also what is up to date, and write over release notebooks somebody worked "
            "in.",
        ),
    ] = False,
) -> None:
    """Make course/source, course/release and solutions from course/notebooks."""
    from bplab.course import build

    course = Course.find()
    paths = build(course, names or (), check=check, force=force)
    for path in paths:
        print(f"{'up to date' if check else 'wrote'}: {path.relative_to(course.root)}")
    if not paths:
        print("Everything is up to date; --force builds it again.")


@_course.command("new")
def course_new(
    folder: Annotated[Path, typer.Argument(help="Where: a new or an empty folder.")],
) -> None:
    """Make a course folder of your own: text notebooks, settings, release, the guide."""
    own = Course.to_read().copied_to(folder).root / "course"
    print(f"Your course is in {own}. Run all commands there; README.md in it is the guide.")


@_course.command("site")
def course_site(
    out: Annotated[Path, typer.Argument(help="The folder of the site.")] = Path("site"),
    lite: Annotated[
        bool, typer.Option(help="With notebooks that run in the browser, or the pages alone.")
    ] = True,
    pyodide: Annotated[
        Path | None,
        typer.Option(help="Pyodide's npm package, a file or a folder; else npm fetches it."),
    ] = None,
    packages: Annotated[
        Path | None,
        typer.Option(help="Pyodide's wheels of numpy and others, a folder: the site serves them."),
    ] = None,
) -> None:
    """Make a static site: notebooks that run in the browser; in a clone, pages of all texts."""
    from bplab.course import build_site

    page = build_site(Course.find(), out, lite=lite, pyodide=pyodide, packages=packages)
    print(f"wrote: {page}. To look at it: python -m http.server --directory {out}")


@_course.command("language")
def course_language(
    name: Annotated[
        str, typer.Argument(help="A language, e.g. de or fr, or the path of a catalogue.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="The file to write; else NAME.toml, in this folder.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a text is gone from bplab.")
    ] = False,
) -> None:
    """Write a catalogue for a translator: all that bplab says, with what is translated already."""
    from bplab.languages import CatalogueError, Skeleton

    try:
        skeleton = Skeleton(name)
        if check:
            skeleton.check()
            there = counted(len(skeleton.translated), "translation")
            print(f"{there}, each of something that bplab says")
            return
    except CatalogueError as error:
        raise CourseError(str(error)) from None
    path = out or Path(f"{skeleton.path.stem}.toml")
    if path.exists() and (out is None or not skeleton.is_of(path)):
        raise CourseError(
            f"{path} is there already; to bring it up to date: "
            f"bplab course language {path} --out {path}"
        )
    try:
        path.write_text(str(skeleton), encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{path} cannot be written: {error.strerror}") from None
    missing = sum(text not in skeleton.translated for text in skeleton.texts)
    print(
        f"wrote: {path}. {counted(len(skeleton.texts), 'text')}, {missing} without a translation; "
        f"{counted(len(skeleton.gone), 'translation')} of texts that are gone"
    )


@_demo.command("class")
def demo_class(
    keep: Annotated[
        Path | None, typer.Option(help="Keep the class's folder here, to look into.")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--all", help="All assignments, not only two: some minutes.")
    ] = False,
) -> None:
    """Grade a small class with nbgrader's own commands, and print marks and mistakes."""
    from bplab.grading.demo import ASSIGNMENTS, run_demo_class

    course = Course.to_read()
    run_demo_class(course, keep, course.names() if whole else ASSIGNMENTS)


@app.command("equations")
def show_equations() -> None:
    """Print the equation map: every equation, what computes it, its exercise, its misprint."""
    print(equations_as_text())
