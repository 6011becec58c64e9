"""Writes the traces of watch_sim into this folder: executions of a few machines
whose durations have different shapes. The same numbers each time.

    python3 examples/traces/generate.py
"""

import math
import random
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
Row = tuple[str, float, float]


def log_normal(chance: random.Random, median: float, spread: float) -> float:
    return median * math.exp(chance.gauss(0, spread))


def mix(chance: random.Random) -> Iterator[Row]:
    """Five machines with medians from 5 s to an hour."""
    medians = [5, 60, 300, 900, 3600]
    for i in range(1000):
        yield f"m{i % 5}", chance.uniform(0, 900), log_normal(chance, medians[i % 5], 0.5)


def bimodal(chance: random.Random) -> Iterator[Row]:
    """They fail fast, or run long."""
    for i in range(1000):
        fails = chance.random() < 0.4
        long = log_normal(chance, [600, 1200, 2400][i % 3], 0.15)
        yield f"m{i % 3}", chance.uniform(0, 3600), chance.uniform(1, 5) if fails else long


def heavy_tail(chance: random.Random) -> Iterator[Row]:
    """Most are short, and a few are longer than all others together."""
    for i in range(1000):
        yield f"m{i % 3}", chance.uniform(0, 3600), [2, 10, 60][i % 3] * chance.paretovariate(1.1)


def at_once(chance: random.Random) -> Iterator[Row]:
    """All begin in the same moment."""
    for _ in range(1000):
        yield "m0", 0.0, log_normal(chance, 600, 0.3)


def drifting(chance: random.Random) -> Iterator[Row]:
    """Half-way, everything begins to take three times as long."""
    for i in range(1000):
        start = i * 5.4
        median = [60, 300, 900][i % 3] * (1 if start < 2700 else 3)
        yield f"m{i % 3}", start, log_normal(chance, median, 0.3)


def never_ending(chance: random.Random) -> Iterator[Row]:
    """Half of them, all of one machine, do not end."""
    for i in range(1000):
        yield f"m{i % 2}", chance.uniform(0, 600), 1e6 if i % 2 else log_normal(chance, 300, 0.4)


def main() -> None:
    shapes = [mix, bimodal, heavy_tail, at_once, drifting, never_ending]
    for seed, shape in enumerate(shapes):
        rows = sorted(shape(random.Random(seed)), key=lambda row: row[1])
        lines = [f"{machine},{start:.3f},{duration:.3f}\n" for machine, start, duration in rows]
        name = shape.__name__.replace("_", "-")
        (HERE / f"{name}.csv").write_text("machine,start_s,duration_s\n" + "".join(lines))


if __name__ == "__main__":
    main()
