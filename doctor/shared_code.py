"""Makes the modules of the functions and layers importable, under the names that they have in Lambda."""

import sys

from doctor.options import ROOT


def find_shared_code() -> None:
    """Add the folders of the directory and of the call record to the import path."""
    for folder in (ROOT / "functions" / "transfer", ROOT / "layers" / "call_record"):
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
