"""The configuration of a consumer, and what in it should be changed."""

import logging
from collections.abc import Mapping
from typing import Any

from fedora_messaging.config import conf

from consumers.files import tls_context
from fedora_openqa.config import (
    Config,
    consumer_config,
    find_config,
    keys_for_workers,
    load_config,
    old_keys,
)
from fedora_openqa.config.queues import queue_warnings
from fedora_openqa.logs import log_as_service

log = logging.getLogger(__name__)

#: the package of present callbacks
PACKAGE = __name__.partition(".")[0]


def open_config(
    callback: type, settings: Mapping[str, Any], *, reports: str | None = None
) -> Config:
    """Return the configuration of a consumer, after its warnings are logged.

    :param callback: its class
    :param settings: its ``[consumer_config]``
    :param reports: the table whose ``enabled`` is set by ``do_report``; None: by none

    Raises:
        ConfigError: the configuration is wrong.
    """
    shared = load_config()
    config = consumer_config(settings, shared, reports=reports)
    if conf["amqp_url"].startswith("amqps"):
        # fedora-messaging would end with a traceback
        tls_context(conf["tls"])
    log_as_service(config.log.level, config.log.format)
    present = present_callback(callback)
    if present is not callback:
        log.warning(
            "callback %s:%s is an old name of %s:%s",
            callback.__module__,
            callback.__name__,
            present.__module__,
            present.__name__,
        )
    for old, new in old_keys(conf["consumer_config"], reports=reports):
        log.warning("[consumer_config] %s is an old name of %s", old, new)
    if own := keys_for_workers(config, shared):
        log.warning(
            "worker.threads is 0, and `fedora-openqa worker` reads %s only: set there what this"
            " consumer's file changes: %s",
            find_config() or "the defaults",
            ", ".join(own),
        )
    for warning in queue_warnings(conf):
        log.warning("%s", warning)
    return config


def present_callback(callback: type) -> type:
    """Return the class of `consumers` that a callback is, or is an old name of."""
    return next(one for one in callback.__mro__ if one.__module__.partition(".")[0] == PACKAGE)
