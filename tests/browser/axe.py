"""What axe finds in a page that hinders somebody."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe

OPTIONS = {
    "resultTypes": ["violations"],
    "selectors": False,  # the part itself is shown
    "preload": False,  # style sheets and films, which no rule asks for here
}


def axe(page: Any, context: str | None = None) -> list[tuple[str, str, list[str]]]:
    """Return what is wrong: the rule, how serious it is, and the parts of the page.

    A page that is asked again has axe already: half a megabyte of script is handed over once.
    """
    script = "null" if page.evaluate("typeof axe === 'object'") else Axe().axe_script
    found = Axe(script).run(page, context=context, options=OPTIONS).response
    assert found["passes"]  # it has seen something
    return [
        (one["id"], one["impact"], [node["html"] for node in one["nodes"]])
        for one in found["violations"]
    ]
