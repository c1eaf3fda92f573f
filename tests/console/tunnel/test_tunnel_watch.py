import asyncio

import pytest

from console.tunnel.tunnel_watch import watch_tunnel
from doctor.errors import DoctorError
from doctor.network import Network, Response

HERE, ELSEWHERE = Response(200, "text/plain", b"probe"), Response(502, "text/html", b"Bad gateway")


class Scripted(Network):
    """Answers in turn; an error is raised."""

    def __init__(self, answers: list[Response | DoctorError]) -> None:
        super().__init__()
        self._answers = answers

    def request(self, *_: object, **__: object) -> Response:
        answer = self._answers.pop(0)
        if isinstance(answer, DoctorError):
            raise answer
        return answer


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([HERE, HERE], []),
        ([ELSEWHERE, ELSEWHERE], ["does not lead here any more (HTTP 502 from somewhere else)"]),
        ([DoctorError("it did not resolve"), HERE], ["any more (it did not resolve)", "leads here again"]),
        ([ELSEWHERE, HERE, ELSEWHERE], ["any more", "again", "any more"]),
    ],
)
async def test_each_change_is_said_once(answers: list[Response | DoctorError], said: list[str]) -> None:
    told: list[str] = []
    left = len(answers)

    async def sleep(_: float) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await watch_tunnel(Scripted(answers), "https://tunnel.test/probe", "probe", told.append, sleep)

    assert len(told) == len(said)
    assert all(part in line for part, line in zip(said, told, strict=True))
