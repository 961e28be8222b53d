"""Ports: the Protocols through which workflows use foreign systems and the store.

Workflows import ports, never gateways. A method raises the errors of `fedora_openqa.errors`
that its docstring names, and no others. Implementations do not repeat these docstrings.
"""

from fedora_openqa.ports.audit import Audit as Audit
from fedora_openqa.ports.builds import StoredBuilds as StoredBuilds
from fedora_openqa.ports.evidence import JobComments as JobComments
from fedora_openqa.ports.evidence import KeptJobs as KeptJobs
from fedora_openqa.ports.failures import Failures as Failures
from fedora_openqa.ports.flakes import StoredCourses as StoredCourses
from fedora_openqa.ports.lists import SubjectLists as SubjectLists
from fedora_openqa.ports.openqa import Assets as Assets
from fedora_openqa.ports.openqa import Builds as Builds
from fedora_openqa.ports.openqa import JobFiles as JobFiles
from fedora_openqa.ports.openqa import NewJobs as NewJobs
from fedora_openqa.ports.openqa import OpenQA as OpenQA
from fedora_openqa.ports.openqa import OpenQATemplates as OpenQATemplates
from fedora_openqa.ports.openqa import Presence as Presence
from fedora_openqa.ports.openqa import Runs as Runs
from fedora_openqa.ports.people import Identities as Identities
from fedora_openqa.ports.services import BaseImages as BaseImages
from fedora_openqa.ports.services import Bodhi as Bodhi
from fedora_openqa.ports.services import ComposeLabels as ComposeLabels
from fedora_openqa.ports.services import Composes as Composes
from fedora_openqa.ports.services import ComposeSeries as ComposeSeries
from fedora_openqa.ports.services import CoreOSBuilds as CoreOSBuilds
from fedora_openqa.ports.services import GatedUpdates as GatedUpdates
from fedora_openqa.ports.services import Gating as Gating
from fedora_openqa.ports.services import GatingPolicies as GatingPolicies
from fedora_openqa.ports.services import GivenWaivers as GivenWaivers
from fedora_openqa.ports.services import KnownComposes as KnownComposes
from fedora_openqa.ports.services import Mailer as Mailer
from fedora_openqa.ports.services import PassedPages as PassedPages
from fedora_openqa.ports.services import Releases as Releases
from fedora_openqa.ports.services import ResultPages as ResultPages
from fedora_openqa.ports.services import ResultsDB as ResultsDB
from fedora_openqa.ports.services import Source as Source
from fedora_openqa.ports.services import TestCases as TestCases
from fedora_openqa.ports.services import Waivers as Waivers
from fedora_openqa.ports.services import Wiki as Wiki
from fedora_openqa.ports.statistics import Sightings as Sightings
from fedora_openqa.ports.statistics import Statistics as Statistics
from fedora_openqa.ports.store import Arrivals as Arrivals
from fedora_openqa.ports.store import Backlog as Backlog
from fedora_openqa.ports.store import Deliveries as Deliveries
from fedora_openqa.ports.store import DeliveryLedger as DeliveryLedger
from fedora_openqa.ports.store import Health as Health
from fedora_openqa.ports.store import Inbox as Inbox
from fedora_openqa.ports.store import JobHistory as JobHistory
from fedora_openqa.ports.store import Parking as Parking
from fedora_openqa.ports.store import Pauses as Pauses
from fedora_openqa.ports.store import ProductLedger as ProductLedger
from fedora_openqa.ports.store import Records as Records
from fedora_openqa.ports.store import Stories as Stories
from fedora_openqa.ports.store import Sweeps as Sweeps
from fedora_openqa.ports.watching import Forecasts as Forecasts
from fedora_openqa.ports.watching import Load as Load
from fedora_openqa.ports.watching import Looks as Looks
from fedora_openqa.ports.watching import Snapshots as Snapshots
