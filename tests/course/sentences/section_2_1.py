"""What the notebook says of its outputs."""

import re

from bplab.gallery.verdict import Kind
from tests.course.sentences.reading import Outputs, falling, key

MISTAKES = (
    *("sign-flipped", "no-factor-2", "no-g-prime", "sigma-prime-at-Z", "examples-shifted"),
    "bias-last",
)


def gallery(out: Outputs) -> dict[str, str]:
    """What each mistake does to training."""
    return out.verdicts('mistakes_gallery("eq5"')


def around(out: Outputs) -> list[float]:
    """R where the weight is 0.5, 0.6 and 0.7."""
    return out.numbers("R at 0.5", r"(0\.\d{4})")


def below_its_start(said: str) -> float:
    """The share of epochs with a loss below its start, of a verdict that tells it."""
    below, epochs = map(int, re.search(r"after (\d+) of (\d+) epochs", said).groups())
    return below / epochs


SHOWN = {
    "R falls when the weight grows": lambda out: len(around(out)) == 3 and falling(around(out)),
    "you found its slope at 0.6 by a **finite difference**, −0.088723": lambda out: (
        abs((around(out)[2] - around(out)[0]) / 0.2 + 0.088723) < 1e-3
    ),
    "Ten entries, ten wrong": lambda out: (
        "10 entries: 0 right, 10 wrong, 0 cannot tell" in out.under("without the square")
    ),
    "for all 51 weights": lambda out: (
        "51 entries: 51 right" in out.under("print(check_gradient(R, my_gradients(")
    ),
    "A colleague's curve ends well *below* the right one": lambda out: (
        [name for name, said in gallery(out).items() if said.startswith(Kind.FASTER)]
        == ["no-g-prime"]
    ),
    "the loss swings, most of the time below its start": lambda out: (
        gallery(out)["sign-flipped"].startswith(Kind.BACK)
        and below_its_start(gallery(out)["sign-flipped"]) > 0.5
        and int(re.search(r"jumps up (\d+) times", gallery(out)["sign-flipped"])[1]) > 20
    ),
    "The curve of `sigma-prime-at-Z` looks like that of the right one": lambda out: gallery(out)[
        "sigma-prime-at-Z"
    ].startswith(Kind.SAME),
    key("eq5", *MISTAKES): lambda out: tuple(sorted(gallery(out))) == tuple(sorted(MISTAKES)),
}

UNTESTED = {
    "No other $t_{il}$ notices": "how the formula comes about; so are the other numbered steps",
    "changes $g'(t_{ik})$ times as fast as $t_{ik}$": "how the formula comes about",
    "times as fast as $f_k$. The 2 comes from the square": "how the formula comes about",
    "The bias $\\beta_{0k}$ is the weight of an input that is always 1": "a definition",
    "times as fast as $\\alpha_{ml}$": "how the formula comes about",
    "changes $\\sigma'(a_{im})$ times as fast as that": "how the formula comes about",
    "Each $t_{ik}$ changes $\\beta_{km}$ times as fast": "how the formula comes about",
    "From each $t_{ik}$ on, all is as before": "how the formula comes about",
    "It multiplies the constant 1, which no $\\alpha$ can change": "how the formula comes about",
    "Every weight takes a small step against its gradient": "a definition",
    "For the sigmoid g′ is at most ¼": "a fact; tests/course/sentences/section_4.py shows it",
}
