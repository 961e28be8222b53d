"""Topics of messages, and the update that they are about."""

PUNGI = "org.fedoraproject.prod.pungi.compose.status.change"


BODHI = "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete"


#: the sandbox's Bodhi has it: critical-path-gnome, so four flavors
UPDATE = "FEDORA-2026-5d02b7e318"
