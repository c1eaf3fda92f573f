"""The files that pages load: modules, styles, pictures."""

import os
from collections.abc import Sequence
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

# A browser runs a module only with the right type, and what `mimetypes` says depends on the machine.
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wav": "audio/wav",
    ".woff2": "font/woff2",
}


class TypedStaticFiles(StaticFiles):
    """Serves files of these types, and no others."""

    def __init__(self, folders: Sequence[Path]) -> None:
        super().__init__(directory=folders[0])
        self.all_directories = list(folders)

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        media_type = _MEDIA_TYPES.get(Path(full_path).suffix)
        if media_type is None:
            raise HTTPException(404)
        answer = super().file_response(full_path, stat_result, scope, status_code)
        answer.headers["Content-Type"] = media_type
        # Asked for again, and sent again only when it has changed: the user may edit the checkout.
        answer.headers["Cache-Control"] = "no-cache"
        return answer
