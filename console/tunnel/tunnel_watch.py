"""Notices that the tunnel does not lead here any more: a caller would hear Twilio's error, and nobody would know."""

import asyncio
from collections.abc import Awaitable, Callable

from doctor.errors import DoctorError
from doctor.network import Network

EVERY_S = 30.0
"""A tunnel tells nobody that it has ended. Asking costs one small request through it."""


async def watch_tunnel(
    network: Network,
    url: str,
    probe: str,
    say: Callable[[str], None],
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> None:
    """Until cancelled: say when the URL is not answered with `probe` any more, and when it is again."""
    led = True
    while True:
        await sleep(EVERY_S)
        leads, why = await asyncio.to_thread(_ask, network, url, probe)
        if led and not leads:
            say(f"The tunnel does not lead here any more ({why}): calls are not answered. Start it again.")
        if leads and not led:
            say("The tunnel leads here again.")
        led = leads


def _ask(network: Network, url: str, probe: str) -> tuple[bool, str]:
    """Whether it leads here, and if not, what came."""
    try:
        response = network.request("GET", url)
    except DoctorError as error:
        return False, error.message
    return response.text == probe, f"HTTP {response.status} from somewhere else"
