"""All that a call needs except the model: the carrier, and one installation of Warmline behind its number."""

import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import routes
from sandbox.installation import Installation, InstallationOptions
from sandbox.twilio.audio_sources import render_mock_speech
from sandbox.twilio.calls import Call
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.forwarding import forwards
from sandbox.twilio.phones import Person, Phone, Script

CALLER = "+15550100001"
WARMLINE = "+15550100000"  # the number that people dial


@dataclass(frozen=True, slots=True)
class Environment:
    """The carrier, and the Warmline behind the number that it connects."""

    carrier: Carrier
    installation: Installation

    async def call(
        self, script: Script, *, from_: str = CALLER, to: str = WARMLINE, forwarded_from: str | None = None
    ) -> Call:
        """Somebody dials Warmline's number, or gets there in another way; see `Carrier.place_call`."""
        voice_url = self.installation.voice_url + routes.INCOMING
        return await self.carrier.place_call(
            caller=script, from_=from_, to=to, voice_url=voice_url, forwarded_from=forwarded_from
        )

    def forwards_back(self, *, told: bool = True) -> Person:
        """A telephone that forwards to Warmline's number; `told`: its network says that it does (ForwardedFrom)."""
        return forwards(
            lambda phone: self.call(Phone.stay, from_=phone.shown, forwarded_from=phone.number if told else None)
        )


@contextlib.asynccontextmanager
async def run_environment(
    options: InstallationOptions, *, pace: float = 1.0, say: Callable[[str], bytes] = render_mock_speech
) -> AsyncIterator[Environment]:
    """Started, and stopped at the end; calls that still run are hung up. `pace` and `say` are the carrier's."""
    installation = Installation(options)
    carrier = Carrier(
        account_sid=installation.account_sid,
        auth_token=installation.auth_token,
        routes=installation.routes,
        numbers={WARMLINE},
        pace=pace,
        say=say,
    )
    async with carrier, installation.run(twilio_api_url=carrier.api_url):
        yield Environment(carrier, installation)
