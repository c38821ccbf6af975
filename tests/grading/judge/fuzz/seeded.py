"""Guards of the reader, the loader, the client and the judge, each taken out for a moment.

A fuzzer that draws what is refused at the first field finds none of them. Where a guard stands
before another that refuses the same, both are taken out: `_refusing` turns whatever goes wrong
in the reader into `Malformed`.
"""

import ast
import contextlib
import importlib
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

__all__ = ["FAULTS", "Fault"]


class Fault(NamedTuple):
    """A guard that is taken out.

    Attributes
    ----------
    target : str
        Where it is found: a name of ``TARGETS``.
    module : str
        Below `bplab.grading`.
    changes : tuple of (str, str)
        Text that stands there exactly once, and what stands in its place.
    """

    target: str
    module: str
    changes: tuple[tuple[str, str], ...]

    def functions(self) -> dict[str, Any]:
        """The module's functions and methods as they are now, and their code."""
        found = {}
        module = importlib.import_module(f"bplab.grading.{self.module}")
        for name in _functions(inspect.getsource(module), ""):
            *outer, last = name.split(".")
            holder = getattr(module, outer[0]) if outer else module
            function = holder.__dict__[last]
            found[name] = getattr(inspect.unwrap(function), "__code__", None), function
        return found

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        """Take it out, for as long as the context lasts."""
        module = importlib.import_module(f"bplab.grading.{self.module}")
        file = Path(module.__file__ or "")
        source = changed = file.read_text(encoding="utf-8")
        for old, new in self.changes:
            if changed.count(old) != 1:
                raise ValueError(f"{file.name} has {changed.count(old)} times {old!r}")
            changed = changed.replace(old, new)
        before, after = _functions(source, str(file)), _functions(changed, str(file))
        if before.keys() != after.keys():
            raise ValueError("other functions than before")
        with contextlib.ExitStack() as stack:
            for name, (code, bare) in after.items():
                if code != before[name][0] or bare != before[name][1]:
                    stack.enter_context(_changed(module, name, code, bare))
            yield


@cache
def _functions(source: str, file: str) -> dict[str, tuple[CodeType, bool]]:
    """The code of functions and methods by their names, and whether they are not decorated."""
    tree = ast.parse(source)
    bare = {}
    for outer in [tree, *(node for node in tree.body if isinstance(node, ast.ClassDef))]:
        for node in outer.body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                within = f"{outer.name}." if isinstance(outer, ast.ClassDef) else ""
                bare[within + node.name] = not node.decorator_list
    codes = _codes(compile(tree, file, "exec"))
    return {name: (code, bare[name]) for name, code in codes if name in bare}


def _codes(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner.co_qualname, inner
            yield from _codes(inner)


@contextlib.contextmanager
def _changed(module: Any, name: str, code: CodeType, bare: bool) -> Iterator[None]:
    """Give a function this code, wherever it is known; without its decorator if it is bare."""
    *outer, last = name.split(".")
    holder = getattr(module, outer[0]) if outer else module
    found = holder.__dict__[last]
    function = inspect.unwrap(found)
    if bare and function is not found:
        plain = FunctionType(code, module.__dict__, last, function.__defaults__)
        setattr(holder, last, plain)
        try:
            yield
        finally:
            setattr(holder, last, found)
        return
    kept, function.__code__ = function.__code__, code
    try:
        yield
    finally:
        function.__code__ = kept


def _reader(*changes: tuple[str, str]) -> Fault:
    return Fault("descriptions", "judge.wire", changes)


def _line(*changes: tuple[str, str]) -> Fault:
    return Fault("line", "judge.wire", changes)


def _file(*changes: tuple[str, str]) -> Fault:
    return Fault("files", "handed_in", changes)


def _cell(*changes: tuple[str, str]) -> Fault:
    return Fault("files", "records", changes)


def _order(*changes: tuple[str, str]) -> Fault:
    return Fault("files", "judge.restore", changes)


def _client(*changes: tuple[str, str]) -> Fault:
    return Fault("messages", "judge.session", changes)


def _shown(*changes: tuple[str, str]) -> Fault:
    return Fault("outputs", "inert", changes)


def _judge(*changes: tuple[str, str]) -> Fault:
    return Fault("judge", "judge.oracle", changes)


def _refusing(name: str) -> tuple[str, str]:
    return f"    @_refusing\n    def {name}(", f"    def {name}("


FAULTS: dict[str, Fault] = {
    # --- the reader
    "negative shapes": _reader(
        ("type(side) is not int or side < 0 for", "type(side) is not int for"), _refusing("array")
    ),
    "truth values as sides": _reader(("any(type(side) is not int or", "any("), _refusing("array")),
    "sides without a bound": _reader(
        ("math.prod(max(side, 1) for side in shape)", "math.prod(shape)"), _refusing("array")
    ),
    "arrays of other things": _reader(('dtype.kind not in "fiuc" or len', "len")),
    "arrays of many axes": _reader((" or len(shape) > MAX_AXES", "")),
    "data of another size": _reader(
        ("math.prod(shape) * dtype.itemsize != len(data)", "False"), _refusing("array")
    ),
    "headers that are none": _reader(
        ("except Exception as error:  # numpy raises", "except KeyError as error:  # numpy raises"),
        _refusing("array"),
    ),
    "negative places": _reader(("0 <= number < most", "number < most")),
    "truth values as places": _reader(("type(number) is int and", "isinstance(number, int) and")),
    "places behind the end": _reader(("0 <= number < most", "0 <= number"), _refusing("array")),
    "depth": _reader(("if depth > MAX_DEPTH", "if False")),
    "many fields": _reader((" if len(names) <= MAX_FIELDS", "")),
    "values that are refused": _reader(_refusing("value")),
    "names that are refused": _reader(_refusing("named")),
    "errors of the grader's own functions": Fault(
        "descriptions",
        "judge.oracle",
        (("except Exception as error:  # the function's own", "except KeyError as error:  #"),),
    ),
    "places of functions": Fault(
        "descriptions", "judge.oracle", (("is_index(number, len(self._own))", "True"),)
    ),
    "answers of other numbers": _reader(
        ("return _real(self.array(described))", "return self.array(described)")
    ),
    "bytes in another order": _reader((" or not array.dtype.isnative", "")),
    "labels of other numbers": _reader(('_real(self.array(labels), "fiu")', "self.array(labels)")),
    "seconds that are none": _reader((" if math.isfinite(seconds)", "")),
    "a lesson without a reason": _reader(
        ("if array is None and raised is None and not unusable and in_time", "if False")
    ),
    "words in place of numbers": _reader(
        (
            'SAYABLE.get(what.partition(",")[0], NoNumbers("something else than numbers"))',
            "NoNumbers(what)",
        )
    ),
    "kinds of errors": _reader(('kind if kind in KINDS else "Exception"', "kind")),
    "digests": _reader(("_DIGEST.fullmatch(digest)", "True")),
    "long digests": _reader(("_DIGEST.fullmatch(digest)", "_DIGEST.match(digest)")),
    "lines of errors": _reader(("and is_index(line, MAX_LINE + 1)", "")),
    "long words": _reader(("for c in value[:MAX_TEXT] if", "for c in value if")),
    "words with control characters": _reader((' if c.isprintable() or c in "\\n\\t")', ")")),
    # --- the line
    "much JSON": _line(("if size > MAX_JSON:", "if False:")),
    "JSON nested deeply": _line(
        (
            "except (ValueError, TypeError, RecursionError) as error",
            "except (ValueError, TypeError) as error",
        )
    ),
    "JSON that is none": _line(
        ("except (ValueError, TypeError, RecursionError) as error", "except TypeError as error")
    ),
    "JSON that is no pair": _line(
        ("except (ValueError, TypeError, RecursionError) as error", "except ValueError as error")
    ),
    "content that is no dictionary": _line(("not isinstance(content, dict) or not", "not")),
    "sizes that are no list": _line((" or not isinstance(sizes, list)", "")),
    "negative sizes": _line(("type(n) is not int or n < 0 for", "type(n) is not int for")),
    "truth values as sizes": _line(("type(n) is not int or n", "n")),
    "many buffers": _line(("if len(sizes) > MAX_BUFFERS or any", "if any")),
    "large buffers": _line(("if sum(sizes) > MAX_BYTES:", "if False:")),
    "an answer that is none": Fault(
        "line",
        "judge.session",
        (("isinstance(answer := content.get(ANSWER), dict)", "(answer := content.get(ANSWER))"),),
    ),
    # --- the judge
    "another number of answers": _judge((" if len(outcomes) == len(question.calls)", "")),
    "another number of arrays": _judge(("len(piece) != 1", "False")),
    "names that are no list": _judge(
        ("(asked if isinstance(asked, list) else [])[:20]", "asked[:20]")
    ),
    "names that are no text": _judge(
        ("if isinstance(name, str) and name.isprintable()", "if True")
    ),
    "names with control characters": _judge((" and name.isprintable() and", " and")),
    "an error in place of an answer": _judge(
        (' or raised.kind == "Malformed"', ""), ("if raised is None", "if False")
    ),
    # --- the loader
    "text that is none": _file(("except UnicodeDecodeError:", "except KeyError:")),
    "whatever nbformat stumbles over": _file(
        ("except Exception as error:", "except KeyError as error:")
    ),
    "a notebook that is no dictionary": _file(
        ('notebook.get("cells") if isinstance(notebook, dict) else None', 'notebook.get("cells")')
    ),
    "cells that are no list": _file(("if not isinstance(cells, list)", "if cells is None")),
    "many cells": _file(("if len(cells) > MAX_CELLS", "if False")),
    "a cell that is no dictionary": _file((" if isinstance(cell, dict))", ")")),
    "metadata that is no dictionary": _cell((" if isinstance(metadata, dict) else None", "")),
    "an assignment's metadata that is no dictionary": _cell(
        ("nbgrader if isinstance(nbgrader, dict) else {}", "nbgrader or {}")
    ),
    "an id of the course that is no text": _cell(
        ('return id if isinstance(id, str) else ""', "return id")
    ),
    "an id that is no text": _order(
        ('cell["id"] if isinstance(cell.get("id"), str) else ""', 'cell.get("id", "")')
    ),
    "an id that is none": _order(
        ("not _CELL_ID.fullmatch(cell.id) or cell.id in taken", "cell.id in taken")
    ),
    "an id that is there twice": _order((" or cell.id in taken", "")),
    "lines that are no text": _file(
        (" for line in source if isinstance(line, str))", " for line in source)")
    ),
    "a source that is no text": _file(('source if isinstance(source, str) else ""', "source")),
    "half a character in a source": _file(
        ('return text.encode("utf-8", "replace").decode("utf-8")', "return text")
    ),
    "zero bytes in a source": _file(('.replace("\\x00", "")', "")),
    "a kind of cell that is no text": _order(
        ('str(cell.get("cell_type"))', 'cell.get("cell_type")')
    ),
    "copies of the course's cells": _order(("if id and last[id] != i:", "if False:")),
    "edited test cells": _order(
        (
            "placed.append((id, _copy(ours[id])))",
            "placed.append((id, _copy(ours[id], source_of(cell))))",
        )
    ),
    "deleted test cells": _order(("placed.insert(place, (id, _copy(cell)))", "pass")),
    # --- what is shown
    "attachments that are no pictures": Fault(
        "files",
        "inert",
        (
            (
                "if pictures := {mime: picture for mime, picture in pictures.items() if picture}:",
                "if pictures:",
            ),
            ("kept: dict[str, dict[str, str]] = {}", "return attached"),
        ),
    ),
    "attachments that are none": Fault(
        "files",
        "inert",
        (
            (
                "attached.items() if isinstance(attached, Mapping) else ()",
                "(attached or {}).items()",
            ),
        ),
    ),
    "an attachment that is none": Fault(
        "files", "inert", (("if not isinstance(data, Mapping) or MARKUP", "if MARKUP"),)
    ),
    "half a character in an attachment's name": Fault(
        "files", "inert", ((" or _whole(name) != name", ""),)
    ),
    "half a character in what is shown": _shown(
        ('return text.encode("utf-8", "backslashreplace").decode("utf-8")', "return text")
    ),
    "scripts in what is shown": _shown(
        ("shown = inert_html(_text(value), ids)", "shown = _text(value)")
    ),
    "pictures that are none": _shown(("except (binascii.Error, ValueError):", "except KeyError:")),
    "data that is no dictionary": _shown(
        ("data.items() if isinstance(data, Mapping) else ()", "(data or {}).items()")
    ),
    "a traceback that is no list": _shown((" if isinstance(lines, list) else []", "")),
    "the name of a stream": _shown(
        ('"stderr" if output.get("name") == "stderr" else "stdout"', 'output.get("name")')
    ),
    "counts that are none": _shown(
        ("count if type(count) is int and 0 <= count < COUNT_MOST else None", "count")
    ),
    # --- the client
    "whatever nbclient stumbles over": _client(
        (
            "except Exception as error:  # of a forged message",
            "except KeyError as error:  # of a forged message",
        )
    ),
    "parts that cannot be read": _client(
        (
            "            except UNREADABLE as error:\n                self.log",
            "            except KeyError as error:\n                self.log",
        )
    ),
    "much output": _client(("self._bytes > OUTPUT_BYTES or ", "")),
    "many outputs": _client((" or len(cell.outputs) > OUTPUTS", "")),
    "how large an output is": _client(("                self._bytes += size\n", "\n")),
    "what is shown many times": _client((" * self._times_shown(msg)", "")),
    "the end of a cell": _client(("            self._idle = True\n", "            pass\n")),
    "a cell's reply that is no dictionary": Fault(
        "replies", "judge.session", ((" if isinstance(execute_reply, dict) else None", ""),)
    ),
    "a reply's content that is no dictionary": Fault(
        "replies",
        "judge.session",
        (
            (
                'content.get("payload") if isinstance(content, dict) else None',
                'content.get("payload")',
            ),
        ),
    ),
    "a payload that is no list": Fault(
        "replies", "judge.session", (("isinstance(payload, list) and any", "any"),)
    ),
    "what is no payload": Fault(
        "replies",
        "judge.session",
        (('isinstance(one, dict) and one.get("source")', 'one.get("source")'),),
    ),
    "forged replies to an order": Fault(
        "replies",
        "judge.session",
        (
            (
                "except (KernelGone, NotKept, asyncio.CancelledError):",
                "except (KernelGone, NotKept, Malformed, asyncio.CancelledError):",
            ),
        ),
    ),
    "whatever a reply makes stumble": Fault(
        "replies",
        "judge.session",
        (
            (
                "except Exception as error:  # of a session that reads what was forged",
                "except KeyError as error:  #",
            ),
        ),
    ),
}
