"""What the notebook says of its outputs."""

from tests.course.sentences.reading import Outputs


def gallery(out: Outputs) -> dict[str, str]:
    """What each mistake does to training."""
    return out.verdicts('"eq5",\n')


SHOWN = {
    "which one swings up and down, and ends above its start?": lambda out: (
        [name for name, said in gallery(out).items() if said.startswith("goes down and up again")]
        == ["sign-flipped"]
    ),
}

UNTESTED = {}
