// matrix-js-sdk's own secret storage over account data in files.
//
//   node peer.mjs write FOLDER   makes accounts, each with what is expected of it
//   node peer.mjs read FILE      reads accounts: [{account, key, wrong_key, passphrase, secrets, removed}, …]
//
// Keys are handed over in files, never in arguments.

if (!Promise.withResolvers) {
    // matrix-js-sdk asks for a newer Node, and lacks only this in Node 20.
    Promise.withResolvers = () => {
        const parts = {};
        parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
        return parts;
    };
}

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const { ServerSideSecretStorageImpl, SECRET_STORAGE_ALGORITHM_V1_AES } = await import(
    "matrix-js-sdk/lib/secret-storage.js"
);
const { decodeRecoveryKey, encodeRecoveryKey } = await import(
    "matrix-js-sdk/lib/crypto-api/recovery-key.js"
);
const { deriveRecoveryKeyFromPassphrase } = await import(
    "matrix-js-sdk/lib/crypto-api/key-passphrase.js"
);

/** Account data in memory, as the part of a client that secret storage sees. */
class Account extends EventEmitter {
    constructor(events = {}) {
        super();
        this.events = events;
    }
    async getAccountDataFromServer(type) {
        return this.events[type] ?? null;
    }
    async setAccountData(type, content) {
        this.events[type] = content;
        // `setDefaultKeyId` waits for the echo.
        setImmediate(() => this.emit("accountData", { getType: () => type, getContent: () => content }));
        return {};
    }
}

/** Secret storage that opens with these keys: id → bytes. */
function secretStorage(account, keys) {
    return new ServerSideSecretStorageImpl(account, {
        getSecretStorageKey: async ({ keys: candidates }) => {
            const id = Object.keys(candidates).find((candidate) => keys.has(candidate));
            return id === undefined ? null : [id, keys.get(id)];
        },
    });
}

async function read(list) {
    let secrets = 0;
    for (const { account: file, key, wrong_key, passphrase, secrets: expected, removed } of list) {
        const account = new Account(JSON.parse(readFileSync(file, "utf8")));
        const bytes = decodeRecoveryKey(key);
        const id = await secretStorage(account, new Map()).getDefaultKeyId();
        assert.ok(id, `${file}: no default key`);
        const storage = secretStorage(account, new Map([[id, bytes]]));
        const [, description] = await storage.getKey(id);
        assert.equal(await storage.checkKey(bytes, description), true, `${file}: the key`);
        const wrong = decodeRecoveryKey(wrong_key);
        assert.equal(await storage.checkKey(wrong, description), false, `${file}: a wrong key`);
        if (passphrase !== null) {
            const { salt, iterations, bits } = description.passphrase;
            const derived = await deriveRecoveryKeyFromPassphrase(passphrase, salt, iterations, bits);
            assert.deepEqual(derived, bytes, `${file}: the passphrase`);
        }
        for (const [name, value] of Object.entries(expected)) {
            const keys = await storage.isStored(name);
            assert.ok(keys && id in keys, `${file}: ${name} is not stored`);
            assert.equal(await storage.get(name), value, `${file}: ${name}`);
            secrets += 1;
        }
        for (const name of removed) {
            assert.ok(name in account.events, `${file}: ${name} was never there`);
            assert.equal(await storage.isStored(name), null, `${file}: ${name} is still stored`);
            // What js-sdk says of its own tombstones too.
            await assert.rejects(storage.get(name), /not encrypted/, `${file}: ${name}`);
        }
    }
    console.log(`js-sdk read ${secrets} secrets of ${list.length} accounts`);
}

function random(length) {
    return crypto.getRandomValues(new Uint8Array(length));
}

function base64(bytes) {
    return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

const KNOWN = [
    "m.cross_signing.master",
    "m.cross_signing.user_signing",
    "m.cross_signing.self_signing",
    "m.megolm_backup.v1",
];

/** An account with a key and the four known secrets, as js-sdk's bootstrap leaves it. */
async function bootstrapped({ name, passphrase }) {
    const account = new Account();
    const keys = new Map();
    const storage = secretStorage(account, keys);
    let key = random(32);
    let info;
    if (passphrase !== undefined) {
        const salt = base64(random(24));
        key = await deriveRecoveryKeyFromPassphrase(passphrase, salt, 500_000);
        info = { algorithm: "m.pbkdf2", iterations: 500_000, salt };
    }
    const { keyId } = await storage.addKey(SECRET_STORAGE_ALGORITHM_V1_AES, {
        key,
        name,
        passphrase: info,
    });
    keys.set(keyId, key);
    await storage.setDefaultKeyId(keyId);
    const secrets = Object.fromEntries(KNOWN.map((known) => [known, base64(random(32))]));
    for (const [known, value] of Object.entries(secrets)) await storage.store(known, value);
    return { account, storage, keys, keyId, key, passphrase: passphrase ?? null, secrets };
}

async function write(folder) {
    const cases = {
        random: await bootstrapped({}),
        passphrase: await bootstrapped({ passphrase: "corręct horse ✓" }),
        named: await bootstrapped({ name: "My security key" }),
    };

    const custom = (cases.custom = await bootstrapped({}));
    custom.secrets["org.example.text"] = "Zażółć gęślą jaźń — 秘密 🔐";
    await custom.storage.store("org.example.text", custom.secrets["org.example.text"]);

    const removed = (cases.removed = await bootstrapped({}));
    await removed.storage.store("m.megolm_backup.v1", null);
    delete removed.secrets["m.megolm_backup.v1"];
    removed.removed = ["m.megolm_backup.v1"];

    // Two keys, one secret for both, and the second as the default.
    const two = (cases.two = await bootstrapped({}));
    const key = random(32);
    const { keyId } = await two.storage.addKey(SECRET_STORAGE_ALGORITHM_V1_AES, { key });
    two.keys.set(keyId, key);
    for (const [name, value] of Object.entries(two.secrets)) {
        await two.storage.store(name, value, [two.keyId, keyId]);
    }
    await two.storage.setDefaultKeyId(keyId);
    Object.assign(two, { other: two.key, key, keyId });

    const list = [];
    for (const [name, made] of Object.entries(cases)) {
        const file = join(folder, `js-${name}.json`);
        writeFileSync(file, JSON.stringify(made.account.events, null, 1));
        list.push({
            account: file,
            key_id: made.keyId,
            key: encodeRecoveryKey(made.key),
            other_key: made.other ? encodeRecoveryKey(made.other) : null,
            passphrase: made.passphrase,
            secrets: made.secrets,
            removed: made.removed ?? [],
        });
    }
    writeFileSync(join(folder, "js-accounts.json"), JSON.stringify(list, null, 1));
    console.log(`js-sdk wrote ${list.length} accounts`);
}

const [what, where] = process.argv.slice(2);
if (what === "read") await read(JSON.parse(readFileSync(where, "utf8")));
else if (what === "write") await write(where);
else throw new Error("usage: peer.mjs read FILE | write FOLDER");
