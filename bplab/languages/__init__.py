"""Texts in another language: translated where they leave to a learner, and nowhere before.

=============  ==============================================================================
``door``       which language is chosen, and what every text goes through on its way out
``catalogue``  English texts and their translations: read, checked, looked up
``template``   a text with placeholders: what it matches, and what can be put in
``source``     the texts that stand in bplab's source, with their places: what can be a key
``skeleton``   a catalogue for a translator, all texts in it
``de.toml``    German: section 2.1, and what is around it
=============  ==============================================================================

Judging, records and marks stay English: no text in them depends on who looks. So does everything
while nbgrader grades.

A catalogue is TOML and not gettext's .po, though translators have editors for that. Messages are
put together from pieces, which msgid and msgstr would need a call around each piece for, in two
hundred modules; here a text is found again when it is whole, with what stands in its placeholders.
And .po needs compiling before Python reads it, where TOML works as it is, in a wheel, in a browser
and beside a course's notebooks.
"""

from importlib import import_module
from typing import Any

from bplab.languages.door import Told, english, language, told, told_html

# in English nothing of it is ever used
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
