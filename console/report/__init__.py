"""A call in one file, which opens without a server."""
