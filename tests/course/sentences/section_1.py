"""What the notebook says of its outputs."""

SHOWN = {}

UNTESTED = {}
