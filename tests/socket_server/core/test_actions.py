"""What the core orders, in words."""

from socket_server.core.actions import TruncateItem


def test_a_truncation_tells_how_its_milliseconds_were_reached() -> None:
    cut = TruncateItem("i1", audio_end_ms=650, by_marks_ms=400, sent_ms=1200)
    proved, heard = "400 ms proved by marks + 250 ms by the clock", "650 ms heard of 1200 ms sent"
    assert cut.math == f"item i1 cut: {proved} = {heard}"
