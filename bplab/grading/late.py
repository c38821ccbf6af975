"""Penalties for handing in late: a course's rule, which its ``nbgrader_config.py`` sets.

`LatePolicy` is a plugin for nbgrader's ``AssignLatePenalties``. So `bplab grade`, `nbgrader
autograde` and formgrader take off the same points.
"""

import difflib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Bool, Dict, Float

from bplab.course import CourseError

__all__ = ["LatePolicy", "Rule"]

MINUTE, DAY = 60, 86400


@dataclass(frozen=True)
class Rule:
    """What a late submission loses.

    A submission is late from the due date on, but loses points only from the end of the grace
    period on. Its days are counted from there.

    Attributes
    ----------
    per_day : float
        Share of the assignment's points, from 0 to 1, that each day costs.
    points_per_day : float
        Points that each day costs.
    grace_minutes : float
        Minutes after the due date that cost nothing.
    days_begun : bool
        Whether a day that has begun counts as a whole day; otherwise only its part counts.
    at_most : float
        Largest share of the assignment's points, from 0 to 1, that the days may cost.
    zero_after_days : float or None
        Days after which no points are left. None: there is no such limit.

    Raises
    ------
    ValueError
        If one of them is not such a number, or if there are points for each day both ways.
    """

    per_day: float = 0.0
    points_per_day: float = 0.0
    grace_minutes: float = 0.0
    days_begun: bool = True
    at_most: float = 1.0
    zero_after_days: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.days_begun, bool):
            raise ValueError(f"days_begun should be True or False; got {self.days_begun!r}")
        _number("per_day", self.per_day, 1, "0.1 for a tenth of the points each day")
        _number("points_per_day", self.points_per_day, math.inf, "2 for two points each day")
        _number("grace_minutes", self.grace_minutes, math.inf, "15 for a quarter of an hour")
        _number("at_most", self.at_most, 1, "0.5 for half of the points")
        if self.zero_after_days is not None:
            _number("zero_after_days", self.zero_after_days, math.inf, "7 for a week, or None")
        if self.per_day and self.points_per_day:
            raise ValueError(
                f"per_day ({self.per_day:g}) and points_per_day ({self.points_per_day:g}) are two "
                "rules: give one of them, and 0 for the other"
            )

    @property
    def takes_nothing(self) -> bool:
        """Whether nobody loses anything under this rule."""
        return not (self.per_day or self.points_per_day) and self.zero_after_days is None

    def penalty(self, late: float, score: float, max_score: float) -> float:
        """Return the points that are taken off: from 0 to ``score``, and never less if it is later.

        Parameters
        ----------
        late : float
            Seconds after the due date.
        score, max_score : float
            Points of the submission, and of the assignment.
        """
        days = (late - MINUTE * self.grace_minutes) / DAY
        score = max(score, 0.0)
        if days <= 0:
            return 0.0
        if self.zero_after_days is not None and days > self.zero_after_days:
            return score
        counted = math.ceil(days) if self.days_begun else days
        lost = counted * (self.per_day * max_score + self.points_per_day)
        return min(lost, self.at_most * max_score, score)


def _number(name: str, value: Any, most: float, such_as: str) -> None:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    if not plain or not math.isfinite(value) or not 0 <= value <= most:
        wanted = "a number from 0 on" if most == math.inf else f"a share from 0 to {most}"
        raise ValueError(f"{name} should be {wanted}, such as {such_as}; got {value!r}")


_NAMES = tuple(field.name for field in fields(Rule))
_EACH_DAY = {"per_day": "points_per_day", "points_per_day": "per_day"}


class LatePolicy(LateSubmissionPlugin):
    """What late submissions lose; see `Rule`. By default nothing.

    ``c.AssignLatePenalties.plugin_class`` names it. nbgrader's own ``penalty_method`` counts where
    no rule is given here.
    """

    per_day = Float(help="Share of the assignment's points, from 0 to 1, for each day.").tag(
        config=True
    )
    points_per_day = Float(help="Points for each day.").tag(config=True)
    grace_minutes = Float(help="So late costs nothing; days begin where it ends.").tag(config=True)
    days_begun = Bool(True, help="Whether a day that is begun counts whole.").tag(config=True)
    at_most = Float(1.0, help="Share of the points that the days take at most.").tag(config=True)
    zero_after_days = Float(
        None, allow_none=True, help="Later than this, nothing is left. None: days go on to count."
    ).tag(config=True)
    assignments = Dict(
        help='Where one differs: {"section_2_1": {"per_day": 0.2}, "section_0": {"per_day": 0}}.'
    ).tag(config=True)

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        given = self.config.get("LatePolicy", {})
        if unknown := sorted(set(given) - set(self.traits(config=True))):
            raise CourseError(_unknown("c.LatePolicy", unknown[0], (*_NAMES, "assignments")))
        self._rules = {"": self._rule("c.LatePolicy", {})}
        for name, other in self.assignments.items():
            where = f"c.LatePolicy.assignments[{name!r}]"
            if not isinstance(other, Mapping):
                raise CourseError(f'{where} should be like {{"per_day": 0.2}}; got {other!r}')
            if unknown := [one for one in other if one not in _NAMES]:
                raise CourseError(_unknown(where, unknown[0], _NAMES))
            self._rules[name] = self._rule(where, other)
        if self.penalty_method != "none" and not all(r.takes_nothing for r in self._rules.values()):
            raise CourseError(
                f"penalty_method = {self.penalty_method!r} and c.LatePolicy are two rules for late "
                "submissions: leave one of them out"
            )

    def _rule(self, where: str, other: Mapping[str, Any]) -> Rule:
        """The course's rule, with an assignment's own values where it has any."""
        instead = {_EACH_DAY[name]: 0.0 for name in other if name in _EACH_DAY}
        mine = {name: getattr(self, name) for name in _NAMES}
        try:
            return Rule(**{**mine, **instead, **other})
        except ValueError as error:
            raise CourseError(f"{where}: {error}") from None

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Refuse a rule for an assignment that the course does not have.

        Raises
        ------
        CourseError
            If there is one; the message names the most similar assignment.
        """
        for name in self.assignments:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
                guess = f' Did you mean "{near[0]}"?' if near else ""
                raise CourseError(
                    f"c.LatePolicy.assignments[{name!r}]: there is no such assignment.{guess}"
                )

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Return the points that are taken off; None if nothing is.

        Parameters
        ----------
        student_id : str
        score : float
            Points for the notebook.
        total_seconds_late : float
        """
        by = self.parent  # nbgrader's preprocessor knows which notebook this is
        rule = self._rules.get(by.assignment_id, self._rules[""])
        if rule.takes_nothing:
            return super().late_submission_penalty(student_id, score, total_seconds_late)
        notebook = by.gradebook.find_notebook(by.notebook_id, by.assignment_id)
        return rule.penalty(total_seconds_late, score, float(notebook.max_score)) or None


def _unknown(where: str, name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    guess = f' Did you mean "{near[0]}"?' if near else ""
    return f"{where} has no {name!r}.{guess} It has: {', '.join(known)}"
