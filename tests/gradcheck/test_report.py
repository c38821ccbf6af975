"""What a report says, in text and in HTML."""

import numpy as np

from bplab.gradcheck import GradientReport, Verdict, check_gradient
from bplab.gradcheck.report import Entry


def test_the_text_counts_and_shows_the_worst_first():
    w = np.array([[1.0, 2.0]])
    report = check_gradient(lambda p: np.sum(p["w"] ** 2), {"w": np.array([[2.0, 5.0]])}, {"w": w})
    text = str(report)
    assert "2 entries: 1 right, 1 wrong, 0 cannot tell" in text
    assert "wrong: w[0, 1]\n    gradient           5\n    finite difference  4 ± " in text
    assert text.endswith("\n    relative error     0.2")
    assert report.max_relative_error == 0.2


def test_no_printed_line_is_longer_than_a_narrow_window():
    entry = Entry(
        "alphas[1]", (12, 30), -0.19377783, 0.1918, 1e-9, Verdict.WRONG, "weight", "f " * 40
    )
    report = GradientReport((entry,) * 2, 12345, notes=("what was seen of f and of params " * 3,))
    assert max(map(len, str(report).splitlines())) <= 44


def test_the_page_has_a_table_with_error_bars_and_no_raw_text():
    entry = Entry("<w>", (0, 1), 5.0, 4.0, 1e-9, Verdict.WRONG, "weight")
    page = GradientReport((entry,), 1)._repr_html_()
    assert "<table>" in page
    assert "&lt;w&gt;[0, 1] (weight)" in page
    assert "error bar" in page
    assert "1e-09" in page
    assert "✗" in page
    right = Entry("w", (), 5.0, 5.0, 1e-9, Verdict.RIGHT)
    assert "<table>" not in GradientReport((right,), 1)._repr_html_()
    assert right.place == "w"


def test_a_report_is_true_only_if_something_was_judged_right():
    unsure = Entry("w", (0,), 1.0, 1.0, 1.0, Verdict.CANNOT_TELL)
    report = GradientReport((unsure,), 1)
    assert not report
    assert report.undecided == (unsure,)
    assert report.max_relative_error == 0
    assert Entry("w", (0,), 0.0, 0.0, 0.0, Verdict.RIGHT).relative_error == 0
    assert GradientReport((), 9, Verdict.RIGHT)
    assert not GradientReport((), 9, Verdict.CANNOT_TELL)
    assert "9 entries along random directions: right" in str(GradientReport((), 9, Verdict.RIGHT))
