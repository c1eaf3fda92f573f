"""In which order the resources of a template are built: each after those that it names."""

import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from tests.deploy.moto_cloud.intrinsics import VARIABLE, Evaluator, Node, TemplateError


def order(resources: Mapping[str, Node], evaluator: Evaluator) -> list[str]:
    """The logical ids of the resources whose condition holds."""
    wanted = {
        name for name, one in resources.items() if "Condition" not in one or evaluator.condition(one["Condition"])
    }
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name in (name for name in resources if name in wanted):
        sorter.add(name, *(wanted & (set(_list_needed(resources[name])) | set(_list_names(resources[name])))))
    try:
        return list(sorter.static_order())
    except CycleError as error:
        cycle = ", ".join(sorted(set(error.args[1])))
        raise TemplateError(f"Circular dependency between resources: [{cycle}]") from None


def _list_needed(resource: Node) -> list[str]:
    after = resource.get("DependsOn", [])
    return [after] if isinstance(after, str) else list(after)


def _list_names(node: Node) -> Iterator[str]:
    """Every name that a node refers to. Of `Fn::If` CloudFormation counts both branches, so that a cycle shows."""
    match node:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), _]}:
            yield name
        case {"Fn::GetAtt": str(path)}:
            yield path.partition(".")[0]
        case {"Fn::Sub": argument}:
            text = argument if isinstance(argument, str) else argument[0]
            yield from (re.split(r"\.", name)[0] for name in VARIABLE.findall(text))
            if not isinstance(argument, str):
                yield from _list_names(argument[1])
        case dict():
            for inner in node.values():
                yield from _list_names(inner)
        case list():
            for inner in node:
                yield from _list_names(inner)
