"""`python -m tests.grading.judge.fuzz SECONDS`: see the folder's docstring."""

import sys
import time
from collections import Counter

from tests.grading.judge.fuzz.targets import TARGETS, tried

EXAMPLES = 100


def main(seconds: float, number: int) -> None:
    """Draw for so long; say how much was tried, and stop at the first error."""
    start, count, took = time.monotonic(), Counter[str](), Counter[str]()
    while (left := start + seconds - time.monotonic()) > 0:
        for name, target in TARGETS.items():
            begin = time.monotonic()
            count[name] += tried(target, EXAMPLES, number, shrink=True)
            took[name] += time.monotonic() - begin
        number += 1
        each = ", ".join(f"{name} {n:,} ({n / took[name]:.0f}/s)" for name, n in count.items())
        print(f"{left:6.0f} s left, seed {number}: {count.total():,} examples: {each}", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)
