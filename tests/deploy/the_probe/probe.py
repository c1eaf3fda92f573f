"""A handler before the function's own one: it tells where everything came from that the function has imported.

It lies in a layer of its own, and runs in the function's process, where nothing of the tests can be imported.
"""

import importlib
import os
import sys
from typing import Any

_MODULE, _, _HANDLER = os.environ["PROBED"].rpartition(".")
_handler = getattr(importlib.import_module(_MODULE), _HANDLER)


def lambda_handler(event: object, context: object) -> dict[str, Any]:
    answer = _handler(event, context)
    modules = {name: getattr(module, "__file__", None) for name, module in sorted(sys.modules.items())}
    return {
        "answer": answer,
        "files": {name: file for name, file in modules.items() if file},
        "modules": list(modules),
        "path": sys.path,
    }
