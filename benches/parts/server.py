"""Measures the simulated hotel itself, to show that it is fast enough: 100,000 rooms and guests, 16 requests at a time.

Usage: server.py [GUESTS]
"""

import itertools
import json
import socket
import sys
import time
import urllib.parse

from clock import note, row
from hotel import Hotel, key

IN_FLIGHT = 16
ROOMS = 100_000


class Lines:
    """Connections, each with one request at a time."""

    def __init__(self, hotel):
        address = urllib.parse.urlsplit(hotel.url)
        self.hotel = hotel
        self.open = [socket.create_connection((address.hostname, address.port)) for _ in range(IN_FLIGHT)]
        for line in self.open:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = f"Host: hotel\r\nAuthorization: Bearer {hotel.key}\r\nContent-Type: application/json\r\n"

    def ask(self, requests):
        """Sends all requests, 16 at a time, and returns the answers in order."""
        requests = iter(requests)
        answers = []
        while some := list(itertools.islice(requests, IN_FLIGHT)):
            for line, (path, body) in zip(self.open, some):
                text = json.dumps(body)
                line.sendall(f"POST {path} HTTP/1.1\r\n{self.head}Content-Length: {len(text)}\r\n\r\n{text}".encode())
            answers += [receive(line) for line, _ in zip(self.open, some)]
        return answers


def receive(line):
    data = b""
    while b"\r\n\r\n" not in data:
        data += line.recv(1 << 20)
    head, body = data.split(b"\r\n\r\n", 1)
    fields = head.lower().split(b"\r\n")
    length = next(int(field.split(b":")[1]) for field in fields if field.startswith(b"content-length"))
    parts, have = [body], len(body)
    while have < length:
        parts.append(line.recv(1 << 20))
        have += len(parts[-1])
    if not head.startswith(b"HTTP/1.1 200"):
        sys.exit(f"{head!r} {body[:300]!r}")
    return b"".join(parts)


def main(count):
    begun = time.perf_counter()
    with Hotel(rooms=ROOMS) as hotel:
        row("server", f"`roomkey sandbox serve`, {ROOMS} rooms: its first line", f"{time.perf_counter() - begun:.2f} s", "–", "–")
        lines = Lines(hotel)

        def timed(what, requests):
            """Prints the server's own time for a request. Its reciprocal is the highest possible rate."""
            requests = list(requests)
            cpu, wall = hotel.used(), time.perf_counter()
            answers = lines.ask(requests)
            wall, cpu = time.perf_counter() - wall, hotel.used() - cpu
            said = f"{cpu / len(requests) * 1e6:.0f} µs of CPU each"
            row("server", f"{what}, {len(requests)} × ({IN_FLIGHT} in flight)", said,
                f"{len(requests) / wall:.0f}/s with this client", "–")  # fmt: skip
            return [json.loads(answer) for answer in answers]

        doors = [door for name, door in hotel.rooms().items() if name not in ("110", "111")][:count]
        made = timed("user_identities/create", (
            ("/user_identities/create", {"full_name": f"Guest {number:06}", "email_address": f"guest{number:06}@example.com", "acs_system_ids": [hotel.system]})
            for number in range(count)
        ))  # fmt: skip
        count = min(count, len(doors))
        identities = [answer["user_identity"]["user_identity_id"] for answer in made]
        users = [answer["user_identity"]["acs_user_ids"][0] for answer in made]
        timed("phones/simulate/create_sandbox_phone", (("/phones/simulate/create_sandbox_phone", {"user_identity_id": id}) for id in identities))
        note(f"{count} guests: {hotel.memory() / 1024:.0f} MiB")
        pairs = list(zip(users, doors))
        timed("users/get", (("/acs/users/get", {"acs_user_id": user}) for user in users))
        timed("users/revoke_access_to_all_entrances", (("/acs/users/revoke_access_to_all_entrances", {"acs_user_id": user}) for user in users))
        timed("entrances/grant_access", (("/acs/entrances/grant_access", {"acs_user_id": user, "acs_entrance_id": door}) for user, door in pairs))
        timed("credentials/create", (("/acs/credentials/create", key(hotel, user, door)) for user, door in pairs))
        note(f"with a key each: {hotel.memory() / 1024:.0f} MiB")
        some = min(count, 2000)
        timed("users/list by e-mail", (("/acs/users/list", {"search": f"guest{number:06}@example.com"}) for number in range(some)))
        timed("user_identities/list by e-mail", (("/user_identities/list", {"search": f"guest{number:06}@example.com"}) for number in range(some)))
        timed("credentials/list of a user", (("/acs/credentials/list", {"acs_user_id": user}) for user in users[:some]))
        timed("entrances/list_credentials_with_access", (("/acs/entrances/list_credentials_with_access", {"acs_entrance_id": door}) for door in doors[:some]))
        timed("users/list_accessible_entrances", (("/acs/users/list_accessible_entrances", {"acs_user_id": user}) for user in users[:some]))
        timed("entrances/list of a credential", (("/acs/entrances/list", {"acs_entrance_ids": [door]}) for door in doors[:some]))
        timed("phones/list of a user", (("/phones/list", {"owner_user_identity_id": id}) for id in identities[:some]))
        timed("events/list, the latest", (("/events/list", {"since": "2098-01-01T00:00:00Z", "limit": 20}) for _ in range(min(some, 200))))
        for path, key_of in (("/acs/users/list", "acs_users"), ("/acs/credentials/list", "acs_credentials"), ("/acs/entrances/list", "acs_entrances"), ("/user_identities/list", "user_identities")):
            pages(hotel, path, key_of)
        note(f"at the end: {hotel.memory() / 1024:.0f} MiB")


def pages(hotel, path, name):
    """Measures every page of a list. The last page should take as long as the first."""
    cursor, cpu, begun, walls, rows = None, hotel.used(), 0, [], 0
    while True:
        begun = time.perf_counter()
        page = hotel.api(path, **({"page_cursor": cursor} if cursor else {}))
        walls.append(time.perf_counter() - begun)
        rows += len(page[name])
        cursor = page["pagination"]["next_page_cursor"]
        if not cursor:
            break
    cpu = hotel.used() - cpu
    first, last = min(walls[:5]), min(walls[-6:-1] or walls)
    row("server", f"{path[1:]}, {len(walls)} pages of {rows} rows", f"{cpu / len(walls) * 1000:.1f} ms of CPU a page",
        f"first {first * 1000:.1f} ms, last {last * 1000:.1f} ms", f"{last / first:.2f}")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
