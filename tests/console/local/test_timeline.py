"""Entries are numbered once, grow, and come in the order of time."""

from console.call_view import Message
from console.local.timeline import Timeline


def test_entries_keep_their_numbers_and_come_in_the_order_of_time() -> None:
    timeline = Timeline()
    later = timeline.add("twilio", "webhook", 500, "later", open=True)
    earlier = timeline.add("caller", "call", 100, "earlier")

    assert [each.number for each in timeline.view(900)] == [earlier, later]
    timeline.extend(later, 700)
    assert [each.number for each in timeline.view(900)] == [earlier, later]


def test_an_open_span_lasts_until_now_and_a_closed_one_until_its_end() -> None:
    timeline = Timeline()
    number = timeline.add("caller", "ringing", 100, "rings", open=True)

    [entry] = timeline.view(900)
    assert (entry.open, entry.until_ms) == (True, 900)
    [entry] = timeline.view(900, over=True)
    assert (entry.open, entry.until_ms) == (False, 900)
    timeline.extend(number, 400)
    [entry] = timeline.view(900)
    assert (entry.open, entry.until_ms) == (False, 400)


def test_no_span_ends_before_it_begins() -> None:
    timeline = Timeline()
    number = timeline.add("caller", "ringing", 100, "rings", open=True)

    assert timeline.view(50)[0].until_ms == 100
    timeline.extend(number, 40)
    assert timeline.view(50)[0].until_ms == 100


def test_what_is_added_to_an_entry_stands_after_what_it_has() -> None:
    timeline = Timeline()
    first, second = Message(label="1", text="a"), Message(label="2", text="b")
    number = timeline.add("twilio", "webhook", 0, "Twilio asks", messages=[first])
    timeline.change(number, ending="; no answer", tone="fault", messages=[second])

    [entry] = timeline.view(0)
    assert (entry.title, entry.tone, entry.messages) == ("Twilio asks; no answer", "fault", (first, second))
