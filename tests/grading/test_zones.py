"""Times as an instructor types them, when clocks change too."""

from datetime import UTC, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from traitlets.config import Config

from bplab.course import CourseError
from bplab.grading.zones import CourseZone, zone_called

BERLIN = CourseZone(ZoneInfo("Europe/Berlin"), "Berlin's")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-12-04 18:00", "2026-12-04 17:00:00"),
        ("2026-12-04T18:00:30", "2026-12-04 17:00:30"),
        (" 2026-7-4 9:00 ", "2026-07-04 07:00:00"),
        ("2026-12-04", "2026-12-04 22:59:59"),  # to its end
        ("2026-12-04 18:00 UTC", "2026-12-04 18:00:00"),
        ("2026-12-04T18:00Z", "2026-12-04 18:00:00"),
        ("2026-12-04 18:00 +02:00", "2026-12-04 16:00:00"),
        ("2026-12-04 18:00+0530", "2026-12-04 12:30:00"),
        ("2026-12-04 18:00 America/New_York", "2026-12-04 23:00:00"),
        ("2026-10-25 02:30", "2026-10-25 01:30:00"),  # there is 02:30 twice: the later one
        ("2026-10-25 02:30 +02:00", "2026-10-25 00:30:00"),
    ],
)
def test_a_time_is_read_in_the_courses_zone_or_its_own(text, utc):
    assert str(BERLIN.read(text)) == utc


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("4.12.2026", "is not a time .*: give one like"),
        ("tomorrow", "is not a time"),
        ("2026-13-04 18:00", "is not a time"),
        ("2026-12-04 25:00", "is not a time"),
        ("2026-12-04 6 pm", "is not a time"),
        ("2026-12-04 18:00 Berlin", "no time zone is called 'Berlin'"),
        ("2026-12-04 18:00 CEST", "no time zone is called 'CEST'"),
        ("2026-03-29 02:30", "clocks are put forward then, and leave out 02:30: give 03:30"),
        ("0001-01-01 00:00 +09:00", "too far away"),
    ],
)
def test_what_is_no_time_is_refused_in_a_sentence(text, words):
    with pytest.raises(CourseError, match=words):
        BERLIN.read(text)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(24, 25), (23, 24), (25, 24)],  # clocks are put back on the 25th of October, at night
)
def test_a_day_later_is_the_same_time_of_day(day, hours):
    due = BERLIN.read(f"2026-10-{day} 18:00")
    assert (BERLIN.days_later(due, 1) - due).total_seconds() == 3600 * hours


def test_a_time_is_shown_as_it_is_there_and_in_utc():
    at = datetime(2026, 12, 4, 23, 30)
    assert BERLIN.shown(at) == "2026-12-05 00:30 CET (2026-12-04 23:30 UTC)"
    assert CourseZone(UTC, "UTC").shown(at) == "2026-12-04 23:30 UTC"


def of(**sections):
    config = Config({name: {"timezone": zone} for name, zone in sections.items()})
    return CourseZone.of(SimpleNamespace(config=config))


def test_the_courses_zone_is_formgraders_or_the_exchanges_or_this_computers():
    both = of(NbGraderAPI="Asia/Tokyo", Exchange="Europe/Berlin")
    assert (str(both.zone), both.called) == ("Asia/Tokyo", "Asia/Tokyo (c.NbGraderAPI.timezone)")
    assert str(of(Exchange="Europe/Berlin").zone) == "Europe/Berlin"
    with pytest.raises(CourseError, match=r"Exchange.timezone: no time zone is called 'Nowhere'"):
        of(Exchange="Nowhere")
    here = of()
    assert here.zone is None
    local = datetime(2026, 12, 4, 18).astimezone(UTC).replace(tzinfo=None)
    assert here.read("2026-12-04 18:00") == local


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "Berlin", "+25:00"])
def test_a_name_that_is_no_zones_is_refused(name):
    with pytest.raises(CourseError, match="Europe/Berlin"):
        zone_called(name)
