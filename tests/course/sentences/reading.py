"""A notebook's prose and its outputs, as the tables of sentences need them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from nbformat import NotebookNode

from bplab.exercises import EXERCISES
from bplab.gallery.guess import letters
from bplab.gallery.verdict import Kind

CODE_OR_FORMULA = re.compile(r"`[^`]*`|\$\$.*?\$\$|\$[^$]*\$", re.DOTALL)
REFERENCE = re.compile(
    r"\(\d+\)|\(\d+\) to \(\d+\)|\b(sections?|parts?|layer|class|step|hidden unit) [\d.]+"
    r"|\b[dDKNM] [=+−] \d+|float64|[αδβ]\d|[tfxz][₁₂₃]"
)
PARAGRAPH = re.compile(r"\n\s*\n|\n(?=- |\d\. |#|</?details)")
A_NUMBER = re.compile(r"\d|[¼½¾]")
A_COMPARISON = re.compile(
    r"\b(more|less|fewer|larg\w+|small\w+|higher|lower|slow\w+|fast\w+|soon\w+|worse|better|best"
    r"|nearer|farther|steep\w+|near|nearly|hardly|about|twice|halved|doubled|equal|the same|alike"
    r"|differ|all|none|no two|never|only|every|most|zero|rises?|falls?|fell|climbs?|jumps?|swings?"
    r"|stands? still|stops?|grows?|shrinks?|vanishes|agrees?|cancels?|by chance|NaN)\b"
)


class Outputs:
    """What stands under the cells of an executed notebook, in words.

    Pictures and panels are there by their descriptions.
    """

    def __init__(self, cells: Iterable[NotebookNode]):
        self._cells = [(cell.source, _words(cell)) for cell in cells if cell.cell_type == "code"]

    def under(self, code: str) -> str:
        """Return what stands under the one cell that holds this piece of code."""
        found = [words for source, words in self._cells if code in source]
        assert len(found) == 1, f"{len(found)} cells hold {code!r}"
        return found[0]

    def numbers(self, code: str, pattern: str) -> list[float]:
        """Return the numbers that the groups of a pattern find under that cell, all matches."""
        matches = re.findall(pattern, self.under(code))
        assert matches, f"no {pattern!r} under {code!r}"
        groups = [g for match in matches for g in ([match] if isinstance(match, str) else match)]
        return [float(group.replace(",", "").replace("−", "-")) for group in groups]

    def verdicts(self, code: str) -> dict[str, str]:
        """Return what the gallery under that cell says of each mistake, by its name.

        The names are hidden there. What stands in their place is worked out from the names in
        the cell.
        """
        [source] = [source for source, _ in self._cells if code in source]
        [id] = re.findall(r'mistakes_gallery\("([^"]+)"', source)
        known = {mistake.name for mistake in EXERCISES[id].mistakes}
        hidden = letters(id, [name for name in re.findall(r'"([^"]+)"', source) if name in known])
        verdict = rf"^([A-Z])\n  ((?:{'|'.join(Kind)}):(?:.*\n?  )*.*)"
        found = re.findall(verdict, self.under(code), re.MULTILINE)
        assert [letter for letter, _ in found] == list(hidden), code
        return {hidden[letter]: one_line(said) for letter, said in found}


def key(id: str, *names: str) -> str:
    """Return what a notebook says the letters of a gallery stand for."""
    return "(" + ", ".join(f"{a} `{name}`" for a, name in letters(id, names).items()) + ".)"


def _words(cell: NotebookNode) -> str:
    texts = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            texts.append(output.text)
        else:
            texts.append(output.get("data", {}).get("text/plain", "") + "\n")
    return "".join(texts)


def one_line(text: str) -> str:
    """Return a text without its line breaks, in which a sentence can be looked for."""
    return " ".join(text.split())


def prose(cells: Iterable[NotebookNode]) -> str:
    """Return all that is written in a notebook between its code."""
    return one_line("\n".join(c.source for c in cells if c.cell_type == "markdown"))


def flagged(cells: Iterable[NotebookNode]) -> Iterator[str]:
    """Yield the paragraphs that may state what an output shows.

    Those are the ones with a number or a comparison that follow an output before the next heading,
    or answer a question.
    """
    after_output = False
    for cell in cells:
        if cell.cell_type == "code":
            after_output = bool(cell.get("outputs"))
            continue
        right_after, answering = after_output, False
        for paragraph in PARAGRAPH.split(cell.source):
            right_after = right_after and not paragraph.lstrip().startswith("#")
            if "<summary>" in paragraph:
                answering = bool(re.search(r"<summary>(The )?[Aa]nswers?</summary>", paragraph))
            if (right_after or answering) and _states_something(paragraph):
                yield one_line(paragraph)
            answering = answering and "</details>" not in paragraph
        after_output = False


def _states_something(paragraph: str) -> bool:
    if re.match(r"\s*([|#]|\*\*(Predict|Guess))", paragraph):  # a table, a heading, a question
        return False
    text = REFERENCE.sub("", CODE_OR_FORMULA.sub("", re.sub(r"^\s*\d\. ", "", paragraph)))
    text = re.sub(r"</?details>|<summary>.*?</summary>", "", text, flags=re.DOTALL)
    return bool(A_NUMBER.search(text) or A_COMPARISON.search(text))


def falling(numbers: Sequence[float]) -> bool:
    """Whether each number is lower than the one before."""
    return all(b < a for a, b in pairwise(numbers))
