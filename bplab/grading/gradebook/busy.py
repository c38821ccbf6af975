"""nbgrader's own programs, formgrader above all, while the gradebook is being written.

SQLite waits for five seconds, and then it is an error; and whoever shares a session with others, as
formgrader's pages do, meets that error again in every page, until the server is started again.
``course/nbgrader_config.py`` calls `wait_for_others`, so stock nbgrader has longer patience.
"""

import asyncio
from contextlib import suppress
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

__all__ = ["PATIENCE", "wait_for_others"]

PATIENCE = 30
"""Seconds for which a program waits for whoever writes a gradebook in SQLite."""


def wait_for_others() -> None:
    """Let this process wait longer for the gradebook, and go on after it has waited in vain."""
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
    """Where a server runs on after an error, give its session back in order: nobody else does."""
    with suppress(RuntimeError):  # no server: whoever has the session ends it
        asyncio.get_running_loop().call_soon(_in_order, session)


def _in_order(session: Session) -> None:
    if not session.is_active:
        session.rollback()
