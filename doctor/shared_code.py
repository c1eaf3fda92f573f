"""Code that Warmline's functions and container share with the doctor, and that AWS puts where they find it."""

import sys

from doctor.context import ROOT


def find_shared_code() -> None:
    """Let the directory of people and the call record be imported, by the names that they have in Lambda."""
    for folder in (ROOT / "functions" / "transfer", ROOT / "layers" / "call_record"):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
