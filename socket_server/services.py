"""What all calls of the process share."""

from dataclasses import dataclass, field

from socket_server.admission import Admission
from socket_server.agent import Agent
from socket_server.call_log import CallLog
from socket_server.metrics import Metrics
from socket_server.prices import Tariff
from socket_server.secret_reader import SecretReader
from socket_server.settings import Settings
from socket_server.spares import Spares
from socket_server.tool_runs import ToolRuns
from socket_server.transfer_function import TransferFunction


@dataclass(frozen=True, slots=True)
class Services:
    """Made once, by `app`; the calls own none of it."""

    settings: Settings
    agent: Agent
    transfer_function: TransferFunction
    call_log: CallLog
    spares: Spares
    tariff: Tariff
    metrics: Metrics
    admission: Admission
    recording: bytes = b""
    """Of the agent's greeting; b"" if there is none."""
    tool_runs: ToolRuns = field(default_factory=ToolRuns)
    secrets: tuple[SecretReader, ...] = ()
    """To be read now and then, while the process serves."""

    def read_secrets(self) -> None:
        """Begin to read them all."""
        for secret in self.secrets:
            secret.read()
