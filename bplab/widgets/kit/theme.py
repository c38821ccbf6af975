"""The look of panels in the page: the theme's colours, and what is folded away in narrow panels.

Drawings are made in colours for white paper, and stills keep them. In a page, the colours that are
listed here are replaced: paper and ink by those of the theme, and, on a dark theme, the others by
lighter ones of the same hue. The style sheet does this, so nothing has to be drawn again.
"""

from bplab.plots import DARK_THEMES

__all__ = ["STYLE"]

_PAPER = "var(--jp-layout-color0, var(--vscode-editor-background, white))"
_INK = "var(--jp-content-font-color1, var(--vscode-editor-foreground, #222222))"

THEMED = {"white": _PAPER, "#222222": _INK, "#444444": _INK}
"""The colours that every theme replaces, and their replacements."""

DARK = {
    "#e4e4e4": "#3a3a3a",
    "#f0f0f0": "#2c2c2c",
    "#c8c8c8": "#5c5c5c",
    "#bbbbbb": "#5c5c5c",
    "#b4b4b4": "#707070",
    "#a0a0a0": "#8a8a8a",
    "#767676": "#a8a8a8",
    "#8fb8d3": "#2f6d94",
    "#f2b48f": "#8a4a20",
    "#0072B2": "#5ab4f0",
    "#D55E00": "#ff9a4d",
    "#009E73": "#35cfa2",
    "#CC79A7": "#e7a6cb",
    "#56B4E9": "#a5dcff",
    "#E69F00": "#ffcb61",
    "#00446b": "#5ab4f0",
    "#803800": "#ff9a4d",
    "#005f45": "#35cfa2",
    "#7a4964": "#e7a6cb",
    "#346c8c": "#a5dcff",
    "#8a5f00": "#ffcb61",
}
"""The colours that dark themes replace as well, and their replacements."""


def _recoloured(colours: dict[str, str], where: str = "") -> str:
    return "".join(
        f'{where}.bplab-panel svg [{kind}="{colour}"] {{ {kind}: {by} }}\n'
        for colour, by in colours.items()
        for kind in ("fill", "stroke")
    )


STYLE = f"""<style>
{_recoloured(THEMED)}{_recoloured(DARK, f":is({', '.join(DARK_THEMES)}) ")}
.bplab-picture, .bplab-panel > .bplab-table {{ position: relative; overflow: visible }}
.bplab-picture:focus-visible {{ outline: 2px solid; outline-offset: 1px }}
.bplab-picture .bplab-here {{ outline: 2px solid {_INK}; outline-offset: 2px }}
.bplab-table .bplab-here {{ outline: 2px solid {_INK}; outline-offset: -2px }}
.bplab-tip {{ display: none; position: absolute; z-index: 9; max-width: min(34em, 100%);
  box-sizing: border-box; padding: 3px 8px; white-space: pre-line; pointer-events: none;
  line-height: 1.45; color: {_INK}; background: {_PAPER}; border: 1px solid currentColor;
  border-radius: 3px }}
.bplab-panel > .bplab-readout, .bplab-panel > .bplab-table {{ max-width: calc(100% - 4px);
  min-width: 0 }}
.bplab-readout > .widget-html-content, .bplab-table > .widget-html-content {{ min-width: 0;
  flex: 1 1 0 }}
.bplab-narrow .bplab-wraps tr {{ display: grid; grid-template-columns: 6em 1fr 5em }}
.bplab-narrow .bplab-wraps tr > :last-child {{ grid-column: 1 / -1; padding-bottom: 6px }}
.bplab-fold {{ display: none }}
.bplab-narrow .bplab-fold {{ display: inline-block }}
.bplab-narrow:not(.bplab-open) .bplab-folds {{ display: none !important }}
.bplab-narrow .bplab-short {{ flex: 1 1 150px; width: auto !important }}
</style>"""
