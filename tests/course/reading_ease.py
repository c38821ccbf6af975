"""How easy the notebooks are to read: `make check` prints it, and wants 65 or more.

Flesch's reading ease, of prose alone: neither code nor formulas, tables nor headings. Syllables are
counted by pyphen. (textstat, which does all of it, fetches a dictionary when it is first used.)
"""

import re
from collections.abc import Iterable

import jupytext
import pyphen

from bplab.course import Course

WANTED = 65
_LEFT_OUT = re.compile(
    r"\$\$[^$]*\$\$|\$[^$]*\$|`[^`]*`|<[^>]*>|^\s*[|#].*$|\]\([^)]*\)", re.MULTILINE
)
_PARTS = pyphen.Pyphen(lang="en_US")  # it has more points to part words than en_GB


def reading_ease(texts: Iterable[str]) -> float:
    """Return Flesch's reading ease: 100 is very easy, 30 hard. What is no sentence ends at a line.

    A word is what is written in letters: names of variables, and numbers, are none.
    """
    text = "\n\n".join(re.sub(r"(?<=[^|])\n(?=[^-\n|])", " ", text) for text in map(_prose, texts))
    sentences = [words for s in re.split(r"[.!?]\s|\n", text) if (words := _words(s))]
    words = [word for sentence in sentences for word in sentence]
    syllables = sum(len(_PARTS.positions(word)) + 1 for word in words)
    return 206.835 - 1.015 * len(words) / len(sentences) - 84.6 * syllables / len(words)


def _prose(text: str) -> str:
    return _LEFT_OUT.sub(" ", text)


def _words(sentence: str) -> list[str]:
    return re.findall(r"[A-Za-z]{2,}(?:['’][a-z]+)?|\b[aI]\b", sentence)


def main() -> None:
    """Print the reading ease of each notebook, and how many words of prose it has."""
    course = Course.find()
    for name in course.names():
        cells = jupytext.read(course.notebooks / f"{name}.py").cells
        texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
        ease, count = reading_ease(texts), sum(len(_words(_prose(text))) for text in texts)
        hint = "" if ease >= WANTED else f"  (wanted: {WANTED} or more)"
        print(f"{name:12} reading ease {ease:3.0f}, {count:5,} words of prose{hint}")


if __name__ == "__main__":
    main()
