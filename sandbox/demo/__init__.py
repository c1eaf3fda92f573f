"""One real call through the whole system, for whoever wants to see and hear it: `make demo`."""
