"""WebSocket frames and pings, for both sockets."""
