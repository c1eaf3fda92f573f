"""Stands in for the transfer function where a test is about the container: the destination says how it answers."""

STATUS = {"": "moved", "front_desk": "moved", "night_desk": "closed", "broken_desk": "failed", "workshop": "ringing"}
"""In the workshop people are rung while the caller talks on; a test writes what they do into the record."""


def handler(event: dict[str, str], _: object) -> dict[str, object]:
    match event["action"]:
        case "destinations":
            return {"destinations": [describe(name) for name in STATUS if name]}
        case "connect":
            return {"status": "moved"}
        case "cancel":
            return {"status": "cancelled"}
    status = STATUS[event["destination"]]
    return {"status": status, "opens": "tomorrow at nine"} if status == "closed" else {"status": status}


def describe(name: str) -> dict[str, object]:
    mode = "attended" if STATUS[name] == "ringing" else "direct"
    return {"name": name, "description": name, "open": True, "mode": mode}
