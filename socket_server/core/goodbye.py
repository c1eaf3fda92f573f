"""Saying goodbye without cutting a word: the call ends when the caller has heard the goodbye.

A goodbye waits for the answers of the tools that were called with it. If the caller goes on talking, it is cancelled.
"""

from socket_server.core import transfer_messages as messages
from socket_server.core.actions import SendToolOutput
from socket_server.core.phases import Phase
from socket_server.core.state import CallState


def begin(call: CallState, goodbye_call: str, *, spoke: bool) -> None:
    """The call has to end: by the model's function call or, with "", by our own decision."""
    cancel(call, "it is asked for once more")
    call.goodbye_call = goodbye_call
    if call.tools_running:  # the answers are heard first; `tools_answered` goes on
        return
    call.progress.enter(Phase.LEAVING)
    call.goodbye_unsaid = not spoke
    call.requests.want_last_words(messages.GOODBYE, spoken=spoke)


def tools_answered(call: CallState) -> None:
    """The model says the answers of the tools of the goodbye's response, then the goodbye."""
    call.progress.enter(Phase.LEAVING)
    call.goodbye_unsaid = True
    call.requests.want_last_words(messages.ANSWER_THEN_GOODBYE, spoken=False)


def cancel(call: CallState, why: str) -> None:
    """Cancel the goodbye, if there was one. If the model asked for it, it is told why."""
    if call.goodbye_call is None:
        return
    if call.phase is Phase.LEAVING:
        call.progress.enter(Phase.TALKING)
        call.requests.want_nothing()
    if call.goodbye_call and call.model_lives:
        call.do(SendToolOutput(call.goodbye_call, messages.refusal_output(why)))
    call.goodbye_call = None


def end(call: CallState) -> None:
    """The goodbye was heard, or the wait for it is over."""
    call.end("goodbye_unsaid" if call.goodbye_unsaid and not call.turn_taking.speaking else "goodbye")
