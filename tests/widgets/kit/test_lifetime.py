"""A cell that runs again closes the panel it showed before, and no other."""

from types import SimpleNamespace

import pytest

from bplab.widgets import softmax
from bplab.widgets.kit import panel as kit
from tests.widgets.alive import widgets_alive


@pytest.fixture
def run(monkeypatch):
    """Run a "cell": show panels as the cell's n-th run does."""
    monkeypatch.setattr(kit, "_shown", {})

    def run(cell, message, *panels):
        parent = {"metadata": {"cellId": cell}, "header": {"msg_id": message}}
        kernel = SimpleNamespace(get_parent=lambda: parent)
        monkeypatch.setattr(kit, "get_ipython", lambda: kernel)
        for panel in panels:
            assert "text/html" in panel._repr_mimebundle_()

    return run


def closed(panel):
    return panel.canvas is None


def test_nothing_grows(run):
    run("a", "0", softmax())
    before = widgets_alive()
    for n in range(1, 6):
        run("a", str(n), softmax())
        assert widgets_alive() == before


def test_only_what_this_cell_alone_showed_is_closed(run):
    first, second, kept, other = (softmax() for _ in range(4))
    run("a", "1", first, second, kept)
    run("b", "2", kept, other)
    run("a", "3", second)
    assert [closed(panel) for panel in (first, second, kept, other)] == [True, False, False, False]
    run("b", "4", softmax())
    assert closed(kept)
    assert closed(other)


def test_a_closed_panel_takes_no_harm(run):
    panel = softmax()
    run("a", "1", panel)
    run("a", "2", softmax())
    panel.state = "t1=2"
    panel.close()
    assert "SoftmaxPanel" in repr(panel)
    assert "t1=2" in panel.state


def test_outside_of_cells_nothing_is_closed(monkeypatch):
    panels = [softmax(), softmax()]
    for kernel in (None, SimpleNamespace(get_parent=lambda: {})):
        monkeypatch.setattr(kit, "get_ipython", lambda kernel=kernel: kernel)
        for panel in panels:
            panel._repr_mimebundle_()
    assert not any(map(closed, panels))
