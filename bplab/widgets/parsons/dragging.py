"""Lines that are dragged by mouse, finger or pen: what the page does, and what it reports.

A line that is pressed and moved a little is held: it follows the pointer, and a bar shows where it
would go. If it is released in the program, it is put there; if it is released elsewhere, it is
taken out. A press without a move remains a click.
"""

import html

from bplab.widgets.kit.svg import DOT

__all__ = ["OUT", "PUT", "STYLE", "script"]

PUT = "put"
"""The page's message; it carries the line's number, and its place in the program, or `OUT`."""
OUT = -1

STYLE = """
.bplab-parsons button.bplab-line { touch-action: none; user-select: none; cursor: grab }
.bplab-parsons button.bplab-held { cursor: grabbing; position: relative; z-index: 5; opacity: 0.85;
  outline: 2px solid currentColor }
.bplab-parsons .bplab-drop { box-shadow: 0 -3px 0 0 currentColor }
.bplab-parsons .bplab-drop-end { box-shadow: 0 3px 0 0 currentColor }
"""

_SCRIPT = """(function start(img, tries) {
  const panel = img.closest('.bplab-panel');
  const field = panel && panel.querySelector('.bplab-page input');
  if (!field) return tries && setTimeout(start, 100, img, tries - 1);
  const NEAR = 24, STILL = 5;  // pixels around the program, and what a click may move
  const program = () => panel.querySelector('.bplab-program');
  let held = null, dragged = false;

  const rows = () => [...program().children].filter(row => !row.contains(held.line));
  const place = (x, y) => {
    const box = program().getBoundingClientRect();
    if (x < box.left - NEAR || x > box.right + NEAR || y < box.top - NEAR || y > box.bottom + NEAR)
      return OUT;
    return rows().filter(row => {
      const at = row.getBoundingClientRect();
      return at.top + at.height / 2 < y;
    }).length;
  };
  const show = to => {
    for (const name of ['bplab-drop', 'bplab-drop-end'])
      for (const part of panel.querySelectorAll('.' + name)) part.classList.remove(name);
    if (to === null || to === OUT) return;
    const others = rows();
    if (to < others.length) others[to].classList.add('bplab-drop');
    else (others[to - 1] || program()).classList.add('bplab-drop-end');
  };
  const leave = () => {
    if (!held) return;
    show(null);
    held.line.style.transform = '';
    held.line.classList.remove('bplab-held');
    held = null;
  };
  panel.addEventListener('pointerdown', event => {
    const line = event.target.closest('button.bplab-line');
    dragged = false;
    if (!line || event.button || held) return;
    held = {line, id: event.pointerId, x: event.clientX, y: event.clientY, moves: false};
  });
  panel.addEventListener('pointermove', event => {
    if (!held || event.pointerId !== held.id) return;
    const x = event.clientX - held.x, y = event.clientY - held.y;
    if (!held.moves && Math.hypot(x, y) < STILL) return;
    if (!held.moves) {
      held.moves = true;
      held.line.setPointerCapture(held.id);
      held.line.classList.add('bplab-held');
    }
    held.line.style.transform = `translate(${x}px, ${y}px)`;
    show(place(event.clientX, event.clientY));
  });
  panel.addEventListener('pointerup', event => {
    if (!held || event.pointerId !== held.id) return;
    const {line, moves} = held, to = place(event.clientX, event.clientY);
    leave();
    if (!(dragged = moves)) return;
    const number = line.className.match(/bplab-(?:line|out)-([0-9]+)/)[1];
    field.value = `${Date.now()} PUT ${number} ${to}`;
    for (const kind of ['input', 'change'])
      field.dispatchEvent(new Event(kind, {bubbles: true}));
  });
  panel.addEventListener('pointercancel', leave);
  panel.addEventListener('keydown', event => { if (event.key === 'Escape') leave(); });
  // the click that ends a drag is none
  panel.addEventListener('click', event => {
    if (!dragged) return;
    dragged = false;
    event.stopPropagation();
    event.preventDefault();
  }, true);
})(this, 100)"""


def script() -> str:
    """Return an invisible picture whose loading starts the script that lets lines be dragged."""
    code = _SCRIPT.replace("PUT", PUT).replace("OUT", str(OUT))
    return f'<img alt="" onload="{html.escape(code)}" src="{DOT}">'
