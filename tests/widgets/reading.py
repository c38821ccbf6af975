"""What a learner reads in a panel, for the tests."""

import base64
import gc
import html
import re
import threading
import weakref
from contextlib import contextmanager

from matplotlib import pyplot

from bplab.widgets.kit.controls import Number
from bplab.widgets.kit.svg import lifeless
from tests.thorough import ALL


def picture(panel):
    """The live picture: its alternative text, and its SVG."""
    svg = re.search("<svg.*</svg>", panel.canvas.widget.value)[0]
    return html.unescape(re.search('aria-label="([^"]+)"', svg)[1]), svg


def words(panel):
    """The read-out without its markup."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", panel.readout.value)))


@contextmanager
def collected():
    """Collect the garbage of what is done here: all else that tests keep is not looked through."""
    gc.freeze()
    yield
    gc.collect()


def leaves_nothing_behind(make, times=10 if ALL else 3):
    """Make and close a panel often; assert that no figure, thread or panel is left.

    In a page, and with `make test-all` fifty times, is what `tests.browser.test_panels` does.
    """
    threads = threading.active_count()
    with collected():
        for _ in range(times):
            panel = make()
            panel.close()
        gone = weakref.ref(panel)
        del panel
    assert gone() is None
    assert pyplot.get_fignums() == []
    assert threading.active_count() == threads


def has_a_still(panel):
    """Assert that the panel can be seen without a kernel, as it is now."""
    bundle = panel._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == panel.canvas.alt
    svg = re.search(r"svg\+xml;base64,([^\"]+)", bundle["text/html"])
    assert base64.b64decode(svg[1]).decode() == lifeless(picture(panel)[1])
    assert panel.readout.value in bundle["text/html"]
    assert "onload" not in bundle["text/html"]


def names_every_control(panel):
    """Assert that the page is told a name for each control, and that buttons have theirs."""
    names = html.unescape(panel.children[-1].value)
    for name, control in panel.controls.items():
        assert f".bplab-control-{name} " in names
        assert f'"{control.label}"' in names
        if isinstance(control, Number):
            assert panel.spoken()[f"bplab-control-{name}"] == control.spoken
    for button in panel.children[0].children:
        if type(button).__name__ == "Button":
            assert button.description


def without_end(*arguments):
    """A function of a learner's with which a panel must not wait for ever."""
    while True:
        pass
