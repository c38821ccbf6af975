"""Make what a student shows inert: nothing in a graded notebook runs, or loads from elsewhere.

Formgrader and feedback pages put a notebook's markdown and outputs into a page unchanged, and
whatever runs in formgrader's page may do all that the instructor may. So only what is known to be
harmless is kept: text, images that really are images, and HTML with tags, attributes and addresses
from a list (nh3 parses it as browsers do). Markdown stays unchanged if it is harmless as *rendered*
by nbconvert's own renderer.
"""

import base64
import binascii
import html
import re
from collections.abc import Collection, Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

import nbformat
import nh3
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from pygments.token import STANDARD_TYPES

from bplab.exercises import RECORD_TYPE
from bplab.grading.records import cell_outputs, grade_id, noted, record_in

__all__ = [
    "MARKUP",
    "NOT_SHOWN",
    "attachments",
    "inert",
    "inert_html",
    "inert_markdown",
    "inert_svg",
    "rendered",
]

NOT_SHOWN = "(interactive output, not shown)"
"""Stands in place of something that was taken out."""

AS_TEXT = "*(shown as text: the cell held HTML or links that are not shown)*"
"""Stands below markdown that was changed."""

MARKUP = frozenset('<>"\\`')
"""Characters that could make a student's name code in nbgrader's pages."""

LONGEST_MARKDOWN, ENVIRONMENTS = 20_000, 200
"""Limits of markdown in characters, and in environments of LaTeX: the renderer takes more than
linear time. Longer markdown is shown as text."""

DEEPEST, ANSI_MOST = 200, 2_000
"""Limits of nested elements, and of coloured pieces of a text. Pages with more take minutes to
make."""

COUNT_MOST = 2**31
"""Execution counts from here on are dropped."""

# --- HTML ---------------------------------------------------------------------------------


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# no <wbr>: MathJax joins the text on its two sides, so it could hide a command
TAGS = _words(
    "a abbr b blockquote br caption center cite code col colgroup dd del details dfn div dl dt em "
    "figcaption figure font h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p pre q s samp "
    "small span strike strong sub summary sup table tbody td tfoot th thead tr tt u ul var"
)
WITH_CONTENT = _words(
    "iframe math noembed noframes noscript plaintext script select style svg template textarea "
    "title xmp"
)
"""Tags that are removed with everything in them."""

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_CELL = {"align", "colspan", "rowspan", "scope", "valign"}
ATTRIBUTES = {
    "*": {"class", "style", "title"},
    "a": {"href"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "div": {"align"},
    "font": {"color"},
    "img": {"align", "alt", "height", "src", "width"},
    "input": {"checked", "disabled", "type"},
    "ol": {"start", "type"},
    "p": {"align"},
    "table": {"align", "border"},
    "td": _CELL,
    "th": _CELL,
    "tr": {"align", "valign"},
    **{heading: {"align", "id"} for heading in _HEADINGS},
}
_CLASSES = {
    *STANDARD_TYPES.values(),  # of highlighted code
    *("anchor-link", "dataframe", "highlight", "task-list-item", "task-list-item-checkbox"),
}
_LANGUAGE = re.compile(r"language-[\w.+#-]{1,40}")
_STYLES = _words(
    "background-color border border-bottom border-collapse border-color border-left border-right "
    "border-spacing border-style border-top border-width caption-side color font-family font-size "
    "font-style font-variant font-weight height letter-spacing line-height list-style-type "
    "max-height max-width min-width padding padding-bottom padding-left padding-right padding-top "
    "text-align text-decoration text-indent vertical-align white-space width word-break"
)
_STYLE_VALUE = re.compile(r"(?:[\w.,%#+ -]|(?:rgb|hsl)a?\([\d.,%/ a-z]{1,40}\)){1,80}")
_LINK = re.compile(r"#[^\s]{0,500}|mailto:[^\s<>\"]{1,500}|https?://([\w-]+\.)+[a-z]{2,}(?::\d+)?"
                   r"(?:[/?#][^\s<>\"\\]*)?", re.IGNORECASE)  # fmt: skip
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=\s]+")
_FILE = re.compile(r"(?:[\w-][\w .-]*/){0,4}[\w-][\w .-]*\.(?:png|jpe?g|gif)", re.IGNORECASE)
_LOUD = re.compile(  # without style: tables of pandas have one
    r"<(?:applet|audio|base|button|canvas|embed|form|frame|iframe|link|math|meta|noscript|object|"
    r"script|select|svg|template|textarea|video)\b|<[^<>]*\son[a-z]+\s*=",
    re.IGNORECASE,
)
_PAGES_OWN = frozenset(("notebook", "notebook-container", "statusmessage", "toc", "top"))
_COMMANDS = re.compile(
    r"\\(?=(?:bbox|class|cssId|href|mmlToken|require|style|unicode|url)(?![a-zA-Z]))"
)
"""Commands of MathJax that make links, load files or set attributes."""

_MATHS = re.compile(r"\$|\\[(\[]|\\begin")

_PARTS = re.compile(  # of what nh3 has written
    rf"<(pre|code)(?:\s[^<>]*)?>.*?</\1>|<[^<>\s\"]+(?:\s+[\w-]+(?:=\"[^\"]*\")?)*\s*>"
    rf"|(?P<command>{_COMMANDS.pattern})",
    re.DOTALL,
)


def inert_html(text: str, ids: Collection[str] = ()) -> str:
    """Return HTML with nothing left that runs, loads from elsewhere, or covers the page.

    Parameters
    ----------
    text : str
    ids : collection of str
        Ids that the page uses itself: no heading may have one of them.
    """
    clean, dropped = _clean(text, ids)
    if dropped or _LOUD.search(text):
        clean += f"<p><em>{NOT_SHOWN}</em></p>"
    return clean


def _clean(text: str, ids: Collection[str] = ()) -> tuple[str, bool]:
    """The harmless part of HTML, and whether an image or a link lost its address."""
    dropped = False

    def kept(tag: str, name: str, value: str) -> str | None:
        nonlocal dropped
        if name == "class":
            words = [w for w in value.split() if w in _CLASSES or _LANGUAGE.fullmatch(w)]
            return " ".join(words) or None
        if name == "style":
            return _style(value) or None
        if name == "id":
            return None if value in ids or value in _PAGES_OWN else value
        if name == "href" and not _LINK.fullmatch(value):
            dropped = True
            return None
        if name == "src" and not (_IMAGE.fullmatch(value) or _FILE.fullmatch(value)):
            dropped = True
            return None
        return value

    clean = nh3.clean(
        text,
        tags=set(TAGS),
        clean_content_tags=set(WITH_CONTENT),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=kept,
        url_schemes={"data", "http", "https", "mailto"},
        set_tag_attribute_values={"input": {"type": "checkbox", "disabled": ""}},
    )
    if not _MATHS.search(clean):
        return clean, dropped
    # MathJax leaves code alone
    return _PARTS.sub(lambda m: "&#92;&#8203;" if m["command"] else m[0], clean), dropped


def _no_commands(tex: str) -> str:
    return _COMMANDS.sub(r"\\backslash ", tex)


def _style(value: str) -> str:
    kept = []
    for declaration in value.split(";"):
        name, _, what = declaration.partition(":")
        name, what = name.strip().lower(), what.strip()
        if name in _STYLES and _STYLE_VALUE.fullmatch(what):
            kept.append(f"{name}: {what}")
    return "; ".join(kept)


def _same(tag: str, attrs: list[tuple[str, str | None]]) -> Iterator[tuple[str, str]]:
    """Attributes in a form to compare: cleaning adds ``rel``, and writes styles its own way."""
    for name, value in attrs:
        if name == "style":
            yield name, re.sub(r"\s*([;:])\s*", r"\1", value or "").rstrip(";")
        elif (tag, name) != ("a", "rel"):
            yield name, value or ""


class _Tokens(HTMLParser):
    """Tags and texts of a page, in order; ``sound`` if every tag is closed, and nothing hidden."""

    VOID = frozenset(("br", "col", "hr", "img", "input"))
    ADDED = frozenset(("tbody", "colgroup"))  # browsers add them where they are left out

    def __init__(self, text: str):
        super().__init__()
        self.found: list[tuple[str, Any]] = []
        self.sound = True
        self.deepest = 0
        self._open: list[str] = []
        self.feed(text)
        # an open tag would swallow what comes after it
        self.feed("<hr>")
        self.sound &= not self._open and self.found[-1:] == [("hr", ())]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, tuple(sorted(_same(tag, attrs))))
        if tag not in self.VOID:
            self._open.append(tag)
            self.deepest = max(self.deepest, len(self._open))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.sound &= tag in self.VOID

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.sound = False
        self._add("/" + tag, ())

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] == "":
            data = self.found.pop()[1] + data
        self.found.append(("", data))

    def handle_comment(self, data: str) -> None:
        self.sound = False

    def handle_decl(self, decl: str) -> None:
        self.sound = False

    handle_pi = unknown_decl = handle_comment

    def _add(self, tag: str, attributes: Any) -> None:
        if tag.removeprefix("/") not in self.ADDED:
            self.found.append((tag, attributes))


def _is_inert(rendered: str, ids: Collection[str]) -> bool:
    """Whether cleaning changes nothing, whichever way the page is parsed.

    Two parsers have to agree: nh3's, which cleans and works as browsers do, and Python's, which
    nbconvert sends every page through. If only one of them takes something for a tag, the results
    differ.
    """
    before = _Tokens(rendered)
    after = _Tokens(_clean(rendered, ids)[0])
    return before.sound and before.deepest <= DEEPEST and before.found == after.found


# --- markdown -----------------------------------------------------------------------------


def inert_markdown(
    source: str,
    attachments: dict[str, dict[str, str]] | None = None,
    ids: Collection[str] = (),
) -> str:
    """Return markdown that is harmless when it is rendered; unchanged, if it is already.

    Otherwise HTML in it becomes readable text; where that is not enough, all of the markdown does.

    Parameters
    ----------
    source : str
    attachments : dict, optional
        The cell's attachments.
    ids : collection of str
        See `inert_html`.
    """
    for candidate in _candidates(source):
        try:
            page = rendered(candidate, attachments or {})
        except Exception:  # mistune and nbconvert raise whatever they stumble over
            continue
        if _is_inert(page, ids):
            return candidate
    return f"*{NOT_SHOWN}*"


def rendered(source: str, attachments: dict[str, dict[str, str]]) -> str:
    """Return markdown as nbconvert's own renderer shows it, which may be harmful.

    Parameters
    ----------
    source : str
    attachments : dict
        The cell's attachments.
    """
    renderer = IPythonRenderer(escape=False, attachments=attachments)
    return MarkdownWithMath(renderer=renderer).render(source)


def _candidates(source: str) -> Iterator[str]:
    if len(source) <= LONGEST_MARKDOWN and source.count("\\begin") <= ENVIRONMENTS:
        yield source
        defused = re.sub(r"<(?=[a-zA-Z/!?])", "&lt;", source)
        defused = _no_commands(defused)
        defused = re.sub(r"^( {0,3}[`~]{3,}\s*)mermaid", r"\1text", defused, flags=re.MULTILINE)
        yield f"{defused}\n\n{AS_TEXT}"
        defused = re.sub(r"(?=[\[\]#])|(?<=\w)(?=:)", r"\\", defused)
        yield f"{defused}\n\n{AS_TEXT}"
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", source)), default=0))
    yield f"{fence}text\n{source}\n{fence}\n\n{AS_TEXT}"


# --- SVG ----------------------------------------------------------------------------------

_SVG_TAGS = _words(
    "svg g path rect circle ellipse line polyline polygon text tspan defs use clipPath mask "
    "linearGradient radialGradient stop pattern marker symbol image title desc"
)
_SVG_ATTRIBUTES = _words(
    "clip-path clip-rule clipPathUnits color cx cy d dominant-baseline dx dy fill fill-opacity "
    "fill-rule font-family font-size font-style font-weight fx fy gradientTransform gradientUnits "
    "height id letter-spacing marker-end marker-mid marker-start markerHeight markerUnits "
    "markerWidth mask offset opacity orient patternTransform patternUnits points "
    "preserveAspectRatio r refX refY rotate rx ry spreadMethod stop-color stop-opacity stroke "
    "stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit "
    "stroke-opacity stroke-width style text-anchor textLength transform version viewBox width x x1 "
    "x2 y y1 y2"
)
_WITHIN = re.compile(r"url\(\s*[\"']?#[\w.:-]+[\"']?\s*\)")
_JOINS = "stroke-linejoin: round"  # matplotlib sets this in a style sheet for the whole figure


def inert_svg(text: str) -> str:
    """Return an SVG picture with shapes and words only; an empty string if there is no picture.

    Parameters
    ----------
    text : str
    """
    start = text.find("<svg")
    if start < 0:
        return ""

    def kept(tag: str, name: str, value: str) -> str | None:
        if name in ("href", "xlink:href"):
            fine = _IMAGE.fullmatch(value) if tag == "image" else re.fullmatch(r"#[\w.:-]+", value)
            return value if fine else None
        rest = _WITHIN.sub("", value)
        bad = re.search(r"url|\\|@|expression|javascript|/\*", rest, re.IGNORECASE)
        return None if bad or "<" in value else value

    root = {"xmlns": "http://www.w3.org/2000/svg", "xmlns:xlink": "http://www.w3.org/1999/xlink"}
    if _JOINS in text:
        root["style"] = f"{_JOINS}; stroke-linecap: butt"
    return nh3.clean(
        text[start:],
        tags=set(_SVG_TAGS),
        clean_content_tags={"script", "style", "metadata", "foreignObject"},
        attributes={"*": set(_SVG_ATTRIBUTES), "use": {"href"}, "image": {"href"}},
        attribute_filter=kept,
        link_rel=None,
        url_schemes={"data"},
        set_tag_attribute_values={"svg": root},
    )


# --- outputs ------------------------------------------------------------------------------

_MAGIC = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
}
_ANSI = re.compile(r"\x1b\[([^@-~\n]{0,40})([@-~])|\x1b.?|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f]")
_COLOUR = re.compile(r"(?:\d{1,3}(?:;\d{1,3})*)?")


def _text(value: Any) -> str:
    if isinstance(value, list):
        value = "".join(part for part in value if isinstance(part, str))
    return _whole(value) if isinstance(value, str) else ""


def _whole(text: str) -> str:
    """Text that can be written: half a character, which JSON may hold, becomes its escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _plain(value: Any) -> str:
    """Text with no control sequences but colours; without these, too, if there are too many."""
    text = _text(value)
    many = text.count("\x1b") > ANSI_MOST

    def kept(found: re.Match[str]) -> str:
        colour = found[2] == "m" and _COLOUR.fullmatch(found[1])
        return found[0] if colour and not many else ""

    return _ANSI.sub(kept, text)


def _picture(mime: str, value: Any) -> str:
    """A picture as a notebook holds it; an empty string if it is not of the kind it claims."""
    if mime == "image/svg+xml":
        return inert_svg(_text(value))
    try:
        content = base64.b64decode(re.sub(r"\s", "", _text(value)), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return base64.b64encode(content).decode() if content.startswith(_MAGIC.get(mime, ())) else ""


def _bundle(data: Any, ids: Collection[str]) -> tuple[dict[str, str], bool]:
    """The harmless forms of an output by MIME type, and whether a reader could miss another."""
    left: dict[str, str] = {}
    lost = False
    for mime, value in data.items() if isinstance(data, Mapping) else ():
        if mime == "text/plain":
            left[mime] = _plain(value)
        elif mime == "text/html":
            shown = inert_html(_text(value), ids)
            if _Tokens(shown).deepest <= DEEPEST:
                left[mime] = shown
        elif mime == "text/markdown":
            left[mime] = inert_markdown(_text(value), ids=ids)
        elif mime == "text/latex":
            left[mime] = _no_commands(_text(value))
        elif picture := _picture(mime, value):
            left[mime] = picture
        lost |= mime not in left and mime != RECORD_TYPE
    return left, lost


def _sizes(metadata: Any, data: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """The sizes of an output's pictures, from its metadata."""
    sizes = {}
    for mime in _MAGIC:
        about = metadata.get(mime) if isinstance(metadata, Mapping) else None
        if mime in data and isinstance(about, Mapping):
            numbers = {name: about.get(name) for name in ("width", "height")}
            kept = {name: n for name, n in numbers.items() if type(n) is int and 0 < n <= 4_000}
            if kept:
                sizes[mime] = kept
    return sizes


def _outputs(outputs: Any, ids: Collection[str]) -> list[NotebookNode]:
    """A cell's outputs, inert."""
    shown = []
    new = nbformat.v4.new_output
    for output in outputs if isinstance(outputs, list) else []:
        kind = output.get("output_type") if isinstance(output, Mapping) else None
        if kind == "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            shown.append(new("stream", name=name, text=_plain(output.get("text"))))
        elif kind == "error":
            lines = output.get("traceback")
            traceback = [_plain(line) for line in lines] if isinstance(lines, list) else []
            words = {name: _plain(output.get(name)) for name in ("ename", "evalue")}
            shown.append(new("error", traceback=traceback, **words))
        elif kind in ("display_data", "execute_result"):
            data, lost = _bundle(output.get("data"), ids)
            if data:
                shown.append(new(kind, data=data, metadata=_sizes(output.get("metadata"), data)))
                if kind == "execute_result":
                    shown[-1].execution_count = _count(output)
            if lost and set(data) <= {"text/plain"}:
                shown.append(new("stream", name="stdout", text=f"{NOT_SHOWN}\n"))
    return shown


def _count(about: Mapping[str, Any]) -> int | None:
    """The execution count, if it is one: a kernel may send anything, and pages do not escape it."""
    count = about.get("execution_count")
    return count if type(count) is int and 0 <= count < COUNT_MOST else None


# --- cells and notebooks ------------------------------------------------------------------

_ID = re.compile(r"[\w-]{1,64}")
_WORDS = re.compile(r"[\w .,()+/:-]{0,80}")
_METADATA = ("bplab", "kernelspec", "language_info", "nbgrader")


def inert(notebook: NotebookNode, *, judged: bool = False) -> NotebookNode:
    """Make a student's notebook inert.

    Locked cells hold the released text by then, which stays.

    Parameters
    ----------
    notebook : NotebookNode
        Changed in place.
    judged : bool
        Whether the notebook has been graded. If so, the outputs of a test cell stay if they are
        exactly what the grader writes for its record. Before, all outputs come from the student's
        kernel.

    Returns
    -------
    NotebookNode
        The same notebook.
    """
    names = {*map(grade_id, notebook.cells)} - {""}
    ids = {f"{name}{end}" for name in names for end in ("", "-comment", "_extra_credit")}
    for i, cell in enumerate(notebook.cells):
        _inert_cell(cell, ids, judged)
        if not _ID.fullmatch(str(cell.get("id", "cell"))):
            cell.id = f"cell-{i}"
    kept = {key: notebook.metadata[key] for key in _METADATA if key in notebook.metadata}
    for key in ("kernelspec", "language_info"):
        if key in kept:
            kept[key] = _labels(kept[key])
    notebook.metadata = nbformat.from_dict(kept)
    return notebook


def _inert_cell(cell: NotebookNode, ids: Collection[str], judged: bool) -> None:
    about = noted(cell)
    locked = bool(about.get("locked")) and not about.get("solution")
    kept = {"nbgrader": cell.metadata["nbgrader"]} if about else {}
    tags = cell.metadata.get("tags")
    if isinstance(tags, list):
        kept["tags"] = [tag for tag in tags if isinstance(tag, str) and _ID.fullmatch(tag)]
    cell.metadata = nbformat.from_dict(kept)
    if cell.cell_type == "code":
        cell.execution_count = _count(cell)
        record = record_in(cell) if judged and about.get("grade") and locked else None
        if record is None or cell.outputs != cell_outputs(record):
            cell.outputs = _outputs(cell.outputs, ids)
        return
    pictures = attachments(cell.pop("attachments", None))
    if pictures:
        cell.attachments = nbformat.from_dict(pictures)
    if cell.cell_type == "markdown":
        if not locked:
            cell.source = inert_markdown(_text(cell.source), pictures, ids)
    elif not locked and not _is_inert(_text(cell.source), ids):
        cell.source = html.escape(_text(cell.source), quote=False)  # pages show it as HTML


def attachments(attached: Any) -> dict[str, dict[str, str]]:
    """Return a cell's attached pictures by their names; whatever else is attached is dropped.

    Parameters
    ----------
    attached : object
        The cell's attachments, in whatever form it has them.
    """
    kept: dict[str, dict[str, str]] = {}
    for name, data in attached.items() if isinstance(attached, Mapping) else ():
        if not isinstance(data, Mapping) or MARKUP & set(name) or _whole(name) != name:
            continue
        pictures = {mime: _picture(mime, data[mime]) for mime in _MAGIC if mime in data}
        if pictures := {mime: picture for mime, picture in pictures.items() if picture}:
            kept[name] = pictures
    return kept


def _labels(about: Any) -> dict[str, str]:
    """The entries of a kernel's description that are short words."""
    items = about.items() if isinstance(about, Mapping) else ()
    return {k: v for k, v in items if isinstance(v, str) and _WORDS.fullmatch(v)}
