"""System logs as tests upload them."""

from collections.abc import Mapping

from check_compose.facts import Log, LogFile, Logs


def top(load: str, *idle: str) -> str:
    """Return the output of ``top -b``, an iteration for each share of idle time."""
    return "\n".join(
        f"top - 07:23:44 up 2 min,  1 user,  load average: {load}, 0.14, 0.05\n"
        "Tasks: 160 total,   1 running, 159 sleeping,   0 stopped,   0 zombie\n"
        f"%Cpu(s):  5.9 us,  2.9 sy,  0.0 ni, {share} id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st\n"
        "MiB Mem :   1967.1 total,    902.3 free,    923.0 used,    290.1 buff/cache\n\n"
        "    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n"
        "      1 root      20   0   24532  14552   9720 S   0.0   0.7   0:01.60 systemd\n"
        for share in idle
    )


def free(mem: int, swap: int) -> str:
    return (
        "               total        used        free      shared  buff/cache   available\n"
        f"Mem:         2014264    {mem:8}      412332        9220      678432     1090812\n"
        f"Swap:        2014204    {swap:8}     2014204\n"
    )


def df(**used: int) -> str:
    rows = (
        f"/dev/mapper/fedora-{name}  15718400 {used[name]} 13318400  16% /{name.replace('root', '')}\n"
        for name in used
    )
    return "Filesystem              1K-blocks    Used Available Use% Mounted on\n" + "".join(rows)


def rpms(*names: str) -> str:
    return "".join(f"{name}-1.2-3.fc45.x86_64\n" for name in names)


def services(*names: str) -> str:
    return "".join(f"  {name} loaded active running {name}'s description\n" for name in names)


def logs(texts: Mapping[Log, str]) -> Logs:
    return {log: LogFile(text.encode()) for log, text in texts.items()}


CALM = logs(
    {
        Log.TOP: top("0.29", "91.2", "95.0"),
        Log.FREE: free(945152, 3072),
        Log.RPMS: rpms("bash", "kernel-core", "pcsc-lite"),
        Log.SERVICES: services("auditd.service", "pcscd.service", "user@1000.service"),
        Log.DF: df(root=2400000, boot=300000, home=800),
    }
)
BUSY = logs(
    {
        Log.TOP: top("1.34", "51.2", "75.0"),
        Log.FREE: free(1130496, 4096),
        Log.RPMS: rpms("bash", "kernel-core", "zsh", "htop"),
        Log.SERVICES: services("auditd.service", "systemd-homed.service", "user@1001.service"),
        Log.DF: df(root=2812800, boot=300000, home=400),
    }
)
#: a log in each unreadable form
BROKEN: Logs = {
    Log.TOP: LogFile(b"\x7fELF\x00\x00\n"),
    Log.FREE: LogFile(None, "404 Not Found"),
    Log.RPMS: LogFile(rpms("bash", "kernel-core")[:-9].encode()),
    Log.SERVICES: LogFile("Désolé\n".encode("latin-1")),
}
