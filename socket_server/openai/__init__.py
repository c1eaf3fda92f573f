"""OpenAI's wire: the Realtime protocol's messages, the socket, and sessions that are open before a call needs one."""
