"""The process that `agent_check` starts: it finds the faults, and reports each as soon as it is known.

It imports a user's modules, which may end the process or never end. So it reports which file it imports, and at last
that it is complete. It imports the container's own modules only when it can report that.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from socket_server.import_faults import ImportWatcher, find_import_faults


def main(pipe: int, file: Path | None) -> None:
    def report(kind: str, text: str) -> None:
        os.write(pipe, f"{json.dumps([kind, text])}\n".encode())

    def be_silent() -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), pipe)

    os.register_at_fork(after_in_child=be_silent)  # a child of an imported module goes on with the check as well
    sys.meta_path.insert(0, ImportWatcher(report))
    is_good = True
    for fault in _find_faults(file):
        is_good = False
        report("fault", fault)
    report("complete", _summarize(file) if is_good else "")


def _find_faults(file: Path | None) -> Iterator[str]:
    try:
        from socket_server import agent_faults
    except Exception:  # the module at fault is named with all others
        yield from find_import_faults()
    else:
        yield from agent_faults.find_file_faults(file)
        yield from find_import_faults()
        yield from agent_faults.find_tool_faults()


def _summarize(file: Path | None) -> str:
    from socket_server.agent_faults import summarize

    return summarize(file)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else None)
