"""A user of `make secrets` who gives the answers that a test wants, and the program itself."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from doctor.secret_input import SecretInput

ROOT = Path(__file__).parents[2]
SID, TOKEN, OPENAI_KEY = "AC" + "1" * 32, "2" * 32, "sk-" + "3" * 40
API_KEY = {"TWILIO_API_KEY_SID": "SK" + "4" * 32, "TWILIO_API_KEY_SECRET": "5" * 32}
ANSWERS = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "OPENAI_API_KEY": OPENAI_KEY}

type StoreAll = Callable[["User"], list[str]]
type ReadStored = Callable[[str], dict[str, str]]


class User:
    """Answers each prompt by the name that it begins with. Several answers are given in turn; no answer is Enter."""

    def __init__(self, answers: Mapping[str, str | list[str]], environment: Mapping[str, str] | None = None) -> None:
        self.prompts: list[str] = []
        self.output = ""
        self._answers = {name: self._iterate(answer) for name, answer in answers.items()}
        self.inputs = SecretInput(environment or {}, self._answer, self._write)

    def _iterate(self, answer: str | list[str]) -> Iterator[str]:
        return iter([answer] if isinstance(answer, str) else answer)

    def _answer(self, prompt: str) -> str:
        self.prompts.append(prompt)
        name = prompt.partition(" ")[0].rstrip(":")
        return next(self._answers[name]) if name in self._answers else ""

    def _write(self, text: str) -> None:
        self.output += text


def run_command(environment: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "doctor.secrets", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.stderr == ""
    return run.returncode, run.stdout


def environment_input(environment: Mapping[str, str]) -> SecretInput:
    """Values from the environment only, as without a terminal."""
    return SecretInput(environment, None, lambda _: None)
