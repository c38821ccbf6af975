"""Texts in another language: translated at the moment they are shown to a learner, never before.

=============  ==============================================================================
``door``       the language that is chosen, and the functions that every shown text goes through
``catalogue``  English texts and their translations: read them, check them, look them up
``template``   a text with placeholders: which texts it matches, and how it is filled in
``source``     the texts in bplab's source code with their places; these can be keys
``skeleton``   a catalogue for a translator, with all texts to be translated
``de.toml``    German: section 2.1, and the texts around it
=============  ==============================================================================

Judging, records and marks stay English: no text in them depends on the reader's language. While
nbgrader grades, everything stays English.

A catalogue is a TOML file and not gettext's .po, although translators have editors for .po.
Messages are put together from pieces; for gettext, each piece would need a call around it, in two
hundred modules. Here the finished text is looked up, with whatever stands in its placeholders. And
.po files must be compiled before Python can read them, while TOML works as it is: in a wheel, in a
browser, and next to a course's notebooks.
"""

from importlib import import_module
from typing import Any

from bplab.languages.door import Told, english, language, told, told_html

# imported only when used: with English messages they never are
_LATER = {
    "Catalogue": "catalogue",
    "CatalogueError": "catalogue",
    "Skeleton": "skeleton",
    "Source": "source",
    "read": "catalogue",
}

__all__ = [
    "Catalogue",
    "CatalogueError",
    "Skeleton",
    "Source",
    "Told",
    "english",
    "language",
    "read",
    "told",
    "told_html",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
