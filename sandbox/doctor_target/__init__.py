"""An installation in the sandbox for the doctor to check: `make doctor SANDBOX=1`."""
