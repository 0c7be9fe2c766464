"""mautrix, with its own secret storage and cross-signing, on a homeserver.

Reads actions, {action, homeserver, user, password, …} on a line each, and prints what came of each on a
line: {ok: …} or {error: "…"}. Each is a new device, logged in with the password. Keys go by way of
standard input, never in arguments.
"""

import asyncio
import base64
import json
import logging
import sys

from mautrix.api import HTTPAPI
from mautrix.client import Client
from mautrix.client.state_store import MemoryStateStore
from mautrix.crypto import OlmMachine
from mautrix.crypto.cross_signing_key import CrossSigningSeeds
from mautrix.crypto.store import MemoryCryptoStore
from mautrix.types import SerializerError

SECRETS = [
    "m.cross_signing.master",
    "m.cross_signing.user_signing",
    "m.cross_signing.self_signing",
    "m.megolm_backup.v1",
]
DEADLINE = 30


def base64_of(value):
    return base64.b64encode(value).rstrip(b"=").decode()


class CryptoStateStore:
    """What its cryptography asks about rooms, of which there are none."""

    async def is_encrypted(self, room_id):
        return False

    async def get_encryption_info(self, room_id):
        return None

    async def find_shared_rooms(self, user_id):
        return []


async def new_device(action):
    """A new device, logged in, whose keys are on the server."""
    client = Client(
        mxid=action["user"],
        api=HTTPAPI(base_url=action["homeserver"]),
        state_store=MemoryStateStore(),
    )
    await client.login(
        identifier=action["user"], password=action["password"], update_hs_url=False
    )
    store = MemoryCryptoStore(client.device_id, "not kept")
    machine = OlmMachine(client, store, CryptoStateStore())
    await machine.load()
    await machine.share_keys()
    return client, machine


def key_of(action, key_id, metadata):
    if "key" in action:
        return metadata.verify_recovery_key(key_id, action["key"])
    return metadata.verify_passphrase(key_id, action["passphrase"])


async def unlock(action, client, machine):
    """What the key that the pointer names opens."""
    key_id, metadata = await machine.ssss.get_default_key_data()
    key = key_of(action, key_id, metadata)
    secrets = {}
    for name in action.get("names", SECRETS):
        secrets[name] = base64_of(await machine.ssss.get_decrypted_account_data(name, key))
    return {"key_id": key_id, "secrets": secrets}


async def verify(action, client, machine):
    """Signs its own device with what secret storage holds."""
    await machine.verify_with_recovery_key(action["key"])
    return {"cross_signed": await is_cross_signed(client, machine)}


async def is_cross_signed(client, machine):
    """Whether its own device is, as the server tells it to others."""
    answer = await client.query_keys([client.mxid])
    keys = answer.self_signing_keys[client.mxid].keys
    device = answer.device_keys[client.mxid][client.device_id]
    return any(key in device.signatures[client.mxid] for key in keys)


async def generate(action, client, machine):
    """Makes an identity, and a recovery key for it."""
    seeds = CrossSigningSeeds.generate()
    key = await machine.generate_recovery_key(action.get("new_passphrase"), seeds)
    secrets = {
        "m.cross_signing.master": base64_of(seeds.master_key),
        "m.cross_signing.user_signing": base64_of(seeds.user_signing_key),
        "m.cross_signing.self_signing": base64_of(seeds.self_signing_key),
    }
    return {
        "recovery_key": key,
        "secrets": secrets,
        "cross_signed": await is_cross_signed(client, machine),
    }


async def look(action, client, machine):
    """What it sees without a key."""
    keys = await machine.get_own_cross_signing_public_keys()
    try:
        key_id = await machine.ssss.get_default_key_id()
    except SerializerError:
        # A pointer that was blanked, which it can only not read.
        key_id = None
    return {
        "default_key": key_id,
        "has_identity": keys is not None,
    }


ACTIONS = {"unlock": unlock, "verify": verify, "generate": generate, "look": look}


async def run(action):
    client = None

    async def act():
        nonlocal client
        client, machine = await new_device(action)
        return await ACTIONS[action["action"]](action, client, machine)

    try:
        return {"ok": await asyncio.wait_for(act(), DEADLINE)}
    except Exception as error:  # noqa: BLE001: whatever it is, it is told
        return {"error": f"{type(error).__name__}: {error}"}
    finally:
        if client is not None:
            await client.api.session.close()


logging.disable(logging.CRITICAL)
for line in sys.stdin:
    print(json.dumps(asyncio.run(run(json.loads(line)))), flush=True)
