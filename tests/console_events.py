"""The test events in events/, and what each is answered with: events/answers.toml."""

import json
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

FOLDER = Path(__file__).parents[1] / "events"
FILES = sorted(file for file in FOLDER.glob("*/*.json") if file.parent.name != "signed")
ANSWERS: dict[str, dict[str, dict[str, object]]] = tomllib.loads((FOLDER / "answers.toml").read_text())


def load(file: Path) -> dict[str, Any]:
    event: dict[str, Any] = json.loads(file.read_text())
    return event


def read_expected(file: Path) -> dict[str, object]:
    return ANSWERS[file.parent.name][file.stem]


def summarize_webhook(status: int, body: str) -> dict[str, object]:
    """A webhook's answer as answers.toml describes it."""
    return {"status": status, **({"verbs": [verb.tag for verb in ElementTree.fromstring(body)]} if body else {})}  # noqa: S314 - our own


def summarize_transfer(answer: dict[str, Any]) -> dict[str, object]:
    """The transfer function's answer, likewise."""
    return {"status": answer["status"]} if "status" in answer else {}
