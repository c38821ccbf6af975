"""A right program in other words: other names, comments and calls, and the same numbers.

As `mutations`, these replace pieces of the text, so that what people write beside the code is in
it, too. What comes of it is run before it counts as right.
"""

import ast
import builtins
import random
import re

from tests.benchmarks.gradbug.mutations import Text

__all__ = ["rewritten"]

NAMES = {
    "German": {
        "delta": "ausgabe_delta",
        "residual": "rest",
        "back": "zurueck",
        "s": "s_verdeckt",
        "grad": "gradient",
        "error": "fehler",
        "slope": "steigung",
        "ones": "einsen",
        "bias": "schwelle",
        "weights": "gewichte",
        "D": "abstand",
        "J": "jacobi",
        "out": "ergebnis",
        "value": "wert",
        "e": "ex",
        "f": "anteile",
        "i": "n",
        "k": "aus",
        "m": "ein",
        "j": "q",
        "total": "summe",
        "new": "neu",
        "Z1": "Z_mit_eins",
        "X1": "X_mit_eins",
        "W": "gewicht",
    },
    "Spanish": {
        "delta": "delta_salida",
        "residual": "residuo",
        "back": "atras",
        "s": "delta_oculta",
        "grad": "gradiente",
        "error": "fallo",
        "slope": "pendiente",
        "ones": "unos",
        "bias": "sesgo",
        "weights": "pesos",
        "D": "resto",
        "out": "salida",
        "value": "valor",
        "total": "suma",
        "new": "nuevo",
        "i": "ejemplo",
        "k": "sal",
        "m": "oculta",
        "j": "entrada",
        "Z1": "Z_uno",
        "X1": "X_uno",
        "E": "diferencia",
        "e": "expo",
        "start": "inicio",
    },
    "French": {
        "delta": "delta_sortie",
        "residual": "résidu",
        "back": "retour",
        "s": "s_cachée",
        "grad": "grad_total",
        "error": "erreur",
        "slope": "pente",
        "ones": "uns",
        "bias": "biais",
        "weights": "poids",
        "out": "sortie",
        "value": "valeur",
        "total": "somme",
        "new": "nouveau",
        "i": "n",
        "k": "c",
        "m": "u",
        "j": "v",
        "Z1": "Z_un",
        "X1": "X_un",
        "batch": "lot",
    },
    "terse": {
        "delta": "d",
        "residual": "r",
        "back": "b_",
        "grad": "dw",
        "error": "err",
        "slope": "dg",
        "ones": "o",
        "bias": "db",
        "weights": "dW",
        "value": "v",
        "total": "acc",
        "out": "res",
        "Z1": "Za",
        "X1": "Xa",
        "squared": "sq",
        "shifted": "sh",
        "with_bias": "wb",
        "new": "w2",
    },
    "wordy": {
        "delta": "output_layer_delta",
        "s": "hidden_layer_delta",
        "back": "what_comes_back",
        "grad": "accumulated_gradient",
        "i": "example",
        "k": "output_unit",
        "m": "hidden_unit",
        "j": "feature",
        "e": "exponentials",
        "D": "twice_the_error",
        "E": "prediction_error",
        "Z1": "hidden_with_bias_unit",
        "X1": "inputs_with_bias_unit",
        "step": "weight_step",
        "W": "weights_without_bias",
        "out": "the_answer",
        "node": "this_node",
        "batch": "these_rows",
    },
}
"""Other names for usual ones, by whoever would choose them."""

COMMENTS = (
    "see the derivation",
    "shape is (N, K)",
    "TODO: faster",
    "hier kommt die Kettenregel",
    "la regla de la cadena",
    "on somme sur les exemples",
    "checked by hand",
    "as in the paper",
    "minus because of y - f",
    "bias first",
    "letzte Schicht zuerst",
    "no sé si hace falta",
    "works!",
    "this took me an hour",
    "one example a row",
    "pas de biais ici",
)


def rewritten(source: str, seed: str) -> tuple[tuple[int, int, str], ...]:
    """Return edits that put a program into other words, drawn from a seed."""
    rng = random.Random(seed)
    text = Text(source)
    edits = [*_names(text, rng), *_calls(text, rng)]
    taken: list[tuple[int, int, str]] = []
    for edit in sorted(edits, key=lambda e: (e[0], -e[1])):
        if not taken or edit[0] >= taken[-1][1]:
            taken.append(edit)
    return tuple(sorted([*taken, *_remarks(text, rng)]))


def _names(text: Text, rng: random.Random) -> list[tuple[int, int, str]]:
    """Names that the program gives itself; those of its helpers' parameters too."""
    kept = {n.name for n in text.tree.body if isinstance(n, ast.FunctionDef)}
    main = next(n for n in reversed(text.tree.body) if isinstance(n, ast.FunctionDef))
    kept |= {a.arg for a in main.args.args} | set(dir(builtins)) | {"np", "math"}
    every = {n.id for n in ast.walk(text.tree) if isinstance(n, ast.Name)}
    every |= {n.arg for n in ast.walk(text.tree) if isinstance(n, ast.arg)}
    every |= {n.arg for n in ast.walk(text.tree) if isinstance(n, ast.keyword) if n.arg}
    words = NAMES[rng.choice(sorted(NAMES))]
    chosen = {
        old: new
        for old, new in words.items()
        if old in every and old not in kept and new not in every and rng.random() < 0.9
    }
    edits = []
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Name) and node.id in chosen:
            edits.append((*text.span(node), chosen[node.id]))
        elif isinstance(node, ast.arg) and node.arg in chosen:
            edits.append((*text.span(node), chosen[node.arg]))
    return edits


def _calls(text: Text, rng: random.Random) -> list[tuple[int, int, str]]:
    """The same by another call, where nothing that is renamed stands in it."""
    edits = []
    for node in ast.walk(text.tree):
        start, end = text.span(node) if hasattr(node, "end_col_offset") else (0, 0)
        if isinstance(node, ast.Attribute) and node.attr == "T" and rng.random() < 0.4:
            edits.append((end - 2, end, ".transpose()"))
        elif isinstance(node, ast.Constant) and type(node.value) is int and node.value == 2:
            parent = text.parents.get(node)
            times = isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult)
            if times and rng.random() < 0.5:
                edits.append((start, end, "2.0"))
        elif isinstance(node, ast.Call) and text.of(node.func) == "range" and len(node.args) == 1:
            at = text.span(node.args[0])[0]
            edits += [(at, at, "0, ")] * (rng.random() < 0.5)
        elif isinstance(node, ast.keyword) and node.arg == "axis" and text.of(node.value) == "1":
            # all arrays that are summed or joined so have two axes
            edits += [(*text.span(node.value), "-1")] * (rng.random() < 0.3)
    return edits


def _remarks(text: Text, rng: random.Random) -> list[tuple[int, int, str]]:
    """Comments at the ends of lines, a line of its own, an empty one, a docstring."""
    edits = []
    inside = {
        line
        for node in ast.walk(text.tree)
        if isinstance(node, ast.stmt) and not hasattr(node, "body")
        for line in range(node.lineno, node.end_lineno)
    }
    lines = text.bytes.splitlines(keepends=True)
    place = 0
    for number, line in enumerate(lines, start=1):
        place += len(line)
        bare = line.rstrip()
        if bare and b"#" not in line and number not in inside and rng.random() < 0.2:
            at = place - len(line) + len(bare)
            edits.append((at, at, f"  # {rng.choice(COMMENTS)}"))
        if bare.startswith(b"def ") and rng.random() < 0.35:
            indent = re.match(rb"\s*", lines[number])[0].decode()
            words = rng.choice(('"""My answer."""', "# my version", '"""Second try."""'))
            edits.append((place, place, f"{indent}{words}\n"))
    return edits
