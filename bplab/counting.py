"""How many, and of what, in words: one of something is no plural."""

__all__ = ["counted"]


def counted(number: float | str, one: str, many: str = "") -> str:
    """Return how many, and of what: ``"1 point"``, ``"0.5 points"``, ``"0 students"``.

    Parameters
    ----------
    number : float or str
        As text it is shown as it is; what is rounded to 1 is one.
    one, many : str
        What follows: ``"student has"``, ``"students have"``; else ``one`` with an s.
    """
    shown = number if isinstance(number, str) else f"{number:g}" if number % 1 else f"{number:.0f}"
    return f"{shown} {one if shown in ('1', '−1', '-1') else many or f'{one}s'}"
