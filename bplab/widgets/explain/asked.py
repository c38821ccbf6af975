"""`explain`: questions about the learner's own code, in a panel or as plain text."""

from bplab.errors import called_as
from bplab.exercises import begin_counted, begin_explain
from bplab.widgets.explain.sheet import QuestionSheet
from bplab.widgets.explain.words import summary
from bplab.widgets.review import ReviewPanel, Said, ask, in_notebook

__all__ = ["explain"]


@called_as('explain("eq5")')
def explain(
    id: str, *, items: int = 3, seed: int | None = None, counts: bool = False
) -> "ReviewPanel | QuestionSheet | Said | None":
    """Ask three questions about your own code, once it has passed.

    What becomes of the result if a slice is left out in line 3, or if two lines change places?
    Which value or shape does a name have after line 2, and which quantity of the paper is it? The
    right answer is found by running your function, changed as the question says; after each answer
    you are told what came out.

    `check` keeps the text of your function, on this computer, when it passes; the questions are
    about that text. Once all answers are right, `progress` shows that you have explained it.

    In a notebook the questions come in a panel. Elsewhere they come as plain text, and ``q`` ends
    them.

    Parameters
    ----------
    id : str
        The exercise, e.g. ``"eq5"``.
    items : int
        The number of questions.
    seed : int, optional
        The same seed gives the same questions again.
    counts : bool
        Whether to ask the questions that earn points. These are always the same three, shown
        without buttons. The answers go into the notebook by `explained`; you are told which are
        right when it is graded.

    Returns
    -------
    ReviewPanel, QuestionSheet, str or None
        Shown if it is the last line of a cell. A sentence if there is nothing to ask; None if the
        questions were asked in plain text.

    Raises
    ------
    ValueError
        If there is no such exercise, or an argument is not as described.
    """
    if counts:
        sheet = begin_counted(id)
        return Said(sheet) if isinstance(sheet, str) else QuestionSheet(sheet)
    session = begin_explain(id, items=items, seed=seed)
    if isinstance(session, str):
        return Said(session)
    if in_notebook():
        return ReviewPanel(session, summary=summary)
    ask(session, "", read=input, write=print, summary=summary)
    return None
