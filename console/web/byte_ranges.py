"""A part of a file: a player asks for one when its user moves to another place.

https://www.rfc-editor.org/rfc/rfc9110#name-range-requests
"""

import re

from starlette.requests import Request
from starlette.responses import Response


def respond_in_range(request: Request, content: bytes, media_type: str) -> Response:
    """The content, or the one range of it that is asked for. What cannot be read as one range is ignored, as it may."""
    headers = {"Accept-Ranges": "bytes"}
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", request.headers.get("range", ""), re.ASCII)
    if found is None or found[0] == "bytes=-":
        return Response(content, media_type=media_type, headers=headers)
    size = len(content)
    if found[1]:
        first, last = int(found[1]), min(int(found[2] or size), size - 1)
    else:
        first, last = max(size - int(found[2]), 0), size - 1
    if first > last:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Response(content[first : last + 1], 206, headers, media_type)
