"""The container. It joins the phone socket and the model socket of each call.

    core        decides; imports no other package
    websocket   frames and pings, for both sockets
    twilio      the phone's protocol    openai   the model's protocol
    aws         clients of AWS
    call        joins them for one call

The modules beside these packages are the process. A package imports downwards only: tests/test_layering.py checks it.
"""

import importlib.util
import sys
from pathlib import Path

# In the image the layer is installed; in a checkout it lies beside this package.
if importlib.util.find_spec("call_record") is None:
    sys.path.append(str(Path(__file__).parents[1] / "layers" / "call_record"))
