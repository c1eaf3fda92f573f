"""Pages: a telephone in the browser, the calls that run and those that were, the report of one call."""
