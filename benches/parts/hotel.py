"""A simulated hotel for the measurements: `roomkey sandbox serve`, its guests, and a check of their keys."""

import http.client
import json
import os
import subprocess
import threading
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import clock

ROOMKEY = os.environ["BENCH_ROOMKEY"]
TEMP = os.environ["BENCH_TEMP"]
FIRST_ENDS = "2099-01-01T11:00:00.000Z"


class Hotel:
    """A server process. The same seed gives the same ids."""

    def __init__(self, rooms, latency=0, sync=150, seed=1):
        command = [ROOMKEY, "sandbox", "serve", "--json", f"--rooms={rooms}", f"--latency={latency}"]
        command += [f"--sync={sync}", f"--seed={seed}"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env_of(TEMP)
        )
        first = json.loads(self.process.stdout.readline())
        self.url, self.key = first["url"], first["api_key"]
        self.system, self.manager = first["acs_system_id"], first["credential_manager_acs_system_id"]
        self.lines = threading.local()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def ask(self, method, path, body=None):
        """Sends one request on the connection of this thread."""
        if not hasattr(self.lines, "line"):
            address = urllib.parse.urlsplit(self.url)
            self.lines.line = http.client.HTTPConnection(address.hostname, address.port)
        line = self.lines.line
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        line.request(method, path, None if body is None else json.dumps(body), headers)
        answer = line.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} from {path}: {text[:500]!r}")
        return json.loads(text)

    def api(self, path, **body):
        return self.ask("POST", path, body)

    def set_latency(self, ms):
        self.ask("POST", "/_sandbox/latency", {"ms": ms})

    def forget(self):
        self.ask("POST", "/_sandbox/requests/clear", {})

    def requests(self):
        return self.ask("GET", "/_sandbox/requests")

    def rounds(self, latency):
        """Returns the number of requests since `forget` that waited for one another."""
        return rounds([request["ms"] for request in self.ask("GET", "/_sandbox/arrivals")], latency)

    def memory(self):
        return clock.memory(self.process.pid)

    def used(self):
        return clock.used(self.process.pid)

    def rooms(self):
        """Returns the guest rooms in the order of their names, read page by page."""
        found, cursor = {}, None
        while True:
            page = self.api("/acs/entrances/list", **({"page_cursor": cursor} if cursor else {}))
            for door in page["acs_entrances"]:
                if door["visionline_metadata"]["door_category"] == "guest":
                    found[door["display_name"]] = door["acs_entrance_id"]
            cursor = page["pagination"]["next_page_cursor"]
            if not cursor:
                return found

    def door(self, name):
        """Returns the id of a door."""
        found = self.api("/acs/entrances/list", search=name)["acs_entrances"]
        return next(door["acs_entrance_id"] for door in found if door["display_name"] == name)

    def live(self):
        """Returns the number of live keys without copies on phones, read page by page."""
        count, cursor = 0, None
        while True:
            page = self.api("/acs/credentials/list", **({"page_cursor": cursor} if cursor else {}))
            for found in page["acs_credentials"]:
                count += found["visionline_metadata"]["is_valid"] and not found.get("parent_acs_credential_id")
            cursor = page["pagination"]["next_page_cursor"]
            if not cursor:
                return count

    def guest(self, number):
        """Creates a guest who has signed in to the app."""
        email = f"guest{number:06}@example.com"
        made = self.api(
            "/user_identities/create",
            full_name=f"Guest {number:06}",
            email_address=email,
            acs_system_ids=[self.system],
        )["user_identity"]
        self.api("/phones/simulate/create_sandbox_phone", user_identity_id=made["user_identity_id"])
        return {"name": f"Guest {number:06}", "email": email, "acs_user_id": made["acs_user_ids"][0]}

    def give(self, guest, door):
        """Makes a key of an earlier stay."""
        self.api("/acs/credentials/create", **key(self, guest["acs_user_id"], door))

    def settle(self, guests, earlier=0):
        """Creates `count` guests with a room each. The first `earlier` guests have a key to another room."""
        rooms = list(self.rooms().items())
        if len(rooms) < guests + earlier:
            raise RuntimeError("the hotel has too few rooms")
        # Rooms 110 and 111 are occupied.
        rooms = [room for room in rooms if room[0] not in ("110", "111")]
        elsewhere = [door for _, door in rooms[guests:]]

        def settle(number):
            guest = self.guest(number)
            if number < earlier:
                self.give(guest, elsewhere[number])
            guest["room"], guest["acs_entrance_id"] = rooms[number]
            return guest

        with ThreadPoolExecutor(8) as desks:
            return list(desks.map(settle, range(guests)))

    def check(self, guests):
        """Checks that every guest has exactly one live key, to the right rooms."""
        live = {}
        for found in self.ask("GET", "/_sandbox/state")["credentials"]:
            if found["visionline_metadata"]["is_valid"] and not found.get("parent_acs_credential_id"):
                doors = sorted(found["visionline_metadata"]["guest_acs_entrance_ids"])
                live.setdefault(found.get("acs_user_id"), []).append(doors)
        wrong = [
            guest["email"]
            for guest in guests
            if live.get(guest["acs_user_id"]) != [sorted(guest.get("doors") or [guest["acs_entrance_id"]])]
        ]
        if wrong:
            raise RuntimeError(f"{len(wrong)} guests have not exactly one key to their room: {wrong[:5]}")


def key(hotel, user, door):
    """Returns the body of `credentials/create`, which is the same for every contender."""
    return {
        "acs_user_id": user,
        "access_method": "mobile_key",
        "is_multi_phone_sync_credential": True,
        "credential_manager_acs_system_id": hotel.manager,
        "allowed_acs_entrance_ids": [door],
        "ends_at": FIRST_ENDS,
        "visionline_metadata": {"card_format": "rfid48", "label": "%ROOMNUM%", "override": True},
    }


def rounds(arrivals, latency):
    """Returns the largest number of requests that may have waited for one another. `arrivals` and
    `latency` are in ms. A request that arrives within the latency of the first request of a round
    cannot depend on an answer of that round."""
    count, first = 0, None
    for arrival in sorted(arrivals):
        if first is None or arrival >= first + latency:
            count, first = count + 1, arrival
    return count


def env_of(home, hotel=None):
    """Returns a minimal environment for a command."""
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    env["ROOMKEY_HOME"] = home
    if hotel:
        env |= {"SEAM_ENDPOINT": hotel.url, "SEAM_API_KEY": hotel.key}
    return env
