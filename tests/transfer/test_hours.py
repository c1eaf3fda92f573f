"""Opening hours: weeks, breaks, nights, holidays, and the two nights on which clocks change."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hours import DAYS, Hours, HoursError, Span, describe_opening, parse_week

LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
WEEK = Hours(LONDON, parse_week({"mon_fri": "09:00-17:30", "sat": ["09:00-12:00", "13:00-15:00"]}))
NIGHT = Hours(NEW_YORK, parse_week({"sat": "22:00-03:00"}))
NEVER = Hours(LONDON, (Span(0, 540, 600),), frozenset(date(2026, 1, 5) + timedelta(days) for days in range(400)))


def parse_time(text: str, zone: tzinfo = LONDON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-23 08:59:59", False),  # a Monday
        ("2026-11-23 09:00", True),
        ("2026-11-23 17:29:59", True),
        ("2026-11-23 17:30", False),
        ("2026-11-28 11:59", True),  # a Saturday
        ("2026-11-28 12:30", False),
        ("2026-11-28 13:00", True),
        ("2026-11-29 13:00", False),
    ],
)
def test_a_week_with_a_break(moment: str, is_open: bool) -> None:
    assert WEEK.open_at(parse_time(moment)) is is_open


def test_the_moment_may_be_in_any_zone() -> None:
    assert WEEK.open_at(parse_time("2026-11-23 04:30", NEW_YORK))
    assert WEEK.open_at(parse_time("2026-11-23 09:00").astimezone(UTC))
    assert not WEEK.open_at(parse_time("2026-11-23 09:00", NEW_YORK) + timedelta(hours=4))


def test_summer_time_changes_the_hour_of_the_world_but_not_of_the_door() -> None:
    assert WEEK.open_at(datetime(2026, 7, 6, 8, 0, tzinfo=UTC))
    assert not WEEK.open_at(datetime(2026, 12, 7, 8, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-28 21:59", False),  # a Saturday
        ("2026-11-28 22:00", True),
        ("2026-11-29 02:59", True),
        ("2026-11-29 03:00", False),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_begins(moment: str, is_open: bool) -> None:
    assert NIGHT.open_at(parse_time(moment, NEW_YORK)) is is_open


def test_a_holiday_closes_what_begins_on_it_and_not_the_night_before() -> None:
    saturday, sunday = date(2026, 11, 28), date(2026, 11, 29)
    closed = Hours(NEW_YORK, NIGHT.spans, frozenset({saturday}))
    open_night = Hours(NEW_YORK, NIGHT.spans, frozenset({sunday}))

    assert not closed.open_at(parse_time("2026-11-29 01:00", NEW_YORK))
    assert open_night.open_at(parse_time("2026-11-29 01:00", NEW_YORK))


def test_a_day_of_24_hours_has_no_gap_at_midnight() -> None:
    always = Hours(LONDON, parse_week({"mon_sun": "00:00-24:00"}))

    assert always.open_at(parse_time("2026-11-28 00:00"))
    assert always.open_at(parse_time("2026-11-28 23:59:59.999999"))


def test_an_hour_that_comes_twice_is_open_both_times() -> None:
    early = Hours(NEW_YORK, parse_week({"sun": "01:00-02:00"}))  # clocks go back at 02:00 on 1 November 2026
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)

    assert [early.open_at(first + timedelta(hours=hours)) for hours in (-1, 0, 1, 2)] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("table", "opens", "closes"),
    [
        # Clocks go forward at 07:00 UTC on 14 March 2027: the hour from 02:00 does not exist.
        ({"sat": "22:00-02:30"}, "2027-03-14T03:00", "2027-03-14T07:30"),
        ({"sun": "01:45-02:15"}, "2027-03-14T06:45", "2027-03-14T07:15"),
        ({"sun": "02:15-02:45"}, "2027-03-14T07:15", "2027-03-14T07:45"),
        ({"sun": "02:00-06:00"}, "2027-03-14T07:00", "2027-03-14T10:00"),
        ({"sun": "01:00-03:00"}, "2027-03-14T06:00", "2027-03-14T07:00"),
        # Clocks go back at 06:00 UTC on 7 November 2027: the hour from 01:00 comes twice.
        ({"sat": "22:00-01:30"}, "2027-11-07T02:00", "2027-11-07T06:30"),
        ({"sun": "00:45-01:15"}, "2027-11-07T04:45", "2027-11-07T06:15"),
        ({"sun": "01:15-01:45"}, "2027-11-07T05:15", "2027-11-07T06:45"),
        ({"sun": "01:45-02:15"}, "2027-11-07T05:45", "2027-11-07T07:15"),
    ],
)
def test_on_the_nights_on_which_clocks_change(table: dict[str, str], opens: str, closes: str) -> None:
    hours = Hours(NEW_YORK, parse_week(table))
    first, last = parse_time(opens, UTC), parse_time(closes, UTC)
    second = timedelta(seconds=1)

    found = hours.next_opening(first - second)
    assert found is not None
    assert found.astimezone(UTC) == first
    assert [hours.open_at(moment) for moment in (first - second, first, last - second, last)] == [
        False,
        True,
        True,
        False,
    ]


def test_an_opening_time_that_does_not_exist_comes_an_hour_later_by_the_clock() -> None:
    early = Hours(NEW_YORK, parse_week({"sun": "02:30-09:00"}))  # clocks go forward at 02:00 on 14 March 2027

    opens = early.next_opening(parse_time("2027-03-14 00:00", NEW_YORK))

    assert opens is not None
    assert opens.isoformat() == "2027-03-14T03:30:00-04:00"


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-23 08:00", "2026-11-23T09:00:00+00:00"),
        ("2026-11-23 18:00", "2026-11-24T09:00:00+00:00"),
        ("2026-11-28 12:30", "2026-11-28T13:00:00+00:00"),
        ("2026-11-28 16:00", "2026-11-30T09:00:00+00:00"),
    ],
)
def test_the_next_opening(moment: str, opens: str) -> None:
    found = WEEK.next_opening(parse_time(moment))

    assert found is not None
    assert found.isoformat() == opens


def test_holidays_are_skipped() -> None:
    holidays = frozenset({date(2026, 12, 25), date(2026, 12, 28)})

    opens = Hours(LONDON, parse_week({"mon_fri": "09:00-17:00"}), holidays).next_opening(parse_time("2026-12-24 18:00"))

    assert opens == parse_time("2026-12-29 09:00")


def test_a_year_of_holidays_opens_never() -> None:
    assert NEVER.next_opening(parse_time("2026-01-05 08:00")) is None


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    st.dictionaries(st.sampled_from(DAYS), st.sampled_from(["09:00-17:00", "22:00-02:30", "03:00-24:00"]), min_size=1),
    st.sampled_from([LONDON, NEW_YORK, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu")]),
)
def test_it_is_open_at_the_next_opening_and_that_is_in_the_future(
    moment: datetime, table: dict[str, str], zone: ZoneInfo
) -> None:
    hours = Hours(zone, parse_week(table))

    opens = hours.next_opening(moment)

    assert opens is not None
    assert opens > moment
    assert hours.open_at(opens)


@pytest.mark.parametrize(
    ("table", "spans"),
    [
        ({"sun": "10:00 - 16:00"}, (Span(6, 600, 960),)),
        ({"sat_mon": "08:00-09:00"}, (Span(0, 480, 540), Span(5, 480, 540), Span(6, 480, 540))),
        ({"fri": "20:00-04:00"}, (Span(4, 1200, 1680),)),
        ({"fri": "20:00-24:00"}, (Span(4, 1200, 1440),)),
        ({"sun": "20:00-24:00", "mon": "00:00-04:00"}, (Span(0, 0, 240), Span(6, 1200, 1440))),
    ],
)
def test_what_can_be_written(table: dict[str, str | list[str]], spans: tuple[Span, ...]) -> None:
    assert parse_week(table) == spans


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "at least one day"),
        ({"monday": "09:00-17:00"}, 'got "monday"'),
        ({"mon-fri": "09:00-17:00"}, 'got "mon-fri"'),
        ({"mon_": "09:00-17:00"}, 'got "mon_"'),
        ({"fri": []}, "expected at least one span"),
        ({"mon": ["09:00-12:00", "11:00-13:00"]}, "hours of mon and of mon overlap"),
        ({"mon": "22:00-03:00", "tue": "02:00-06:00"}, "hours of mon and of tue overlap"),
        ({"sun": "22:00-03:00", "mon": "02:00-06:00"}, "hours of sun and of mon overlap"),
        ({"mon": "9-17"}, 'got "9-17"'),
        ({"mon": "09:00-24:30"}, 'got "09:00-24:30"'),
        ({"mon": "24:00-09:00"}, 'got "24:00-09:00"'),
        ({"mon": "09:60-17:00"}, 'got "09:60-17:00"'),
        ({"mon": "09:00-09:00"}, "end after its beginning"),
        ({"mon_fri": "09:00-17:00", "fri": "09:00-12:00"}, "fri is named twice"),
    ],
)
def test_what_cannot_be_written(table: dict[str, str | list[str]], words: str) -> None:
    with pytest.raises(HoursError, match=words):
        parse_week(table)


@pytest.mark.parametrize(
    ("opens", "words"),
    [
        ("2026-11-23 13:30", "today at 1:30 pm"),
        ("2026-11-24 09:00", "tomorrow at 9 am"),
        ("2026-11-25 00:05", "on Wednesday at 12:05 am"),
        ("2026-11-30 12:00", "on Monday, 30 November at 12 pm"),
    ],
)
def test_an_opening_time_as_one_says_it(opens: str, words: str) -> None:
    assert describe_opening(parse_time(opens), parse_time("2026-11-23 10:00")) == words
