"""The code that decides about a call. It is pure: it knows no socket, clock, event loop, environment, AWS or vendor."""
