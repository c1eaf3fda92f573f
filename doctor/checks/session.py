"""Whether OpenAI accepts the session that the container asks for: model, voice, instructions, tools.

The session is asked for and closed. No audio is sent and no response is requested, so it costs no tokens.
https://platform.openai.com/docs/api-reference/realtime-client-events/session/update.
"""

import json
from collections.abc import Iterator

from doctor.context import Context
from doctor.errors import DoctorError
from doctor.facts import AgentFile, DeployedDestinations, OpenAIKey
from doctor.findings import Finding, fail, ok
from doctor.websocket import ACCEPTED, WebSocket
from socket_server.core.tool_offers import Destination
from socket_server.openai.client_events import encode_session_update
from socket_server.openai.url import make_realtime_url
from socket_server.settings import REALTIME_URL

MOST_MESSAGES = 20  # before the answer; one is usual


def check_session(context: Context) -> Iterator[Finding]:
    key, file = context.facts.get(OpenAIKey), context.facts.get(AgentFile)
    # A user's file, whose import may end the process. There is an `AgentFile` only if `agent_check` could import it.
    from socket_server.call import tools

    deployed = context.facts.find(DeployedDestinations)
    destinations = [Destination(name, "", open=True) for name in deployed.names] if deployed else []
    offers = tools.list_offers(file.agent, destinations)
    headers = {"Authorization": f"Bearer {key.value}"}
    with WebSocket(context.network, make_realtime_url(REALTIME_URL, file.agent.model), headers) as socket:
        if socket.status != ACCEPTED:
            remedy = "see the lines `secrets` and `model`; https://status.openai.com"
            yield fail(f"OpenAI opens no session: HTTP {socket.status}", remedy)
            return
        socket.send(encode_session_update(file.agent, offers))
        if refusal := _wait_for_refusal(socket):
            yield fail(f"OpenAI refuses the session: {refusal}", f"correct it in {file.name}, then deploy again")
        else:
            names = ", ".join(offer.name for offer in offers)
            yield ok(f"OpenAI accepts the session of {file.name}, with the tools {names}")


def _wait_for_refusal(socket: WebSocket) -> str:
    """What OpenAI refuses; "": nothing."""
    for _ in range(MOST_MESSAGES):
        try:
            message = json.loads(socket.receive())
            match message["type"]:
                case "session.updated":
                    return ""
                case "error":
                    error = message["error"]
                    field = f" ({error['param']})" if error.get("param") else ""
                    return f"{error.get('code') or error.get('type')}{field}: {error.get('message')}"
        except (ValueError, LookupError, TypeError, AttributeError):
            raise DoctorError("api.openai.com did not answer as OpenAI does", "check for a proxy in between") from None
    raise DoctorError(f"api.openai.com did not say in {MOST_MESSAGES} messages whether it accepts the session")
