"""AWS's query protocol: a form goes in, XML comes out. CloudFormation, Elastic Load Balancing and SNS speak it.

https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response


async def read_form(request: Request) -> dict[str, str]:
    text = (await request.body()).decode(errors="replace")
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}


def answer_in_xml(action: str, result: str) -> Response:
    text = f"<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
    return Response(text, media_type="text/xml")


def refuse_in_xml(status: int, code: str, message: str) -> Response:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return Response(
        f"<ErrorResponse>{error}<RequestId>sandbox</RequestId></ErrorResponse>", status, media_type="text/xml"
    )
