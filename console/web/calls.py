"""One call of the source, as an address names it."""

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request

from console.call_view import CallView
from console.web.app_state import get_state
from console.web.queries import shorten

# Twilio's are "CA" and 32 hexadecimal digits. Whatever else comes is not asked for.
_SID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


async def read_call(request: Request) -> CallView:
    """The call that the path names; raises HTTPException 404."""
    sid = str(request.path_params["sid"])
    view = await get_state(request).source.read_call(sid) if _SID.fullmatch(sid) else None
    if view is None:
        raise HTTPException(404, f"There is no call {shorten(sid)}: it may be deleted, or of another stack.")
    return view
