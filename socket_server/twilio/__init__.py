"""Twilio's protocol: the messages of the media stream, the socket that Twilio opens, and who may open a stream."""
