"""The system logs that tests of the sandbox's openQA upload.

The five logs have the programs' formats, with no more lines than a comparison needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_TOP = """\
top - 07:23:44 up 2 min,  1 user,  load average: {load:.2f}, 0.14, 0.05
Tasks: 160 total,   1 running, 159 sleeping,   0 stopped,   0 zombie
%Cpu(s):  2.9 us,  1.4 sy,  0.0 ni, {idle:.1f} id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st
MiB Mem :   1967.1 total,    402.3 free,    923.0 used,    690.1 buff/cache

    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND
      1 root      20   0   24532  14552   9720 S   0.0   0.7   0:01.60 systemd
"""
_FREE = """\
               total        used        free      shared  buff/cache   available
Mem:         2014264    {mem:8}      412332        9220      678432     1090812
Swap:        2014204        3072     2011132
"""
_DF = """\
Filesystem              1K-blocks    Used Available Use% Mounted on
/dev/mapper/fedora-root  15718400 {root:7}  13318400  16% /
/dev/vda2                  996780  300284    627684  33% /boot
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """An installed system."""

    #: ``("bash-5.3.3-2.fc45.x86_64",)``
    packages: tuple[str, ...]
    #: ``("auditd.service",)``
    services: tuple[str, ...]
    #: average of the last minute
    load: float = 0.29
    #: percent of CPU time
    idle: float = 95.0
    #: used memory, in KiB
    mem: int = 945_152
    #: used space of ``/``, in KiB
    root: int = 2_400_000

    @property
    def logs(self) -> Mapping[str, bytes]:
        """Return the uploaded files, by name."""
        texts = {
            "rpms": "".join(f"{package}\n" for package in self.packages),
            "services": "".join(
                f"  {name} loaded active running {name}'s description\n" for name in self.services
            ),
            "free": _FREE.format(mem=self.mem),
            "df": _DF.format(root=self.root),
            # two iterations, like the real test
            "top": _TOP.format(load=self.load, idle=self.idle) * 2,
        }
        return {f"_collect_data-{name}.log": text.encode() for name, text in texts.items()}
