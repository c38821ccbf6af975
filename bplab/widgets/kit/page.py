"""What the page tells a panel, and what a picture or a table does in the page by itself.

The page reports its width, and which part of a picture has been chosen, through a hidden text
field. It also shows the words of the part under the mouse. For the keyboard the whole picture is
one stop: arrow keys go from part to part, Enter chooses, Escape hides the words. A table with
formulas works in the same way; there the stop is the element that scrolls.
"""

import html
import json
from collections.abc import Callable

import ipywidgets

from bplab.languages import told
from bplab.widgets.kit.svg import DOT

__all__ = ["NARROW", "Page"]

NARROW = 560
"""Width in pixels below which panels fold controls away."""

KEYS = "parts of the picture: arrow keys go from one to the next, Enter chooses"

_SCRIPT = """(function start(img, tries) {
  const panel = img.closest('.bplab-panel');
  const picture = panel && panel.querySelector('.bplab-picture');
  const field = panel && panel.querySelector('.bplab-page input');
  if (!picture || !field) return tries && setTimeout(start, 100, img, tries - 1);

  const say = (name, value) => {
    field.value = `${Date.now()} ${name} ${value}`;
    for (const kind of ['input', 'change'])
      field.dispatchEvent(new Event(kind, {bubbles: true}));
  };
  let told = 0, timer = 0;
  const measure = () => {
    const room = Math.floor(panel.clientWidth) - 4;
    if (room < 1) return;
    panel.classList.toggle('bplab-narrow', room < NARROW);
    // a scroll bar that comes and goes with the picture's height must not move it for ever
    if (room < told || room > told + 20) say('room', told = room);
  };
  new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(measure, told ? 120 : 0);
  }).observe(panel);

  panel.addEventListener('click', event => {
    const fold = event.target.closest('.bplab-fold');
    if (fold) fold.setAttribute('aria-expanded', panel.classList.toggle('bplab-open'));
  });

  const live = (picture, drawn) => {
  const stop = () => drawn ? picture : picture.querySelector('[tabindex]');
  const tip = document.createElement('div');
  tip.className = 'bplab-tip';
  tip.setAttribute('role', 'status');
  picture.append(tip);
  const PART = '[data-title], [data-control]';
  const parts = () => {
    const seen = new Set();
    return [...picture.querySelectorAll(PART)].filter(part => {
      const name = part.dataset.value || part.dataset.title;
      return !seen.has(name) && seen.add(name);
    });
  };
  let mouse = null, at = -1;  // where the mouse is; the number of the part that keys have come to
  const hide = () => { tip.style.display = 'none'; };
  const show = (part, x, y) => {
    if (!part || !part.dataset.title) return hide();
    if (tip.textContent !== part.dataset.title) tip.textContent = part.dataset.title;
    tip.style.display = 'block';
    const box = picture.getBoundingClientRect(), mine = tip.getBoundingClientRect();
    const left = x - box.left + 14, fits = y + 24 + mine.height < innerHeight;
    tip.style.left = `${Math.max(0, Math.min(left, box.width - mine.width))}px`;
    tip.style.top = `${y - box.top + (fits ? 18 : -mine.height - 12)}px`;
  };
  const middle = part => {
    const box = part.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  };
  const mark = part => {
    for (const other of picture.querySelectorAll('.bplab-here'))
      other.classList.remove('bplab-here');
    if (!part) return;
    part.classList.add('bplab-here');
    if (!drawn) part.scrollIntoView({block: 'nearest', inline: 'nearest'});
    const box = part.getBoundingClientRect();
    show(part, box.left, box.bottom - 12);
  };
  // the part on top; of small ones that lie on each other the nearest
  const under = (x, y) => {
    const all = document.elementsFromPoint(x, y).filter(part => picture.contains(part))
      .map(part => part.closest(PART)).filter(part => part);
    const small = part => {
      const box = part.getBoundingClientRect();
      return Math.max(box.width, box.height) < 30;
    };
    const far = part => Math.hypot(middle(part)[0] - x, middle(part)[1] - y);
    if (!all.length || !small(all[0])) return all[0];
    return all.filter(small).reduce((one, other) => far(other) < far(one) ? other : one);
  };
  picture.addEventListener('pointermove', event => {
    mouse = [event.clientX, event.clientY];
    show(under(...mouse), ...mouse);
  });
  picture.addEventListener('pointerleave', () => { mouse = null; hide(); });
  picture.addEventListener('click', event => {
    const part = under(event.clientX, event.clientY);
    if (!part) return;
    show(part, event.clientX, event.clientY);
    if (part.dataset.control) say(part.dataset.control, part.dataset.value);
  });
  picture.addEventListener('focusin', event => {
    if (event.target === stop() && stop().matches(':focus-visible'))
      mark(parts()[at = Math.max(at, 0)]);
  });
  picture.addEventListener('focusout', () => { mark(null); hide(); });
  const nearest = (all, down) => {
    const [x, y] = middle(all[at]);
    let best = at, least = Infinity;
    all.forEach((part, i) => {
      const [u, v] = middle(part), far = (v - y) * down;
      const away = far + 2 * Math.abs(u - x);
      if (far > 4 && away < least) [best, least] = [i, away];
    });
    return best;
  };
  picture.addEventListener('keydown', event => {
    const all = parts();
    if (event.target !== stop() || event.ctrlKey || event.metaKey || event.altKey || !all.length)
      return;
    at = Math.max(0, Math.min(at, all.length - 1));
    const part = all[at];
    if (event.key === 'ArrowRight') at = Math.min(at + 1, all.length - 1);
    else if (event.key === 'ArrowLeft') at = Math.max(at - 1, 0);
    else if (event.key === 'ArrowDown') at = nearest(all, 1);
    else if (event.key === 'ArrowUp') at = nearest(all, -1);
    else if (event.key === 'Home') at = 0;
    else if (event.key === 'End') at = all.length - 1;
    else if (event.key === 'Enter' || event.key === ' ') {
      if (part.dataset.control) say(part.dataset.control, part.dataset.value);
    } else if (event.key === 'Escape') return hide();
    else return;
    event.preventDefault();
    event.stopPropagation();
    mark(all[at]);
  });
  // sliders say what a picture has been drawn for
  const speak = tries => {
    const spoken = picture.querySelector('[data-spoken]');
    const said = spoken ? JSON.parse(spoken.dataset.spoken) : {};
    for (const name in said) {
      const handle = panel.querySelector(`.${name} [role=slider]`);
      if (!handle) return tries && setTimeout(speak, 100, tries - 1);
      if (handle.getAttribute('aria-valuetext') !== said[name])
        handle.setAttribute('aria-valuetext', said[name]);
    }
  };
  // a new picture: what is said belongs to the one before
  const renewed = () => {
    if (drawn) speak(100);
    const any = picture.querySelector(PART) !== null;
    if (picture.hasAttribute('data-lm-suppress-shortcuts') !== any) {
      picture.toggleAttribute('data-lm-suppress-shortcuts', any);
      if (drawn && any) {
        picture.tabIndex = 0;
        picture.setAttribute('role', 'application');
        picture.setAttribute('aria-label', KEYS);
      } else picture.removeAttribute('tabindex');
    }
    if (tip.style.display !== 'block') return;
    const all = parts();
    if (stop() && document.activeElement === stop() && stop().matches(':focus-visible'))
      mark(all[Math.min(at, all.length - 1)]);
    else show(mouse && under(...mouse), ...(mouse || [0, 0]));
  };
  new MutationObserver(all => {
    if (all.some(one => !tip.contains(one.target) && ![...one.addedNodes].includes(tip))) renewed();
  }).observe(picture, {childList: true, subtree: true});
  renewed();
  };
  live(picture, true);
  for (const table of panel.querySelectorAll('.bplab-table')) live(table, false);
})(this, 100)"""


class Page:
    """The channel from the page to its panel.

    Parameters
    ----------
    heard : callable
        Called as ``heard(name, value)``: with "room" and the width in pixels, or with a control's
        name and its value as text.

    Attributes
    ----------
    widget : ipywidgets.Text
        A hidden field, to be put into the panel.
    """

    def __init__(self, heard: Callable[[str, str], None]):
        self.widget = ipywidgets.Text(layout={"display": "none"})
        self.widget.add_class("bplab-page")
        self._heard = heard
        self.widget.observe(self._take, "value")

    def _take(self, change: dict) -> None:
        _, name, value = change["new"].split(" ", 2)
        self._heard(name, value)

    @staticmethod
    def html() -> str:
        """Return an invisible picture whose loading starts the script in the page."""
        script = _SCRIPT.replace("NARROW", str(NARROW)).replace("KEYS", json.dumps(told(KEYS)))
        return f'<img alt="" onload="{html.escape(script)}" src="{DOT}">'
