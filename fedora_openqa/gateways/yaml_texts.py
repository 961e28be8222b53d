"""YAML from people and servers as texts, lists and mappings.

The only module of the gateways that imports yaml. No tag in a document can run code or create
objects, and scalars stay texts: version 1.10 is not a number, an impossible date is not an error.
"""

import re
from collections.abc import Hashable
from typing import Any

import yaml

#: the key under which the tag of a mapping is found: ``{"!": "Policy"}``
TAG = "!"

_CORE = "tag:yaml.org,2002:"


class NotYamlError(Exception):
    """A text is not YAML, or uses a part of YAML that is not allowed here."""


class _Loader(yaml.SafeLoader):
    """Loads texts, null, lists, mappings with merge keys, and local tags."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's interface
    yaml_constructors = {  # noqa: RUF012
        **{
            f"{_CORE}{kind}": yaml.SafeLoader.yaml_constructors[f"{_CORE}{kind}"]
            for kind in ("null", "str", "seq", "map")
        },
        None: yaml.SafeLoader.yaml_constructors[None],
    }


def _construct_tagged(loader: _Loader, tag: str, node: yaml.Node) -> object:
    """Keep the name of a local tag (``!Policy``) in a mapping; create no object from it."""
    if isinstance(node, yaml.MappingNode):
        content: dict[Hashable, Any] = loader.construct_mapping(node, deep=True)
        return {**content, TAG: tag}
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None


_Loader.add_implicit_resolver(
    f"{_CORE}null", re.compile(r"(~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]
)
_Loader.add_implicit_resolver(f"{_CORE}merge", re.compile(r"<<\Z"), ["<"])
_Loader.add_multi_constructor("!", _construct_tagged)


def parse_documents(text: bytes | str) -> list[Any]:
    """Return all documents of a text.

    Raises:
        NotYamlError: with one line that names the place of the error.
    """
    try:
        return list(yaml.load_all(text, Loader=_Loader))
    except yaml.YAMLError as exc:
        raise NotYamlError(" ".join(str(exc).split())) from exc
    except RecursionError as exc:
        raise NotYamlError("nested too deeply") from exc
