"""The container, with a line in its log for every garbage collection that lasted: `python -m bench.gc_logged`."""

import gc
import logging
import time

from socket_server.__main__ import main

FROM_MS = 1.0

log = logging.getLogger("bench.gc")


class Watch:
    """Sees each collection begin and end."""

    def __init__(self) -> None:
        self._began_ns = 0

    def __call__(self, phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            self._began_ns = time.perf_counter_ns()
            return
        lasted_ms = (time.perf_counter_ns() - self._began_ns) / 1e6
        if lasted_ms >= FROM_MS and gc.get_freeze_count():  # before, nobody is called yet
            log.warning("collected", extra={"gc_ms": round(lasted_ms, 2), "generation": info["generation"]})


if __name__ == "__main__":
    gc.callbacks.append(Watch())
    main()
