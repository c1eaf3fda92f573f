"""Small messages leave at once, and many of them only to where there is room."""

import asyncio
import socket

from sandbox.loopback import make_client, make_listener, shrink_buffers


async def test_neither_end_of_a_connection_waits_for_more_to_send() -> None:
    delays: list[int] = []

    def note(writer: asyncio.StreamWriter) -> None:
        end = writer.get_extra_info("socket")
        delays.append(end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        note(writer)
        writer.close()

    async with await asyncio.start_server(serve, sock=make_listener()) as server:
        client = make_client()
        await asyncio.get_running_loop().sock_connect(client, server.sockets[0].getsockname())
        reader, writer = await asyncio.open_connection(sock=client)
        assert await reader.read() == b""
        note(writer)
        writer.close()
    assert all(delays)
    assert len(delays) == 2


async def test_whoever_connects_before_the_server_runs_is_not_refused() -> None:
    waiting = make_listener()
    client = make_client()
    await asyncio.get_running_loop().sock_connect(client, waiting.getsockname())
    client.close()
    waiting.close()


async def test_to_a_narrow_socket_little_is_on_its_way() -> None:
    server, client = make_listener(), make_client()
    shrink_buffers(server)
    await asyncio.get_running_loop().sock_connect(client, server.getsockname())
    much = bytes(2**20)  # elsewhere it would be taken as a whole
    assert client.send(much) < len(much)
    client.close()
    server.close()
