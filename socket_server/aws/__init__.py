"""The clients of AWS: call log, transfer function, secrets, metrics, logs. What is slow runs on threads."""
