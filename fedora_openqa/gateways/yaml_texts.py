"""YAML from people and servers: texts, lists and mappings, and nothing else.

The only file that imports yaml. Nothing in a text can make it run or build anything:
scalars stay texts (a version 1.10 is no number, an impossible date no error).
"""

import re
from collections.abc import Hashable
from typing import Any

import yaml

#: the key under which the tag of a mapping is found: ``{"!": "Policy"}``
TAG = "!"

_CORE = "tag:yaml.org,2002:"


class NotYamlError(Exception):
    """A text is not YAML, or has something in it that we do not want."""


class _Loader(yaml.SafeLoader):
    """Knows texts, null, lists, mappings with merge keys, and local tags."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's way to say it
    yaml_constructors = {  # noqa: RUF012
        **{
            f"{_CORE}{kind}": yaml.SafeLoader.yaml_constructors[f"{_CORE}{kind}"]
            for kind in ("null", "str", "seq", "map")
        },
        None: yaml.SafeLoader.yaml_constructors[None],
    }


def _construct_tagged(loader: _Loader, tag: str, node: yaml.Node) -> object:
    """Keep the name of a local tag (``!Policy``), and build nothing of it."""
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
    """Read all documents of a text.

    Raises:
        NotYamlError: in one line, where it stops to be YAML.
    """
    try:
        return list(yaml.load_all(text, Loader=_Loader))
    except yaml.YAMLError as exc:
        raise NotYamlError(" ".join(str(exc).split())) from exc
    except RecursionError as exc:
        raise NotYamlError("nested too deeply") from exc
