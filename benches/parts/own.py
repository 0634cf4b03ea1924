"""Measures the time of `issue` for a new guest without the time for which it waits for the server.

Usage: own.py [RUNS]
"""

import os
import sys
import tempfile
import time

from clock import interleaved, median, ms, note, row, run, spread
from hotel import ROOMKEY, TEMP, Hotel, env_of

LATENCY = 50
TARGET = 0.015


def main(count):
    homes = {"disk": os.path.join(TEMP, "own")}
    memory = None
    if os.access("/dev/shm", os.W_OK):
        memory = tempfile.TemporaryDirectory(dir="/dev/shm")
        homes["memory"] = os.path.join(memory.name, "own")
    with Hotel(rooms=count * 2 + 40) as hotel:
        rooms = iter([room for room in hotel.rooms() if room not in ("110", "111")])
        hotel.set_latency(LATENCY)
        number = iter(range(10**6))
        found = []

        def issue(home):
            guest = f"New Guest <new{next(number)}@example.com>"
            hotel.forget()
            command = [ROOMKEY, "issue", "--guest", guest, "--room", next(rooms), "--nights", "2", "--yes"]
            wall = run(command, env_of(home, hotel)).wall
            found.append(hotel.rounds(LATENCY))
            return wall - found[-1] * LATENCY / 1000

        for home in homes.values():
            issue(home)
        contenders = {name: lambda _, home=home: issue(home) for name, home in homes.items()}
        contenders["a request"] = lambda _: bare(hotel) - LATENCY / 1000
        figures = interleaved(count, contenders)
    middle = {name: median(walls) for name, walls in figures.items()}
    for name, walls in figures.items():
        note(f"{name}: median {ms(middle[name])}, middle half {spread(walls)}")
    rounds = median(found)
    note(f"rounds: {sorted(set(found))}; a request takes {ms(middle['a request'])} longer than the latency, each round")
    served = rounds * middle["a request"]
    for name in homes:
        row(f"own cost of `issue`, its record on {name}", f"`roomkey issue`, less {rounds:.0f} rounds × {LATENCY} ms",
            ms(middle[name]), f"{ms(TARGET)} (target)", middle[name] / TARGET)  # fmt: skip
        row("the same, beside as many bare requests", f"`roomkey issue`, less {rounds:.0f} requests on an open connection",
            ms(middle[name] - served), f"{ms(TARGET)} (target)", (middle[name] - served) / TARGET)  # fmt: skip
    if memory:
        memory.cleanup()


def bare(hotel):
    """Measures one request on an open connection."""
    begun = time.perf_counter()
    hotel.api("/acs/systems/list")
    return time.perf_counter() - begun


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
