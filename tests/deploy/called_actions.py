"""Which actions of IAM a program needs, read from its code: the calls of AWS's SDK that it can reach.

Read from the syntax tree by names alone: whatever is called like a function of the program may be that function.
`client.get_paginator("query")` is a query, and a waiter asks what botocore says it asks.
"""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import boto3
from botocore import xform_name

# IAM's name where it is not the API's.
_ACTIONS = {"lambda:Invoke": "lambda:InvokeFunction", "lambda:GetLayerVersionByArn": "lambda:GetLayerVersion"}
# What Powertools and the SDK's waiters ask for in our name.
_FOR_US = {"SecretsProvider": "secretsmanager:GetSecretValue", "role_exists": "iam:GetRole"}


def list_called_actions(folder: Path, shared: Sequence[Path] = ()) -> set[str]:
    """Of a program whose own code counts whole, with what it reaches of shared files.

    It calls the first of these files, which calls the second, and so on: none can be called past the one before it.
    """
    own = [_parse(file) for file in folder.rglob("*.py")]
    names = calling = {name for tree in own for name in _list_names(tree)}
    for file in shared:
        calling = _find_reached(_parse(file), calling)
        names = names | calling
    services = {service for tree in own for service in _list_clients(tree)}
    called = {action for service in services for action in _list_actions(service, names)}
    return called | {action for name, action in _FOR_US.items() if name in names}


def _parse(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def _find_reached(file: ast.Module, names: set[str]) -> set[str]:
    """What is called by those functions of a file that are called by these names, or by each other."""
    functions = [one for one in ast.walk(file) if isinstance(one, ast.FunctionDef)]
    calling: set[str] = set()
    reached: list[ast.FunctionDef] = []
    while new := [one for one in functions if one.name in names | calling and one not in reached]:
        reached += new
        calling |= {name for one in new for name in _list_names(one)}
    return calling


def _list_names(tree: ast.AST) -> Iterator[str]:
    """Of whatever is called, and the words that choose a paginator or a waiter."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        match call.func:
            case ast.Attribute(attr="get_paginator" | "get_waiter"):
                yield from (
                    one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
                )
            case ast.Attribute(attr=name) | ast.Name(id=name):
                yield name


def _list_clients(tree: ast.AST) -> Iterator[str]:
    """The services that clients are made of: `boto3.client("lambda", …)`."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        match call:
            case ast.Call(func=ast.Attribute(attr="client"), args=[ast.Constant(value=str(service)), *_]):
                yield service


def _list_actions(service: str, names: set[str]) -> Iterator[str]:
    model = boto3.session.Session()._session.get_service_model(service)
    for operation in model.operation_names:
        if xform_name(operation) in names:
            action = f"{service}:{operation}"
            yield _ACTIONS.get(action, action)
