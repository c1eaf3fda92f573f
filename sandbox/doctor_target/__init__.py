"""The sandbox as a patient: `make doctor SANDBOX=1` makes the doctor's own checks of it."""
