"""Prints template.yaml as CloudFormation gets it: without what only SAM knows. `.venv-deploy/bin/python` runs this.

SAM's transform runs in AWS; this is the same code (`samtranslator`), offline. What `sam package` uploads has any
address here.
"""

import json
import sys
from pathlib import Path

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    """The template names none of AWS's policies, so none has to be looked up."""

    def load(self) -> dict[str, str]:
        return {}


def main(path: Path) -> None:
    template = yaml_parse(path.read_text())
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        for name in {"CodeUri", "ContentUri"} & set(properties):
            properties[name] = f"s3://bucket/{properties[name]}"
    json.dump(transform(template, {}, NoManagedPolicies()), sys.stdout, indent=1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
