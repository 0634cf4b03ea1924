"""Compares `roomkey batch` with the vendor's SDKs for many returning guests. Each has a new server of the same seed.

Usage: batch.py GUESTS LATENCY ROUNDS CONTENDER…   (contenders: roomkey js py py16)
"""

import csv
import datetime
import json
import os
import shutil
import sys
import tempfile

from clock import interleaved, median, note, row, run
from hotel import ROOMKEY, TEMP, Hotel, env_of, key

IN_FLIGHT = 16
# `roomkey` reads the guests in advance, page by page. The requests of a row are the three that change something.
CALLS = 3
NAMES = {
    "js": "`seam` (npm), 16 guests in flight",
    "py": "`seam` (pip), one after the other",
    "py16": "`seam` (pip), `ThreadPoolExecutor(16)`",
}
HEADINGS = ["reservation", "action", "guest", "email", "room", "arrival", "departure"]


def write_rows(path, rows, action):
    """Writes a file with arrivals."""
    today = datetime.date.today()
    leaves = today + datetime.timedelta(days=2)
    with open(path, "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADINGS)
        for number, (name, email, room) in enumerate(rows, 1):
            out.writerow([f"R{number:06}", action, name, email, room, today.isoformat(), leaves.isoformat()])


def command(contender, hotel, guests, folder):
    """Writes the input of a contender, and returns its command."""
    if contender == "roomkey":
        file = os.path.join(folder, "arrivals.csv")
        write_rows(file, [(guest["name"], guest["email"], guest["room"]) for guest in guests], "return-guest")
        out = os.path.join(folder, "out.csv")
        return [ROOMKEY, "batch", file, "--jobs", str(IN_FLIGHT), "--yes", "--json", "--out", out]
    file = os.path.join(folder, "guests.json")
    fields = ("acs_user_id", "acs_entrance_id")
    told = [
        {name: guest[name] for name in fields} | {"key": key(hotel, guest["acs_user_id"], guest["acs_entrance_id"])}
        for guest in guests
    ]
    with open(file, "w", encoding="utf-8") as out:
        json.dump(told, out)
    here = os.path.dirname(__file__)
    if contender == "js":
        # Node looks for modules in the folder of the script.
        script = shutil.copy(os.path.join(here, "sdk.mjs"), os.environ["BENCH_JS"])
        return ["node", script, file, str(IN_FLIGHT)]
    python = os.path.join(os.environ["BENCH_PY"], "bin", "python")
    return [python, os.path.join(here, "sdk.py"), file, str(IN_FLIGHT if contender == "py16" else 1)]


def one(contender, count, latency):
    """Runs a whole batch of one contender with its own server."""
    with tempfile.TemporaryDirectory(dir=TEMP) as folder, Hotel(rooms=count * 3 // 2 + 50) as hotel:
        guests = hotel.settle(count, earlier=count // 2)
        hotel.forget()
        hotel.set_latency(latency)
        serving = hotel.used()
        said = os.path.join(folder, "said")
        ran = run(command(contender, hotel, guests, folder), env_of(os.path.join(folder, "home"), hotel), out=said, watch=True)
        serving = hotel.used() - serving
        hotel.set_latency(0)
        sent = len(hotel.ask("GET", "/_sandbox/arrivals"))
        hotel.check(guests)
    note(f"{contender}: {ran.wall:.2f} s, {ran.cpu:.2f} s of CPU, {ran.rss / 1024:.0f} MiB, {sent} requests; the server {serving:.2f} s of CPU")
    return ran


def main(count, latency, rounds, contenders):
    ran = interleaved(rounds, {name: lambda _, name=name: one(name, count, latency) for name in contenders})
    wall = {name: median([run.wall for run in runs]) for name, runs in ran.items()}
    cpu = {name: median([run.cpu for run in runs]) for name, runs in ran.items()}
    what = f"batch of {count} returning guests, {latency} ms"
    if "roomkey" not in wall:
        for name in wall:
            row(what, NAMES[name], "–", f"{wall[name]:.2f} s, {cpu[name] / count * 1000:.2f} ms of CPU a row", "–")
        return
    ours = wall["roomkey"]
    mine = f"`roomkey batch --jobs {IN_FLIGHT}`"
    for name in (name for name in wall if name != "roomkey"):
        row(what, f"{mine}; {NAMES[name]}", f"{ours:.2f} s", f"{wall[name]:.2f} s", ours / wall[name])
        each = [f"{cpu[who] / count * 1000:.2f} ms" for who in ("roomkey", name)]
        row(f"{what}, CPU a row", f"{mine}; {NAMES[name]}", *each, cpu["roomkey"] / cpu[name])
    if latency:
        ceiling = IN_FLIGHT / (CALLS * latency / 1000)
        row(f"{what}, against the ceiling", f"{mine}; {IN_FLIGHT} / ({CALLS} × {latency} ms)",
            f"{count / ours:.1f} rows/s", f"{ceiling:.1f} rows/s", f"{count / ours / ceiling:.0%} of it")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
