"""``bplab bench``: how fast the library is, as ratios measured in one run.

Absolute times say as much about the machine as about the code, so every time is compared with
others taken in turn with it: those of the bare matrix products, and of the peers of the
``bench`` extra. Each peer works in a process of its own, since thread pools fight in a shared
one. Peers that are not installed are left out, and named.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from itertools import pairwise
from statistics import median
from time import perf_counter
from types import TracebackType
from typing import Self

import numpy as np
from rich.console import Console
from rich.table import Table

from bplab.training.workspace import examples_a_block
from tests.benchmarks.speed.rows import LIBRARIES, ROWS, Row

__all__ = ["Measured", "as_json", "busy", "measure", "show"]

NAMES = {"torch": "PyTorch", "jax": "JAX", "autograd": "Autograd"}
IMPORT_TARGET = 1.1


@dataclass(frozen=True)
class Measured:
    """One line of the result.

    ``seconds`` is the median time of ours; ``ratios`` holds ours / theirs, the median of the
    ratios of the rounds; ``targets`` the largest ratios that are fast enough; ``block`` how many
    examples the library works on at a time, where it passes through the network.
    """

    title: str
    net: str
    N: int | None
    dtype: str
    threads: int
    seconds: float
    ratios: Mapping[str, float]
    targets: Mapping[str, float]
    block: int | None = None

    def verdict(self, name: str) -> str:
        """The ratio with what it should be at most: ``"0.43 ≤ 0.5"``, ``"0.61 > 0.5"``."""
        if name not in self.ratios:
            return ""
        ratio, target = self.ratios[name], self.targets.get(name)
        if target is None:
            return f"{ratio:.3g}"
        return f"{ratio:.3g} {'≤' if ratio <= target else '>'} {target:.3g}"


class Process:
    """A peer that times what it is asked to, one thing at a time."""

    def __init__(self, peer: str, threads: int):
        self.peer = peer
        self._popen = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.speed.peers", peer, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(threads),
        )

    def seconds(self, row: Row, budget: float) -> float:
        """Return the seconds that one unit of the row takes, measured for about ``budget``.

        Raises
        ------
        RuntimeError
            If the process has ended; its own words are on stderr.
        """
        request = {"function": row.function, **asdict(row.net), "dtype": row.dtype}
        try:
            self._popen.stdin.write(json.dumps({**request, "seconds": budget}) + "\n")
            self._popen.stdin.flush()
        except BrokenPipeError:
            pass  # the empty answer tells
        answer = self._popen.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process of {self.peer} ended while timing {row.function}")
        return json.loads(answer)

    def close(self) -> None:
        """End the process."""
        self._popen.stdin.close()
        self._popen.wait()
        self._popen.stdout.close()


class Processes:
    """One process for each peer and number of threads, started when first asked."""

    def __init__(self):
        self._running: dict[tuple[str, int], Process] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in self._running.values():
            process.close()

    def __getitem__(self, key: tuple[str, int]) -> Process:
        if key not in self._running:
            self._running[key] = Process(*key)
        return self._running[key]


def environment(threads: int) -> dict[str, str]:
    """Return the environment of a process that computes with this number of threads."""
    # a forced kernel type would slow the products
    forced = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
    env = {name: value for name, value in os.environ.items() if name not in forced}
    for name in ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM"):
        env[f"{name}_NUM_THREADS"] = str(threads)
    # JAX: its pool, and the threads of one operation
    env |= {"NPROC": str(threads), "JAX_ENABLE_X64": "1", "JAX_PLATFORMS": "cpu"}
    if threads == 1:
        env["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    return env


def busy(distrust: str = "the rows of two threads") -> str:
    """Say so if other processes use this machine, and what to distrust; else return ""."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if load < 0.5:
        return ""
    return (
        f"The machine is busy (load {load:.1f} on {os.cpu_count()} cores): wait, or distrust "
        f"{distrust}."
    )


def measure(
    rows: Sequence[Row] = ROWS,
    *,
    quick: bool = False,
    imports: bool = True,
    progress: Callable[[str], object] = lambda title: None,
) -> tuple[list[Measured], list[str]]:
    """Measure all rows, rounds of one after the other, ours and theirs in turn.

    Parameters
    ----------
    rows : sequence of Row
        What to measure.
    quick : bool
        Fewer and shorter rounds: to see that it works, not to quote.
    imports : bool
        Whether to add the row of ``import bplab``.
    progress : callable
        Called with the title of each row before it is measured.

    Returns
    -------
    measured : list of Measured
    missing : list of str
        Peers that are not installed.

    Raises
    ------
    RuntimeError
        If a peer's process ends early.
    """
    rounds, budget = (3, 0.02) if quick else (15, 0.1)
    missing = [peer for peer in LIBRARIES if find_spec(peer) is None]
    measured = []
    with Processes() as processes:
        for row in rows:
            progress(row.title)
            measured.append(_measure_row(row, processes, missing, rounds, budget))
    if imports:
        progress("import bplab")
        measured.append(_measure_import(rounds))
    return measured, missing


def _measure_row(
    row: Row, processes: Processes, missing: Sequence[str], rounds: int, budget: float
) -> Measured:
    times = {name: [] for name in ("bplab", *row.against) if name not in missing}
    for _ in range(rounds):
        for name, seconds in times.items():
            seconds.append(processes[name, row.threads].seconds(row, budget))
    ours = times.pop("bplab")
    return Measured(
        *(row.title, str(row.net), row.net.N, row.dtype, row.threads, median(ours)),
        ratios={name: _ratio(ours, seconds) for name, seconds in times.items()},
        targets=dict(row.targets),
        block=_block(row),
    )


def _block(row: Row) -> int | None:
    """As the rule of costs has it for one network."""
    if row.function not in ("gradient", "epoch", "training"):
        return None
    shapes = [(units, inputs + 1) for inputs, units in pairwise(row.net.sizes)]
    return examples_a_block([np.empty(shape, row.dtype) for shape in shapes], row.net.N)


def _measure_import(rounds: int) -> Measured:
    times = {"bplab": [], "numpy": []}
    for _ in range(rounds):
        for module, seconds in times.items():
            start = perf_counter()
            subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
            seconds.append(perf_counter() - start)
    return Measured(
        *("import bplab", "", None, "", 1, median(times["bplab"])),
        ratios={"import numpy": _ratio(times["bplab"], times["numpy"])},
        targets={"import numpy": IMPORT_TARGET},
    )


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Of times taken in turn: a drift of the machine moves both of a pair."""
    return median(a / b for a, b in zip(ours, theirs, strict=True))


def as_json(measured: Sequence[Measured], missing: Sequence[str]) -> str:
    """Return the result for machines."""
    result = {"rows": [asdict(row) for row in measured], "not_installed": list(missing)}
    return json.dumps(result, indent=2, ensure_ascii=False)


def show(measured: Sequence[Measured], missing: Sequence[str], console: Console) -> None:
    """Print the result as a table."""
    table = Table(title="Time of ours / time of theirs; ≤ or > what it should be at most")
    for column in ("what", "network", "N", "in blocks of", "dtype", "threads", "ours"):
        right = column in ("N", "in blocks of", "ours")
        table.add_column(column, justify="right" if right else "left")
    columns = list(dict.fromkeys(name for row in measured for name in row.ratios))
    for name in columns:
        table.add_column(NAMES.get(name, name), justify="right")
    for row in measured:
        verdicts = (row.verdict(name) for name in columns)
        table.add_row(
            *(row.title, row.net, "" if row.N is None else str(row.N)),
            "" if row.block in (None, row.N) else str(row.block),
            *(row.dtype, str(row.threads), _time(row.seconds), *verdicts),
        )
    console.print(table)
    if missing:
        names = ", ".join(NAMES[peer] for peer in missing)
        console.print(f"Not installed, so not compared: {names}. pip install 'bplab[bench]'")


def _time(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.3g} µs"
    return f"{seconds * 1e3:.3g} ms"
