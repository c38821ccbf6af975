"""The half-worked steps as puzzles: lines to be put in order, judged by running them.

===========  ===================================================================================
``puzzle``   what a puzzle is; it runs lines in a chosen order, and says whether they are right
``puzzles``  the puzzles of the course, by the ids of the half-worked cells
===========  ===================================================================================
"""

from collections.abc import Mapping

from bplab.exercises.parsons.puzzle import Line, Outcome, Puzzle, Wrong
from bplab.exercises.parsons.puzzles import PUZZLES as _PUZZLES

__all__ = ["PUZZLES", "Line", "Outcome", "Puzzle", "Wrong"]

PUZZLES: Mapping[str, Puzzle] = {puzzle.id: puzzle for puzzle in _PUZZLES}
"""The puzzles by the ids of the half-worked cells, as ``half-eq4``, in the order of the course."""
