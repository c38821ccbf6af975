"""Numbers with what they count, in words: singular for one, plural for any other number."""

__all__ = ["counted"]


def counted(number: float | str, one: str, many: str = "") -> str:
    """Return a number and what it counts: ``"1 point"``, ``"0.5 points"``, ``"0 students"``.

    Parameters
    ----------
    number : float or str
        Text is shown as it is. A number that is shown as 1 or -1 counts as one.
    one, many : str
        What follows the number: ``"student has"``, ``"students have"``. Without ``many``, the
        plural is ``one`` with an s.
    """
    shown = number if isinstance(number, str) else f"{number:g}" if number % 1 else f"{number:.0f}"
    return f"{shown} {one if shown in ('1', '−1', '-1') else many or f'{one}s'}"
