"""sandbox.demo.log_problems: what is picked out of a program's output."""

import pytest

from sandbox.demo.log_problems import find_problems

METRIC = '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[]},"service":"warmline","ModelLosses":1.0}'


def make_entry(level: str, message: str) -> str:
    return f'{{"level":"{level}","location":"call:1","message":"{message}","service":"warmline"}}'


def test_warnings_and_errors_are_problems_in_their_order() -> None:
    log = [
        make_entry("INFO", "a"),
        make_entry("WARNING", "b"),
        METRIC,
        make_entry("ERROR", "c"),
        make_entry("CRITICAL", "d"),
    ]
    assert find_problems(log) == ("b", "c", "d")


def test_what_is_said_again_is_told_once() -> None:
    assert find_problems(
        [make_entry("WARNING", "lost"), make_entry("ERROR", "gone"), make_entry("WARNING", "lost")]
    ) == (
        "lost",
        "gone",
    )


@pytest.mark.parametrize("line", ["", "{", "[]", "7", "Traceback", METRIC, '{"level": 7, "message": "x"}', "{}"])
def test_what_is_no_entry_of_the_log_is_no_problem(line: str) -> None:
    assert find_problems([line]) == ()
