"""Whether both secrets are there, with every value that they need in a form that can be right."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from doctor import secret_form
from doctor.context import Patient
from doctor.errors import DoctorError, code_of
from doctor.facts import OpenAIKey, Stack, TwilioSecret
from doctor.findings import Finding, ok, warning, wrong
from doctor.secret_form import CHANGED, NEXT, OPENAI, TWILIO, Part
from doctor.secrets import OPENAI_SECRET, TWILIO_SECRET


def twilio_secret(patient: Patient) -> Iterator[Finding]:
    stack = patient.chart.get(Stack)
    name = stack.parameters.get("TwilioSecret") or TWILIO_SECRET
    # By its ARN: a secret that was deleted and made anew has the same name and is not the one that was deployed.
    values = _values(patient, name, stack.outputs["TwilioSecretArn"])
    if (finding := _judged(name, values, TWILIO)) is not None:
        yield finding
        return
    key = "REST by an API key" if values.get(secret_form.API_KEY_SID.name) else "REST by the auth token"
    yield ok(f"{name} has all its values, each in a form that can be right ({key})")
    if following := [part.name + NEXT for part in CHANGED if values.get(part.name + NEXT)]:
        says = f"{name} has {', '.join(following)}: a rotation is under way, and both keys of each pair are good"
        switched = values.get(secret_form.ROTATION) == secret_form.SWITCHED
        end = "`make secrets ROTATE=end` when the old ones are not needed any more"
        yield warning(says, end if switched else f"`make secrets ROTATE=switch`, and then {end}")
    patient.chart.note(TwilioSecret(name, values))


def openai_secret(patient: Patient) -> Iterator[Finding]:
    stack = patient.chart.get(Stack)
    name = stack.parameters.get("OpenAISecret") or OPENAI_SECRET
    values = _values(patient, name, stack.outputs["OpenAISecretArn"])
    if (finding := _judged(name, values, OPENAI)) is not None:
        yield finding
        return
    yield ok(f"{name} has the model's key, in a form that can be right")
    patient.chart.note(OpenAIKey(name, values[secret_form.OPENAI_KEY.name]))


def _values(patient: Patient, name: str, secret_id: str) -> dict[str, str]:
    try:
        text = patient.aws.secrets.get_secret_value(SecretId=secret_id).get("SecretString", "")
    except ClientError as error:
        if code_of(error) in ("ResourceNotFoundException", "InvalidRequestException"):
            # Without a change of transfer, CloudFormation does not ask AccountCheck, and the old ARN stays everywhere.
            cure = "`make secrets`, change a comment in functions/transfer/directory.toml, `sam build && sam deploy`"
            raise DoctorError(f"the secret {name} that was deployed does not exist any more", cure) from None
        raise
    patient.chart.hide(text)
    values = secret_form.decoded(text, name)
    patient.chart.hide(*(value for key, value in values.items() if key not in secret_form.PUBLIC))
    return values


def _judged(name: str, values: secret_form.Values, parts: tuple[Part, ...]) -> Finding | None:
    faults = list(secret_form.faults(parts, values))
    return wrong(f"{name}: {'; '.join(faults)}", "`make secrets` asks for the values anew") if faults else None
