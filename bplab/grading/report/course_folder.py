"""Where a class's files and gradebook are, as ``nbgrader_config.py`` says."""

import glob
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from bplab.course.layout import CourseError

__all__ = ["CourseFolder"]

CONFIG = "nbgrader_config.py"


@dataclass(frozen=True)
class CourseFolder:
    """A class's folder, with nbgrader's settings.

    Parameters
    ----------
    root : Path
        The folder that nbgrader's commands are run in.
    config : traitlets.config.Config
        What its ``nbgrader_config.py`` sets.
    """

    root: Path
    config: Config

    @classmethod
    def at(cls, root: Path) -> "CourseFolder":
        """Open a class's folder.

        Raises
        ------
        CourseError
            If it is no folder in which nbgrader has been used.
        """
        root = root.resolve()
        if (root / CONFIG).exists():
            return cls(root, PyFileConfigLoader(CONFIG, path=str(root)).load_config())
        if not (root / "gradebook.db").exists():
            raise CourseError(
                f"{root} holds neither {CONFIG} nor gradebook.db: name the folder in which you "
                "run nbgrader's commands, with --course"
            )
        return cls(root, Config())

    def directory(self, **settings: Any) -> CourseDirectory:
        """Return nbgrader's own idea of the folder, with some settings changed."""
        config = Config(self.config)
        if "root" not in config.CourseDirectory:
            config.CourseDirectory.root = str(self.root)
        for name, value in settings.items():
            config.CourseDirectory[name] = value
        return CourseDirectory(config=config)

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """Open the gradebook; whoever does so only reads.

        Raises
        ------
        CourseError
            If there is none yet.
        """
        directory = self.directory()
        url = make_url(directory.db_url)
        file = url.database if url.get_backend_name() == "sqlite" else None
        if file and file != ":memory:" and not Path(file).exists():
            raise CourseError(f"no gradebook at {file}: grade an assignment first")
        with Gradebook(directory.db_url, course_id=directory.course_id) as gradebook:
            yield gradebook

    def students_in(self, step: str, assignment: str) -> dict[str, Path]:
        """Return where each student's folder is in a step, e.g. ``"submitted"``."""
        directory = self.directory()
        step = getattr(directory, f"{step}_directory")
        found = glob.glob(directory.format_path(step, "*", glob.escape(assignment)))
        named = re.compile(
            directory.format_path(step, "(?P<student>.*)", re.escape(assignment), escape=True)
        )
        return {m["student"]: Path(path) for path in found if (m := named.fullmatch(path))}
