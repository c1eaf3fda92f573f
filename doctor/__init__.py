"""Checks an installation from the user's machine (`make doctor`), and stores its secrets (`make secrets`)."""
