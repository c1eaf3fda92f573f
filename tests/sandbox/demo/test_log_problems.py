"""sandbox.demo.log_problems: what is picked out of a program's output."""

import pytest

from sandbox.demo.log_problems import find_problems

METRIC = '{"_aws":{"Timestamp":1,"CloudWatchMetrics":[]},"service":"warmline","ModelLosses":1.0}'


def entry(level: str, message: str) -> str:
    return f'{{"level":"{level}","location":"call:1","message":"{message}","service":"warmline"}}'


def test_warnings_and_errors_are_problems_in_their_order() -> None:
    log = [entry("INFO", "a"), entry("WARNING", "b"), METRIC, entry("ERROR", "c"), entry("CRITICAL", "d")]
    assert find_problems(log) == ("b", "c", "d")


def test_what_is_said_again_is_told_once() -> None:
    assert find_problems([entry("WARNING", "lost"), entry("ERROR", "gone"), entry("WARNING", "lost")]) == (
        "lost",
        "gone",
    )


@pytest.mark.parametrize("line", ["", "{", "[]", "7", "Traceback", METRIC, '{"level": 7, "message": "x"}', "{}"])
def test_what_is_no_entry_of_the_log_is_no_problem(line: str) -> None:
    assert find_problems([line]) == ()
