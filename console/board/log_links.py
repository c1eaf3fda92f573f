"""Links to the log lines of a call, in CloudWatch's console: a query of Logs Insights over the stack's log groups.

The address is not documented. It was read from links that others publish, and never tried here: the query's details
are a list of `name~value`, in which a text begins with ' and has *xx in place of every character but letters, digits,
-, _ and . (such as ~(timeType~'ABSOLUTE~source~(~'*2faws*2flambda*2fname))).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from doctor.facts import Stack

AROUND_MS = 5 * 60_000
"""Before the call and after it: a container begins and ends, a notice is sent."""
LONGEST_MS = 4 * 3_600_000
MAX_LINES = 1000
_LAST_MS = 253_402_300_799_000  # the year 9999: a row that somebody edited may say that a call lasts for ages


@dataclass(frozen=True, slots=True)
class LogGroups:
    region: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, stack: Stack, region: str) -> "LogGroups":
        """Those whose lines name calls."""
        functions = [stack.outputs[output] for output in ("VoiceWebhookFunction", "TransferFunction")]
        container = stack.outputs.get("ContainerLogs", f"/ecs/{stack.name}")
        return cls(region, (container, *(f"/aws/lambda/{name}" for name in functions)))

    def link(self, call_sid: str, began_at_ms: int, ended_at_ms: int | None) -> str:
        """Where the call's lines are shown, in order. Times are since 1970; None: it runs, or nobody knows."""
        query = (
            f'fields @timestamp, @log, level, message, @message\n| filter call_sid = "{call_sid}"\n'
            f"| sort @timestamp asc\n| limit {MAX_LINES}"
        )
        until_ms = began_at_ms + LONGEST_MS if ended_at_ms is None else ended_at_ms
        details = {
            "end": _quote_text(_format(until_ms + AROUND_MS)),
            "start": _quote_text(_format(began_at_ms - AROUND_MS)),
            "timeType": _quote_text("ABSOLUTE"),
            "tz": _quote_text("UTC"),
            "editorString": _quote_text(query),
            "source": f"(~{'~'.join(map(_quote_text, self.names))})",
        }
        written = "~".join(f"{name}~{value}" for name, value in details.items())
        place = f"https://{self.region}.{_find_console(self.region)}/cloudwatch/home?region={self.region}"
        return f"{place}#logsV2:logs-insights$3FqueryDetail$3D~({written})"


def _format(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(min(at_ms, _LAST_MS) / 1000, UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def _quote_text(text: str) -> str:
    return "'" + re.sub(r"[^A-Za-z0-9_.-]", lambda found: "".join(f"*{byte:02x}" for byte in found[0].encode()), text)


def _find_console(region: str) -> str:
    if region.startswith("cn-"):
        return "console.amazonaws.cn"
    return "console.amazonaws-us-gov.com" if region.startswith("us-gov-") else "console.aws.amazon.com"
