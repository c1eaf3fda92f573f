"""Whether this key may use the models that the agent names, and when those models are shut down.

https://platform.openai.com/docs/api-reference/models/retrieve; its `shutdown_date` is explained in
https://developers.openai.com/api/docs/deprecations. OpenAI has no API that tells whether the account has credit.
"""

import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import quote

import msgspec

from doctor.context import Context
from doctor.facts import AgentFile, OpenAIKey
from doctor.findings import Finding, fail, ok, warn
from doctor.network import Response
from doctor.options import ROOT
from socket_server import agent_check
from socket_server.agent import parse_agent
from toml_file import TomlFile

API = "https://api.openai.com/v1/models"
SHUTDOWNS = Path(__file__).parents[1] / "shutdowns.toml"
WARN_DAYS = 60


class _Model(msgspec.Struct):
    id: str
    shutdown_date: date | msgspec.UnsetType | None = msgspec.UNSET


def check_agent(context: Context) -> Iterator[Finding]:
    """Check the local file. It is the deployed one only if it has not changed since the deployment."""
    file = context.options.agent_file
    name = str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)
    if faults := agent_check.check_agent(file).faults:
        yield from (fail(fault) for fault in faults[:-1])
        yield fail(faults[-1], "the comments of socket_server/agent.toml document every key; another file: AGENT=…")
        return
    found = parse_agent(TomlFile.read(file, name))
    context.facts.add(AgentFile(name, found))
    yield ok(f"{name} can be used: model {found.model}, voice {found.voice}")


def check_models(context: Context) -> Iterator[Finding]:
    key, file = context.facts.get(OpenAIKey), context.facts.get(AgentFile)
    for name, purpose in ((file.agent.model, "the model"), (file.agent.transcription.model, "transcription")):
        response = context.network.request(
            "GET", f"{API}/{quote(name, safe='')}", headers={"Authorization": f"Bearer {key.value}"}
        )
        yield _check_response(f"{name} ({purpose})", name, response, context.now().date(), file.name)


def _check_response(subject: str, name: str, response: Response, today: date, file: str) -> Finding:
    match response.status:
        case 200:
            pass
        case 401:
            remedy = "make a key at https://platform.openai.com/api-keys; `make secrets` stores it"
            return fail("OpenAI does not accept the key", remedy)
        case 403 | 404:
            remedy = f"name another model in {file}, or let the key's project use it; then deploy again"
            return fail(f"{subject} is not served to this key (HTTP {response.status})", remedy)
        case _:
            message = f"OpenAI answered with HTTP {response.status} when asked for {subject}"
            return fail(message, "see https://status.openai.com")
    try:
        found = msgspec.json.decode(response.body, type=_Model)
    except msgspec.MsgspecError as error:
        return fail(f"api.openai.com did not answer as OpenAI does: {error}", "check for a proxy in between")
    if isinstance(found.shutdown_date, msgspec.UnsetType):
        return _check_shutdown_list(subject, name, today, file)
    if found.shutdown_date is None:
        return ok(f"{subject} is served to this key; OpenAI has announced no end of it")
    return _check_shutdown_date(subject, found.shutdown_date, "says OpenAI's API", today, file)


def _check_shutdown_list(subject: str, name: str, today: date, file: str) -> Finding:
    known = tomllib.loads(SHUTDOWNS.read_text())
    ends = known["shutdown"].get(name)
    if ends is None:
        return ok(f"{subject} is served to this key; when it ends is unknown (not on the list of {known['read']})")
    return _check_shutdown_date(subject, ends, f"by the list of {known['read']}", today, file)


def _check_shutdown_date(subject: str, ends: date, source: str, today: date, file: str) -> Finding:
    days = (ends - today).days
    remedy = f"name its successor in {file} and deploy: https://developers.openai.com/api/docs/deprecations"
    if days < 0:
        return fail(f"{subject} was to be shut down on {ends}, {source}", remedy)
    message = f"{subject} is served to this key until {ends}, {source}"
    return warn(f"{message}: {days} days from now", remedy) if days < WARN_DAYS else ok(message)
