"""A part of a file: a player asks for one when its user moves to another place.

https://www.rfc-editor.org/rfc/rfc9110#name-range-requests
"""

import re

from starlette.requests import Request
from starlette.responses import Response


def respond_in_range(request: Request, content: bytes, media_type: str) -> Response:
    """The content, or the one range of it that is asked for. What cannot be read as one range is ignored, as it may."""
    headers = {"Accept-Ranges": "bytes"}
    size = len(content)
    wanted = _read_range(request.headers.get("range", ""), size)
    if wanted is None:
        return Response(content, media_type=media_type, headers=headers)
    first, last = wanted
    if first > last:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Response(content[first : last + 1], 206, headers, media_type)


def _read_range(text: str, size: int) -> tuple[int, int] | None:
    """First and last byte; the first is beyond the last where the file has none of them."""
    found = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", text, re.ASCII)
    begin, end = found.groups() if found else ("", "")
    if begin and end and int(end) < int(begin):
        return None
    if begin:
        return int(begin), min(int(end or size), size - 1)
    return (max(size - int(end), 0), size - 1) if end else None
