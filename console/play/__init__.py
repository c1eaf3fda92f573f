"""`make play`: telephones in the browser, and the user's own agent behind the number that they call."""
