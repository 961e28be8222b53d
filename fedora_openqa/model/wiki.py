"""The wiki's result pages: test cases, rows, events, and the cells that jobs pass."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Placeholder(StrEnum):
    """Placeholders in the tables, which are replaced by values of the job."""

    #: the arch: ``"x86_64"``
    RUNARCH = "$RUNARCH$"
    #: ``"aarch64"``, ``"x86_64 UEFI"``, ``"x86_64 BIOS"``
    BOOTMETHOD = "$BOOTMETHOD$"
    #: ``"UEFI"``, ``"BIOS"``
    FIRMWARE = "$FIRMWARE$"
    #: as pages spell it: ``"Server"``, ``"Cloud"``
    SUBVARIANT = "$SUBVARIANT$"
    #: as pages spell it: ``"dvd"``, ``"netinst"``
    IMAGETYPE = "$IMAGETYPE$"
    #: last part of the suite's name: ``"ext4"``
    FS = "$FS$"
    #: ``"kde"``; often empty
    DESKTOP = "$DESKTOP$"
    #: ``"Local"`` for cloud images
    SUBVARIANT_OR_LOCAL = "$SUBVARIANT_OR_LOCAL$"
    #: ``"Cloud"``, ``"Base"``
    CLOUD_OR_BASE = "$CLOUD_OR_BASE$"
    #: ``"FreeIPA"``, ``"Active Directory"``
    FREEIPA_OR_AD = "$FREEIPA_OR_AD$"
    #: the application under test: ``"file manager"``; often empty
    APP = "$APP$"


#: any placeholder
PLACEHOLDER = re.compile("|".join(re.escape(one) for one in Placeholder))


@dataclass(frozen=True, slots=True)
class SuiteRow:
    """A test case that a test suite passes."""

    #: ``"QA:Testcase_base_selinux"``
    testcase: str
    #: modules of the job that must have passed; then the job itself may have failed
    requires_modules: tuple[str, ...] = ()
    #: further suites that must have passed on the same machine and flavor
    requires_suites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WikiCase:
    """The place of a test case in the wiki; every text may have placeholders."""

    #: the page: ``"Installation"``, ``"$CLOUD_OR_BASE$"``
    testtype: str
    #: the column: ``"Result"``, ``"VM $FIRMWARE$"``
    env: str
    #: heading of the table: ``"Default boot and install ($RUNARCH$)"``; empty: the only one
    section: str = ""
    #: name of the row: ``"$SUBVARIANT$_$IMAGETYPE$"``; empty: the test case
    name: str = ""

    @property
    def placeholders(self) -> frozenset[str]:
        """All placeholders of its texts."""
        texts = (self.testtype, self.env, self.section, self.name)
        return frozenset(one for text in texts for one in PLACEHOLDER.findall(text))

    def filled(self, values: Mapping[str, str]) -> "WikiCase":
        """Return the place with placeholders replaced by values; those without a value stay.

        :param values: placeholder to value
        """

        def fill(text: str) -> str:
            return PLACEHOLDER.sub(lambda match: values.get(match[0], match[0]), text)

        return WikiCase(
            testtype=fill(self.testtype),
            env=fill(self.env),
            section=fill(self.section),
            name=fill(self.name),
        )


@dataclass(frozen=True, slots=True)
class WikiTables:
    """The tables of suites and test cases."""

    #: test suite to the test cases it passes
    suites: Mapping[str, tuple[SuiteRow, ...]]
    #: test case to its place
    cases: Mapping[str, WikiCase]
    #: test suite to the application it tests, as the rows have it: ``"file manager"``
    apps: Mapping[str, str] = field(default_factory=dict)
    #: test suites that pass no test case, on purpose
    passes_nothing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WikiRow:
    """A row of a result page."""

    testtype: str
    section: str
    testcase: str
    #: name of the row
    testname: str
    #: its columns for results: ``("VM UEFI",)``
    envs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WikiEvent:
    """A validation event: the set of result pages of one compose."""

    #: ``"Fedora"``, ``"Fedora-IoT"``
    dist: str
    #: ``"43"``; Rawhide's has a number, too
    release: str
    #: ``"Rawhide"``, ``"Branched"``, ``"RC"``
    milestone: str
    #: ``"20261120.n.0"``, ``"1.6"``
    compose: str


@dataclass(frozen=True, slots=True)
class WikiPass:
    """A cell of a result page that a job passes."""

    #: the page: ``"Installation"``
    testtype: str
    #: ``"QA:Testcase_Boot_default_install"``
    testcase: str
    #: heading of the table: ``"Default boot and install (x86_64)"``; empty: the only one
    section: str
    #: name of the row: ``"Server_dvd"``; empty: the test case
    testname: str
    #: the column: ``"VM UEFI"``
    env: str
    #: the compose id: ``"Fedora-Rawhide-20261120.n.0"``
    cid: str
    status: str = "pass"
    bot: bool = True

    @property
    def place(self) -> str:
        """Where the cell is: ``"Installation / Default boot … / Server_dvd / VM UEFI"``."""
        return " / ".join(filter(None, (self.testtype, self.section, self.testname, self.env)))
