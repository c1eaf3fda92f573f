"""What all calls of the process share."""

from dataclasses import dataclass, field

from socket_server.aws.call_log import CallLog
from socket_server.aws.metrics import Metrics
from socket_server.aws.secret_reader import SecretReader
from socket_server.aws.transfer_client import TransferClient
from socket_server.call.tool_runs import ToolRuns
from socket_server.core.agent import Agent
from socket_server.core.model_codec import ModelCodec, ModelConnector
from socket_server.core.prices import Tariff
from socket_server.twilio.stream_auth import StreamAuth


@dataclass(frozen=True, slots=True)
class Services:
    """`app` makes it once; no call owns any of it."""

    agent: Agent
    transfer_client: TransferClient
    call_log: CallLog
    codec: ModelCodec
    connector: ModelConnector
    tariff: Tariff
    metrics: Metrics
    stream_auth: StreamAuth
    log_event_types: frozenset[str] = frozenset()
    show_timing_math: bool = False
    recording: bytes = b""
    """The recording of the agent's greeting; b"" if there is none."""
    tool_runs: ToolRuns = field(default_factory=ToolRuns)
    secrets: tuple[SecretReader, ...] = ()
    """Secrets to read now and then, while the process runs."""

    def read_secrets(self) -> None:
        """Begin to read all secrets."""
        for secret in self.secrets:
            secret.read()
