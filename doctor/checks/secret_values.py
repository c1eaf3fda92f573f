"""Whether both secrets exist, and each value in them has the right form."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from doctor import secret_schema
from doctor.context import Context
from doctor.errors import DoctorError, read_error_code
from doctor.facts import OpenAIKey, Stack, TwilioSecret
from doctor.findings import Finding, fail, ok, warn
from doctor.secret_schema import NEXT, OPENAI, ROTATED, TWILIO, SecretField
from doctor.secrets import OPENAI_SECRET, TWILIO_SECRET


def check_twilio_secret(context: Context) -> Iterator[Finding]:
    stack = context.facts.get(Stack)
    name = stack.parameters.get("TwilioSecret") or TWILIO_SECRET
    # By its ARN: a secret that was deleted and created again has the same name, but the stack still uses the old ARN.
    values = _read_values(context, name, stack.outputs["TwilioSecretArn"])
    if (finding := _find_faults(name, values, TWILIO)) is not None:
        yield finding
        return
    key = "REST by an API key" if values.get(secret_schema.API_KEY_SID.name) else "REST by the auth token"
    yield ok(f"{name} has all its values, each in the right form ({key})")
    if next_names := [each.name + NEXT for each in ROTATED if values.get(each.name + NEXT)]:
        message = (
            f"{name} has {', '.join(next_names)}: a rotation is in progress, and both keys of each pair are accepted"
        )
        switched = values.get(secret_schema.ROTATION) == secret_schema.SWITCHED
        end = "`make secrets ROTATE=end` when the old ones are not needed any more"
        yield warn(message, end if switched else f"`make secrets ROTATE=switch`, and then {end}")
    context.facts.add(TwilioSecret(values))


def check_openai_secret(context: Context) -> Iterator[Finding]:
    stack = context.facts.get(Stack)
    name = stack.parameters.get("OpenAISecret") or OPENAI_SECRET
    values = _read_values(context, name, stack.outputs["OpenAISecretArn"])
    if (finding := _find_faults(name, values, OPENAI)) is not None:
        yield finding
        return
    yield ok(f"{name} has the model's key, in the right form")
    context.facts.add(OpenAIKey(values[secret_schema.OPENAI_KEY.name]))


def _read_values(context: Context, name: str, secret_id: str) -> dict[str, str]:
    try:
        text = context.aws.secrets.get_secret_value(SecretId=secret_id).get("SecretString", "")
    except ClientError as error:
        if read_error_code(error) in ("ResourceNotFoundException", "InvalidRequestException"):
            # Without a change of transfer, CloudFormation does not ask AccountCheck, and the old ARN stays everywhere.
            remedy = "`make secrets`, change a comment in functions/transfer/directory.toml, `sam build && sam deploy`"
            raise DoctorError(f"the secret {name} that was deployed does not exist any more", remedy) from None
        raise
    context.redactor.add(text)
    values = secret_schema.decode(text, name)
    context.redactor.add(*(value for key, value in values.items() if key not in secret_schema.PUBLIC))
    return values


def _find_faults(name: str, values: secret_schema.Values, fields: tuple[SecretField, ...]) -> Finding | None:
    faults = list(secret_schema.validate(fields, values))
    return fail(f"{name}: {'; '.join(faults)}", "`make secrets` asks for the values anew") if faults else None
