"""A number of the account whose webhooks lead to the tunnel for a while, and then to where they led before.

What they were is written into a file before they are changed. So whoever pulls the plug of this machine gets them back
at the end of the next tunnel of that number, and can read them meanwhile. The file has an entry for each number:
several tunnels may run, or have been cut off.
"""

import contextlib
from pathlib import Path

import msgspec

from doctor.checks.number import choose, find_other_handler
from doctor.errors import DoctorError
from doctor.facts import Stack
from doctor.findings import Finding
from doctor.twilio_api import Number, TwilioClient, Webhooks


class _Borrowed(msgspec.Struct, frozen=True):
    """What the file has of a number: what it asked before, and what it asks as long as it is borrowed."""

    phone_number: str
    before: Webhooks
    meanwhile: Webhooks


def describe(webhooks: Webhooks) -> str:
    """In the words of Twilio's console, for whoever sets them by hand."""
    comes_in = f"{webhooks.voice_url or 'nothing'} ({webhooks.voice_method})"
    fails = f"{webhooks.voice_fallback_url or 'nothing'} ({webhooks.voice_fallback_method})"
    return f'"A call comes in": {comes_in}; "Primary handler fails": {fails}'


class BorrowedNumber:
    """Blocking. Raises `DoctorError`."""

    def __init__(self, twilio: TwilioClient, file: Path) -> None:
        self._twilio = twilio
        self._file = file
        self._sid = ""
        self._borrowed: _Borrowed | None = None

    def find(self, wanted: str | None, stack: Stack) -> Number:
        """The number that the user named, or the only one that takes calls."""
        chosen = choose(self._twilio.list_numbers(), wanted, stack)
        found = chosen if isinstance(chosen, Finding) else find_other_handler(chosen[0])
        if isinstance(found, Finding):
            raise DoctorError(found.message, found.remedy)
        assert not isinstance(chosen, Finding), "else it was raised"
        return chosen[0]

    def find_before(self, number: Number) -> Webhooks:
        """What the number asks when nobody has borrowed it: it may still be borrowed by a tunnel that was cut off."""
        left = self._read().get(number.sid)
        if left is not None and left.meanwhile == number.webhooks:
            return left.before
        return number.webhooks

    def take(self, number: Number, webhooks: Webhooks) -> None:
        """Let the number ask these. Its own are in the file before."""
        borrowed = _Borrowed(number.phone_number, self.find_before(number), webhooks)
        self._write(self._read() | {number.sid: borrowed})
        self._sid, self._borrowed = number.sid, borrowed
        self._twilio.set_webhooks(number.sid, webhooks)

    def put_back(self) -> str | None:
        """Let the number ask what it asked before. Returns a sentence that says what was done; None: it had not been
        taken.

        If somebody else has changed it meanwhile, it stays as they left it.
        """
        borrowed = self._borrowed
        if borrowed is None:
            return None
        now = next((each for each in self._twilio.list_numbers() if each.sid == self._sid), None)
        if now is None:
            done = f"{borrowed.phone_number} is not in the account any more."
        elif now.webhooks == borrowed.before:
            done = f"{borrowed.phone_number} asks {borrowed.before.voice_url or 'nobody'}, as before."
        elif now.webhooks.voice_url != borrowed.meanwhile.voice_url:
            done = f"{borrowed.phone_number} asks {now.voice_url or 'nobody'}: somebody has changed it, so it stays."
        else:
            self._twilio.set_webhooks(self._sid, borrowed.before)
            done = f"{borrowed.phone_number} asks {borrowed.before.voice_url or 'nobody'} again, as before."
        self._forget(borrowed)
        self._borrowed = None
        return done

    def describe_rest(self) -> str:
        """What the user has to do, if the number could not be put back."""
        assert self._borrowed is not None, "else there was nothing to put back"
        return (
            f"{self._borrowed.phone_number} still leads to the tunnel. Set it in Twilio's console to "
            f"{describe(self._borrowed.before)}. Or start `make tunnel` again: its end puts it back."
        )

    def _forget(self, borrowed: _Borrowed) -> None:
        """Take the number out of the file, unless another tunnel has it by now. What stays there of a number that asks
        something else does nothing.
        """
        with contextlib.suppress(DoctorError):
            left = self._read()
            if left.get(self._sid) == borrowed:
                del left[self._sid]
                self._write(left)

    def _read(self) -> dict[str, _Borrowed]:
        """By the numbers' sids."""
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, _Borrowed])
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise DoctorError(f"{self._file} cannot be read: {error.strerror}") from None
        except (msgspec.MsgspecError, UnicodeError):
            what = "what numbers asked before a tunnel that was cut off"
            raise DoctorError(f"{self._file} is damaged: it has {what}", "look at it, then delete it") from None

    def _write(self, left: dict[str, _Borrowed]) -> None:
        beside = self._file.with_name(f"{self._file.name}.new")  # a plug that is pulled now leaves the old one whole
        try:
            if not left:
                self._file.unlink(missing_ok=True)
                return
            beside.write_bytes(msgspec.json.format(msgspec.json.encode(left)) + b"\n")
            beside.replace(self._file)
        except OSError as error:
            raise DoctorError(f"{self._file} cannot be written: {error.strerror}") from None
