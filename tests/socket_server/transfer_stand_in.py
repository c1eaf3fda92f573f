"""Stands in for the transfer function where a test is about the container: the destination says how it answers."""

STATUS = {"": "moved", "front_desk": "moved", "night_desk": "closed", "broken_desk": "failed"}


def handler(event: dict[str, str], _: object) -> dict[str, object]:
    if event["action"] == "destinations":
        return {"destinations": [{"name": name, "description": name, "open": True} for name in STATUS if name]}
    status = STATUS[event["destination"]]
    return {"status": status, "opens": "tomorrow at nine"} if status == "closed" else {"status": status}
