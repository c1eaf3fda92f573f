"""A telephone for any Twilio application on this machine: `make carrier`."""
