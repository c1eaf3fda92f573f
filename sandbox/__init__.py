"""A telephone network in a box: carrier, model and cloud on loopback, for development and tests."""
