"""The container: one call is one conversation between a phone socket and a model socket.

The core (conversation and what it imports) decides and knows no socket, clock or event loop; the shell (app, bridge,
sockets and the clients of AWS) acts. tests/test_layering.py holds the line between them.
"""
