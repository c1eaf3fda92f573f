"""A real telephone without a deploy: everything runs on this machine, behind the user's own tunnel: `make tunnel`."""
