"""WebSocket frames as both sockets read and write them, and pings."""
