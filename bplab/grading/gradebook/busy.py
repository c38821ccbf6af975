"""Make nbgrader's own programs, above all formgrader, wait while the gradebook is being written.

SQLite waits for five seconds, and then raises an error. Formgrader's pages share one session, so
every later page meets that error again, until the server is restarted. `wait_for_others` makes them
wait longer, and go on after an error; ``course/nbgrader_config.py`` calls it.
"""

import asyncio
from contextlib import suppress
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

__all__ = ["PATIENCE", "wait_for_others"]

PATIENCE = 30
"""Seconds that a program waits while another one writes a gradebook in SQLite."""


def wait_for_others() -> None:
    """Let this process wait longer for the gradebook, and recover if it has waited in vain."""
    for target, name, listen in (
        (Engine, "connect", _wait),
        (Session, "after_soft_rollback", _go_on),
    ):
        if not event.contains(target, name, listen):
            event.listen(target, name, listen)


def _wait(connection: Any, _: object) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.execute(f"PRAGMA busy_timeout = {1000 * PATIENCE}").close()


def _go_on(session: Session, _: object) -> None:
    """In a server, which runs on after an error, have the session rolled back."""
    with suppress(RuntimeError):  # not a server: whoever opened the session ends it
        asyncio.get_running_loop().call_soon(_in_order, session)


def _in_order(session: Session) -> None:
    if not session.is_active:
        session.rollback()
