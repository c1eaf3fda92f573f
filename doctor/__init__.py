"""Proves an installation from the user's machine (`make doctor`), and puts its secrets in place (`make secrets`)."""
