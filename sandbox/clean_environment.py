"""What the developer's environment says about their own network and their own AWS, which is not this one."""

import re
from collections.abc import MutableMapping

_OF_THE_DEVELOPER = re.compile(r".*_(proxy|PROXY)|AWS_.*")


def remove_developer_settings(environment: MutableMapping[str, str]) -> None:
    """Drop the settings of proxies and of AWS, before anything has read them."""
    for name in [name for name in environment if _OF_THE_DEVELOPER.fullmatch(name)]:
        del environment[name]
