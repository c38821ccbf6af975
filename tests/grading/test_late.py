"""What late submissions lose, by the rule of a course."""

import math
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from bplab.course import CourseError
from bplab.grading.gradebook import length
from bplab.grading.late import LatePolicy, Rule
from tests.thorough import EXAMPLES

HOUR, DAY = 3600, 86400

shares = st.floats(0, 1)
amounts = st.floats(0, 1e4)
lateness = st.floats(0, 400 * DAY)


@st.composite
def rules(draw, **fixed):
    by_points = draw(st.booleans())
    chosen = {
        "per_day": 0.0 if by_points else draw(shares),
        "points_per_day": draw(st.floats(0, 50)) if by_points else 0.0,
        "grace_minutes": draw(st.floats(0, 3000)),
        "days_begun": draw(st.booleans()),
        "at_most": draw(shares),
        "zero_after_days": draw(st.none() | st.floats(0, 30)),
    }
    return Rule(**chosen | fixed)


@settings(max_examples=EXAMPLES)
@given(rules(), lateness, lateness, amounts, amounts)
def test_nobody_loses_less_by_coming_later_and_nobody_more_than_they_have(rule, a, b, score, most):
    early, late = (rule.penalty(at, score, most) for at in sorted((a, b)))
    assert 0 <= early <= late <= score


@settings(max_examples=EXAMPLES)
@given(rules(), amounts, amounts)
def test_up_to_the_end_of_the_grace_period_nothing_is_lost(rule, score, most):
    end = 60 * rule.grace_minutes
    for late in (0, end / 2, end):
        assert rule.penalty(late, score, most) == 0


@settings(max_examples=EXAMPLES)
@given(rules(days_begun=False, zero_after_days=None), lateness, amounts, amounts)
def test_in_parts_of_days_a_second_more_costs_a_second_more(rule, late, score, most):
    a_day = rule.per_day * most + rule.points_per_day
    grows = rule.penalty(late + 1, score, most) - rule.penalty(late, score, most)
    assert -1e-9 <= grows <= a_day / DAY + 1e-6


@settings(max_examples=EXAMPLES)
@given(rules(zero_after_days=None), lateness, amounts, amounts)
def test_the_days_take_no_more_than_their_cap(rule, late, score, most):
    assert rule.penalty(late, score, most) <= rule.at_most * most


@pytest.mark.parametrize(
    ("rule", "late", "lost"),
    [  # of an assignment of 20 points, 15 of which were earned
        ({}, 300 * DAY, 0),
        ({"per_day": 0.1}, 1, 2),  # late by one second
        ({"per_day": 0.1}, 0.001, 2),
        ({"per_day": 0.1}, DAY, 2),
        ({"per_day": 0.1}, DAY + 1, 4),
        ({"per_day": 0.1}, 100 * DAY, 15),  # never below 0
        ({"per_day": 0.1, "days_begun": False}, DAY / 4, 0.5),
        ({"points_per_day": 3}, 2 * DAY, 6),
        ({"per_day": 0.1, "grace_minutes": 15}, 900, 0),
        ({"per_day": 0.1, "grace_minutes": 15}, 901, 2),
        ({"per_day": 0.1, "grace_minutes": 15}, DAY + 900, 2),
        ({"per_day": 0.1, "at_most": 0.5}, 9 * DAY, 10),
        ({"zero_after_days": 0}, 1, 15),
        ({"zero_after_days": 0, "grace_minutes": 1}, 60, 0),
        ({"per_day": 0.1, "at_most": 0.2, "zero_after_days": 7}, 7 * DAY, 4),
        ({"per_day": 0.1, "at_most": 0.2, "zero_after_days": 7}, 7 * DAY + 1, 15),
    ],
)
def test_what_a_rule_takes(rule, late, lost):
    assert Rule(**rule).penalty(late, 15, 20) == pytest.approx(lost)


def policy(assignment="sums", method=None, **settings):
    config = Config({"LatePolicy": settings})
    if method:
        config.LateSubmissionPlugin.penalty_method = method
    nbgraders = AssignLatePenalties(config=config)
    nbgraders.assignment_id = nbgraders.notebook_id = assignment
    notebook = SimpleNamespace(max_score=20)
    nbgraders.gradebook = SimpleNamespace(find_notebook=lambda *names: notebook)
    return LatePolicy(parent=nbgraders)


def lost(made, late):
    return made.late_submission_penalty("ada", 15, late)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"per_day": 10}, "per_day should be a share from 0 to 1, such as 0.1 .*; got 10"),
        ({"per_day": -0.1}, "got -0.1"),
        ({"per_day": math.nan}, "got nan"),
        ({"at_most": 50}, "at_most should be a share"),
        ({"grace_minutes": -1}, "grace_minutes should be a number from 0 on"),
        ({"grace_minutes": math.inf}, "got inf"),
        ({"zero_after_days": -1}, "zero_after_days .* 7 for a week, or None"),
        ({"per_day": 0.1, "points_per_day": 2}, "two rules: give one"),
        ({"per_dya": 0.1}, "c.LatePolicy has no 'per_dya'. Did you mean \"per_day\"?"),
        ({"assignments": {"sums": 0.2}}, r"assignments\['sums'\] should be like .*; got 0.2"),
        ({"assignments": {"sums": {"grace": 5}}}, r"\['sums'\] has no 'grace'"),
        ({"assignments": {"sums": {"per_day": "10 %"}}}, r"\['sums'\]: per_day .*; got '10 %'"),
        ({"assignments": {"sums": {"per_day": True}}}, "got True"),
        ({"assignments": {"sums": {"days_begun": "no"}}}, "True or False; got 'no'"),
        ({"method": "zero", "per_day": 0.1}, "are two rules for late submissions"),
    ],
)
def test_what_is_no_rule_is_refused_in_a_sentence(settings, words):
    with pytest.raises(CourseError, match=words):
        policy(**settings)


def test_an_assignment_may_have_a_rule_of_its_own():
    other = {"sums": {"points_per_day": 1}, "free": {"per_day": 0}, "long": {"grace_minutes": 60}}
    expected = {"sums": 1, "free": None, "long": None, "another": 2}
    for name, points in expected.items():
        assert lost(policy(name, per_day=0.1, assignments=other), HOUR) == points


def test_without_a_rule_nbgraders_own_method_counts():
    assert lost(policy(), DAY) is None
    assert lost(policy(method="zero"), DAY) == 15


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.2, "1 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3661, "1 h 1 min"),
        (3601, "1 h"),
        (DAY, "1 day"),
        (2 * DAY + 5 * HOUR + 59, "2 days 5 h"),
    ],
)
def test_a_length_of_time_is_said_by_its_two_largest_units(seconds, words):
    assert length(seconds) == words
