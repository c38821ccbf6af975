"""Judging children that one command leaves to the next, for tests of what commands do."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bplab.grading.class_run import pools
from bplab.grading.class_run.child import Child


@contextmanager
def staying_children() -> Iterator[None]:
    """Give pools of this process children that have been used, as long as they are sound."""
    idle: list[Child] = []

    class Staying(Child):
        leaving = False

        def let_go(self) -> None:
            self.leaving = True

        def end(self, why: str) -> None:
            self.worn = True
            super().end(why)

        def close(self) -> None:
            if self.leaving and not self.worn:
                self.leaving = False
                idle.append(self)
            else:
                super().let_go()
                super().close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pools, "Child", lambda: idle.pop() if idle else Staying())
        yield
    for child in idle:
        child.worn = True
        child.close()
