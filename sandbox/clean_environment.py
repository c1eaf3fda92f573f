"""Removes the settings of the developer's own network and AWS from the environment of the sandbox."""

import re
from collections.abc import MutableMapping

_OF_THE_DEVELOPER = re.compile(r".*_(proxy|PROXY)|AWS_.*")


def remove_developer_settings(environment: MutableMapping[str, str]) -> None:
    """Drop the settings of proxies and of AWS, before anything has read them."""
    for name in [name for name in environment if _OF_THE_DEVELOPER.fullmatch(name)]:
        del environment[name]
