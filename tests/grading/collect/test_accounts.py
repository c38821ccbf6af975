"""Whatever a download holds: each file is taken or named, and nothing is written elsewhere."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bplab.course import CourseError
from bplab.grading.collect import People, collect
from bplab.grading.folder import ClassFolder
from bplab.grading.gradebook import Person
from tests.grading.collect.test_collect import NAME, notebook, packed
from tests.thorough import EXAMPLES

WHO = st.sampled_from(["ada", "Ada Lovelace", "ben_k", "Émilie", "x y", "..", "a/b", "1204", ""])
FILES = st.sampled_from(
    [
        f"{NAME}.ipynb",
        f"{NAME} (1).ipynb",
        f"{NAME}-2.ipynb",
        "other.ipynb",
        "m.py",
        "data/points.csv",
        "Data/points.csv",
        "timestamp.txt",
        ".hidden",
        "work.zip",
        "work.rar",
        "_",
        "a\nb.txt",
    ]
)
NUMBER = st.integers(0, 9999)


def named(who, file, number):
    return [
        f"{who}_{number}_{number + 7}_{file}",
        f"{who}_LATE_{number}_{number}_{file}",
        f"{who}_{number}_assignsubmission_file_/{file}",
        f"{who}_{number}_assignsubmission_onlinetext/{file}",
        f"Week_1_{who}_attempt_2026-11-29-21-40-{number % 60:02d}_{file}",
        f"{number}-12 - {who} - Nov 29, 2026 940 PM/{file}",
        f"{who}/{file}",
        f"{who}/{NAME}/{file}",
        file,
        f"../{file}",
        f"__MACOSX/{file}",
    ]


NAMES = st.builds(named, WHO, FILES, NUMBER).flatmap(st.sampled_from)
HOLDS = st.sampled_from(["notebook", "text", "empty", "zip"])


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(files=st.dictionaries(NAMES, HOLDS, min_size=1, max_size=12), known=st.booleans())
def test_each_file_is_taken_or_named(tmp_path_factory, files, known):
    root = tmp_path_factory.mktemp("class")
    folder = root / "course"
    (folder / "release" / NAME).mkdir(parents=True)
    (folder / "release" / NAME / f"{NAME}.ipynb").write_text(notebook())
    (folder / "nbgrader_config.py").write_text("c = get_config()\n")
    contents = {}
    for i, (name, kind) in enumerate(files.items()):
        own = notebook(f"<{i}>") if kind == "notebook" else f"<{i}>"
        contents[name] = {"empty": "", "zip": packed({f"{NAME}.ipynb": notebook(f"<{i}>")})}.get(
            kind, own
        )
    (root / "came.zip").write_bytes(packed(contents))
    before = {path for path in root.rglob("*") if "submitted" not in path.parts}
    people = People([Person("ada", "Ada", "Lovelace", lms_id="1204")] if known else [])
    course = ClassFolder.open(folder)
    try:
        came = collect(course, NAME, root / "came.zip", people, limit=10**6)
    except CourseError:  # all names are nobody's
        assume(False)
    noted = {course.own, course.own / "downloads.json"}  # what files were called
    assert {path for path in root.rglob("*") if "submitted" not in path.parts} - noted == before
    copies = [path for path in root.rglob("*") if path.is_file() and "submitted" in path.parts]
    written = "".join(path.read_text(encoding="utf-8") for path in copies)
    empty = tuple(path.name for path in copies if not path.stat().st_size)
    told = [one.file for one in came.left] + [one.file for one in came.taken]
    for i, name in enumerate(files):
        shown = name.replace("\n", "\\n")
        copied = name.endswith(empty) if files[name] == "empty" else f"<{i}>" in written
        assert copied or any(one == shown or one.startswith(f"{shown}/") for one in told), (
            name,
            files[name],
            came,
        )
    for one in came.taken:
        assert course.submitted(one.student, NAME).is_dir()
