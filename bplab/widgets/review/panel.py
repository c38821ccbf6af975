"""The panel of a review: a question, its choices as buttons, and an explanation of the answer.

This is not a `Panel` of the kit: it has no sliders and no picture to draw again. Like those panels
it is closed when its cell runs again, and it has the same buttons and live region.
"""

import html
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import ipywidgets

from bplab.exercises import Item, Session
from bplab.languages import told
from bplab.widgets.kit.controls import button, named
from bplab.widgets.kit.panel import STILL, close_parts, headed, lines, shown_here
from bplab.widgets.kit.svg import DOT, still
from bplab.widgets.review.curves import HEIGHT, WIDTH
from bplab.widgets.review.words import cells, heading, summary

__all__ = ["STYLE", "ReviewPanel", "question_html", "shown_html"]

STYLE = """<style>
.bplab-review { max-width: 780px }
.bplab-review button.bplab-choice { white-space: normal; height: auto; text-align: left;
  line-height: 1.4; padding: 6px 10px; overflow: visible; text-overflow: clip;
  margin: 2px 0; max-width: 100% }
.bplab-review button.bplab-choice:disabled { opacity: 0.8 }
.bplab-review .bplab-tables { display: flex; flex-wrap: wrap; gap: 10px 16px;
  align-items: flex-start; margin: 8px 0 }
.bplab-review table.bplab-numbers { border-collapse: collapse; font-variant-numeric: tabular-nums }
.bplab-review table.bplab-numbers caption { text-align: left; font-weight: bold;
  white-space: nowrap }
.bplab-review table.bplab-numbers td { text-align: right; padding: 1px 7px; background: none;
  border: 1px solid currentColor }
.bplab-review pre.bplab-code { margin: 8px 0; padding: 6px 10px;
  white-space: pre-wrap; word-break: normal; overflow-wrap: anywhere;
  line-height: 1.4; border: 1px solid currentColor;
  color: inherit; background: none }
.bplab-review .bplab-line { display: block; padding-left: 8ch; text-indent: -8ch }
.bplab-review .bplab-line span { opacity: 0.75; user-select: none }
.bplab-review code { color: inherit; background: none; padding: 0 }
.bplab-review [tabindex="-1"]:focus { outline: none }
</style>"""

# it runs once the page has the new parts: otherwise the focus would stay on a button that is gone
_FOCUS = """setTimeout(() => {
  const panel = this.closest('.bplab-review');
  const part = panel && panel.querySelector('SELECTOR');
  if (part) part.focus();
}, 60)"""


class ReviewPanel(ipywidgets.VBox):
    """What `bplab.review` shows in a notebook.

    Attributes
    ----------
    session : Session
    summary : callable
        Returns the sentences to show at the end of the session.
    item : Item or None
        The question that is shown; None when all are answered.
    question, said : ipywidgets.HTML
        The question with its numbers; the comment on the answer.
    choice_buttons : list of ipywidgets.Button
    next_button : ipywidgets.Button
    """

    def __init__(self, session: Session, first: str = "", summary: Callable[[Any], str] = summary):
        self.session, self._first, self.summary = session, first, summary
        self._items = session.items()
        self._number, self._right_so_far = 0, True
        self.item: Item | None = None
        self.question, self.said = ipywidgets.HTML(), ipywidgets.HTML()
        self.said.add_class("bplab-readout")
        self.choice_buttons: list[ipywidgets.Button] = []
        self._choices = ipywidgets.VBox()
        self.next_button = button("Next", "next", self.go_on)
        self._names = named([])
        style = ipywidgets.HTML(STYLE, layout={"display": "none"})
        super().__init__(
            [style, self.question, self._choices, self.said, self.next_button, self._names]
        )
        for name in ("bplab-panel", "bplab-review"):
            self.add_class(name)
        self._ask(next(self._items))

    # --- what can be done with it ----------------------------------------------------------------

    def answer(self, index: int) -> None:
        """Answer with the choice of this index, as its button does."""
        if self.item is None or self.next_button.layout.display != "none":
            return
        item, chosen = self.item, self.item.choices[index]
        right = index == item.right
        self._right_so_far = self._right_so_far and right
        for i, made in enumerate(self.choice_buttons):
            made.disabled = True
            if i == item.right:
                made.icon = "check"
            elif i == index:
                made.icon = "times"
        said = f"Right: {chosen.because}" if right else f"Not so: {chosen.because}"
        parts = [coded(headed(said))]
        if not right:
            parts.append(coded(headed(f"Right is “{item.answer.text}”: {item.answer.because}")))
        follow_up = item.then is not None and right
        if not follow_up:
            self.session.note(self._asked, self._right_so_far)
        self.next_button.description = told("And why?" if follow_up else self._next_name)
        self.next_button.layout.display = ""
        self.said.value = lines(*parts) + _script(_FOCUS.replace("SELECTOR", ".bplab-next"))

    def go_on(self) -> None:
        """Show the next question, or the summary of the session."""
        item = self.item
        if item is None:
            return
        chosen_right = self._right_so_far
        if item.then is not None and chosen_right:
            self._ask(item.then, follows=True)
        elif (following := next(self._items, None)) is not None:
            self._ask(following)
        else:
            self._finish()
            return
        self.question.value += _script(_FOCUS.replace("SELECTOR", ".bplab-question"))

    def close(self) -> None:
        """Take the panel off the page and free its memory."""
        close_parts(self)
        super().close()
        self.children = ()

    # --- what is shown ---------------------------------------------------------------------------

    @property
    def _next_name(self) -> str:
        return "Next question" if self._number < len(self.session.exercises) else "Finish"

    def _ask(self, item: Item, *, follows: bool = False) -> None:
        if not follows:
            self._number, self._right_so_far, self._asked = self._number + 1, True, item
        self.item = item
        self.said.value = ""
        self.next_button.layout.display = "none"
        first = self._first if self._number == 1 and not follows else ""
        title = heading(item, self._number, len(self.session.exercises))
        self.question.value = question_html(item, title, first)
        self._choices.children, before = (), self._choices.children
        for old in before:
            close_parts(old)
            old.close()
        self.choice_buttons = [self._button(i, c.text) for i, c in enumerate(item.choices)]
        self._choices.children = self.choice_buttons

    def _button(self, index: int, text: str) -> ipywidgets.Button:
        made = button(text, "choice", partial(self.answer, index), width="100%")
        made.add_class(f"bplab-choice-{index + 1}")
        return made

    def _finish(self) -> None:
        self.item = None
        for part in (self._choices, self.next_button):
            part.layout.display = "none"
        self.said.value = ""
        said = coded(html.escape(told(self.summary(self.session))))
        self.question.value = (
            f'<div class="bplab-question" tabindex="-1"><b>{told("Done.")}</b> {said}</div>'
            + _script(_FOCUS.replace("SELECTOR", ".bplab-question"))
        )

    _ipython_display_ = None  # ipywidgets 7 has one, which shows nothing but the view

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        shown_here(self)
        bundle = {
            "text/plain": told(self.item.question if self.item else self.summary(self.session)),
            "text/html": self._still(),
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.model_id,
            },
        }
        return bundle

    def _still(self) -> str:
        """Return the question with its answer folded away, for pages without a kernel."""
        if self.item is None:
            return f"{self.question.value}{STILL}"
        item = self.item
        title = heading(item, self._number, len(self.session.exercises))
        offered = "".join(f"<li>{shown_html(choice.text)}</li>" for choice in item.choices)
        answer = f"<b>{shown_html(item.answer.text)}</b> {shown_html(item.answer.because)}"
        return (
            f"{question_html(item, title, self._first, kernel=False)}<ul>{offered}</ul>"
            f"<details><summary>{told('Answer')}</summary>{answer}</details>{STILL}"
        )


def question_html(item: Item, title: str, first: str = "", *, kernel: bool = True) -> str:
    """Return a question as HTML, with its code, numbers and pictures."""
    before = f"<p>{shown_html(first)}</p>" if first else ""
    tables = "".join(_table(table.name, cells(table)) for table in item.tables)
    pictures = "".join(
        f"<div>{p.svg if kernel else still(p.svg, WIDTH, HEIGHT, p.alt)}</div>"
        for p in item.pictures
    )
    code = _code(item.code) if item.code else ""
    shown = f'<div class="bplab-tables">{tables}{pictures}</div>' if tables or pictures else ""
    return (
        f'{before}<div class="bplab-question" tabindex="-1" style="line-height:1.5"><b>'
        f"{shown_html(title)}</b><br>{shown_html(item.question)}</div>{code}{shown}"
    )


def _table(name: str, rows: Sequence[Sequence[str]]) -> str:
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return (
        f'<table class="bplab-numbers"><caption>{html.escape(name)}</caption>'
        f"<tbody>{body}</tbody></table>"
    )


def _code(lines: Sequence[str]) -> str:
    """Return a learner's lines with line numbers; a long line wraps, with an indent.

    Each line ends in a line break, for pages that drop the style sheet.
    """
    width = len(str(len(lines)))
    rows = "".join(
        f'<span class="bplab-line"><span>{i:>{width}}</span>  {html.escape(line)}\n</span>'
        for i, line in enumerate(lines, 1)
    )
    name = html.escape(told("Your code"))
    return f'<pre class="bplab-code" role="region" aria-label="{name}">{rows}</pre>'


def shown_html(text: str) -> str:
    """Return a text as HTML, in the learner's language."""
    return coded(html.escape(told(text)))


def coded(markup: str) -> str:
    """Return HTML in which text between backticks is marked as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", markup)


def _script(code: str) -> str:
    """Return an invisible picture whose loading runs a script in the page."""
    return f'<img alt="" width="0" height="0" onload="{html.escape(code)}" src="{DOT}">'
