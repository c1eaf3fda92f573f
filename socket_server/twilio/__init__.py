"""Twilio's wire: the media stream's messages, the socket that it dials, and who may open a stream."""
