"""The container, with a log line for each garbage collection of 1 ms or more: `python -m bench.gc_log`."""

import gc
import logging
import time

from socket_server.__main__ import main

MIN_MS = 1.0

log = logging.getLogger("bench.gc")


class GcTimer:
    """A callback for `gc.callbacks` that measures each collection."""

    def __init__(self) -> None:
        self._began_ns = 0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._began_ns = time.perf_counter_ns()
            return
        lasted_ms = (time.perf_counter_ns() - self._began_ns) / 1e6
        if lasted_ms >= MIN_MS and gc.get_freeze_count():  # the container freezes at the end of its start
            log.warning("collected", extra={"gc_ms": round(lasted_ms, 2), "generation": info["generation"]})


if __name__ == "__main__":
    gc.callbacks.append(GcTimer())
    main()
