"""Runs some of the doctor's checks against the sandbox."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from doctor.check_list import CHECKS
from doctor.findings import Finding, Status
from doctor.options import Options
from doctor.runner import run_checks
from sandbox.doctor_target.target import AGENT, DIRECTORY, DoctorTarget

# Nearly every check needs their facts.
FIRST = ("stack", "secrets", "account")


@dataclass(slots=True)
class RecordingReporter:
    """Records every line, and gives the same answer to every question."""

    answer: bool = False
    lines: list[tuple[str, Finding]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def show(self, name: str, finding: Finding) -> None:
        self.lines.append((name, finding))

    def confirm(self, question: str) -> bool:
        self.questions.append(question)
        return self.answer


OPTIONS = Options(agent_file=AGENT, directory_file=DIRECTORY)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The findings of the chosen checks."""

    reporter: RecordingReporter
    counts: Counter[Status]
    names: tuple[str, ...]

    @property
    def findings(self) -> list[Finding]:
        return [finding for name, finding in self.reporter.lines if name in self.names]

    @property
    def symbols(self) -> str:
        return "".join(finding.status.value for finding in self.findings)

    def find_only(self, symbol: str) -> Finding:
        """The only finding with this symbol."""
        (finding,) = (each for each in self.findings if each.status.value == symbol)
        return finding


def diagnose(target: DoctorTarget, *names: str, answer: bool = False, options: Options = OPTIONS) -> Diagnosis:
    """Run the checks of these names, after those whose facts they need."""
    reporter = RecordingReporter(answer)
    chosen = [check for check in CHECKS if check.name in (*FIRST, *names)]
    return Diagnosis(reporter, run_checks(target.make_context(options), chosen, reporter), names)


def read(target: DoctorTarget, name: str) -> dict[str, str]:
    """The values of one of the two secrets."""
    return dict(json.loads(target.aws.secrets.get_secret_value(SecretId=f"warmline/{name}")["SecretString"]))


def write(target: DoctorTarget, name: str, values: Mapping[str, str]) -> None:
    target.aws.secrets.put_secret_value(SecretId=f"warmline/{name}", SecretString=json.dumps(dict(values)))
