"""The contract's own job templates, in the format that openQA's loader reads.

Small on purpose: one flavor for each behaviour, so that a failing test names what differs.
"""

from collections.abc import Iterable

from tests.contract.json_types import Json

#: what the scheduler posts with every product
UPDATES = {"_OBSOLETE": "1", "_ONLY_OBSOLETE_SAME_BUILD": "1"}

MACHINES = {
    "64bit": {
        "PART_TABLE_TYPE": "mbr",
        "WORKER_CLASS": "qemu_x86_64",
        "FROM": "machine",
        "MACHINE_WINS": "machine",
    },
    "uefi": {"UEFI": "1", "WORKER_CLASS": "qemu_x86_64", "FROM": "machine"},
    "tap": {"WORKER_CLASS": "tap,qemu_x86_64"},
    "bare": {},
}

PRODUCTS = {
    ("Server-dvd-iso", "*"): {
        "FROM": "product",
        "PRODUCT_ONLY": "1",
        "MACHINE_WINS": "product",
        "RELEASE": "%VERSION%-%ARCH%",
        "+FORCED": "product",
        "+TWICE": "product",
    },
    ("Server-dvd-iso", "42"): {"FROM": "product 42", "RELEASE": "exact"},
    ("chained", "*"): {},
    ("typing-errors", "*"): {},
    ("parallel", "*"): {},
    ("direct", "*"): {},
    ("cycle", "*"): {},
    ("circular", "*"): {},
    ("classes", "*"): {"WORKER_CLASS": "zone_b"},
    ("plain", "*"): {},
    ("row-settings", "*"): {"FROM": "product", "WORKER_CLASS": "zone_p"},
    ("no-templates", "*"): {},
}

SUITES = {
    "install": {
        "FROM": "suite",
        "SUITE_ONLY": "1",
        "+TWICE": "suite",
        "NESTED": "a-%RELEASE%-z",
        "UNKNOWN": "[%NO_SUCH_KEY%]",
        "LITERAL": "100% of %",
        "HDD_1": "disk_%FLAVOR%_%MACHINE%.qcow2",
        "START_AFTER_TEST": "",
        "NUMBERDISKS": "2",
        "VERSION_TEXT": "%VERSION%",
    },
    "upload": {"STORE_HDD_1": "disk_%MACHINE%.qcow2"},
    "follow": {"START_AFTER_TEST": "upload", "HDD_1": "disk_%MACHINE%.qcow2"},
    "grandchild": {"START_AFTER_TEST": "follow"},
    "other_machine": {"START_AFTER_TEST": "upload@uefi"},
    "two_parents": {"START_AFTER_TEST": "upload, upload@uefi"},
    "typo": {"START_AFTER_TEST": "uplaod"},
    "wrong_machine": {"START_AFTER_TEST": "lonely@tap"},
    "lonely": {},
    "server": {},
    "client_a": {"PARALLEL_WITH": "server"},
    "client_b": {"PARALLEL_WITH": "server"},
    "first": {"WORKER_CLASS": "same"},
    "second": {"START_DIRECTLY_AFTER_TEST": "first", "WORKER_CLASS": "same"},
    "round_a": {"START_AFTER_TEST": "round_b"},
    "round_b": {"START_AFTER_TEST": "round_a"},
    "loop": {"A_KEY": "%B_KEY%", "B_KEY": "%A_KEY%"},
    "classy": {"WORKER_CLASS": "zone_a"},
    "plain": {},
}

#: flavor, version, machine, suite, priority, group
ROWS = (
    ("Server-dvd-iso", "*", "64bit", "install", 10, "contract"),
    ("Server-dvd-iso", "*", "uefi", "install", 30, "contract"),
    ("Server-dvd-iso", "42", "64bit", "install", 20, "contract"),
    ("Server-dvd-iso", "*", "64bit", "lonely", 20, "contract two"),
    ("chained", "*", "64bit", "grandchild", 20, "contract"),
    ("chained", "*", "64bit", "follow", 20, "contract"),
    ("chained", "*", "64bit", "upload", 20, "contract"),
    ("chained", "*", "uefi", "upload", 20, "contract"),
    ("chained", "*", "64bit", "other_machine", 20, "contract"),
    ("chained", "*", "64bit", "two_parents", 20, "contract"),
    ("typing-errors", "*", "64bit", "typo", 20, "contract"),
    ("typing-errors", "*", "64bit", "lonely", 20, "contract"),
    ("typing-errors", "*", "uefi", "wrong_machine", 20, "contract"),
    ("parallel", "*", "64bit", "server", 20, "contract"),
    ("parallel", "*", "64bit", "client_a", 20, "contract"),
    ("parallel", "*", "64bit", "client_b", 20, "contract"),
    ("direct", "*", "64bit", "first", 20, "contract"),
    ("direct", "*", "64bit", "second", 20, "contract"),
    ("cycle", "*", "64bit", "round_a", 20, "contract"),
    ("cycle", "*", "64bit", "round_b", 20, "contract"),
    ("circular", "*", "64bit", "loop", 20, "contract"),
    ("classes", "*", "tap", "classy", 20, "contract"),
    ("classes", "*", "bare", "plain", 20, "contract"),
    ("plain", "*", "bare", "plain", 50, "contract two"),
)


#: the loader of openQA 4.6 drops the settings of a job template, except in a group's YAML
ROW_SETTINGS = {"FROM": "template", "WORKER_CLASS": "zone_t"}
ROW_GROUP = "contract three"
ROW_YAML = """\
defaults:
  x86_64:
    machine: 64bit
    priority: 40
products:
  with-settings:
    distri: fedora
    flavor: row-settings
    version: '*'
scenarios:
  x86_64:
    with-settings:
    - install:
        settings:
          FROM: template
          WORKER_CLASS: zone_t
"""


def templates_for_loader() -> dict[str, Json]:
    """Return all tables as openQA's own loader takes them."""
    group = {"group_name": ROW_GROUP, "template": ROW_YAML}
    return {**contract_templates(), "JobGroups": [group]}


def templates_for_sandbox() -> dict[str, Json]:
    """Return all tables as the sandbox takes them: settings stand in the rows."""
    tables = contract_templates()
    row = _job_template("row-settings", "*", "64bit", "install", 40, ROW_GROUP)
    row["settings"] = _rows(ROW_SETTINGS.items())
    return {**tables, "JobTemplates": [*tables["JobTemplates"], row]}


def contract_templates() -> dict[str, Json]:
    """Return all tables of the contract."""
    return {
        "Machines": [
            {"name": name, "backend": "qemu", "settings": _rows(settings.items())}
            for name, settings in MACHINES.items()
        ],
        "Products": [
            {
                "arch": "x86_64",
                "distri": "fedora",
                "flavor": flavor,
                "version": version,
                "settings": _rows(settings.items()),
            }
            for (flavor, version), settings in PRODUCTS.items()
        ],
        "TestSuites": [
            {"name": name, "settings": _rows(settings.items())} for name, settings in SUITES.items()
        ],
        "JobTemplates": [_job_template(*row) for row in ROWS],
    }


def _job_template(*row: str | int) -> dict[str, Json]:
    flavor, version, machine, suite, priority, group = row
    return {
        "group_name": group,
        "machine": {"name": machine},
        "prio": priority,
        "product": {"arch": "x86_64", "distri": "fedora", "flavor": flavor, "version": version},
        "test_suite": {"name": suite},
    }


def _rows(settings: Iterable[tuple[str, str]]) -> list[Json]:
    return [{"key": key, "value": value} for key, value in settings]
