"""What fills the grader's memory, or takes its time, costs one submission, within limits.

The limits are the system's: a child that took more would not answer, and the command would end.
"""

import json
import resource

import pytest

from bplab.grading.beside import MOST_MB
from bplab.grading.class_run.child import Child
from bplab.grading.class_run.worker import Order
from bplab.grading.judge.submission import Grader
from tests import thorough
from tests.grading.hostile.attacks import ATTACKS
from tests.grading.hostile.attacks_filling import FILLING
from tests.grading.hostile.classroom import new_classroom
from tests.grading.hostile.notebook import ALL, ASSIGNMENT, as_bytes, right_notebook
from tests.grading.hostile.ours import assignment
from tests.grading.hostile.peaks import CHILD, COORDINATOR, peak_of

pytestmark = pytest.mark.xdist_group("hostile-filling")

ORDER = Order(Grader, assignment())

DEAR = ("fill-lists-shown", "fill-strings-shown", "fill-wide-letters", "fill-a-long-key")
DEAR += ("time-dots", "time-dots-short", "time-indents", "time-names", "time-f-string")
DEAR += ("fill-small-outputs",)
"""They take five seconds and more; others of their kind take few."""

SAMPLE = thorough.one_in(16, [one.name for one in FILLING if thorough.ALL or one.name not in DEAR])


@pytest.fixture(scope="module")
def children():
    """One child, which is replaced where it is worn, as a pool does it."""
    kept = [Child()]
    kept[0].send(ORDER, [as_bytes(right_notebook())])
    assert kept[0].reply().cells
    yield kept
    kept[0].close()


@pytest.mark.one_in(3)
@pytest.mark.parametrize("name", SAMPLE)
def test_a_submission_that_fills_the_grader_is_judged_within_a_child_s_limits(children, name):
    with peak_of(children[0].process) as peak:
        children[0].send(ORDER, [ATTACKS[name].submission()])
        told = children[0].reply()
    if children[0].worn:
        children.pop().close()
        children.append(Child())
    assert peak.megabytes <= CHILD
    assert len(told.mistakes) == 4
    assert None not in told.mistakes.values()
    assert len(json.loads(told.notebook)["cells"]) < 2_100


@pytest.mark.thorough
def test_the_coordinator_needs_little_beside_submissions_that_would_fill_it(
    tmp_path, tmp_path_factory
):
    """Its limit is not its children's: they have their own."""
    room = new_classroom(tmp_path_factory, tmp_path / "class")
    for name in ("fill-metadata-in-file", "fill-lists-in-file"):
        room.hand_in(name, ATTACKS[name].submission())
    room.hand_in("ada", as_bytes(right_notebook()))
    submitted = room.course / "submitted" / "ada" / ASSIGNMENT
    (submitted / "data.bin").write_bytes(bytes(MOST_MB << 20))
    (submitted / "more.bin").write_bytes(bytes(200 << 20))

    def limit():
        resource.setrlimit(resource.RLIMIT_DATA, (COORDINATOR * 10**6, resource.RLIM_INFINITY))

    running = room.start("bplab", "grade", ASSIGNMENT, "--jobs", "2", before=limit)
    with peak_of(running.pid) as peak:
        running.wait()
    assert running.returncode == 0, room.log
    assert peak.megabytes <= COORDINATOR
    assert room.mark("ada") == ALL
    assert room.mark("fill-metadata-in-file") == room.mark("fill-lists-in-file") == 0
    autograded = room.course / "autograded" / "ada" / ASSIGNMENT
    assert (autograded / "data.bin").stat().st_size == MOST_MB << 20
    assert not (autograded / "more.bin").exists()  # what is more is not taken
