"""Where `make secrets` gets each value from: the environment, or a question at the terminal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from doctor.errors import DoctorError
from doctor.secret_schema import SecretField

MAX_TRIES = 3  # for each value

type Ask = Callable[[str], str]
type Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class SecretInput:
    """Reads values from the environment, or else from the terminal."""

    environment: Mapping[str, str]
    ask: Ask | None
    """Asks at a terminal without showing the answer. None: there is no terminal."""
    say: Say

    def read(self, field: SecretField, current: str | None, *, optional: bool = False) -> str | None:
        """The value to store. `current` is what the secret has now. None: an optional value is not given.

        Raises `DoctorError`.
        """
        if given := self.environment.get(field.name):
            if fault := field.validate(given.strip()):
                raise DoctorError(f"{fault} (from the environment)", f"correct {field.name}, or unset it to be asked")
            self.say(f"{field.name}: taken from the environment\n")
            return given.strip()
        if self.ask is None:
            if current or optional:
                self.say(f"{field.name}: not in the environment, {'kept as it is' if current else 'none'}\n")
                return current
            message = f"{field.name} is missing, and there is no terminal to ask at"
            raise DoctorError(message, f"set {field.name} in the environment")
        hint = "Enter keeps the current one" if current else "Enter for none" if optional else ""
        for _ in range(MAX_TRIES):
            answer = self.ask(f"{field.name}{f' ({hint})' if hint else ''}: ").strip()
            if not answer and (current or optional):
                return current
            if not (fault := field.validate(answer)):
                return answer
            self.say(f"  {fault}\n")
        raise DoctorError(f"{field.name}: no usable value in {MAX_TRIES} tries; nothing was stored")
