"""Simulated Twilio, OpenAI and AWS on loopback, for development and tests."""
