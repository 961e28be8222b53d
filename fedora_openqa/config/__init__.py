"""The configuration of the deployment: one TOML file, checked, as one frozen object.

An unknown key, a wrong type or an impossible value is a `ConfigError` with the file, the key
and what is expected. Nothing is read at import.
"""

from fedora_openqa.config.load import CONSUMER_KEYS as CONSUMER_KEYS
from fedora_openqa.config.load import VARIABLE as VARIABLE
from fedora_openqa.config.load import consumer_config as consumer_config
from fedora_openqa.config.load import default_store_url as default_store_url
from fedora_openqa.config.load import find_config as find_config
from fedora_openqa.config.load import load_config as load_config
from fedora_openqa.config.load import parse_config as parse_config
from fedora_openqa.config.load import seconds_in as seconds_in
from fedora_openqa.config.tables import FEDORA_SITE as FEDORA_SITE
from fedora_openqa.config.tables import Autocloud as Autocloud
from fedora_openqa.config.tables import Bodhi as Bodhi
from fedora_openqa.config.tables import ComposeCheck as ComposeCheck
from fedora_openqa.config.tables import ComposeGating as ComposeGating
from fedora_openqa.config.tables import Config as Config
from fedora_openqa.config.tables import Count as Count
from fedora_openqa.config.tables import Datagrepper as Datagrepper
from fedora_openqa.config.tables import Duration as Duration
from fedora_openqa.config.tables import Fedora as Fedora
from fedora_openqa.config.tables import Greenwave as Greenwave
from fedora_openqa.config.tables import Host as Host
from fedora_openqa.config.tables import Http as Http
from fedora_openqa.config.tables import Mail as Mail
from fedora_openqa.config.tables import MailSubvariant as MailSubvariant
from fedora_openqa.config.tables import OpenQA as OpenQA
from fedora_openqa.config.tables import Printable as Printable
from fedora_openqa.config.tables import Repositories as Repositories
from fedora_openqa.config.tables import ResultsDB as ResultsDB
from fedora_openqa.config.tables import Scheduling as Scheduling
from fedora_openqa.config.tables import Seconds as Seconds
from fedora_openqa.config.tables import Share as Share
from fedora_openqa.config.tables import Store as Store
from fedora_openqa.config.tables import Sweep as Sweep
from fedora_openqa.config.tables import Tables as Tables
from fedora_openqa.config.tables import Url as Url
from fedora_openqa.config.tables import WaiverDB as WaiverDB
from fedora_openqa.config.tables import Wiki as Wiki
from fedora_openqa.config.tables import Word as Word
from fedora_openqa.config.tables import Worker as Worker
from fedora_openqa.config.tables import with_options as with_options
