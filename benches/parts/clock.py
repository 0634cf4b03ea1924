"""Runs and measures processes, and prints the results as a table."""

import os
import select
import shlex
import statistics
import sys
import time
from dataclasses import dataclass


@dataclass
class Run:
    """The measurements of one process, from its start to its end."""

    wall: float  # seconds
    cpu: float  # seconds, user and system
    rss: int  # the most memory, in KiB; only with `watch`
    status: int


def run(command, env=None, ok=(0,), out=os.devnull, watch=False):
    """Runs a command to its end. With `watch`, its memory is measured while it runs."""
    env = dict(os.environ if env is None else env)
    errors = os.path.join(env.get("TMPDIR", "/tmp"), f"bench-{os.getpid()}.err")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, out, flags, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, errors, flags, 0o600),
    ]
    begun = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, env, file_actions=actions)
    rss = highest(pid) if watch else 0
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - begun
    status = os.waitstatus_to_exitcode(status)
    if status not in ok:
        with open(errors, encoding="utf-8", errors="replace") as file:
            said = file.read()[-2000:]
        sys.exit(f"exit {status} from: {shlex.join(command)}\n{said}")
    os.unlink(errors)
    return Run(wall, usage.ru_utime + usage.ru_stime, rss, status)


def highest(pid):
    """Returns the most memory of a process until it ends, in KiB. (`ru_maxrss` would include the memory
    of the parent at the time of the fork.)"""
    watched = os.pidfd_open(pid)
    ends = select.poll()
    ends.register(watched, select.POLLIN)
    most = 0
    while not ends.poll(50 if most else 5):
        most = memory(pid) or most
    os.close(watched)
    return most


def memory(pid):
    """Returns `VmHWM` of a process, in KiB; 0 if it has ended."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            lines = [line for line in file if line.startswith("VmHWM")]
    except OSError:
        return 0
    return int(lines[0].split()[1]) if lines else 0


def used(pid):
    """Returns the CPU time of a process so far, in seconds."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def interleaved(rounds, contenders):
    """Runs every contender once a round. Each round starts with another contender, so that noise of the
    machine affects all of them. A contender is a function that takes the round and returns a number."""
    names = list(contenders)
    figures = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            figures[name].append(contenders[name](number))
    return figures


def median(figures):
    return statistics.median(figures)


def spread(figures):
    """Returns the range of the middle half, for notes."""
    low, _, high = statistics.quantiles(figures, n=4)
    return f"{low * 1000:.1f}–{high * 1000:.1f} ms"


def ms(seconds):
    return f"{seconds * 1000:.1f} ms"


def row(what, command, ours, reference, ratio):
    """Prints a line of the table. A ratio below 1 means that `roomkey` is faster or needs less."""
    ratio = ratio if isinstance(ratio, str) else f"{ratio:.2f}"
    print(f"| {what} | {command} | {ours} | {reference} | {ratio} |", flush=True)


def note(text):
    print(text, file=sys.stderr, flush=True)
