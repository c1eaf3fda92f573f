"""Every check that was written is run."""

from pathlib import Path

from doctor import check_list


def test_every_module_of_checks_is_in_the_list() -> None:
    written = {path.stem for path in (Path(check_list.__file__).parent / "checks").glob("*.py")} - {"__init__"}

    assert {check.run.__module__.rpartition(".")[2] for check in check_list.CHECKS} == written
