"""Each test leaves the language as it was."""

import pytest

from bplab.languages import door


@pytest.fixture(autouse=True)
def own_language(monkeypatch):
    monkeypatch.delenv(door.VARIABLE, raising=False)
    monkeypatch.setattr(door, "_chosen", None)
