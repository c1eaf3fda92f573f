"""What a package for one vendor's speech-to-speech model must provide.

`socket_server.openai` is one. For a second vendor, write a second package with such a codec and such a connector. `app`
makes them; `agent` and `settings` read what they need. tests/socket_server/call/test_second_vendor.py has the smallest
example.

Audio is base64 text of mu-law, 8000 samples a second, one channel, in both directions. It is passed on unchanged. A
vendor that uses PCM transcodes in its own socket (`Model`). That sees every message of one line and may keep its state.

Ids of responses, items and function calls are unique in a call, also if several sessions gave them. If a vendor counts
from 1 in each session, its socket makes the ids different.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from socket_server.core.actions import ModelAction
from socket_server.core.capabilities import Capabilities
from socket_server.core.events import ModelAudio, ModelEvent
from socket_server.core.tool_offers import ToolOffer


class ModelCodec(Protocol):
    """Reads and writes the vendor's messages, each a text frame. There is one for all calls: it keeps no state."""

    @property
    def capabilities(self) -> Capabilities: ...

    def start(self, offers: Sequence[ToolOffer]) -> bytes:
        """The first message of all: the session, with what the model is offered."""

    def append(self, payload: bytes) -> bytes:
        """The caller's audio; `payload` is the raw JSON string of its base64 text, quotes included."""

    def encode(self, action: ModelAction) -> bytes:
        """What the core orders; b"" where the vendor needs no message for it.

        A vendor has to take `CreateResponse`: the greeting, a question into silence and a goodbye are asked for. What
        it may not have is in `Capabilities`, `SetTurnTaking` and `CommitAudio`.
        """

    def decode(self, text: bytes) -> ModelAudio | ModelEvent | None:
        """What the model says, or None where there is nothing to do; ProtocolError if it makes no sense."""

    def kind(self, text: bytes) -> str:
        """The vendor's name for this kind of message, for the log; ProtocolError if it has none."""


class Model(Protocol):
    """An open socket of the model."""

    @property
    def stalled(self) -> bool:
        """The service does not take what it is sent."""

    @property
    def over(self) -> bool:
        """Closed, or lost: nothing more is sent or told."""

    def send_text(self, text: bytes) -> None: ...

    def close(self) -> None:
        """Without waiting; nothing more is told to the listener."""


class ModelListener(Protocol):
    """Receives what arrives on a socket of the model. No method may raise."""

    def model_text(self, text: bytes) -> None: ...

    def model_bad_message(self, reason: str) -> None: ...

    def model_lost(self, reason: str) -> None:
        """Once, whichever side closed; not after our own `close`."""


class ModelConnector(Protocol):
    """Opens sockets of the model, and authenticates in the vendor's way."""

    @property
    def refusal(self) -> str:
        """Why the vendor opens none, such as a key that it refuses; "": it does, as far as is known."""

    @property
    def spares(self) -> int:
        """How many there are that `take` may return."""

    def take(self, listener: ModelListener) -> Model | None:
        """One that was opened before, which speaks to `listener` from here on; None if there is none."""

    async def open(self, listener: ModelListener) -> Model:
        """One that is opened now; ModelRefusedError says why there is none."""

    def kept(self) -> AbstractAsyncContextManager[None]:
        """While this lasts, or until `close`, sockets may be opened before calls need them."""

    def close(self) -> None:
        """No call will need one any more."""
