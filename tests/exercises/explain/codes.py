"""Right functions whose text can be asked about: as different learners write them."""

from functools import cache

from bplab.exercises import EXERCISES
from bplab.exercises.explain.code import Code
from bplab.exercises.mine.travel import Stays, packed
from tests.exercises.right_variants import RIGHT, UNUSUAL
from tests.thorough import ALL

SAMPLE = ("eq4", "eq5", "eq13", "eq17", "softmax", "relu")


def some_codes():
    """Those of all right variants; where little time is to be spent, of a few exercises."""
    return codes_of(tuple(RIGHT) if ALL else SAMPLE)


def some_names():
    """The names of the same: to read all code takes long, and every worker collects the tests."""
    return [*_functions(tuple(RIGHT) if ALL else SAMPLE)]


@cache
def codes_of(ids):
    """Those of some exercises, by id and name; None where `check` cannot keep the function."""
    found = {}
    for (id, name), function in _functions(ids).items():
        try:
            found[id, name] = Code(EXERCISES[id], *packed(function))
        except Stays:
            found[id, name] = None
    return found


def _functions(ids):
    functions = {
        (id, f"{function.__name__} {i}"): function
        for variants in (RIGHT, UNUSUAL)
        for id in variants.keys() & set(ids)
        for i, function in enumerate(variants[id])
    }
    return dict(sorted(functions.items()))


def code_of(id, text):
    """Code of a text whose last definition is the function."""
    code = Code(EXERCISES[id], "", text)
    return Code(EXERCISES[id], code.tree.body[-1].name, text)
