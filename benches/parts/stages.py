"""Compares one `roomkey` process with steps side by side, the vendor's JavaScript SDK with `Promise.all`, and
`curl --parallel`: a guest who returns to three rooms and the gym, and a party of four in one room.

Usage: stages.py [ROUNDS]
"""

import json
import os
import shutil
import sys

from clock import interleaved, median, ms, note, row, run, spread
from hotel import ROOMKEY, TEMP, Hotel, env_of, key

LATENCY = 50
ROOMS, PARTY = 3, 4
CONTENDERS = ("roomkey", "roomkey confirmed", "js", "js confirmed", "curl")


class Stay:
    """The guests of one run with their doors."""

    def __init__(self, kind, guests, gym):
        self.kind, self.gym = kind, gym
        self.guests = guests if kind == "party" else guests[:1]
        self.rooms = guests[:1] if kind == "party" else guests[:ROOMS]
        for guest in self.guests:
            guest["doors"] = [room["acs_entrance_id"] for room in self.rooms]

    @property
    def doors(self):
        doors = [room["acs_entrance_id"] for room in self.rooms]
        return doors if self.kind == "party" else [*doors, self.gym]

    def command(self):
        command = ["issue"] if self.kind == "party" else ["return-guest", "--also", "Gym"]
        for guest in self.guests:
            command += ["--guest", guest["email"]]
        return [*command, "--room", ",".join(room["room"] for room in self.rooms), "--nights", "2", "--yes"]


class Desk:
    """The contenders. Each run takes the next stay."""

    def __init__(self, hotel, stays):
        self.hotel, self.stays = hotel, iter(stays)
        self.env = env_of(os.path.join(TEMP, "stages"), hotel)
        here = os.path.dirname(os.path.abspath(__file__))
        # Node looks for modules in the folder of the script.
        self.script = shutil.copy(os.path.join(here, "stages.mjs"), os.environ["BENCH_JS"])
        self.file, self.answer = (os.path.join(TEMP, name) for name in ("stay.json", "stay-answer.json"))
        self.rounds = {}

    def measure(self, name):
        stay = next(self.stays)
        self.hotel.forget()
        wall = self.roomkey(stay, name) if name.startswith("roomkey") else getattr(self, name.split()[0])(stay, name)
        self.rounds.setdefault(name, []).append(self.hotel.rounds(LATENCY))
        return wall

    def roomkey(self, stay, name):
        wait = [] if "confirmed" in name else ["--wait", "0"]
        return run([ROOMKEY, *stay.command(), *wait], self.env, (0, 11)).wall

    def js(self, stay, name):
        body = self.body(stay, stay.guests[0]["acs_user_id"])
        del body["visionline_metadata"]["override"]
        with open(self.file, "w", encoding="utf-8") as file:
            json.dump({
                "kind": stay.kind,
                "guests": [guest["acs_user_id"] for guest in stay.guests],
                "doors": stay.doors,
                "key": body,
                "confirm": "confirmed" in name,
            }, file)  # fmt: skip
        return run(["node", self.script, self.file], self.env).wall

    def body(self, stay, user):
        return {**key(self.hotel, user, None), "allowed_acs_entrance_ids": stay.doors}

    def request(self, path, body):
        return [
            "-sSf", "-o", self.answer,
            "-H", f"authorization: Bearer {self.hotel.key}",
            "-H", "content-type: application/json",
            "-d", json.dumps(body), self.hotel.url + path,
        ]  # fmt: skip

    def together(self, calls):
        """Runs one `curl` process that sends all requests at once."""
        command = ["curl", "--parallel", "--parallel-immediate", *self.request(*calls[0])]
        for call in calls[1:]:
            command += ["--next", *self.request(*call)]
        return run(command, self.env).wall

    def curl(self, stay, _):
        user = stay.guests[0]["acs_user_id"]
        create = "/acs/credentials/create"
        stages = [[(create, self.body(stay, user))]]
        if stay.kind == "family":
            grant = "/acs/entrances/grant_access"
            stages = [
                [("/acs/users/get", {"acs_user_id": user})],
                [("/acs/users/revoke_access_to_all_entrances", {"acs_user_id": user})],
                [(grant, {"acs_user_id": user, "acs_entrance_id": door}) for door in stay.doors],
                *stages,
            ]
        wall = sum(self.together(stage) for stage in stages)
        if stay.kind == "party":
            with open(self.answer, encoding="utf-8") as file:
                first = json.load(file)["acs_credential"]["acs_credential_id"]
            joiners = []
            for guest in stay.guests[1:]:
                body = self.body(stay, guest["acs_user_id"])
                del body["visionline_metadata"]["override"]
                body["visionline_metadata"]["joiner_acs_credential_ids"] = [first]
                joiners.append((create, body))
            wall += self.together(joiners)
        return wall


def main(count):
    for kind in ("family", "party"):
        each = ROOMS if kind == "family" else PARTY
        runs = count * len(CONTENDERS) + 1
        with Hotel(rooms=runs * each + 40) as hotel:
            gym = hotel.door("Gym")
            guests = hotel.settle(runs * each)
            stays = [Stay(kind, guests[run * each : (run + 1) * each], gym) for run in range(runs)]
            hotel.set_latency(LATENCY)
            desk = Desk(hotel, stays)
            desk.measure("roomkey")
            figures = interleaved(count, {name: lambda _, name=name: desk.measure(name) for name in CONTENDERS})
            hotel.set_latency(0)
            hotel.check([guest for stay in stays for guest in stay.guests])
        report(kind, figures, desk)


def report(kind, figures, desk):
    middle = {name: median(walls) for name, walls in figures.items()}
    for name, walls in figures.items():
        note(f"{kind}, {name}: median {ms(middle[name])}, middle half {spread(walls)}, rounds {sorted(set(desk.rounds[name]))}")
    what = {
        "family": f"family ({ROOMS} rooms and the gym)",
        "party": f"party ({PARTY} guests in a room)",
    }[kind]
    command = {"family": "roomkey return-guest", "party": "roomkey issue"}[kind]
    for told, ours, option, against, reference in (
        ("not waiting", "roomkey", " --wait 0", "SDK (js), `Promise.all`", "js"),
        ("not waiting", "roomkey", " --wait 0", "`curl --parallel`, a process for each stage", "curl"),
        ("confirmed", "roomkey confirmed", "", "SDK (js), `Promise.all`, until confirmed", "js confirmed"),
    ):
        row(f"{what}, {told}", f"`{command}{option}`; {against}", ms(middle[ours]), ms(middle[reference]),
            middle[ours] / middle[reference])  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
