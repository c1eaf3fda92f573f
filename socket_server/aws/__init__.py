"""The clients of AWS: call log, transfer function, secrets, metrics, logs. Slow requests run on threads."""
