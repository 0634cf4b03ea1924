"""Measures time and memory of batches with new guests. Each batch has ten times the rows of the one before.

Usage: scale.py ROWS…
"""

import os
import sys
import tempfile

from batch import IN_FLIGHT, write_rows
from clock import note, row, run
from hotel import ROOMKEY, TEMP, Hotel, env_of

ROOMS = 100_000


def one(rows):
    with tempfile.TemporaryDirectory(dir=TEMP) as folder, Hotel(rooms=ROOMS) as hotel:
        # The two occupied rooms are left out, so the largest batch has two rows less.
        rooms = [room for room in hotel.rooms() if room not in ("110", "111")]
        file = os.path.join(folder, "arrivals.csv")
        guests = [(f"New Guest {number:06}", f"new{number:06}@example.com") for number in range(min(rows, len(rooms)))]
        write_rows(file, [(*guest, room) for guest, room in zip(guests, rooms)], "issue")
        command = [ROOMKEY, "batch", file, "--jobs", str(IN_FLIGHT), "--yes", "--json", "--out", os.path.join(folder, "out.csv")]
        before, serving = hotel.live(), hotel.used()
        ran = run(command, env_of(os.path.join(folder, "home"), hotel), out=os.path.join(folder, "said"), watch=True)
        serving, held = hotel.used() - serving, hotel.memory()
        made = hotel.live() - before
        if made != len(guests):
            sys.exit(f"{len(guests)} rows, and {made} keys")
    done = len(guests)
    note(f"{done} rows: {ran.wall:.1f} s, {ran.cpu:.1f} s of CPU, {ran.rss / 1024:.0f} MiB; the server {serving:.1f} s of CPU, {held / 1024:.0f} MiB")
    return done, ran


def main(sizes):
    before = None
    for rows, ran in map(one, sizes):
        said = f"{ran.wall:.1f} s, {rows / ran.wall:.0f} rows/s, {ran.cpu / rows * 1000:.2f} ms of CPU a row, {ran.rss / 1024:.0f} MiB"
        if before is None:
            row(f"scale, {rows} rows", "`roomkey batch`, new guests, no latency", said, "–", "–")
        else:
            was, then = before
            row(f"scale, {rows} rows", f"`roomkey batch`; the time a row of {was} rows", said,
                f"{then.wall / was * 1000:.2f} ms a row", (ran.wall / rows) / (then.wall / was))  # fmt: skip
        before = rows, ran


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [1_000, 10_000, 100_000])
