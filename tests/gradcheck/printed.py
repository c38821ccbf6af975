"""What a report prints, so that a sentence can be looked for in it."""


def one_line(report: object) -> str:
    """Return what is printed without its line breaks."""
    return " ".join(str(report).split())
