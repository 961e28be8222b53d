"""The configuration of the deployment: one TOML file, checked, as one frozen object.

An unknown key, a wrong type or an impossible value is a `ConfigError` with the file, the key
and what is expected. Nothing is read at import.
"""

from fedora_openqa.config.load import consumer_config as consumer_config
from fedora_openqa.config.load import default_store_url as default_store_url
from fedora_openqa.config.load import differing_keys as differing_keys
from fedora_openqa.config.load import find_config as find_config
from fedora_openqa.config.load import keys_for_workers as keys_for_workers
from fedora_openqa.config.load import load_config as load_config
from fedora_openqa.config.load import old_keys as old_keys
from fedora_openqa.config.load import parse_config as parse_config
from fedora_openqa.config.sinks import ComposeCheck as ComposeCheck
from fedora_openqa.config.sinks import Mail as Mail
from fedora_openqa.config.sinks import ResultsDB as ResultsDB
from fedora_openqa.config.sinks import WaiverDB as WaiverDB
from fedora_openqa.config.sinks import Wiki as Wiki
from fedora_openqa.config.tables import FEDORA_SITE as FEDORA_SITE
from fedora_openqa.config.tables import Bodhi as Bodhi
from fedora_openqa.config.tables import Config as Config
from fedora_openqa.config.tables import Fedora as Fedora
from fedora_openqa.config.tables import Greenwave as Greenwave
from fedora_openqa.config.tables import Http as Http
from fedora_openqa.config.tables import OpenQA as OpenQA
from fedora_openqa.config.tables import Repositories as Repositories
from fedora_openqa.config.tables import Scheduling as Scheduling
from fedora_openqa.config.tables import Store as Store
from fedora_openqa.config.tables import Sweep as Sweep
from fedora_openqa.config.tables import Worker as Worker
from fedora_openqa.config.tables import with_options as with_options
from fedora_openqa.config.tables import with_threads as with_threads
from fedora_openqa.config.types import seconds_in as seconds_in
