"""What ``bplab bench panels`` makes of times, and that it can take them; not how long they are."""

import html
import io
import json
import re
import subprocess
import sys

import matplotlib.pyplot as plt
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from rich.console import Console
from typer.testing import CliRunner

from bplab.cli.main import app
from tests.benchmarks.panels import browser
from tests.benchmarks.panels import measure as panels
from tests.benchmarks.panels.browser import BrowserMissing
from tests.benchmarks.panels.measure import Measured, as_json, measure, show
from tests.benchmarks.panels.rows import ROWS, chosen

DONE = [
    Measured("quick", "little", 30.4, 121.6, 24, 84.0, 5.0, 20.0),
    Measured("slow", "much", 60.0, 120.0, 24, 84.0, 5.0, 20.0),
    Measured("late", "much", 30.0, 120.0, 24, 151.0, 70.4, 29.4),
    Measured("heavy", "very much", 30.0, 120.0, 24, 170.0, 80.0, 40.0),
    Measured("lame", "plays", 30.0, 120.0, 24, 84.0, 5.0, 20.0, 12.0),
    Measured("lively", "plays", 30.0, 120.0, 24, 84.0, 5.0, 20.0, 31.0),
]


def test_the_table_says_what_is_met_and_what_is_missed():
    console = Console(width=150, record=True, file=io.StringIO())
    show(DONE, console)
    lines = {line.split()[1]: line for line in console.export_text().splitlines() if "│" in line}
    expected = {
        "quick": (" 30 ", " 122 ", "0.25 ≤ 0.33", "84 ≤ 150", " met "),
        "slow": ("0.50 > 0.33", " missed "),
        "late": ("0.25 ≤ 0.33", " 70 ", " 29 ", "151 > 150", " missed "),
        "heavy": (" 80 ", " 40 ", "170 ≤ 180", " met "),
        "lame": ("12 < 20", " missed "),
        "lively": ("31 ≥ 20", " met "),
    }
    for name, parts in expected.items():
        assert all(part in lines[name] for part in parts), lines[name]


@pytest.mark.parametrize("options", [[], ["--json"], ["--quick"]])
def test_the_command(options, monkeypatch):
    asked = []

    def measured(rows, **options):
        asked.append((rows, options["quick"]))
        return DONE

    monkeypatch.setattr(panels, "measure", measured)
    result = CliRunner().invoke(app, ["bench", "panels", *options, "learning_rate"])
    assert result.exit_code == 0, result.output
    assert asked == [(chosen(["learning_rate"]), options == ["--quick"])]
    if options != ["--json"]:
        assert "0.50 > 0.33" in result.stdout
        return
    found = json.loads(result.stdout)
    assert found == json.loads(as_json(DONE))
    assert found["rows"][0]["ratio"] == pytest.approx(0.25)
    assert [row["met"] for row in found["rows"]] == [True, False, False, True, False, True]
    assert found["goals"]["burst_ms"] == 150


def test_an_unknown_panel_and_a_missingbrowser_are_one_message(monkeypatch):
    result = CliRunner().invoke(app, ["bench", "panels", "learning"])
    assert result.exit_code == 1
    assert "no panel 'learning'; there are activation, " in str(result.exception)

    monkeypatch.setattr(browser, "find_spec", lambda name: None)
    result = CliRunner().invoke(app, ["bench", "panels"])
    assert result.exit_code == 1
    assert "playwright is not installed: pip install 'bplab[bench]'" in str(result.exception)


def test_playwright_is_imported_only_when_it_is_used():
    code = (
        "import bplab.cli.main, tests.benchmarks.panels.measure, sys; "
        "print('playwright' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_no_chromium_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    with pytest.raises(BrowserMissing, match="no Chromium: install it"):
        browser.chromium()


NUMBER = r"^[−0-9.e+-]+$"


@pytest.mark.one_in(3)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_peer_draws_the_panels_picture(row, monkeypatch):
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.gcf()) or plt.close("all"))
    panel = run(row.panel)
    run(row.interact)
    FigureCanvasAgg(shown[0]).draw()  # only then have axes their numbers
    words = [text.get_text() for text in shown[0].findobj(plt.Text)]
    found = re.findall(r"<text[^>]*>([^<]+)</text>", panel.canvas.svg())
    assert len(found) > 10
    if row.name.startswith(("learning_rate", "playground", "step_size")):
        found = {word for word in found if not re.search(NUMBER, word)}  # ticks may differ
        words = set(words) & set(map(html.unescape, found))  # axes have words not shown
    assert sorted(filter(None, words)) == sorted(map(html.unescape, found))


def run(code):
    """Run code as a cell does, and return its last line's value."""
    *lines, last = code.splitlines()
    names = {}
    exec("\n".join(lines), names)
    return eval(last, names)


@pytest.mark.thorough
@pytest.mark.xdist_group("browser")
def test_a_real_run():
    try:
        browser.chromium()
    except BrowserMissing as missing:
        pytest.skip(str(missing))
    (done,) = measure(chosen(["learning_rate"]), quick=True)
    assert 0 < done.ours_ms < 10_000
    assert 0 < done.interact_ms < 10_000
    assert 0 < done.burst_ms < 10_000
    assert 0 < done.computing_ms < 10_000
    assert 0 < done.empty_ms < 10_000
    assert done.moves == 4
