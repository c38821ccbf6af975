"""What the pages are made from: README's parts, the guide, solved notebooks, the equation map.

Nothing is told twice: what stands elsewhere in the clone is taken from there, and links between
those files become links between pages.
"""

import ast
import functools
import html
import inspect
import itertools
import posixpath
import re
import textwrap
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
from nbformat import NotebookNode

import bplab
from bplab.activations import Activation, Softmax
from bplab.by_equation import EQUATIONS
from bplab.course.layout import Course
from bplab.course.notebook import INSTALL
from bplab.exercises import EquationRow, equations

__all__ = ["API", "write_sources"]

API = (
    *("bplab.exercises", "bplab.gallery", "bplab.gradcheck", "bplab.risk", "bplab.activations"),
    *("bplab.losses", "bplab.network", "bplab.deep", "bplab.layers", "bplab.training"),
    *("bplab.by_equation", "bplab.scores", "bplab.data", "bplab.plots", "bplab.widgets"),
)
"""The public modules, in the order in which the reference has them."""

_PARTS = {
    "": "parts/intro.md",
    "Learn": "learn.md",
    "Teach": "teach/index.md",
    "Try in Binder": "parts/binder.md",
    "Use the library": "library/index.md",
    "Work on it": "work.md",
    "Licence and citation": "parts/licence.md",
}
"""README's parts by their headings, and where each goes."""

_FILES = {
    "course/README.md": "teach/guide.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changes.md",
    "SECURITY.md": "security.md",
    "CODE_OF_CONDUCT.md": "conduct.md",
}
"""Pages that are a file of the clone; so is each other page of ``course/``."""

_LINK = re.compile(r"(?<=\]\()[^)\s]+(?=\))|(?<=^\[)([^\]]+\]:[ ]+)(\S+)$", re.MULTILINE)
_FENCE = re.compile(r"^(```|~~~).*?^\1[ ]*$", re.MULTILINE | re.DOTALL)


def write_sources(root: Path, folder: Path, *, lite: bool = True) -> None:
    """Write the sources of all pages that are made; those of ``docs/`` stay as they are.

    Parameters
    ----------
    root : Path
        A clone.
    folder : Path
        Where Sphinx is to read them.
    lite : bool
        Whether there will be notebooks that run in the browser, to link to.
    """
    course, texts = Course(root), _Texts(root)
    for path, text in (
        *texts.pages(),
        *_notebook_pages(course, texts, lite),
        ("equations.md", _equation_map()),
        ("errata.md", _errata()),
        *_reference(),
    ):
        page = folder / path
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8", newline="")


class _Texts:
    """The clone's Markdown files as pages."""

    def __init__(self, root: Path):
        self._root = root
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        self.repository = project["urls"]["Repository"]
        guides = {f"course/{path.name}" for path in (root / "course").glob("*.md")}
        self._files = _FILES | {
            name: f"teach/{Path(name).name}" for name in sorted(guides - set(_FILES))
        }
        self._folders = {"solutions": "notebooks/index.md", "course/release": "notebooks/index.md"}

    def pages(self) -> Iterator[tuple[str, str]]:
        """Each page's path and its Markdown."""
        readme = self._linked("README.md", "index.md")
        heading = re.compile(r"^## (.+)$", re.MULTILINE)
        pieces = heading.split(_without_badges(readme))
        parts = dict(zip(["", *pieces[1::2]], [pieces[0], *pieces[2::2]], strict=True))
        if set(parts) != set(_PARTS):
            raise ValueError(
                f"README.md has the parts {', '.join(filter(None, parts))}; the site has a place "
                f"for {', '.join(filter(None, _PARTS))}: see {__name__}"
            )
        for title, path in _PARTS.items():
            text = self._moved(parts[title].strip(), "index.md", path)
            text = f"# {title}\n\n{_promoted(text)}" if not path.startswith("parts/") else text
            yield path, text + _AFTER.get(path, "") + "\n"
        for name, path in self._files.items():
            yield path, self._linked(name, path)

    def _linked(self, name: str, page: str) -> str:
        """A file's text, with links for a page."""
        text = (self._root / name).read_text(encoding="utf-8")

        def target(link: str) -> str:
            for kind in ("blob", "tree"):
                link = link.removeprefix(f"{self.repository}/{kind}/main/")
            if re.match(r"[a-z]+:|#", link):
                return link
            path, _, fragment = link.partition("#")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
            found = self._files.get(path) or self._folders.get(path)
            if found is None:
                return f"{self.repository}/blob/main/{path}"
            return _relative(found, page) + (f"#{fragment}" if fragment else "")

        return _outside_code(text, lambda part: _LINK.sub(_link_by(target), part))

    def _moved(self, text: str, before: str, after: str) -> str:
        """Links between pages as they are for another page; parts are read into the index."""
        if after.startswith("parts/"):
            return text
        return _LINK.sub(
            _link_by(
                lambda link: (
                    link
                    if re.match(r"[a-z]+:|#", link)
                    else _relative(posixpath.join(posixpath.dirname(before), link), after)
                )
            ),
            text,
        )


_AFTER = {
    "teach/index.md": "\n```{toctree}\n:hidden:\n:glob:\n\nguide\n*\n```\n",
    "library/index.md": "\n## Reference\n\n```{toctree}\n:maxdepth: 1\n\nbplab\n"
    + "\n".join(API)
    + "\n```\n",
    "work.md": "\n```{toctree}\n:hidden:\n\ncontributing\n```\n",
}


def _link_by(target: Any) -> Any:
    def replaced(match: re.Match[str]) -> str:
        return f"{match[1]}{target(match[2])}" if match[1] else target(match[0])

    return replaced


def _relative(page: str, start: str) -> str:
    return posixpath.relpath(page, posixpath.dirname(start) or ".")


def _outside_code(text: str, change: Any) -> str:
    """Change what is not in a fenced block."""
    pieces, end = [], 0
    for block in _FENCE.finditer(text):
        pieces += [change(text[end : block.start()]), block[0]]
        end = block.end()
    return "".join([*pieces, change(text[end:])])


def _promoted(text: str) -> str:
    """Headings one level up: a part of README is a page."""
    return _outside_code(text, lambda part: re.sub(r"^##(#+ )", r"#\1", part, flags=re.MULTILINE))


def _without_badges(text: str) -> str:
    """README without its title and the badges below it; another badge is a link in words."""
    text = re.sub(r"^# .*\n", "", text, count=1)
    text = re.sub(r"^\[!\[.*\]\(.*\)\n", "", text, flags=re.MULTILINE)
    return re.sub(r"\[!\[([^\]]*)\]\([^)]*\)\]", r"[\1]", text)


# --- notebooks ------------------------------------------------------------------------------------


_SHOWN = "section_2_1"
"""The notebook with the figure of the front page."""


def _notebook_pages(course: Course, texts: _Texts, lite: bool) -> Iterator[tuple[str, str]]:
    names = course.names()
    toctree = "\n".join(names)
    yield (
        "notebooks/index.md",
        "# The notebooks\n\nEach page is a notebook as it looks when it is solved: text, figures, "
        "what `check` says. An exercise stands there as you find it; the answer is folded below. "
        "Panels are stills here: in a notebook they move.\n\n"
        f"```{{toctree}}\n:maxdepth: 1\n\n{toctree}\n```\n",
    )
    for name in names:
        solution = nbformat.read(course.solution_file(name), as_version=4)
        release = nbformat.read(course.release_file(name), as_version=4)
        if name == _SHOWN:
            yield "parts/figure.md", _figure(name, solution)
        page = _as_page(solution, release, _ways_in(name, texts.repository, lite))
        yield f"notebooks/{name}.ipynb", nbformat.writes(page)


def _figure(name: str, solution: NotebookNode) -> str:
    """The picture of a gallery of mistakes, for the front page."""
    shown = [output for cell in solution.cells for output in cell.get("outputs", [])]
    pages = [output.get("data", {}).get("text/html", "") for output in shown]
    [gallery] = [page for page in pages if "known mistakes in training" in page]
    [picture] = re.findall(r"<img [^>]*>", gallery)
    title = html.unescape(re.findall(r"<strong>(.*?)</strong>", gallery)[0])
    return (
        f'<div class="figure">{picture}</div>\n\n'
        f"*{title}: a figure of* {{doc}}`notebooks/{name}`.\n"
    )


def _as_page(solution: NotebookNode, release: NotebookNode, ways_in: str) -> NotebookNode:
    """The solved notebook; each exercise as students find it, with the answer folded."""
    starters = {cell.id: cell for cell in release.cells}
    cells = []
    for cell in solution.cells:
        if cell.id == INSTALL:  # nothing is run here
            continue
        if cell.metadata.get("nbgrader", {}).get("solution"):
            starter = nbformat.v4.new_code_cell(starters[cell.id].source, id=f"starter-{cell.id}")
            cells.append(starter)
            cell.metadata = nbformat.from_dict(
                {
                    "tags": ["hide-cell"],
                    "mystnb": {
                        "code_prompt_show": "One answer",
                        "code_prompt_hide": "Fold the answer",
                    },
                }
            )
        else:
            cell.metadata = NotebookNode()
        cells.append(cell)
    title, _, rest = cells[0].source.partition("\n")
    cells[0].source = f"{title}\n\n{ways_in}\n{rest}"
    solution.cells = cells
    return solution


def _ways_in(name: str, repository: str, lite: bool) -> str:
    """Links that open the notebook where it can be run."""
    slug = repository.partition("//")[2].partition("/")[2]
    release = f"course/release/{name}/{name}.ipynb"
    here = {"in your browser": f"../lite/lab/index.html?path={name}.ipynb"}
    links = (here if lite else {}) | {
        "in Binder": f"https://mybinder.org/v2/gh/{slug}/HEAD?urlpath=lab/tree/{release}",
        "in Colab": f"https://colab.research.google.com/github/{slug}/blob/main/{release}",
    }
    each = (f'<a href="{html.escape(link)}">{where}</a>' for where, link in links.items())
    return f"Work in it: {' · '.join(each)} · {{doc}}`on your computer </try>`\n"


# --- the equation map, and misprints --------------------------------------------------------------


def _equation_map() -> str:
    rows = "\n".join(map(_map_row, equations()))
    return (
        "# The equations\n\nEvery equation of the paper: what computes it for one example and for "
        "arrays, and its exercise. `bplab equations` prints the same.\n\n"
        "| equation | what it computes | functions | exercise |\n|---|---|---|---|\n"
        f"{rows}\n"
    )


def _map_row(row: EquationRow) -> str:
    one_by_one = ", ".join(_to(f"bplab.by_equation.{name}") for name in row.by_equation)
    arrays = ", ".join(_to(f"bplab.{name}") for name in row.vectorised)
    title = row.title + (" · {doc}`misprint <errata>`" if row.erratum else "")
    exercise = "–"
    if row.points is not None:
        points = f"{row.points} point{'s' * (row.points != 1)}"
        exercise = (
            f"{{doc}}`{row.id} <notebooks/{row.notebook}>`: {points}, {row.mistakes} known mistakes"
        )
    return f"| {row.paper} | {title} | {one_by_one}; for arrays {arrays} | {exercise} |"


def _to(name: str) -> str:
    """A link to an entry of the reference; it shows the name without its modules."""
    return f"{{py:obj}}`~{name}`"


def _errata() -> str:
    rows = [
        f"| {misprint.where or equation.paper} | {_set(misprint.printed)} "
        f"| {_set(misprint.right)} | {_set(misprint.because)} |"
        for equation in EQUATIONS.values()
        for misprint in equation.misprints
    ]
    return (
        "# Misprints of the paper\n\nThe course teaches the right form, and lets you run the "
        "printed one through the gradient checker, where it can be run.\n\n"
        "| where | printed | right | remark |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )


_AS_TEX = {"Σ": r"\sum", "′": "'", "²": "^2", "−": "-", "…": r"\dots"}


def _set(text: str) -> str:
    """The same text, its formulas as TeX has them; Greek letters may stay."""
    signs = re.compile("|".join(_AS_TEX))
    in_tex = functools.partial(signs.sub, lambda sign: _AS_TEX[sign[0]])
    return re.sub(r"\$[^$]*\$", lambda formula: in_tex(formula[0]), text)


# --- reference ------------------------------------------------------------------------------------


def _reference() -> Iterator[tuple[str, str]]:
    yield "library/bplab.rst", _front_door()
    for module in API:
        heading, data = f"{module}\n{'=' * len(module)}", _data(module)
        ours = f"   :exclude-members: {', '.join(data)}\n"
        entries = "\n".join(data.values())
        yield (
            f"library/{module}.rst",
            f"{heading}\n\n.. automodule:: {module}\n{ours if data else ''}\n{entries}",
        )


def _data(module: str) -> dict[str, str]:
    """Entries of what is neither a class nor a function: autodoc finds their words at home only."""
    door = import_module(module)
    entries = {}
    for name in door.__all__:
        value = getattr(door, name)
        if inspect.isroutine(value) or inspect.isclass(value):
            continue
        if isinstance(value, Activation | Softmax):
            continue
        shown = f"   :value: {value!r}\n" if isinstance(value, str | tuple) else ""
        said = textwrap.indent(_said_of(door, name), "   ")
        entries[name] = f".. py:data:: {name}\n{shown}\n{said}\n"
    return entries


def _said_of(door: ModuleType, name: str) -> str:
    """The text below the line that sets a name, in any module of a folder; empty if none."""
    start = Path(str(door.__file__))
    for path in start.parent.glob("*.py") if start.name == "__init__.py" else [start]:
        for line, below in itertools.pairwise(ast.parse(path.read_text(encoding="utf-8")).body):
            match line, below:
                case (
                    ast.Assign(targets=[ast.Name(id=found)])
                    | ast.AnnAssign(target=ast.Name(id=found)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ) if found == name:
                    return inspect.cleandoc(text)
    return ""


def _front_door() -> str:
    """What ``import bplab`` offers, with links to where it is at home."""
    rows = []
    for name in bplab.__all__:
        value = getattr(bplab, name)
        home = f"bplab.{name}" if inspect.ismodule(value) else _home(name)
        summary = (inspect.getdoc(value) or "").partition("\n\n")[0].replace("\n", " ")
        rows.append(f"   * - :py:obj:`{name} <{home}>`\n     - {summary}\n")
    return (
        "bplab\n=====\n\nWhat ``import bplab`` offers.\n\n.. list-table::\n   :header-rows: 1\n\n"
        "   * - name\n     - what it is\n" + "".join(rows)
    )


def _home(name: str) -> str:
    """The module of the reference that has this name of ``bplab``."""
    value = getattr(bplab, name)
    for module in API:
        door = import_module(module)
        if getattr(door, name, None) is value and name in door.__all__:
            return f"{module}.{name}"
    raise ValueError(f"bplab.{name} is in no module of the reference: see {__name__}.API")
