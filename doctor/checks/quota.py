"""Whether the account's Lambda quota allows enough webhooks at the same time."""

from collections.abc import Iterator

from doctor.context import Context
from doctor.facts import Stack
from doctor.findings import Finding, ok, warn

NEW_ACCOUNT_LIMIT = 10


def check_quota(context: Context) -> Iterator[Finding]:
    context.facts.get(Stack)  # without AWS access this check is skipped
    limit = context.aws.lambda_.get_account_settings()["AccountLimit"].get("ConcurrentExecutions", 0)
    if limit > NEW_ACCOUNT_LIMIT:
        yield ok(f"Lambda runs {limit} functions at a time in this account")
        return
    message = f"Lambda runs only {limit} functions at a time in this account, the quota of a new one: "
    remedy = "ask for more: Service Quotas > AWS Lambda > Concurrent executions (free, some days)"
    yield warn(f"{message}when more webhooks come at once, callers hear the fallback", remedy)
