import contextlib
import json
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import (
    ConfigError,
    FedoraOpenQAError,
    PermanentError,
    ServiceUnavailableError,
)
from fedora_openqa.gateways.greenwave.policies import GreenwaveServer, PolicyFile
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.model.gating import GatingRule, PolicyRules
from tests.support.limits import LIMITS
from tests.support.web import Answer, Web, drop, html, text

SAMPLE = Path(__file__).parent.parent.parent / "data/gating/fedora.yaml"
PATH = "GET /api/v1.0/policies"
RULE = GatingRule(
    policy="P",
    product_versions=("fedora-43",),
    contexts=("C",),
    subject_type="compose",
    testcase="compose.cli",
    scenario="fedora.F.x86_64.64bit",
)
POLICY = {
    "id": "P",
    "product_versions": ["fedora-43"],
    "decision_context": "C",
    "decision_contexts": None,
    "subject_type": "compose",
    "relevance_key": None,
    "rules": [
        {"rule": "RemoteRule", "required": False, "sources": []},
        {"rule": "PassingTestCaseRule", "test_case_name": "compose.cli", "scenario": RULE.scenario},
    ],
}
REMOTE = ("policy P: RemoteRule: the rules of each package's gating.yaml",)
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nid: P\nsubject_type: compose\nrules: [{test_case_name: t, scenario: *c}]"


def test_a_policy_file_is_read() -> None:
    found = PolicyFile(SAMPLE).load()
    rules = found.rules
    assert len(rules) == 10
    assert found.left_out == (
        "policy bodhi_packagers: RemoteRule: the rules of each package's gating.yaml",
    )
    assert rules[0] == GatingRule(
        policy="bodhi_openqa_core",
        product_versions=("fedora-43", "fedora-42"),
        contexts=(
            "bodhi_update_push_testing_core_critpath",
            "bodhi_update_push_stable_core_critpath",
        ),
        subject_type="bodhi_update",
        testcase="update.podman",
        scenario="fedora.updates-container.x86_64.64bit",
    )
    assert rules[4].scenario is None
    assert rules[5].contexts == ("bodhi_update_push_stable_critical-path-kde_critpath",)


@pytest.mark.parametrize("content", [{"policies": [POLICY]}, [POLICY], POLICY])
def test_json_is_a_policy_file_too(content: object, tmp_path: Path) -> None:
    path = tmp_path / "policies.json"
    path.write_text(json.dumps(content))
    assert PolicyFile(path).load() == PolicyRules((RULE,), REMOTE)


@pytest.mark.parametrize(
    ("changes", "rules", "left_out"),
    [
        ({"subject_type": None, "subject_types": ["compose"]}, (RULE,), ()),
        ({"subject_types": []}, (RULE,), ()),
        (
            {"subject_types": ["bodhi_update", "compose"]},
            (RULE, replace(RULE, subject_type="bodhi_update")),
            (),
        ),
        ({"subject_type": None}, (), ("policy P: no type of subject",)),
        ({"decision_context": None, "decision_contexts": ["C"]}, (RULE,), ()),
        ({"decision_contexts": []}, (RULE,), ()),
        (
            {"decision_context": None, "decision_contexts": []},
            (replace(RULE, contexts=()),),
            ("policy P: no decision context",),
        ),
        ({"packages": [], "excluded_packages": None, "relevance_value": None}, (RULE,), ()),
        ({"packages": ["a", "b*"]}, (RULE,), ("policy P: only for packages a, b*",)),
        ({"excluded_packages": ["a"]}, (RULE,), ("policy P: not for packages a",)),
        (
            {"relevance_key": "x", "relevance_value": "y"},
            (RULE,),
            ("policy P: only where x is y",),
        ),
        ({"product_versions": None}, (replace(RULE, product_versions=()),), ()),
        ({"rules": None}, (), ()),
        ({"rules": [{"rule": "NewRule"}]}, (), ("policy P: NewRule without a test case",)),
        ({"rules": [{"rule": "NewRule", "test_case_name": "t"}]}, (), ("policy P: NewRule without a test case",)),
    ],
)  # fmt: skip
def test_each_part_of_a_policy_is_read_or_named(
    tmp_path: Path,
    changes: dict[str, object],
    rules: tuple[GatingRule, ...],
    left_out: tuple[str, ...],
) -> None:
    path = tmp_path / "policies.json"
    policy = POLICY | {"rules": POLICY["rules"][1:]} | changes  # type: ignore[index]
    path.write_text(json.dumps(policy))
    found = PolicyFile(path).load()
    assert (set(found.rules), found.left_out) == (set(rules), left_out)


TEMPLATE = """\
--- !Policy
id: P
product_versions: [{% if env == "production" %}fedora-43{% else %}fedora-44{% endif %}]
decision_context: C
subject_type: compose
rules:
{% for test in ["cli", "other"] %}
  - !PassingTestCaseRule {test_case_name: compose.{{ test }}}
{% endfor %}
"""


@pytest.mark.parametrize("content", [TEMPLATE, "id: P\nrules: # {% raw %}\n", "id: '{{ x }}'"])
def test_a_jinja_template_is_named_with_the_command_that_renders_it(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "fedora policies.yaml.j2"
    path.write_text(content)
    with pytest.raises(
        PermanentError, match="a Jinja template, not gating policies: render it"
    ) as failure:
        PolicyFile(path).load()
    assert f"<'{path}' >policies.yaml (needs python3-jinja2)" in str(failure.value)
    assert "\n" not in str(failure.value)


def test_the_command_that_is_named_renders_a_template(tmp_path: Path) -> None:
    path = tmp_path / "policies.yaml.j2"
    path.write_text(TEMPLATE)
    with pytest.raises(PermanentError) as failure:
        PolicyFile(path).load()
    command = str(failure.value).partition("render it first: ")[2].partition(" (needs")[0]
    shell = command.replace("python3", shlex.quote(sys.executable), 1)
    subprocess.run(shell, shell=True, cwd=tmp_path, check=True)  # noqa: S602 - the project's own
    found = PolicyFile(tmp_path / "policies.yaml").load()
    assert [rule.testcase for rule in found.rules] == ["compose.cli", "compose.other"]
    assert found.rules[0].product_versions == ("fedora-43",)


def test_merge_keys_and_versions_stay_what_they_are_in_yaml(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(
        "x: &x {product_versions: [1.10, 2026-02-31], decision_context: yes, subject_type: compose}\nid: 7\n<<: *x\n"
        "rules: [!PassingTestCaseRule {test_case_name: t}]\n"
    )
    (rule,) = PolicyFile(path).load().rules
    assert (rule.policy, rule.product_versions, rule.contexts) == (
        *("7", ("1.10", "2026-02-31")),
        ("yes",),
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "no policy is there"),
        ("---\n---\n", "no policy is there"),
        ("%% if env == 'staging'", "found unknown directive|expected"),
        ("[" * 5000, "nested too deeply"),
        ("just words", "Expected `object`"),
        ("id: P\nrules: 7", r"Expected `array \| null`, got `str` - at `\$.rules`"),
        ("rules: []", "missing required field `id`"),
        ("id: !!python/object/apply:os.system [true]", "could not determine a constructor"),
        ("id: !!int ''", "could not determine a constructor"),
        ("a: &a [*a]\nid: *a", "Expected `str`, got `array`"),
        ("id: P\nrules: &a [!x {y: *a}, *a]", "unconstructable recursive node|Expected"),
        ("a: !x &a {b: *a}", "unconstructable recursive node"),
        ("\0", "special characters are not allowed"),
    ],
)
def test_another_file_is_refused_in_a_line(content: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(content)
    with pytest.raises(PermanentError, match=reason) as failure:
        PolicyFile(path).load()
    assert str(failure.value).startswith(f"{path}: not gating policies: ")
    assert "\n" not in str(failure.value)


def test_what_is_not_a_text_is_not_spelled_out(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(BOMB)
    assert [rule.scenario for rule in PolicyFile(path).load().rules] == ["not a text"]


def test_a_file_that_is_not_there_is_ours_to_mend(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        PolicyFile(tmp_path / "none").load()
    with pytest.raises(ConfigError, match="Is a directory"):
        PolicyFile(tmp_path).load()


def test_a_server_is_asked_once(web: Web) -> None:
    web.answers[PATH] = text(json.dumps({"policies": [POLICY]}))
    found = GreenwaveServer(Reader(LIMITS), f"{web.url}/").load()
    assert found == PolicyRules((RULE,), REMOTE)
    assert web.requests == [PATH]


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        (html(), ServiceUnavailableError, "not the answer of this service"),
        (text('{"policies": [{}]}'), ServiceUnavailableError, "required field `id`"),
        (text("[" * 5000), ServiceUnavailableError, "not the answer of this service"),
        (text('{"policies": []}'), PermanentError, "no policy is there"),
        (text("", status=404), PermanentError, "is this the URL of Greenwave"),
        (text("", status=500), ServiceUnavailableError, "500"),
        (drop, ServiceUnavailableError, "closed connection"),
    ],
)
def test_a_server_that_does_not_say_is_an_error(
    web: Web, answer: Answer, error: type[FedoraOpenQAError], reason: str
) -> None:
    web.answers[PATH] = answer
    with pytest.raises(error, match=reason) as failure:
        GreenwaveServer(Reader(LIMITS), web.url).load()
    assert "\n" not in str(failure.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(sorted(POLICY)) | st.text(), inner),
    max_leaves=20,
)  # fmt: skip
YAML = st.text("abid:-[]{}!&*<>|?%@'\"#, \n\t0.~=\\", max_size=60)


@given(content=st.binary() | YAML.map(str.encode) | JSON.map(yaml.safe_dump).map(str.encode))
def test_any_file_is_policies_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(content)
    with contextlib.suppress(PermanentError):
        assert all(isinstance(rule, GatingRule) for rule in PolicyFile(path).load().rules)


class Canned(Reader):
    """A reader without a network."""

    def __init__(self, content: bytes) -> None:
        super().__init__(LIMITS)
        self.content = content

    def fetch(self, url: str) -> bytes | None:  # noqa: ARG002
        return self.content


@given(st.binary() | JSON.map(json.dumps).map(str.encode))
def test_any_answer_is_policies_or_refused(content: bytes) -> None:
    server = GreenwaveServer(Canned(content), "https://greenwave.example")
    with contextlib.suppress(PermanentError, ServiceUnavailableError):
        server.load()
