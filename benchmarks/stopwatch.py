"""Seconds, processor time and peak memory of the stages of one process."""

from __future__ import annotations

import ctypes
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

Stage = dict[str, float]


class Stopwatch:
    """Seconds of each stage, and the highest memory in it above that at the start."""

    def __init__(self) -> None:
        self.stages: dict[str, Stage] = {}
        self._base = _settled_memory()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        Path("/proc/self/clear_refs").write_text("5")  # forgets the peak
        begun, worked = time.perf_counter(), time.process_time()
        yield
        self.stages[name] = {
            "seconds": time.perf_counter() - begun,
            "processor": time.process_time() - worked,
            "megabytes": (_memory("VmHWM") - self._base) / 1e6,
        }


def _settled_memory() -> int:
    """Memory in use, once what making the orders has freed is given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return _memory("VmRSS")


def _memory(key: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))
