"""Times as an instructor types and reads them: in the course's time zone.

nbgrader keeps times in UTC, without a zone.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from bplab.course import CourseError
from bplab.grading.folder import CONFIG, ClassFolder

__all__ = ["CourseZone", "zone_called"]

WANTED = '"2026-12-04 18:00", with a zone after it if it is another: "… UTC", "… Europe/Berlin"'

_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d?-\d\d?)([ T](?P<time>\d\d?:\d\d(:\d\d)?))?"
    r"\s*(?P<zone>[+-]\d\d:?\d\d|[A-Za-z][\w+/-]*)?"
)

_SETTINGS = ("NbGraderAPI", "Exchange")
"""Sections of the settings that give the course's ``timezone``: formgrader's, or the exchange's."""


def zone_called(name: str) -> tzinfo:
    """Return a time zone: ``"Europe/Berlin"``, ``"UTC"`` or ``"+01:00"``.

    Raises
    ------
    CourseError
        If there is no time zone of this name.
    """
    try:
        if re.fullmatch(r"[+-]\d\d:?\d\d", name):
            return timezone(datetime.strptime(name, "%z").utcoffset() or timedelta())
        return UTC if name.upper() in ("UTC", "Z") else ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise CourseError(
            f"no time zone is called {name!r}: give one such as Europe/Berlin"
        ) from None


@dataclass(frozen=True)
class CourseZone:
    """The time zone of a course.

    Attributes
    ----------
    zone : tzinfo or None
        The zone itself; None for this computer's.
    called : str
        The zone in words.
    """

    zone: tzinfo | None
    called: str

    @classmethod
    def of(cls, folder: ClassFolder) -> "CourseZone":
        """Return the one that the settings name, else this computer's.

        Raises
        ------
        CourseError
            If the settings name a zone that does not exist.
        """
        for section in _SETTINGS:
            if name := folder.config.get(section, {}).get("timezone", ""):
                try:
                    return cls(zone_called(name), f"{name} (c.{section}.timezone)")
                except CourseError as error:
                    raise CourseError(f"{CONFIG}, c.{section}.timezone: {error}") from None
        return cls(None, "this computer's time zone")

    def read(self, text: str) -> datetime:
        """Return the time that a text gives, in UTC and without a zone.

        A date alone means the end of that day. If a time occurs twice, because clocks are put back,
        the later one is meant.

        Raises
        ------
        CourseError
            If it is not a time, or one that clocks skip.
        """
        found = _TIME.fullmatch(text.strip())
        try:
            if found is None:
                raise ValueError("it has another form")
            day = datetime.strptime(found["date"], "%Y-%m-%d").date()
            at = time(23, 59, 59)
            if found["time"]:
                form = "%H:%M:%S" if found["time"].count(":") == 2 else "%H:%M"
                at = datetime.strptime(found["time"], form).time()
        except ValueError as error:
            raise CourseError(f"{text!r} is not a time ({error}): give one like {WANTED}") from None
        zone = zone_called(found["zone"]) if found["zone"] else self.zone
        try:
            return _in_utc(datetime.combine(day, at), zone)
        except ValueError as error:
            raise CourseError(f"{text!r}: {error}") from None

    def days_later(self, utc: datetime, days: int) -> datetime:
        """Return the same time of day, some days later; both in UTC, without a zone.

        Raises
        ------
        CourseError
            If clocks skip that time.
        """
        later = self._local(utc).replace(tzinfo=None) + timedelta(days=days)
        try:
            return _in_utc(later, self.zone)
        except ValueError as error:
            raise CourseError(f"{days} days later: {error}") from None

    def shown(self, utc: datetime) -> str:
        """Return ``"2026-12-04 18:00 CET (2026-12-04 17:00 UTC)"``."""
        local = self._local(utc)
        there = f"{_minutes(local)} {local:%Z}"
        return there if not local.utcoffset() else f"{there} ({_minutes(utc)} UTC)"

    def _local(self, utc: datetime) -> datetime:
        return utc.replace(tzinfo=UTC).astimezone(self.zone)


def _minutes(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at.second else f"{at:%Y-%m-%d %H:%M}"


def _in_utc(local: datetime, zone: tzinfo | None) -> datetime:
    """A local time in UTC; the later one, where clocks show a time twice."""
    try:
        utc, back = _there_and_back(local, zone, fold=1)
        if back == local:
            return utc.replace(tzinfo=None)
        _, after = _there_and_back(local, zone, fold=0)
    except OverflowError as error:
        raise ValueError("it is too far away") from error
    raise ValueError(
        f"clocks are put forward then, and leave out {local:%H:%M}: give {after:%H:%M}"
    )


def _there_and_back(local: datetime, zone: tzinfo | None, fold: int) -> tuple[datetime, datetime]:
    known = local.replace(fold=fold)
    utc = (known.replace(tzinfo=zone) if zone else known).astimezone(UTC)
    return utc, utc.astimezone(zone).replace(tzinfo=None, fold=0)
