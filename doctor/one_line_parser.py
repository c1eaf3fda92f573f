"""Reads the options of a program that a target of make starts, and says in one line what is wrong with them."""

import argparse
import re
from typing import NoReturn


class OneLineParser(argparse.ArgumentParser):
    """An option is named as users of make know it too: `--number` is NUMBER there."""

    def error(self, message: str) -> NoReturn:
        said = re.sub(r"^(?:argument )?--([a-z-]+):", _name_twice, message)
        self.exit(2, f"{self.prog}: {said}\n")


def _name_twice(option: re.Match[str]) -> str:
    return f"--{option[1]} ({option[1].upper().replace('-', '_')} of make):"
