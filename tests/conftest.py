"""What holds for all tests."""

import os

import pytest
from hypothesis import settings

from sandbox.clean_environment import remove_developer_settings
from tests.bounds import bound_coroutines
from tests.leaks import leaks, noted_leaks

__all__ = ["leaks", "noted_leaks"]  # fixtures of every test

# Everything is on loopback and AWS is the sandbox's: the developer's proxy or profile would break half of the tests.
remove_developer_settings(os.environ)

# A deadline would time the machine, which runs other tests beside these.
# The examples are the same every time, so that a red build is red again; `--hypothesis-profile explore` looks further.
settings.register_profile("warmline", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=5000)
settings.load_profile("warmline")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    bound_coroutines(items)
