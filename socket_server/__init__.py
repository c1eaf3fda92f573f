"""The container: one call is one conversation between a phone socket and a model socket.

    core        decides, and knows nobody
    websocket   frames and pings, for both sockets
    twilio      the phone's wire        openai   the model's wire
    aws         clients of AWS
    call        joins them for one call

The modules beside these packages are the process. A package imports downwards only; tests/test_layering.py sees to it.
"""

import importlib.util
import sys
from pathlib import Path

# In the image the layer is installed; in a checkout it lies beside this package.
if importlib.util.find_spec("call_record") is None:
    sys.path.append(str(Path(__file__).parents[1] / "layers" / "call_record"))
