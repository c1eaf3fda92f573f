"""OpenAI's Realtime protocol: its messages, the socket, and sessions that are opened before a call needs one."""
