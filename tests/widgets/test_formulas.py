"""Formulas with their numbers filled in: what they say is so, worked out from what they show."""

import html
import math
import re

import pytest

from bplab import activations, widgets
from tests.widgets.test_room import PANELS

LEAST = {
    "backward_pass": 20,
    "loss_landscape": 20,
    "playground": 30,
    "read_digit": 128,
    "softmax": 12,
    "vanishing_gradients": 26,
}
"""How many formulas a panel shows at least."""
MORE = {
    "playground of two": "data=circle,layers=2,units2=3,act2=relu,output=sigmoid,epoch=2",
    "playground of softmax": "data=penguins,output=softmax,act1=sigmoid,epoch=3",
    "playground of many": "data=circle,inputs=all features,units1=8,output=identity,epoch=1",
}
"""Other states of a panel."""
NUMBER = re.compile(r"(?<![\w.])(?<!\*\*)\d+(?:\.\d+)?(?:e-?\d+)?")
SIGNS = {"−": "-", "·": "*", "²": "**2", "√": "sqrt", "e^": "exp", "tanh'": "tanh_", "∞": "inf"}


def known():
    """The functions that a formula may name; those that end in an underscore are derivatives."""
    found = {"sqrt": math.sqrt, "exp": math.exp}
    for name in ("sigmoid", "tanh", "relu", "identity"):
        function = getattr(activations, name)
        found |= {name: function, f"{name}_": function.derivative}
    return found


def value(words):
    """What an expression comes to, and how far it may be off, since its numbers are rounded.

    None if it is no arithmetic.
    """
    for sign, code in SIGNS.items():
        words = words.replace(sign, code)
    words = re.sub(r"(\w)'\(", r"\1_(", words)

    def come(text):
        return float(eval(text, {"__builtins__": {}}, known()))

    try:
        exact, off = come(words), 0.0
    except (SyntaxError, NameError, TypeError):
        return None
    for match in NUMBER.finditer(words):
        shown = match[0]
        if not float(shown):
            continue
        digits = len(re.sub(r"e.*|\.|^0[.0]*", "", shown))
        least = 2 if "e" in shown else 3 if "." in shown else 4  # zeros at the end are left out
        last = math.floor(math.log10(abs(float(shown)))) - max(digits, least)
        moved = f"({shown} + {5 * 10.0**last})"
        off += abs(come(words[: match.start()] + moved + words[match.end() :]) - exact)
    return exact, off


def formulas(panel):
    """The lines that a panel's picture and table can say."""
    widget = panel.canvas.widget
    drawn = [getattr(widget, "value", ""), *(getattr(panel.canvas, "below", ""),)]
    drawn += [layer.value for layer in getattr(panel.canvas, "layers", ())]
    drawn += [panel.table.value] if hasattr(panel, "table") else []
    for shown in drawn:
        for title in re.findall(r'data-title="([^"]+)"', shown):
            yield from html.unescape(title).split("\n")


def sides(line):
    """What an equation's sides come to, as far as they are arithmetic."""
    line = re.sub(r"^[\w ,]+: |, (data|norm of|the share|the output).*$", "", line)
    return [side for part in line.split(" = ") if (side := value(part.strip(" "))) is not None]


@pytest.mark.parametrize("name", [*LEAST, *MORE])
def test_the_numbers_of_a_formula_make_what_it_says(name):
    kind = name.split()[0]
    arguments = {"state": MORE[name]} if name in MORE else PANELS[name]
    panel = getattr(widgets, kind)(**arguments)
    checked = 0
    for line in formulas(panel):
        found = sides(line)
        if len(found) < 2:
            continue
        checked += 1
        (result, last), *others = reversed(found)
        for exact, off in others:
            assert abs(exact - result) <= 1.1 * (off + last) + 1e-15, line
    assert checked >= LEAST[kind]
    panel.close()


@pytest.mark.parametrize("name", ["playground", *MORE])
def test_every_number_of_the_table_is_the_end_of_its_formula(name):
    panel = widgets.playground(state=MORE.get(name, PANELS["playground"]["state"]))
    cells = re.findall(r'data-title="([^"]+)">([^<]+)</td>', panel.table.value)
    assert len(cells) > 40
    for title, shown in cells:
        formula, full = html.unescape(title).split("\nin full: ")
        said = re.sub(r", data$", "", formula).rpartition(" = ")[2]
        (one, _), (other, _) = value(said), value(shown.replace(",", ""))
        assert one == pytest.approx(other, rel=1e-4, abs=1e-12), title
        assert float(full) == pytest.approx(other, rel=1e-5, abs=1e-12), title
    panel.close()


def test_a_formula_with_a_wrong_number_would_be_found():
    right = "a₁ = bias + Σ α·x = 0.5 − 0.25·(−2.1) = 1.025"
    assert value("0.5 − 0.25·(−2.1)")[0] == pytest.approx(1.025)
    (result, last), (exact, off) = reversed(sides(right.replace("1.025", "1.035")))
    assert abs(exact - result) > 1.1 * (off + last)
