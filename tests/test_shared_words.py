"""Words that two programs share and neither can import from the other: they are the same in both."""

from typing import get_args

import call_rows
import dial_outcome
import signing_keys
import stream_token
import twilio_calls
import twilio_numbers
from doctor import secret_schema, twilio_api
from socket_server.core import actions
from socket_server.twilio import stream_auth


def test_the_core_and_the_record_have_the_same_words_for_ends_and_speakers() -> None:
    assert get_args(actions.EndReason) == get_args(call_rows.EndReason)
    assert get_args(actions.Speaker) == get_args(call_rows.Speaker)


def test_a_streams_token_is_for_the_audience_that_is_demanded() -> None:
    assert stream_token.AUDIENCE == stream_auth.AUDIENCE


def test_both_functions_take_the_same_calls_for_ended() -> None:
    assert set(twilio_calls.ENDED) == set(dial_outcome.ENDED)


def test_the_doctor_stores_the_next_keys_under_the_names_that_are_read() -> None:
    assert secret_schema.NEXT == signing_keys.NEXT


def test_the_deploy_and_the_doctor_send_credentials_to_the_same_hosts() -> None:
    assert twilio_numbers.API_URL == twilio_api.API_URL
