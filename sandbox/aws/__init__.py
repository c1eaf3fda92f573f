"""The piece of AWS that Warmline needs, on loopback: start with `Cloud` in `cloud.py`."""
