"""The commands ``bplab bench …``: they run the project's benchmarks, which only a clone has."""

import sys
from json import dumps
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer
from rich.console import Console

from bplab.cli.shared import for_tables
from bplab.course import Course, CourseError

__all__ = ["app"]

app = typer.Typer(help="Measure the library, its panels and its grader against their peers.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON in place of a table.")]

Exercises = Annotated[list[str] | None, typer.Argument(help="Which exercises, e.g. eq4; else all.")]

Jobs = Annotated[int, typer.Option(min=0, help="Processes; 0 for as many as there are processors.")]

RIGHT = Path("tests", "exercises", "right_variants.py")
"""Where the project keeps its right variants; a course alone does not have them."""


def _clone() -> Course:
    """Return the clone, and make its ``tests`` importable, which have the benchmarks.

    Raises
    ------
    CourseError
        If this is not a clone.
    """
    course = Course.to_read()
    if not (course.root / "tests" / "benchmarks").is_dir():
        raise CourseError(
            f"bplab bench needs the project's own clone, with tests/benchmarks; {course.root} has "
            "none. Clone the repository and run it there"
        )
    sys.path.insert(0, str(course.root))
    return course


@app.callback(invoke_without_command=True)
def bench_speed(
    context: typer.Context,
    json: AsJson = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer, shorter rounds: to try it, not to quote.")
    ] = False,
) -> None:
    """Measure speed, as ratios to the bare matrix products and to the peers that are installed."""
    if context.invoked_subcommand:
        return
    _clone()
    from tests.benchmarks.speed.measure import as_json, busy, measure, show

    console = Console(stderr=True)
    if warning := busy():
        console.print(warning)
    with console.status("starting") as status:
        measured, missing = measure(quick=quick, progress=status.update)
    if json:
        print(as_json(measured, missing))
    else:
        show(measured, missing, for_tables(170))


@app.command("gradcheck")
def bench_gradcheck(
    networks: Annotated[int, typer.Option(min=0, help="How many random networks.")] = 2_000,
    functions: Annotated[
        int, typer.Option(min=0, help="How many functions of each family that is no network.")
    ] = 20,
    seed: Annotated[int, typer.Option(help="Equal seeds give equal networks and functions.")] = 0,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; else one for each processor.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Count how often gradient checkers are wrong: ours, and the rules of well-known packages.

    As it stands it takes some ten minutes on two processors; more networks and functions, longer.
    """
    _clone()
    from tests.benchmarks.gradcheck import any_function, compare

    of_networks = compare.compare(networks, seed=seed, jobs=jobs) if networks else []
    of_functions = any_function.measure(functions, seed=seed, jobs=jobs) if functions else []
    if json:
        found = {
            "networks": compare.as_json(of_networks),
            "functions": any_function.as_json(of_functions),
        }
        print(dumps(found, indent=2))
        return
    console = for_tables()
    if of_networks:
        console.print(compare.as_table(of_networks))
    if of_functions:
        console.print(any_function.as_table(of_functions))


@app.command("panels")
def bench_panels(
    names: Annotated[list[str] | None, typer.Argument(help="Which panels; else all.")] = None,
    json: AsJson = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer moves: to try it, not to quote.")
    ] = False,
) -> None:
    """Measure panels in JupyterLab: from a key press to changed pixels, beside interact."""
    _clone()
    from tests.benchmarks.panels.measure import as_json, measure, show
    from tests.benchmarks.panels.rows import chosen
    from tests.benchmarks.speed.measure import busy

    console = Console(stderr=True)
    if warning := busy("all times"):
        console.print(warning)
    try:
        rows = chosen(names or ())
        with console.status("starting JupyterLab") as status:
            measured = measure(rows, quick=quick, progress=status.update)
    except (RuntimeError, ValueError) as error:
        sys.exit(f"bplab bench panels: {error}")
    if json:
        print(as_json(measured))
    else:
        show(measured, for_tables(150))


@app.command("naming")
def bench_naming(
    exercises: Exercises = None,
    secrets: Annotated[
        int, typer.Option(min=1, help="How many secrets the hidden cases are drawn from.")
    ] = 2,
    sample: Annotated[
        int, typer.Option(min=0, help="Pairs, and unknown errors, of an exercise; 0 for all.")
    ] = 60,
    right: Annotated[
        Path | None,
        typer.Option(
            help="A Python file with right functions, RIGHT[exercise id].", dir_okay=False
        ),
    ] = None,
    program: Annotated[
        str | None,
        typer.Option(help="One program of the bank, e.g. eq4:bias_by_mean: what it is told."),
    ] = None,
    jobs: Jobs = 0,
    json: AsJson = False,
) -> None:
    """Count how wrong answers are named: known mistakes, two at once, unknown errors, programs.

    The programs are written as learners write them. Each is told something specific and true,
    something vague, nothing, or something false; their mended selves must all be called right.
    """
    root = _clone().root
    from bplab.exercises import TASKS
    from tests.benchmarks.naming import as_json, as_table, one_program, together, whole

    if program:
        try:
            print(one_program(program))
        except ValueError as error:
            sys.exit(f"bplab bench naming: {error}")
        return
    bank = right or (root / RIGHT if (root / RIGHT).exists() else None)
    judged = []
    try:
        for one in whole(exercises or (), right=bank, secrets=secrets, sample=sample, jobs=jobs):
            judged.append(one)
            print(one, file=sys.stderr, flush=True)
    except (OSError, ValueError) as error:
        sys.exit(f"bplab bench naming: {error}")
    judged.sort(key=lambda one: list(TASKS).index(one.id))
    rows = [one.row for one in judged if one.row]
    told = together(one.told for one in judged)
    if json:
        print(as_json(rows, programs=told.as_dict()))
    else:
        wide = for_tables(190)
        wide.print(as_table(rows))
        wide.print(told.as_table())
        print(told.as_text())


@app.command("gradbug")
def bench_gradbug(
    exercises: Exercises = None,
    only: Annotated[
        int, typer.Option(min=0, help="How many programs, always the same ones; 0 for all.")
    ] = 0,
    checker: Annotated[
        list[str] | None,
        typer.Option(help="Which, by name; else all but the search for a line."),
    ] = None,
    failed: Annotated[
        bool,
        typer.Option("--failed", help="List what ours, or the first, gets wrong; none held out."),
    ] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print README's table: the part that is held out.")
    ] = False,
    show: Annotated[
        str | None, typer.Option(help="One program, by its id: its text, and what is true of it.")
    ] = None,
    jobs: Jobs = 0,
    json: AsJson = False,
) -> None:
    """Count what checkers say of right and faulty functions: verdict, name, first wrong line.

    A third of the programs is held out, and counted apart: nobody looks at these to mend a checker.
    """
    _clone()
    from tests.benchmarks import gradbug

    try:
        if show:
            print(gradbug.shown(show))
            return
        programs = gradbug.chosen(exercises or (), only)
        found = []
        for some in gradbug.results(programs, checker or (), jobs=jobs):
            found += some
            print(f"{some[0].program.exercise}: {len(some)}", file=sys.stderr, flush=True)
    except ValueError as error:
        sys.exit(f"bplab bench gradbug: {error}")
    table = gradbug.rows(found)
    if json:
        print(dumps(gradbug.as_dict(table), indent=2))
        return
    if markdown:
        print(gradbug.as_markdown(table))
        return
    for_tables(190).print(gradbug.as_table(table))
    if failed:
        print(*gradbug.failures(found, *(checker or ())[:1]), sep="\n")


@app.command("grading")
def bench_grading(
    students: Annotated[int, typer.Option(min=1, help="How many.")] = 24,
    jobs: Annotated[int, typer.Option(min=1, help="Processes of `bplab grade`.")] = 2,
    json: AsJson = False,
) -> None:
    """Measure `bplab grade` beside `nbgrader autograde`, on one class; the marks are the same."""
    course = _clone()
    from tests.benchmarks import grading

    _timed("grading", grading, course, students, jobs, json=json)


@app.command("waits")
def bench_waits(json: AsJson = False) -> None:
    """Measure what one waits for in the course: builds, the demo class, checks, imports."""
    course = _clone()
    from tests.benchmarks import waits

    _timed("waits", waits, course, json=json)


def _timed(name: str, bench: ModuleType, *arguments: object, json: bool) -> None:
    """Measure times, showing meanwhile what is measured, and print them."""
    from tests.benchmarks.speed.measure import busy

    console = Console(stderr=True)
    if warning := busy("all times"):
        console.print(warning)
    try:
        with console.status("starting") as status:
            measured = bench.measure(*arguments, status.update)
    except RuntimeError as error:
        sys.exit(f"bplab bench {name}: {error}")
    if json:
        print(bench.as_json(measured))
    else:
        for_tables().print(bench.as_table(measured))


@app.command("cluster")
def bench_cluster(
    workers: Annotated[str, typer.Option(help="Numbers of workers.")] = "1,2,4,8",
    json: AsJson = False,
) -> None:
    """Measure how grading on a Dask cluster speeds up with workers; graders only sleep."""
    _clone()
    from tests.benchmarks.cluster import as_json, as_table, measure

    try:
        counts = [int(count) for count in workers.split(",")]
    except ValueError:
        sys.exit(f"bplab bench cluster: --workers takes numbers like 1,2,4; got {workers!r}")
    with Console(stderr=True).status("starting") as status:
        measured = measure(counts, progress=status.update)
    if json:
        print(as_json(measured))
    else:
        for_tables().print(as_table(measured))
