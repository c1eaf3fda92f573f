"""Which response comes next: those that we request, and those that the service makes by itself.

A response is *active* from its creation to its end. In that time the service refuses a second request. With turn
detection the service also makes responses by itself. So a response that we need is *wanted* until we can request it,
and then *requested* until it was created or refused. If the service makes one meanwhile, it replaces ours only if it
has seen the same conversation. Our requests have a sign that the service sends back. If a server does not, the next
response counts as ours.

Our request and the service's own answer can be under way at the same time. `Owes` says what has to come next, and from
whom. `silence` bounds the wait in each state.
"""

from dataclasses import dataclass
from enum import Enum, auto

from socket_server.core.actions import Action, CancelResponse, CreateResponse, SetTurnTaking
from socket_server.core.own_answer import OwnAnswer


class Owes(Enum):
    """Who has to act so that the caller gets the next response."""

    NOBODY = auto()
    """No response is due. One that was cut is not: its end is only waited for."""
    MADE = auto()
    """The service makes it, and has to end it."""
    REQUESTED = auto()
    """The service has to create what we requested, or to refuse it."""
    OWN_ANSWER = auto()
    """The service has to begin by itself."""
    WANTED = auto()
    """We have to request it as soon as the service accepts that."""


@dataclass(slots=True)
class Request:
    """A response that we need. It is first wanted, then requested."""

    response: CreateResponse
    stands_in: bool = False
    """It replaces the answer that the service did not begin by itself."""
    told_with_turn: bool = False
    """The service knows what to say before it answers the caller, so its own answer is as good."""
    outdated: bool = False
    """The model was interrupted since, so the caller must not hear the response."""
    not_before_ms: int = 0
    """The service accepts no request before this time; 0: it does."""


class ResponseRequests:
    """Every method that returns actions expects them to be carried out at once and in order."""

    def __init__(self) -> None:
        self.active: str | None = None
        """The response that is being made."""
        self.caller_speaks = False
        self.held = False
        """The service neither answers nor stops by itself, so that it does not cut a last sentence."""
        self.cut: set[str] = set()
        """Responses of which nothing more may be heard."""
        self._requested: Request | None = None  # sent, but not created yet
        self._wanted: Request | None = None
        self._signs_come_back = False
        self._assumed: Request | None = None  # what an unsigned response was taken to come of
        self._own: dict[str, CreateResponse | None] = {}  # responses that came of our requests
        self._own_answer = OwnAnswer.NONE

    def was_cut(self, response_id: str) -> bool:
        return response_id in self.cut

    def made_for_us(self, response_id: str) -> bool:
        """The response follows a request of ours."""
        return response_id in self._own

    def asked_for(self, response_id: str) -> CreateResponse | None:
        """The request that the response follows; None if the service made it by itself."""
        return self._own.get(response_id)

    def response_created(self, response_id: str, *, ours: bool = False) -> list[Action]:
        self.active = response_id
        self.forget_retry()
        self._signs_come_back |= ours
        unwanted = self._own_answer.unwanted and not ours
        self._own_answer = OwnAnswer.NONE
        if not ours and (unwanted or self._signs_come_back or self._requested is None):
            if self._wanted is not None and (self._wanted.told_with_turn or self._wanted.stands_in):
                self._wanted = None
            return self._cancel(response_id) if unwanted else []
        request, self._requested = self._requested, None
        self._own[response_id] = None if request is None else request.response
        self._assumed = None if ours else request
        return self._cancel(response_id) if request is not None and request.outdated else []

    def request_refused(self) -> None:
        """The service was making its own response when we requested ours: its own comes first."""
        refused, self._requested, self._assumed = self._requested or self._assumed, None, None
        if refused is None:
            return
        self._own.pop(self.active or "", None)
        self._own_answer = self._own_answer.expect() if self.active is None else self._own_answer.give_up()
        if not refused.stands_in and self._wanted is None:  # otherwise its own, or what was wanted since, is due
            self._wanted = Request(refused.response)

    def request_failed(self) -> CreateResponse | None:
        """The service said that our request failed. Returns the request, if it was outstanding."""
        failed, self._requested = self._requested, None
        return None if failed is None else failed.response

    def response_over(self, response_id: str) -> None:
        """The response has ended. If our request is outstanding although the service made another, ours was lost."""
        if self.active == response_id:
            self.active = None
        if response_id not in self._own and self._signs_come_back:
            self._requested = None

    def _cancel(self, response_id: str) -> list[Action]:
        self.cut.add(response_id)
        return [CancelResponse(response_id)]

    def caller_started(self) -> None:
        self.caller_speaks = True
        if not self.held:
            self._own_answer = OwnAnswer.NONE  # the service has to hear this turn first

    def cut_active(self) -> str | None:
        """The model is interrupted: the caller must hear nothing more of its response, or of a requested one.

        Returns the response that is cut; None: there is none.
        """
        self.outdate(outdated=True)
        if self.active is None or self.active in self.cut:
            return None
        self.cut.add(self.active)
        return self.active

    def caller_stopped(self) -> None:
        if not self.caller_speaks:  # a turn that was ended without the service
            return
        self.caller_speaks = False
        if not self.held:
            self.outdate(outdated=False)  # what is created next may be the service's answer to this turn
            self._own_answer = OwnAnswer.COMING

    def end_caller_turn(self) -> None:
        """The service has not noticed the end of the caller's turn: request the answer."""
        self.caller_speaks = False
        self.outdate(outdated=False)
        self._stand_in()

    def outdate(self, *, outdated: bool) -> None:
        """Whether what comes of the request that is on its way may be heard."""
        if self._requested is not None:
            self._requested.outdated = outdated

    def hold(self) -> list[Action]:
        """From now on the service neither answers nor stops speaking by itself."""
        if self.held:
            return []
        self.held = True
        self._own_answer = self._own_answer.hold()
        return [SetTurnTaking(enabled=False)]

    def release(self) -> list[Action]:
        if not self.held:
            return []
        self.held = False
        self._own_answer = self._own_answer.release()
        return [SetTurnTaking(enabled=True)]

    def want_response(self, response: CreateResponse | None = None) -> None:
        """A response is needed. `next_response` requests it as soon as the service accepts it."""
        told = response is None or response.instructions is None
        told_with_turn = told and self.caller_speaks and not self.held
        self._wanted = Request(response or CreateResponse(), told_with_turn=told_with_turn)

    def want_last_words(self, instructions: str, *, spoken: bool) -> None:
        """Before the line goes quiet the caller must hear a sentence: the model's own, or one that we request."""
        if spoken:
            self.want_nothing()  # any other response would come between
        else:
            self.want_response(CreateResponse(instructions, tools_allowed=False))

    def want_later(self, response: CreateResponse | None, not_before_ms: int) -> None:
        """A response is needed that the service does not accept now. Any other that is wanted meanwhile replaces it."""
        self._wanted = Request(response or CreateResponse(), not_before_ms=not_before_ms)

    def want_nothing(self) -> None:
        self._wanted = None

    def forget_retry(self) -> None:
        """The response for later is no longer needed."""
        if self.retry_at_ms is not None:
            self._wanted = None

    @property
    def retry_at_ms(self) -> int | None:
        """When to request again a response that the service did not accept; None: there is none."""
        return self._wanted.not_before_ms or None if self._wanted is not None else None

    def next_response(self, now_ms: int) -> list[Action]:
        """Request the wanted response, unless one is on its way, it is too early, or the caller is speaking."""
        if self._wanted is None or self.active or self._requested or self._own_answer.coming:
            return []
        if now_ms < self._wanted.not_before_ms:
            return []
        if self.caller_speaks and not self.held:
            return []  # when they end, the service answers by itself
        self._requested, self._wanted = self._wanted, None
        return [self._requested.response]

    def give_up_waiting(self) -> None:
        """Request the response that is due, whatever prevented it.

        The service should have answered by itself but has not begun, or has not reported the end of a response that was
        cut.
        """
        waited, self._own_answer = self._own_answer.coming, self._own_answer.give_up()
        if self._wanted is not None and self.active in self.cut:
            self.active = None
        elif waited and self._wanted is None:
            self._stand_in()

    def _stand_in(self) -> None:
        self._wanted = Request(CreateResponse(), stands_in=True)

    @property
    def idle(self) -> bool:
        """No response is being made, requested or wanted."""
        return self.active is None and self._requested is None and self._wanted is None

    @property
    def owes(self) -> Owes:
        """Who has to act next. If several things are under way, the first of them."""
        if self.active is not None and self.active not in self.cut:
            return Owes.MADE
        if self._requested is not None:
            return Owes.REQUESTED
        if self._own_answer.coming:
            return Owes.OWN_ANSWER
        return Owes.NOBODY if self._wanted is None else Owes.WANTED

    def session_lost(self) -> None:
        """Another session replaces the lost one. It hears the caller from the beginning."""
        self.model_lost()
        self.caller_speaks = self.held = False

    def model_lost(self) -> None:
        """No requested response will come any more."""
        self.active = self._requested = self._wanted = self._assumed = None
        self._own_answer = OwnAnswer.NONE
