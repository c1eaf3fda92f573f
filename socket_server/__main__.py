"""`python -m socket_server`: read the settings, serve calls."""

import io
import os
import sys

import uvicorn

from socket_server.admission_control import AdmissionControl
from socket_server.agent import cap_session, parse_agent
from socket_server.app import make_app, make_services
from socket_server.aws.logs import log_to_stderr
from socket_server.call.tool_check import check_tools
from socket_server.core.errors import SettingError
from socket_server.greeting_audio import load_greeting_audio, make_recording_rule
from socket_server.openai.agent import OpenAIAgent
from socket_server.server import LAST_SECONDS, Server
from socket_server.settings import Settings, read_settings
from socket_server.twilio.socket import MESSAGE_BYTES, PING_SECONDS, PhoneSocket
from toml_file import TomlFile, TomlFileError

# Longer than the load balancer keeps an idle connection (`idle_timeout` in template.yaml). uvicorn's own 5 s would
# close one, after a stranger's GET say, at the moment in which a handshake is sent on it: a caller would get 502.
KEEP_ALIVE_SECONDS = 310


def main() -> None:
    try:
        settings = read_settings(os.environ)
        log_to_stderr(settings.service_name)
        assert isinstance(sys.stdout, io.TextIOWrapper)
        sys.stdout.reconfigure(line_buffering=True)  # measurements; into a pipe they would wait for 8 KB of them
        agent = _read_agent(settings)
        recording = load_greeting_audio(agent, settings.agent_file.parent)
        server = _make_server(settings, agent, recording)
    except SettingError as error:
        sys.exit(f"socket_server: {error}")
    server.run()


def _make_server(settings: Settings, agent: OpenAIAgent, recording: bytes) -> Server:
    check_tools()
    services = make_services(settings, agent, recording)
    admission_control = AdmissionControl(services, settings)
    config = uvicorn.Config(
        make_app(services, admission_control, settings),
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        ws=PhoneSocket,
        ws_max_size=MESSAGE_BYTES,
        ws_per_message_deflate=False,  # mu-law does not shrink
        ws_ping_interval=PING_SECONDS,
        log_config=None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        server_header=False,
        timeout_graceful_shutdown=LAST_SECONDS,
    )
    return Server(config, admission_control, settings.drain_seconds)


def _read_agent(settings: Settings) -> OpenAIAgent:
    try:
        agent = parse_agent(TomlFile.read(settings.agent_file), make_recording_rule(settings.agent_file.parent))
    except TomlFileError as error:
        raise SettingError(f"AGENT_FILE is wrong: {error}") from error
    return cap_session(agent, settings.session_minutes)


if __name__ == "__main__":
    main()
