"""Shows and deletes what is stored about a caller: `make delete-caller-data`, or `python -m doctor.delete_caller_data`.

Without `--delete` it only shows it. `--recordings`: also the messages that the caller left at Twilio.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from doctor.context import Aws, Context
from doctor.errors import DoctorError, explain_aws_error
from doctor.one_line_parser import OneLineParser
from doctor.options import Options
from doctor.secret_input import Say
from doctor.shared_code import find_shared_code


def main(
    arguments: Sequence[str], environment: Mapping[str, str], say: Say, note: Say, context: Context | None = None
) -> int:
    """Returns the exit status: 0 all was shown or deleted, 1 something was not, 2 wrong usage.

    `note` gets the progress. `context`: None, of the user's AWS account.
    """
    find_shared_code()
    from doctor.caller_deletion import Request, delete_caller_data

    parsed = _parse_arguments(arguments)
    if context is None:
        region = parsed.region or environment.get("AWS_REGION") or None
        options = Options(stack=parsed.stack, region=parsed.region)
        context = Context(options, Aws(lambda: boto3.session.Session(region_name=region)))
    request = Request(parsed.number.strip(), delete=parsed.delete, recordings=parsed.recordings)
    try:
        return delete_caller_data(context, request, say, note)
    except (BotoCoreError, ClientError) as error:
        explained = explain_aws_error(error)
    except DoctorError as error:
        explained = error
    remedy = f"  → {explained.remedy}\n" if explained.remedy else ""
    say(f"\nStopped: {context.redactor.redact(explained.message)}.\n{remedy}")
    return 1


def _parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Exits with a message if an option is not valid."""
    parser = OneLineParser(
        prog="python -m doctor.delete_caller_data", description=(__doc__ or "").partition("\n")[0], allow_abbrev=False
    )
    parser.add_argument("--number", required=True, metavar="+1…", help="the caller's, as Twilio shows it")
    parser.add_argument("--stack", default="warmline", help="name of the stack; default: %(default)s")
    parser.add_argument("--region", help="of the stack; default: the one of your AWS configuration")
    parser.add_argument("--delete", action="store_true", help="delete what is found, instead of only showing it")
    parser.add_argument("--recordings", action="store_true", help="also the messages that they left at Twilio")
    parsed = parser.parse_args(arguments)
    if not _names_one_caller(parsed.number.strip()):
        expected = "one caller's number in E.164, such as +14155550100, or client:… or sip:…"
        parser.error(f"--number: expected {expected}, got {parsed.number!r}")
    return parsed


def _names_one_caller(caller: str) -> bool:
    """False also for what stands in place of a withheld number: many callers have it."""
    from targets import is_usable_number

    prefix, _, rest = caller.partition(":")
    named = prefix in ("client", "sip", "sips") and bool(rest) and rest.isprintable() and " " not in rest
    return named or is_usable_number(caller)


if __name__ == "__main__":
    try:
        progress: Say = sys.stderr.write if sys.stderr.isatty() else lambda _: None
        sys.exit(main(sys.argv[1:], os.environ, sys.stdout.write, progress))
    except (KeyboardInterrupt, EOFError):
        sys.stdout.write("\nInterrupted.\n")
        sys.exit(130)
