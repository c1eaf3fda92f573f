"""What the demo's model says and does: the rules of `dialogue.toml`, and the state of one conversation.

Knows no socket, no audio and no clock: it is told what was heard and answers with an act.
"""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("dialogue.toml")


@dataclass(frozen=True, slots=True)
class Act:
    """What the model does in one response: says a line, calls a tool, or both in this order."""

    say: str = ""  # name of a line; "" if nothing is said
    call: str = ""  # name of a tool; "" if none is called
    reason: str = ""  # why, for the person, if the tool is a transfer


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model does about one thing that a caller can say."""

    heard: tuple[str, ...]  # the ways to say it
    acts: tuple[Act, ...]  # for the first time, the second…; the last one stays
    note: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the model learns what became of something."""

    words: tuple[str, ...]
    act: Act


@dataclass(frozen=True, slots=True)
class Dialogue:
    """All the rules."""

    answers: Mapping[str, Answer]
    outcomes: tuple[Outcome, ...]

    @property
    def phrases(self) -> list[str]:
        """Everything that a caller can say, for the recogniser."""
        return [phrase for answer in self.answers.values() for phrase in answer.heard]

    @property
    def tools(self) -> set[str]:
        """The tools without which this dialogue cannot be played."""
        acts = [act for answer in self.answers.values() for act in answer.acts]
        return {act.call for act in acts if act.call}

    def find_outcome(self, text: str) -> Act | None:
        """Return what to do about a text that tells an outcome; None if it tells none."""
        lowered = text.lower()
        for outcome in self.outcomes:
            if any(word in lowered for word in outcome.words):
                return outcome.act
        return None


@cache
def load_dialogue() -> Dialogue:
    """Read the rules of the demo."""
    document = tomllib.loads(FILE.read_text())
    named = {name: Act(**table) for name, table in document["acts"].items()}

    def act(name: str) -> Act:
        return named.get(name, Act(say=name))

    answers = {
        name: Answer(tuple(table["heard"]), tuple(act(each) for each in table["acts"]), table["note"])
        for name, table in document["answers"].items()
    }
    outcomes = tuple(Outcome(tuple(table["words"]), act(table["act"])) for table in document["outcomes"])
    return Dialogue(answers, outcomes)


class DialogueState:
    """One conversation with one caller."""

    def __init__(self, rules: Dialogue) -> None:
        self._rules = rules
        self._times: Counter[str] = Counter()

    def open(self, history: Sequence[str]) -> Act:
        """Begin; `history` is what the session was told before the first response, the newest last."""
        return self.answer_message(history[-1]) if history else Act(say="greeting")

    def answer_phrase(self, phrase: str | None) -> Act:
        """Answer what the caller said; None is speech that was not understood."""
        answers = self._rules.answers
        name = next((name for name, answer in answers.items() if phrase in answer.heard), "unknown")
        acts = answers[name].acts
        self._times[name] += 1
        return acts[min(self._times[name], len(acts)) - 1]

    def answer_output(self, tool: str, output: str) -> Act:
        """Go on after the output of a tool that the model has called."""
        learnt = self._rules.find_outcome(output)
        if tool == "opening_hours":
            return learnt if learnt is not None and learnt.say == "hours" else Act(say="hours_unknown")
        return learnt or Act(say="failed")

    def answer_message(self, text: str) -> Act:
        """Go on after a message of the system in the middle of the conversation."""
        return self._rules.find_outcome(text) or Act(say="cut_off")

    @property
    def summary(self) -> str:
        """What a person should know who takes over."""
        notes = [self._rules.answers[name].note for name in self._times]
        return f"The caller {', '.join(notes)}." if notes else "The caller has not said anything yet."
