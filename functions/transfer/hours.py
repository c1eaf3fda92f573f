"""Opening hours: is a destination open at a moment, and when does it open next?

People write them so: `{ mon_thu = "09:00-17:00", fri = ["09:00-12:00", "13:00-15:00"], sat = "22:00-02:00" }`. A span
belongs to the day on which it begins. If its end is before its begin, it runs into the next day. On a holiday no span
begins. Times are local times of the time zone, so 09:00 stays 09:00 in summer time. This file knows no current time:
the caller of a function gives a moment with its zone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_A_DAY = 24 * 60
# With more than a year of holidays, a destination does not plan to open again.
SEARCH_DAYS = 370

_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*[-\u2013]\s*(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")


class HoursError(ValueError):
    """The hours cannot be understood; the message says what was expected and what came."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    weekday: int
    """0 is Monday."""
    opens_min: int
    """Minutes since midnight, on the wall clock."""
    closes_min: int
    """More than `opens_min`; beyond 1440 on the next day."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When a destination is open; `spans` in the order of the week."""

    zone: ZoneInfo
    spans: tuple[Span, ...]
    holidays: frozenset[date] = frozenset()

    def open_at(self, moment: datetime) -> bool:
        today = moment.astimezone(self.zone).date()
        days = (today - timedelta(days=1), today)  # yesterday's last span may still run
        return any(opens <= moment < closes for day in days for opens, closes in self._list_spans(day))

    def next_opening(self, moment: datetime) -> datetime | None:
        """When it opens next after the moment, in the destination's own zone; None: not within a year."""
        today = moment.astimezone(self.zone).date()
        for days in range(SEARCH_DAYS):
            for opens, _ in self._list_spans(today + timedelta(days=days)):
                if opens > moment:
                    return opens.astimezone(self.zone)
        return None

    def _list_spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The spans that begin on the day, in UTC."""
        if day in self.holidays:
            return
        for span in self.spans:
            if span.weekday == day.weekday():
                yield min(self._to_utc(day, span.opens_min)), max(self._to_utc(day, span.closes_min))

    def _to_utc(self, day: date, minutes: int) -> list[datetime]:
        """The moments, in UTC, at which the local time is this time.

        When clocks go back, an hour comes twice: opening means the first, closing the second. When they go
        forward, a time that does not exist is read as if the clock had not been changed yet (fold 0).
        """
        midnight = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
        first, second = (midnight.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        return [first, max(first, second)]


def parse_week(table: Mapping[str, str | Sequence[str]]) -> tuple[Span, ...]:
    """The week that the table describes. Raises `HoursError`."""
    if not table:
        raise HoursError('expected at least one day such as mon_fri = "09:00-17:00", or "always"; got none')
    spans: dict[int, list[Span]] = {}
    for days, words in table.items():
        ranges = [words] if isinstance(words, str) else words
        for weekday in _parse_weekdays(days):
            if weekday in spans:
                raise HoursError(f"{DAYS[weekday]} is named twice; give it one list of spans")
            if not ranges:
                raise HoursError("expected at least one span; a day that is closed is left out")
            spans[weekday] = [_parse_span(weekday, text) for text in ranges]
    week = tuple(sorted(span for day in spans.values() for span in day))
    _refuse_overlaps(week)
    return week


def _refuse_overlaps(week: Sequence[Span]) -> None:
    starts = [span.weekday * MINUTES_A_DAY + span.opens_min for span in week]
    starts.append(starts[0] + 7 * MINUTES_A_DAY)  # Sunday night may run into Monday
    for index, span in enumerate(week):
        if starts[index] + span.closes_min - span.opens_min > starts[index + 1]:
            following = DAYS[week[(index + 1) % len(week)].weekday]
            raise HoursError(f"the hours of {DAYS[span.weekday]} and of {following} overlap")


def _parse_weekdays(text: str) -> list[int]:
    first, *more = text.split("_", 1)
    last = more[0] if more else first
    if first not in DAYS or last not in DAYS:
        raise HoursError(f'expected a day or days such as "sat" or "mon_fri", got "{text}"')
    start, count = DAYS.index(first), (DAYS.index(last) - DAYS.index(first)) % 7
    return [(start + days) % 7 for days in range(count + 1)]


def _parse_span(weekday: int, text: str) -> Span:
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise HoursError(f'expected a span such as "09:00-17:00", got "{text}"')
    hour, minute, to_hour, to_minute = found.groups()
    opens = int(hour) * 60 + int(minute)
    closes = int(to_hour) * 60 + int(to_minute) if to_hour else MINUTES_A_DAY
    if closes == opens:
        raise HoursError(f'expected a span with an end after its beginning, got "{text}"; all day is "00:00-24:00"')
    return Span(weekday, opens, closes if closes > opens else closes + MINUTES_A_DAY)


def describe_opening(opens_at: datetime, moment: datetime) -> str:
    """The opening time as one says it: `today at 1:30 pm`, `tomorrow at 9 am`, `on Monday at 9 am`."""
    days = (opens_at.date() - moment.astimezone(opens_at.tzinfo).date()).days
    match days:
        case 0:
            day = "today"
        case 1:
            day = "tomorrow"
        case _ if days < 7:
            day = f"on {opens_at:%A}"
        case _:
            day = f"on {opens_at:%A}, {opens_at.day} {opens_at:%B}"
    minutes = f":{opens_at:%M}" if opens_at.minute else ""
    return f"{day} at {opens_at.hour % 12 or 12}{minutes} {'am' if opens_at.hour < 12 else 'pm'}"
