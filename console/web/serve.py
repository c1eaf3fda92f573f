"""Runs the pages on this machine: a port of 127.0.0.1, the printed address, the browser."""

import asyncio
import contextlib
import errno
import os
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager

import uvicorn

from console.web.security import ProtectedApp

# A message of a page to its WebSocket: a frame of audio, or a typed sentence.
_MESSAGE_BYTES = 65_536
_GRACE_S = 2


class ServeError(Exception):
    """The pages cannot be served; the message is one sentence, with what to do."""


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the program, which has more to end than this server."""
        yield


@asynccontextmanager
async def serve(app: ProtectedApp, port: int = 0) -> AsyncIterator[str]:
    """The address, with its key, at which the pages are for the time of the block. Port 0: a free one."""
    listener = _listen(port)
    config = uvicorn.Config(
        app,
        http="h11",  # whatever else is installed: it refuses what is not ASCII in the first line of a request
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws_max_size=_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # loopback has room, and audio comes fifty times a second
        timeout_graceful_shutdown=_GRACE_S,
    )
    server = _Server(config)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve([listener]))
        try:
            # The socket listens already: a request that comes before the server is ready waits.
            yield app.make_address(listener.getsockname()[1])
        finally:
            app.stopping.set()
            server.should_exit = True
            # After Ctrl-C too: the group would cancel the server before it has closed its sockets.
            await asyncio.wait([serving])


async def serve_for_ever(
    app: ProtectedApp,
    port: int,
    environment: Mapping[str, str],
    *,
    say: Callable[[str], object] = lambda line: sys.stdout.write(line + "\n"),
    open_page: Callable[[str], bool] = webbrowser.open,
) -> None:
    """Print the address, open it, and serve until cancelled, as Ctrl-C does; raises ServeError."""
    async with serve(app, port) as address:
        say(address)
        if problem := await asyncio.to_thread(open_browser, address, environment, open_page=open_page):
            say(problem)
        await asyncio.Event().wait()


def open_browser(
    address: str, environment: Mapping[str, str], *, open_page: Callable[[str], bool] = webbrowser.open
) -> str:
    """Open the page, unless NO_BROWSER says not to. Returns a line for the user where that failed, else nothing."""
    if environment.get("NO_BROWSER", "0") not in ("", "0"):
        return ""
    # Without a screen Python would start a text browser in this terminal and wait for its end.
    screen = sys.platform != "linux" or environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    try:
        opened = bool(screen or environment.get("BROWSER")) and open_page(address)
    except (webbrowser.Error, OSError):
        opened = False
    return "" if opened else "No browser could be opened from here: open the address yourself."


def _listen(port: int) -> socket.socket:
    if not 0 <= port <= 65_535:
        raise ServeError(f"Expected a port from 1 to 65535, or 0 for a free one, got {port}.")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # a port that was used a minute ago; elsewhere it would share one that is in use
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            sentence = f"Port {port} is in use: stop the program that uses it, or give another port."
        else:
            sentence = f"Port {port} cannot be used: {error.strerror}; give another port, or none."
        raise ServeError(sentence) from None
    return listener
