"""Lets guests return through the vendor's Python SDK, several at a time.

Usage: sdk.py GUESTS.json IN_FLIGHT   (with the Python of an environment that has `seam`)
"""

import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from seam import Seam

desk = threading.local()


def give(guest):
    # Each thread has its own client, because the SDK's session must not be shared.
    if not hasattr(desk, "seam"):
        desk.seam = Seam(api_key=os.environ["SEAM_API_KEY"], endpoint=os.environ["SEAM_ENDPOINT"])
    acs = desk.seam.acs
    user, door = guest["acs_user_id"], guest["acs_entrance_id"]
    acs.users.get(acs_user_id=user)
    acs.users.revoke_access_to_all_entrances(acs_user_id=user)
    acs.entrances.grant_access(acs_user_id=user, acs_entrance_id=door)
    acs.credentials.create(**guest["key"])


with open(sys.argv[1], encoding="utf-8") as file:
    guests = json.load(file)
in_flight = int(sys.argv[2])
if in_flight == 1:
    for guest in guests:
        give(guest)
else:
    with ThreadPoolExecutor(in_flight) as desks:
        list(desks.map(give, guests))
