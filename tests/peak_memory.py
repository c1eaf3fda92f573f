"""How much memory a process has needed at the most, by the kernel's own count."""

from pathlib import Path


class PeakMemory:
    """Of one process, counted from here on. https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html"""

    def __init__(self, pid: int) -> None:
        self._process = Path(f"/proc/{pid}")
        (self._process / "clear_refs").write_text("5")  # forget the peak
        self._before_bytes = self._resident_bytes()

    @property
    def grown_bytes(self) -> int:
        """How far the peak lies above what the process had in the beginning."""
        return self._resident_bytes() - self._before_bytes

    def _resident_bytes(self) -> int:
        status = (self._process / "status").read_text()
        [peak] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(peak) * 1024
