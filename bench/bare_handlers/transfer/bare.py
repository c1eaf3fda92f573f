"""The least that a function like transfer can be: boto3, its clients, Twilio's REST client, and an answer of one line.

Twilio's package is the one in transfer's own artifact, with its bytecode if that has any.
"""

import boto3
from twilio.rest import Client

CLIENTS = [boto3.client(name) for name in ("secretsmanager", "dynamodb")]
TWILIO = Client("AC" + "0" * 32, "0" * 32)


def lambda_handler(_event: object, _context: object) -> dict[str, object]:
    return {"status": "moved"}
