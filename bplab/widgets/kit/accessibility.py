"""What ipywidgets leaves out for screen readers and the keyboard, set by the page itself.

The handle of a slider has no name, and that of a log slider says its exponent. The names are given
once in every view of a panel; what handles say, again after each change.
"""

import html
import json
from collections.abc import Iterable, Mapping
from typing import Any

import ipywidgets

from bplab.widgets.kit.svg import DOT

__all__ = ["named", "spoken"]

# Both reach nothing outside their own panel, and wait until its controls are there.
_NAMES = """(function name(img, tries) {
  const panel = img.closest('.bplab-panel');
  const ready = panel && panel.querySelector(FIRST);
  if (!ready) return tries && setTimeout(name, 100, img, tries - 1);
  for (const [selector, attributes] of ATTRIBUTES)
    for (const part of panel.querySelectorAll(selector))
      for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
})(this, 100)"""
_SPOKEN = """(function say(img, tries) {
  const panel = img.closest('.bplab-panel'), told = TOLD;
  for (const name in told) {
    const handle = panel && panel.querySelector(`.${name} [role=slider]`);
    if (!handle) return tries && setTimeout(say, 100, img, tries - 1);
    if (handle.getAttribute('aria-valuetext') !== told[name])
      handle.setAttribute('aria-valuetext', told[name]);
  }
})(this, 100)"""

# on the box that stays: a live region that is itself replaced is not read out
_LIVE = (".bplab-readout .widget-html-content", {"aria-live": "polite", "aria-atomic": "true"})
# JupyterLab's shortcuts would take arrow keys and letters from a dropdown
_KEYS = ("select", {"data-lm-suppress-shortcuts": "true"})


def named(attributes: Iterable[tuple[str, Mapping[str, str]]]) -> ipywidgets.HTML:
    """Return a widget that is not seen, and names the parts of the panel that it is in.

    Parameters
    ----------
    attributes : iterable of (str, mapping)
        Selectors inside the panel, and what their elements get.
    """
    found = [*attributes]
    first = found[0][0] if found else ".bplab-readout"
    script = _NAMES.replace("FIRST", _json(first))
    script = script.replace("ATTRIBUTES", _json([*found, _LIVE, _KEYS]))
    dot = f'<img alt="" onload="{html.escape(script)}" src="{DOT}">'
    return ipywidgets.HTML(dot, layout={"display": "none"})


def spoken(values: Mapping[str, str]) -> str:
    """Return JavaScript for a picture's onload, by which handles say their values.

    Parameters
    ----------
    values : mapping of str to str
        By a class that the slider has, and no other in the panel.
    """
    return _SPOKEN.replace("TOLD", _json(values)) if values else ""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
