"""Draw the picture at the top of README: ``python docs/picture.py`` writes it again.

A digit is drawn and read meanwhile: pictures of the panel `read_digit`, one after the
other. Where motion is not wanted, only the last one is shown.
"""

import html
import re
from pathlib import Path

import numpy as np

from bplab.widgets.kit.svg import document
from bplab.widgets.read_digit.drawing import Strokes
from bplab.widgets.read_digit.figure import ReadDigitFigure
from bplab.widgets.read_digit.model import Reader

FILE = Path(__file__).with_name("_static") / "read_digit.svg"
FRAMES = 8
SECONDS = 0.45  # for a frame; the last one stays longer
STAYS = 5  # times as long


def nine() -> Strokes:
    """A 9 in one line."""
    turn = np.radians(np.linspace(-30, -350, 20))
    ring = np.stack([96 + 44 * np.cos(turn), 66 + 42 * np.sin(turn)], axis=1)
    down = np.linspace((139, 60), (122, 182), 6)
    return [np.round(np.vstack([ring, down])).astype(int)]


def picture() -> str:
    """Return the animation as SVG."""
    [line] = nine()
    figure, reader = ReadDigitFigure(why=False), Reader()
    frames, answers = [], []
    for points in np.linspace(4, len(line), FRAMES).astype(int):
        reading = reader.read([line[:points]])
        assert reading is not None
        answers.append(reading.answer)
        figure.draw(reading)
        frames.append(re.sub(' data-title="[^"]*"', "", figure.view.whole()))  # for live panels
    width, height = figure.view.whole_size
    ends = np.cumsum([1] * (FRAMES - 1) + [STAYS]) / (FRAMES - 1 + STAYS)
    rules = [
        f"@keyframes f{i}{{0%{{visibility:{'visible' if i == 0 else 'hidden'}}}"
        f"{begin:.2%}{{visibility:visible}}{end:.2%}{{visibility:hidden}}}}"
        f".f{i}{{animation-name:f{i}}}"
        for i, (begin, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True))
    ]
    style = (
        f".f{{visibility:hidden}}.f{FRAMES - 1}{{visibility:visible}}"
        f"@media (prefers-reduced-motion:no-preference){{.f{{visibility:hidden;animation:"
        f"{SECONDS * (FRAMES - 1 + STAYS):g}s step-end infinite}}{''.join(rules)}}}"
    )
    shown = "".join(f'<g class="f f{i}">{frame}</g>' for i, frame in enumerate(frames))
    alt = (
        f"A 9 is drawn, and read while it grows: first as a {answers[0]}, at the end as a "
        f"{answers[-1]}. Beside the drawing: the image of 8 by 8 pixels that the network sees, and "
        "a bar for each digit."
    )
    return document(f"<style>{html.escape(style)}</style>{shown}", width, height, alt)


if __name__ == "__main__":
    FILE.write_text(picture() + "\n", encoding="utf-8", newline="")
