"""Errors that stop a check, each with a sentence for the user."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

_INVALID_CREDENTIALS = {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_LOG_IN = "log in to AWS: `aws configure`, `aws sso login`, or name a profile in AWS_PROFILE"


class DoctorError(Exception):
    """Something that could not be done. `message` has no full stop at its end; `remedy` is what the user can do."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def explain_aws_error(error: BotoCoreError | ClientError) -> DoctorError:
    """What an error of AWS's SDK means for the user."""
    match error:
        case ClientError():
            return _explain_client_error(error)
        case NoRegionError():
            return DoctorError("no AWS region is known", "name it: REGION=eu-west-1, or AWS_DEFAULT_REGION")
        case NoCredentialsError() | PartialCredentialsError():
            return DoctorError("no AWS credentials were found", _LOG_IN)
        case CredentialRetrievalError() | ProfileNotFound() | SSOError() | TokenRetrievalError():
            return DoctorError(f"the AWS credentials could not be loaded: {error}", _LOG_IN)
        case _:
            # Timeouts, names that do not resolve, proxies. botocore's own message names the endpoint.
            return DoctorError(f"AWS could not be reached: {error}", "check network, region and proxy")


def read_error_code(error: ClientError) -> str:
    """AWS's name for the error."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def _explain_client_error(error: ClientError) -> DoctorError:
    code, message = read_error_code(error), str(error.response.get("Error", {}).get("Message", ""))[:200]
    operation = error.operation_name
    if code in _INVALID_CREDENTIALS:
        return DoctorError(f"AWS does not accept your credentials ({code})", _LOG_IN)
    if code in _DENIED:
        return DoctorError(
            f"your AWS user may not call {operation} ({code})", f"allow {operation}, or use another user"
        )
    return DoctorError(f"AWS answered {operation} with {code}: {message}")
