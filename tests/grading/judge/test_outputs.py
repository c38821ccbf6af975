"""No output costs more than itself: what a kernel sends is read or passed over."""

import asyncio
import json
import time

import nbformat
import pytest

from bplab.grading.judge import session
from bplab.grading.judge.oracle import Oracle
from bplab.grading.kernels.manager import WarmKernelClient, WarmKernelManager
from tests.grading.hostile.notebook import ALL, added, as_bytes, cell, right_notebook

SEND = """
_kernel = get_ipython().kernel
def send(kind, content, header=None, parent=None):
    session = _kernel.session
    told = session.msg(kind, {}, parent=_kernel.get_parent("shell"))
    parts = [header or session.pack(told["header"]), parent or session.pack(told["parent_header"])]
    parts += [b"{}", content]
    _kernel.iopub_socket.send_multipart([b"x", b"<IDS|MSG>", session.sign(parts), *parts])
"""

HALF = r"\\ud800"


def shown(**data):
    """A cell that shows these, as JSON that was written by hand."""
    bundle = ", ".join(f'"{mime.replace("_", "/")}": {value}' for mime, value in data.items())
    return f"""send("display_data", b'{{"data": {{{bundle}}}, "metadata": {{}}}}')"""


ODD = {
    "half a character in text": f"""send("stream", b'{{"name": "stdout", "text": "a{HALF}"}}')""",
    "half a character in a stream's name": f"""send("stream",
        b'{{"name": "{HALF}", "text": "a"}}')""",
    "half a character in HTML": shown(text_html=f'"<b>{HALF}</b>"'),
    "half a character in markdown": shown(text_markdown=f'"*a*{HALF}"'),
    "half a character in a formula": shown(text_latex=f'"$a${HALF}"'),
    "half a character in a picture": shown(image_png=f'"{HALF}"'),
    "half a character in a drawing": shown(**{"image_svg+xml": f'"<svg>{HALF}</svg>"'}),
    "half a character in a kind": shown(**{HALF: '"a"'}),
    "half a character in an error": f"""send("error",
        b'{{"ename": "{HALF}", "evalue": "{HALF}", "traceback": ["{HALF}", 5, null]}}')""",
    "a count of 4,000 digits": """send("execute_result",
        b'{"data": {"text/plain": "a"}, "metadata": {}, "execution_count": %s}' % (b"9" * 4000))""",
    "a negative count": """send("execute_result",
        b'{"data": {"text/plain": "a"}, "metadata": {}, "execution_count": -5}')""",
    "a count that is a list": """send("execute_input", b'{"code": "", "execution_count": [1]}')""",
    "a number of 10,000 digits": """send("stream",
        b'{"name": "stdout", "text": %s}' % (b"9" * 10_000))""",
    "no JSON": """send("stream", b'{"name"')""",
    "a list": """send("stream", b"[1, 2]")""",
    "nothing": """send("display_data", b"null")""",
    "NaN": """send("stream", b'{"name": "stdout", "text": NaN}')""",
    "infinity": shown(text_plain="Infinity"),
    "900 lists in each other": shown(text_plain="[" * 900 + "]" * 900),
    "600 dictionaries in each other": shown(text_plain='{"a": ' * 600 + "1" + "}" * 600),
    "100,000 lists in each other": """send("display_data",
        b'{"data": {"text/plain": %s}, "metadata": {}}' % (b"[" * 100_000 + b"]" * 100_000))""",
    "an odd display id": """send("display_data",
        b'{"data": {"text/plain": ""}, "metadata": {}, "transient": {"display_id": [1]}}')""",
    "an update of nothing": """send("update_display_data",
        b'{"data": 5, "transient": {"display_id": "a"}}')""",
    "a status that is none": """send("status", b'{"execution_state": []}')""",
    "a parent that is a list": """send("stream", b"{}", parent=b"[]")""",
    "a header that is a list": """send("stream", b"{}", header=b"[]")""",
    "a header without a kind": """send("stream", b"{}", header=b'{"msg_id": []}')""",
    "a kind that is a number": """send("stream", b"{}", header=b'{"msg_id": [], "msg_type": 5}')""",
    "a day that there is not": """send("stream", b"{}",
        header=b'{"msg_id": "a", "msg_type": "stream", "date": "9999-99-99T99:99:99Z"}')""",
    "no signature": """_kernel.iopub_socket.send_multipart([b"x", b"<IDS|MSG>", b"x"])""",
    "no message": """_kernel.iopub_socket.send_multipart([b"x"])""",
    "zero bytes and escapes": r"""print("a\x00b\x1b\x1b[\x9b\x07")""",
}


@pytest.fixture(scope="module")
def all_odd(grader):
    """Right work with all of these, each in a cell of its own: they are one submission's."""
    cells = [added(_around(name), before="eq5") for name in ODD]
    return grader.grade(as_bytes(right_notebook(added(SEND, before="eq5"), *cells)))


def _around(name):
    return f"# {name}\nprint('before')\n{ODD[name]}\nprint('behind')"


def test_odd_outputs_cost_no_point_and_what_is_written_is_a_notebook(all_odd):
    assert all_odd.score == ALL
    assert not all_odd.events
    all_odd.notebook.encode()  # as nbgrader writes it
    notebook = nbformat.reads(all_odd.notebook, as_version=4)
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode()


@pytest.mark.parametrize("name", ODD)
def test_an_odd_output_costs_no_other_output(all_odd, name):
    cells = nbformat.reads(all_odd.notebook, as_version=4).cells
    (odd,) = [one for one in cells if one.source == _around(name)]
    texts = "".join(one.text for one in odd.outputs if one.output_type == "stream")
    assert "before" in texts
    assert "behind" in texts


AGAIN = """
from IPython.display import display, update_display
for _ in range(300):
    display("x", display_id="one")
"""


WAIT = "import time\ntime.sleep(0.8)\nprint('waited', 'to the end')"


def test_what_is_shown_in_many_places_counts_in_each(grader):
    large = 'update_display("x" * 3_000_000, display_id="one")'
    edits = added(AGAIN + large, before="eq5"), added(large, before="eq5")
    graded = grader.grade(as_bytes(right_notebook(*edits)))
    assert graded.score == ALL
    assert len(graded.notebook) < 5_000_000
    assert not any(event.startswith("cell eq") for event in graded.events)  # these show nothing
    assert sum("too much output" in event for event in graded.events) == 2


def test_a_cell_that_is_interrupted_late_costs_the_next_one_nothing(grader, monkeypatch):
    """As where the signal is slower than what the cell has yet to do."""
    interrupt = WarmKernelManager.interrupt_kernel

    async def late(manager):
        await asyncio.sleep(0.4)
        await interrupt(manager)

    monkeypatch.setattr(WarmKernelManager, "interrupt_kernel", late)
    flood = added("print('x' * 5_000_000)", before="eq5")
    graded = grader.grade(as_bytes(right_notebook(flood, added(WAIT, before="eq5"))))
    assert graded.score == ALL
    assert "waited to the end" in graded.notebook
    assert [event for event in graded.events if "too much output" not in event] == []


ENDS_SLOWLY = """
get_ipython().kernel._execute_sleep = 20  # between the cell's code and the reply to it
made = "in a cell that wrote too much"
print("x" * 5_000_000)
"""
AFTERWARDS = "get_ipython().kernel._execute_sleep = 0\nprint('made', made)"


def test_a_cell_whose_end_is_interrupted_is_not_said_to_have_taken_too_long(grader):
    """The interruption takes the reply with it, and nothing comes in its place."""
    edits = added(ENDS_SLOWLY, before="eq5"), added(AFTERWARDS, before="eq5")
    start = time.monotonic()
    graded = grader.grade(as_bytes(right_notebook(*edits)))
    assert graded.score == ALL
    assert ["too much output" in event for event in graded.events] == [True]
    assert "made in a cell that wrote too much" in graded.notebook
    assert time.monotonic() - start < 20


def test_one_line_that_is_too_long_costs_no_cell_behind_it_its_output(grader, monkeypatch):
    monkeypatch.setattr(session, "LISTENING", 3)
    long, behind = "print('x' * 17 * 2**20)", "print('be' + 'hind')"
    graded = grader.grade(
        as_bytes(right_notebook(*(added(c, before="eq5") for c in (long, behind))))
    )
    assert graded.score == ALL
    (event,) = graded.events
    assert "more than could be taken in" in event
    assert "behind" in graded.notebook


def test_a_kernel_that_is_not_heard_again_is_said_to_be_so_and_costs_no_point(grader, monkeypatch):
    async def not_heard(client, seconds):
        return False

    monkeypatch.setattr(WarmKernelClient, "heard_again", not_heard)
    monkeypatch.setattr(session, "LISTENING", 1)
    graded = grader.grade(as_bytes(right_notebook(added("print('x' * 17 * 2**20)", before="eq5"))))
    assert graded.score == ALL
    first, *others = graded.events
    assert "more than could be taken in" in first
    assert others
    assert all("could not be heard" in event for event in others)


def test_a_display_that_is_updated_often_stays(grader):
    often = "for i in range(200):\n    update_display(f'step {i}' * 1_000, display_id='one')"
    edit = added(AGAIN.replace("300", "1") + often, before="eq5")
    graded = grader.grade(as_bytes(right_notebook(edit)))
    assert graded.score == ALL
    assert "step 199" in graded.notebook
    assert not graded.events


def test_half_a_character_in_the_file_is_no_part_of_what_is_written(grader):
    def edit(notebook):
        for one in notebook["cells"]:
            if one["cell_type"] == "markdown":
                one["source"] += "half \ud800 ![a](attachment:\ud800.png)"
                one["attachments"] = {"\ud800.png": {"image/png": "iVBORw0KGgo="}}
        added("text = 'half \ud800'", before="eq5")(notebook)
        notebook["metadata"]["\ud800"] = "\ud800"
        cell(notebook, "eq5")["metadata"]["tags"] = ["\ud800"]

    submitted = json.dumps(right_notebook(edit)).encode()
    graded = grader.grade(submitted)
    assert graded.score == ALL
    nbformat.writes(nbformat.reads(graded.notebook, as_version=4)).encode()


def test_an_error_in_judging_costs_one_task_and_is_told_to_the_instructor(grader, monkeypatch):
    real = Oracle.judge

    def judge(oracle, id, *rest):
        if id == "eq5":
            raise ZeroDivisionError("0.125")
        return real(oracle, id, *rest)

    monkeypatch.setattr(Oracle, "judge", judge)
    graded = grader.grade(as_bytes(right_notebook()))
    assert [one.exercise for one in graded.results if not one.points] == ["eq5"]
    assert graded.events == (
        "eq5 could not be judged (ZeroDivisionError in the grader): mark it by hand",
    )
    assert "0.125" not in graded.notebook
