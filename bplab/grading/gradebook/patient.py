"""Run one transaction, and try again while another program has the database locked."""

import time
from collections.abc import Callable

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bplab.course import CourseError
from bplab.grading.gradebook.read import why_not

__all__ = ["patiently"]

_TRIES = 5


def patiently(db: Session, write: Callable[[], None]) -> None:
    """Call ``write`` and commit; if that fails, nothing is written.

    Parameters
    ----------
    db : Session
    write : callable
        Is called again, after a rollback, if the database was locked.

    Raises
    ------
    CourseError
        If the database cannot be written.
    """
    for tried in range(1, _TRIES + 1):
        try:
            write()
            db.commit()
            return
        except OperationalError as error:
            db.rollback()
            if tried == _TRIES:
                raise CourseError(
                    f"the gradebook cannot be written: {why_not(error)}. Marks that were "
                    "written before are complete, and the same command goes on"
                ) from error
            time.sleep(tried)  # SQLite has waited for seconds already
        except BaseException:
            db.rollback()
            raise
