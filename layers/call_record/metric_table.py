"""Every metric that Warmline writes: its unit, its dimensions, who writes it, and which alarm watches it.

The code that writes a metric takes its unit and dimensions from here. Tests compare the rest: the container's measures,
the calls in the functions, the alarms and the dashboard of `template.yaml`, and the table of `docs/deploy.md`. A
dimension is added to `service`, and each of its values is a metric of its own, with a price.
"""

from dataclasses import dataclass
from typing import Literal

type Unit = Literal["Count", "Milliseconds", "None"]
type Writer = Literal["container", "voice_webhook", "transfer", "http_api"]
"""`http_api`: a filter in the template counts lines of the API's access log."""


@dataclass(frozen=True, slots=True)
class Metric:
    writer: Writer
    unit: Unit = "Count"
    dimension: str | None = None
    """Beside `service`, which every metric has."""
    alarm: str | None = None
    """The alarm's logical id in `template.yaml`; None: it is only shown, or only kept."""
    also: Writer | None = None
    """Who else writes it."""


NAMESPACE = "Warmline"

METRICS = {
    "ActiveCalls": Metric("container", dimension="revision", alarm="NearlyFullAlarm"),
    "BargeInMs": Metric("container", "Milliseconds"),
    "CallMs": Metric("container", "Milliseconds"),
    "CallsRefused": Metric("container", alarm="CallsRefusedAlarm"),
    "CostUSD": Metric("container", "None", alarm="SpendAlarm"),
    "DeadAirMs": Metric("container", "Milliseconds"),
    "FirstWordMs": Metric("container", "Milliseconds"),
    "HandOverSilenceMs": Metric("container", "Milliseconds"),
    "Interruptions": Metric("container"),
    "ModelConnects": Metric("container"),
    "ModelFailures": Metric("container", alarm="ModelFailuresAlarm"),
    "ModelLosses": Metric("container"),
    "RowsLost": Metric("container"),
    "SpareFailures": Metric("container"),
    "Streams": Metric("container"),
    "StreamsRefused": Metric("container", alarm="StreamsRefusedAlarm"),
    "Apologies": Metric("voice_webhook", alarm="ApologiesAlarm"),
    "Calls": Metric("voice_webhook"),
    "DialsEnded": Metric("voice_webhook", dimension="outcome"),
    "EarlyEnds": Metric("voice_webhook", alarm="EarlyEndsAlarm"),
    "ForwardingLoops": Metric("voice_webhook"),
    "RequestsRefused": Metric("voice_webhook", alarm="RequestsRefusedAlarm"),
    "StreamErrors": Metric("voice_webhook", alarm="StreamErrorsAlarm"),
    "StreamErrorsByCode": Metric("voice_webhook", dimension="code"),
    "TimeToHumanMs": Metric("voice_webhook", "Milliseconds"),
    "NotificationsLost": Metric("transfer", also="voice_webhook", alarm="NotificationsLostAlarm"),
    "NotificationsPostponed": Metric("transfer"),
    "NotificationsSent": Metric("transfer"),
    "NotificationsUnclear": Metric("transfer", alarm="NotificationsUnclearAlarm"),
    "TransferFailures": Metric("transfer", alarm="TransferFailuresAlarm"),
    "Transfers": Metric("transfer", dimension="outcome"),
    "RequestsThrottled": Metric("http_api", alarm="RequestsThrottledAlarm"),
}
