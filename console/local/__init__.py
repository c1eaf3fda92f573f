"""A call of the sandbox, as the pages show it, while it runs and afterwards."""
