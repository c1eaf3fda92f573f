"""`make board`: the calls of a deployed stack, on a page of this machine."""
