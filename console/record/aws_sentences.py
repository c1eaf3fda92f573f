"""Errors of AWS, and of the doctor's checks, as one sentence for the user."""

from botocore.exceptions import BotoCoreError, ClientError

from doctor.errors import DoctorError, explain_aws_error


def tell_error(error: BotoCoreError | ClientError | DoctorError) -> str:
    """What could not be done, and what to do."""
    explained = error if isinstance(error, DoctorError) else explain_aws_error(error)
    sentence = f"{explained.message}: {explained.remedy}." if explained.remedy else f"{explained.message}."
    return " ".join((sentence[:1].upper() + sentence[1:]).split())
