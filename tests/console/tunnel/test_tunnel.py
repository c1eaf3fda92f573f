"""The whole tunnel: a telephone dials, and the checkout on this machine answers through a proxy with TLS."""

import asyncio

import httpx
import pytest

import routes
from console.tunnel.tunnel import TunnelError
from doctor.errors import DoctorError
from doctor.twilio_api import Webhooks
from sandbox.twilio.account import IncomingNumber
from tests.calls.conftest import make_speech, wait_until_heard
from tests.console.tunnel.conftest import BEFORE, HOST, NUMBER, Outside, run_until_cancelled

HERE = (f"https://{HOST}{routes.INCOMING}", "POST", f"https://{HOST}/fallback", "POST")


def webhooks_of(number: IncomingNumber) -> tuple[str, str, str, str]:
    return number.voice_url, number.voice_method, number.voice_fallback_url, number.voice_fallback_method


async def test_a_telephone_talks_with_the_agent_on_this_machine(outside: Outside) -> None:
    async with run_until_cancelled(outside.make_tunnel()):
        during = webhooks_of(outside.number)
        call, session = await outside.dial()
        greeting = make_speech(200)
        await session.speak(greeting, "Hello!")
        await wait_until_heard(call.phone, greeting)
        call.hang_up("party")
        await call.wait_for_end()

    assert during == HERE
    assert webhooks_of(outside.number) == webhooks_of(BEFORE)
    assert not outside.file.exists()
    assert [each for each in outside.said if "again, as before" in each]


async def test_the_board_shows_the_calls_of_this_machine(outside: Outside) -> None:
    async with run_until_cancelled(outside.make_tunnel()):
        call, _ = await outside.dial()
        (address,) = (each.rpartition(" ")[2] for each in outside.said if "as they happen" in each)
        origin = address.partition("/?")[0]
        async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
            await browser.get(address)
            listed = (await browser.get(f"{origin}/api/calls")).json()["calls"]
            rung = (await browser.get(f"{origin}/api/board/destinations")).json()["destinations"]
            logs = (await browser.get(f"{origin}/api/board/calls/{call.sid}/logs")).json()
        call.hang_up("party")
        await call.wait_for_end()

    assert [each["sid"] for each in listed if each["outcome"] == "running"] == [call.sid]
    assert [each["name"] for each in rung] == ["front_desk", "workshop"]
    assert logs == {"url": None}


async def test_the_user_is_asked_before_a_number_is_changed(outside: Outside) -> None:
    outside.agrees = False

    with pytest.raises(TunnelError, match="Nothing was changed"):
        async with run_until_cancelled(outside.make_tunnel()):
            pass

    assert outside.questions == [f"Lead calls of {NUMBER} to this machine until then?"]
    assert any("https://demo.twilio.com/welcome/voice/ (GET)" in each for each in outside.said)
    assert webhooks_of(outside.number) == webhooks_of(BEFORE)


async def test_who_has_agreed_beforehand_is_not_asked(outside: Outside) -> None:
    async with run_until_cancelled(outside.make_tunnel(confirmed=True)):
        assert webhooks_of(outside.number) == HERE

    assert outside.questions == []


async def test_a_tunnel_that_leads_elsewhere_changes_nothing(outside: Outside) -> None:
    tunnel = outside.make_tunnel()
    outside.edge.places[HOST] = outside.carrier.api_url

    with pytest.raises(TunnelError, match="was not led here"):
        async with run_until_cancelled(tunnel):
            pass

    name, finding = outside.reporter.lines[0]
    assert (name, "does not lead to port" in finding.message) == ("tunnel", True)
    assert webhooks_of(outside.number) == webhooks_of(BEFORE)


async def test_a_wrong_auth_token_changes_nothing(outside: Outside) -> None:
    tunnel = outside.make_tunnel()
    outside.carrier.promote_token("3" * 32)

    with pytest.raises(TunnelError):
        async with run_until_cancelled(tunnel):
            pass

    assert any(name == "account" and "refuses" in each.message for name, each in outside.reporter.lines)
    assert webhooks_of(outside.number) == webhooks_of(BEFORE)


async def test_a_number_that_somebody_changes_meanwhile_stays_as_they_left_it(outside: Outside) -> None:
    async with run_until_cancelled(outside.make_tunnel()):
        outside.number.voice_url = "https://other.test/voice"

    assert outside.number.voice_url == "https://other.test/voice"
    assert any("somebody has changed it" in each for each in outside.said)


async def test_a_number_that_cannot_be_put_back_is_described(outside: Outside) -> None:
    async with run_until_cancelled(outside.make_tunnel()):
        outside.carrier.account.answers = (503, b"")

    assert any("https://demo.twilio.com/welcome/voice/ (GET)" in each for each in outside.said[-1:])
    assert outside.file.exists()


async def test_what_a_killed_tunnel_left_is_put_back_by_the_next_one(outside: Outside) -> None:
    async with run_until_cancelled(outside.make_tunnel()):
        left = outside.file.read_bytes()
    outside.file.write_bytes(left)
    outside.number.voice_url, outside.number.voice_method = HERE[0], "POST"
    outside.number.voice_fallback_url = HERE[2]

    async with run_until_cancelled(outside.make_tunnel()):
        pass

    assert webhooks_of(outside.number) == webhooks_of(BEFORE)


async def test_a_tunnel_of_another_number_keeps_what_a_killed_one_left(outside: Outside) -> None:
    async with run_until_cancelled(outside.make_tunnel()):
        left = outside.file.read_bytes()
    outside.file.write_bytes(left)
    outside.number.voice_url, outside.number.voice_method = HERE[0], "POST"
    outside.number.voice_fallback_url = HERE[2]
    outside.carrier.account.numbers.append(IncomingNumber("+12025550101"))

    async with run_until_cancelled(outside.make_tunnel(number="+12025550101")):
        pass
    assert outside.file.exists()
    async with run_until_cancelled(outside.make_tunnel(number=NUMBER)):
        pass

    assert webhooks_of(outside.number) == webhooks_of(BEFORE)


async def test_of_two_tunnels_on_one_number_each_may_end_first(outside: Outside) -> None:
    async with run_until_cancelled(outside.make_tunnel()):
        async with run_until_cancelled(outside.make_tunnel()):
            pass
        assert webhooks_of(outside.number) == webhooks_of(BEFORE)

    assert webhooks_of(outside.number) == webhooks_of(BEFORE)
    assert not any("somebody has changed it" in each for each in outside.said)


@pytest.mark.parametrize("damaged", [b"", b"garbage", b"\xff", b"[]", b'{"PN1": {"phone_number": "+1"}}'])
async def test_a_damaged_file_changes_nothing(outside: Outside, damaged: bytes) -> None:
    outside.file.write_bytes(damaged)

    with pytest.raises(DoctorError, match="is damaged"):
        async with run_until_cancelled(outside.make_tunnel()):
            pass

    assert webhooks_of(outside.number) == webhooks_of(BEFORE)
    assert outside.file.read_bytes() == damaged


async def test_an_interrupt_while_the_number_is_led_here_puts_it_back(outside: Outside) -> None:
    tunnel = outside.make_tunnel()
    outside.on_agree = lambda: asyncio.get_running_loop().call_soon(running.cancel)
    running = asyncio.create_task(tunnel.run())

    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.get_running_loop().shutdown_default_executor()  # whoever still talks with Twilio

    assert webhooks_of(outside.number) == webhooks_of(BEFORE)
    assert not outside.file.exists()
    assert any("as before" in each for each in outside.said)


async def test_an_account_with_several_numbers_is_asked_for_one(outside: Outside) -> None:
    outside.carrier.account.numbers.append(IncomingNumber("+12025550101"))

    with pytest.raises(DoctorError, match="none of the account's 2 numbers"):
        async with run_until_cancelled(outside.make_tunnel()):
            pass


async def test_a_number_of_a_sip_trunk_is_refused(outside: Outside) -> None:
    outside.number.trunk_sid = "TK" + "0" * 32

    with pytest.raises(DoctorError, match="a SIP trunk"):
        async with run_until_cancelled(outside.make_tunnel()):
            pass


async def test_an_interrupt_lets_a_call_end_and_a_second_one_does_not(outside: Outside) -> None:
    async with run_until_cancelled(outside.make_tunnel()) as task:
        call, _ = await outside.dial()
        task.cancel()
        async with asyncio.timeout(20):
            while not any("under way" in each for each in outside.said):
                await call.phone.wait(20)

        assert webhooks_of(outside.number) == webhooks_of(BEFORE)
        assert not task.done()


def test_webhooks_of_a_number_without_any_are_those_of_nobody() -> None:
    assert Webhooks() == Webhooks("", "POST", "", "POST")


async def test_a_container_that_dies_is_replaced(outside: Outside) -> None:
    tunnel = outside.make_tunnel()
    async with run_until_cancelled(tunnel):
        tunnel.installation.container.kill()
        async with asyncio.timeout(30):
            await tunnel.replaced.wait()
        call, _ = await outside.dial()
        call.hang_up("party")
        await call.wait_for_end()

    assert any("Another one is started" in each for each in outside.said)
