"""A visit of the doctor to the sandbox, some of its checks at a time."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from doctor.checks import CHECKS
from doctor.context import Options
from doctor.findings import Finding, Status
from doctor.runner import examine
from sandbox.doctor_target.target import AGENT, DIRECTORY, Examined

# What nearly every check stands on.
FIRST = ("stack", "secrets", "account")


@dataclass(slots=True)
class Heard:
    """A user who notes every line, and answers every question alike."""

    answer: bool = False
    lines: list[tuple[str, Finding]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def line(self, name: str, finding: Finding) -> None:
        self.lines.append((name, finding))

    def agrees(self, question: str) -> bool:
        self.questions.append(question)
        return self.answer


OPTIONS = Options(agent_file=AGENT, directory_file=DIRECTORY)


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of it: the lines of the checks that were asked for."""

    heard: Heard
    counts: Counter[Status]
    names: tuple[str, ...]

    @property
    def found(self) -> list[Finding]:
        return [finding for name, finding in self.heard.lines if name in self.names]

    @property
    def signs(self) -> str:
        return "".join(finding.status.value for finding in self.found)

    def one(self, sign: str) -> Finding:
        """The only line with this sign."""
        (finding,) = (each for each in self.found if each.status.value == sign)
        return finding


def visit(whole: Examined, *names: str, answer: bool = False, options: Options = OPTIONS) -> Visit:
    """Make these checks, after those that they stand on."""
    heard = Heard(answer)
    chosen = [check for check in CHECKS if check.name in (*FIRST, *names)]
    return Visit(heard, examine(whole.patient(options), chosen, heard), names)


def read(whole: Examined, name: str) -> dict[str, str]:
    """What one of the two secrets holds."""
    return dict(json.loads(whole.aws.secrets.get_secret_value(SecretId=f"warmline/{name}")["SecretString"]))


def write(whole: Examined, name: str, values: Mapping[str, str]) -> None:
    whole.aws.secrets.put_secret_value(SecretId=f"warmline/{name}", SecretString=json.dumps(dict(values)))
