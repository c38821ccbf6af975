"""Questions that earn points, as text that any page can show; and the line with the answers."""

import html
from dataclasses import dataclass

from bplab.errors import called_as
from bplab.exercises import (
    LETTERS,
    UNANSWERED,
    Answers,
    Item,
    Sheet,
    answer_line,
    begin_counted,
)
from bplab.languages import told
from bplab.widgets.explain import words
from bplab.widgets.review import STYLE, Said, posed, question_html, shown_html

__all__ = ["QuestionSheet", "explained"]


@dataclass(frozen=True)
class QuestionSheet:
    """Three questions with their choices; not a widget, so that every page can show them."""

    sheet: Sheet

    @property
    def _line(self) -> str:
        return answer_line(self.sheet.exercise, len(self.sheet.items), self.sheet.code)

    def _titles(self) -> list[str]:
        count = len(self.sheet.items)
        return [words.heading(self.sheet.exercise, i, count) for i in range(1, count + 1)]

    def __repr__(self) -> str:
        asked = zip(self._titles(), self.sheet.items, strict=True)
        parts = [f"{told(title)}\n{posed(item, LETTERS)}" for title, item in asked]
        return "\n\n".join([*parts, f"{told(words.COPY)}\n\n{self._line}"])

    def _repr_html_(self) -> str:
        asked = zip(self._titles(), self.sheet.items, strict=True)
        parts = [f"{question_html(item, title)}{_choices(item)}" for title, item in asked]
        line = f"<pre><code>{html.escape(self._line)}</code></pre>"
        asks = "".join(parts)
        return f'{STYLE}<div class="bplab-review">{asks}<p>{shown_html(words.COPY)}</p>{line}</div>'


def _choices(item: Item) -> str:
    # letters of our own: JupyterLab numbers every list
    rows = "".join(
        f"<li><b>{letter}</b>&nbsp; {shown_html(choice.text)}</li>"
        for letter, choice in zip(LETTERS, item.choices, strict=False)
    )
    return f'<ul style="list-style:none;padding-left:1em">{rows}</ul>'


@called_as('explained("eq5", "b", "a", "c", code="…")')
def explained(id: str, *letters: str, code: str = UNANSWERED) -> Said:
    """Put your answers to ``explain("eq5", counts=True)`` into the notebook.

    The answers are read from this cell when the notebook is graded; you are then told which were
    right.

    Parameters
    ----------
    id : str
        The exercise, e.g. ``"eq5"``.
    *letters : str
        One for each question: ``"a"``, ``"b"``, ``"c"`` or ``"d"``.
    code : str
        The code in the line that you were given; it says which questions these are.

    Returns
    -------
    str
        A sentence that says what is noted, or what is missing.

    Raises
    ------
    ValueError
        If there is no such exercise.
    """
    sheet = begin_counted(id)
    if isinstance(sheet, str):
        return Said(sheet)
    answers = Answers(tuple(str(one).strip().lower() for one in letters), str(code).strip().lower())
    return Said(words.noted(sheet, answers))
