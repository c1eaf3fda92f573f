"""Calls of a deployed stack: its call record, as the pages show it."""
