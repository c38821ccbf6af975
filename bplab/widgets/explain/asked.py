"""`explain`: questions on one's own code, in a panel or as plain text."""

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
    """Ask three questions on your own code, once it has passed.

    What becomes of the answer if a slice is left out in line 3, or if two lines change places?
    Which value or shape has a name after line 2, and which quantity of the paper is it? What is
    right is found by running your function, changed where the question says so; what came is told
    after each answer.

    The text of your function is that which `check` has kept, on this computer, when it passed. Once
    all answers are right, `progress` keeps that you have explained it.

    In a notebook it is a panel. Elsewhere it asks in plain text, and ``q`` ends it.

    Parameters
    ----------
    id : str
        Which exercise, e.g. ``"eq5"``.
    items : int
        How many questions.
    seed : int, optional
        For the same questions again.
    counts : bool
        Whether they are the questions that earn points: always the same three, on paper as it
        were. The answers go into the notebook, by `explained`, and are told when it is graded.

    Returns
    -------
    ReviewPanel, QuestionSheet or str
        Shown as the last line of a cell. A sentence if there is nothing to ask; None where it has
        asked in plain text.

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
