"""`python -m sandbox.run_with_parent MODULE`: runs it as `python -m` does, in a process that ends with its parent.

A starter that is killed cannot stop what it started; but the other end of this program's standard input dies with it.
"""

import os
import runpy
import sys
import threading

_STDIN = 0


def main() -> None:
    """The module's own way to end stays as it is, signals included."""
    threading.Thread(target=_end_with_stdin, daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _end_with_stdin() -> None:
    # Not sys.stdin: its lock would be in the way when the interpreter ends.
    while os.read(_STDIN, 1024):
        pass
    os._exit(1)  # nobody is left to whom an orderly end would matter


if __name__ == "__main__":
    main()
