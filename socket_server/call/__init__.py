"""One live call: the bridge between two sockets and the core, the media relay, tools and timers."""
