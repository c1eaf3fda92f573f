"""Speech on a telephone line: audio as bytes, hearing it, and the recorded lines of the demo."""
