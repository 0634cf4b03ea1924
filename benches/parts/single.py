"""Compares a `roomkey` process for one returning guest with `curl` processes that send the same bodies.

Usage: single.py [ROUNDS]
"""

import json
import os
import sys

import clock
from clock import interleaved, median, ms, note, row, run, spread
from hotel import ROOMKEY, TEMP, Hotel, env_of

LATENCY = 50
CALLS = [
    "/acs/users/get",
    "/acs/users/revoke_access_to_all_entrances",
    "/acs/entrances/grant_access",
    "/acs/credentials/create",
]
CONFIRMED = "is_latest_desired_state_synced_with_provider"


class Desk:
    """The contenders. Each run takes the next guest."""

    def __init__(self, hotel, guests):
        self.hotel, self.guests = hotel, iter(guests)
        self.env = env_of(os.path.join(TEMP, "single"), hotel)
        self.answer = os.path.join(TEMP, "answer.json")
        self.bodies, self.rounds, self.polls = None, {}, []

    def roomkey(self, name, *options, ok=(0,), known=False):
        """Runs `roomkey`. `known`: the guest is named by id, as with `curl`, and a dry run has looked up
        the guest and the room before."""
        guest = next(self.guests)
        who = guest["acs_user_id"] if known else guest["email"]
        command = [ROOMKEY, "return-guest", "--guest", who, "--room", guest["room"]]
        if known:
            run([*command, "--nights", "2", "--dry-run"], self.env)
        self.hotel.forget()
        wall = run([*command, "--nights", "2", "--yes", *options], self.env, ok).wall
        self.rounds.setdefault(name, []).append(self.hotel.rounds(LATENCY))
        if self.bodies is None:
            sent = {request["path"]: request["body"] for request in self.hotel.requests()}
            self.bodies = [sent[path] for path in CALLS]
        return wall

    def of(self, guest):
        """Returns the bodies that `roomkey` sent, changed for another guest and room."""
        for path, body in zip(CALLS, self.bodies):
            body = dict(body)
            for name, value in (
                ("acs_user_id", guest["acs_user_id"]),
                ("acs_entrance_id", guest["acs_entrance_id"]),
                ("allowed_acs_entrance_ids", [guest["acs_entrance_id"]]),
            ):
                if name in body:
                    body[name] = value
            yield path, body

    def request(self, path, body):
        return [
            "-sSf", "-o", self.answer,
            "-H", f"authorization: Bearer {self.hotel.key}",
            "-H", "content-type: application/json",
            "-d", json.dumps(body), self.hotel.url + path,
        ]  # fmt: skip

    def curl(self):
        """Runs four processes one after the other."""
        calls = list(self.of(next(self.guests)))
        commands = [["curl", *self.request(path, body)] for path, body in calls]
        return sum(run(command, self.env).wall for command in commands)

    def curl_once(self):
        """Runs one process, which sends the four requests on one connection."""
        calls = [self.request(path, body) for path, body in self.of(next(self.guests))]
        command = ["curl", *calls[0]]
        for call in calls[1:]:
            command += ["--next", *call]
        return run(command, self.env).wall

    def curl_confirmed(self):
        """Runs four processes, and then more processes until the lock system has confirmed the key."""
        wall, polls = self.curl(), 0
        made = self.read()["acs_credential_id"]
        command = ["curl", *self.request("/acs/credentials/get", {"acs_credential_id": made})]
        while True:
            wall, polls = wall + run(command, self.env).wall, polls + 1
            if self.read()[CONFIRMED]:
                self.polls.append(polls)
                return wall

    def read(self):
        with open(self.answer, encoding="utf-8") as file:
            return json.load(file)["acs_credential"]


def main(count):
    for earlier in (False, True):
        with Hotel(rooms=count * 16 + 40) as hotel:
            guests = hotel.settle(count * 7 + 1, earlier=count * 7 + 1 if earlier else 0)
            hotel.set_latency(LATENCY)
            desk = Desk(hotel, guests)
            desk.roomkey("warm")
            if earlier:
                figures = interleaved(count, {
                    "confirmed": lambda _: desk.roomkey("confirmed"),
                    "curl confirmed": lambda _: desk.curl_confirmed(),
                })  # fmt: skip
            else:
                figures = interleaved(count, {
                    "sent": lambda _: desk.roomkey("sent", "--wait", "0", ok=(0, 11)),
                    "known": lambda _: desk.roomkey("known", "--wait", "0", ok=(0, 11), known=True),
                    "known confirmed": lambda _: desk.roomkey("known confirmed", known=True),
                    "confirmed": lambda _: desk.roomkey("confirmed"),
                    "curl": lambda _: desk.curl(),
                    "curl once": lambda _: desk.curl_once(),
                    "curl confirmed": lambda _: desk.curl_confirmed(),
                })  # fmt: skip
            hotel.set_latency(0)
            hotel.check(guests[: 1 + len(figures) * count])
        report(figures, desk, earlier)


def report(figures, desk, earlier):
    middle = {name: median(walls) for name, walls in figures.items()}
    for name, walls in figures.items():
        note(f"{name}: median {ms(middle[name])}, middle half {spread(walls)}")
    note(f"rounds: { {name: sorted(set(found)) for name, found in desk.rounds.items()} }; curl's polls: {sorted(set(desk.polls))}")
    mine = "`roomkey return-guest`"
    if earlier:
        ratio = middle["confirmed"] / middle["curl confirmed"]
        row("single, confirmed, the guest has an earlier key", f"{mine}; 4 × `curl`, `curl` until confirmed",
            ms(middle["confirmed"]), ms(middle["curl confirmed"]), ratio)  # fmt: skip
        return
    floor = {name: median(desk.rounds[name]) * LATENCY / 1000 for name in ("sent", "known")}
    for what, ours, command, reference in (
        ("single, seen before, not waiting", "known", "4 × `curl`", middle["curl"]),
        ("single, seen before, against its own rounds", "known", f"{median(desk.rounds['known']):.0f} rounds × {LATENCY} ms", floor["known"]),
        ("single, seen before, confirmed", "known confirmed", "4 × `curl`, `curl` until confirmed", middle["curl confirmed"]),
        ("single, not waiting", "sent", "4 × `curl`", middle["curl"]),
        ("single, not waiting", "sent", "`curl --next`", middle["curl once"]),
        ("single, against its own rounds", "sent", f"{median(desk.rounds['sent']):.0f} rounds × {LATENCY} ms", floor["sent"]),
        ("single, confirmed", "confirmed", "4 × `curl`, `curl` until confirmed", middle["curl confirmed"]),
        ("single, confirmed", "confirmed", "4 × `curl`", middle["curl"]),
    ):
        option = " --wait 0" if ours in ("sent", "known") else ""
        command = f"`roomkey return-guest{option}`; {command}"
        row(what, command, ms(middle[ours]), ms(reference), middle[ours] / reference)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
