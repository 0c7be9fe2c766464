// matrix-js-sdk, a whole client with its cryptography, on a homeserver.
//
// Reads actions, {action, homeserver, user, password, …} on a line each, and prints what came of each on
// a line: {ok: …} or {error: "…"}. Each is a new device, logged in with the password. Keys go by way of
// standard input, never in arguments.

if (!Promise.withResolvers) {
    // matrix-js-sdk asks for a newer Node, and lacks only this in Node 20.
    Promise.withResolvers = () => {
        const parts = {};
        parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
        return parts;
    };
}

import { createPublicKey, createPrivateKey } from "node:crypto";
import { createInterface } from "node:readline";

// What it logs is not for standard output, which is JSON.
for (const level of ["trace", "debug", "log", "info", "warn", "error"]) console[level] = () => {};

const sdk = await import("matrix-js-sdk");
const { decodeRecoveryKey } = await import("matrix-js-sdk/lib/crypto-api/recovery-key.js");
const { deriveRecoveryKeyFromPassphrase } = await import(
    "matrix-js-sdk/lib/crypto-api/key-passphrase.js"
);
const { ServerSideSecretStorageImpl } = await import("matrix-js-sdk/lib/secret-storage.js");
const { BackupDecryptionKey } = await import("@matrix-org/matrix-sdk-crypto-wasm");

const SECRETS = [
    "m.cross_signing.master",
    "m.cross_signing.user_signing",
    "m.cross_signing.self_signing",
    "m.megolm_backup.v1",
];
const DEADLINE = 30_000;

function base64(bytes) {
    return Buffer.from(bytes).toString("base64").replace(/=+$/, "");
}

/** The recovery key or passphrase of an action, as bytes; it is not held against anything here. */
async function keyOf({ key, passphrase }, description) {
    if (key !== undefined) return decodeRecoveryKey(key);
    if (passphrase === undefined) throw new Error("no key is at hand, and one is asked for");
    const { salt, iterations, bits } = description.passphrase ?? {};
    if (salt === undefined) throw new Error("a passphrase is at hand, and the key has none");
    return deriveRecoveryKeyFromPassphrase(passphrase, salt, iterations, bits);
}

/** The clients of the action that is under way. */
const running = [];

/** A new device, logged in, in sync, with keys of its own. */
async function newDevice({ homeserver, user, password, ...secret }) {
    const session = await sdk
        .createClient({ baseUrl: homeserver })
        .loginRequest({
            type: "m.login.password",
            identifier: { type: "m.id.user", user },
            password,
        });
    const made = new Map();
    const client = sdk.createClient({
        baseUrl: homeserver,
        userId: user,
        deviceId: session.device_id,
        accessToken: session.access_token,
        cryptoCallbacks: {
            getSecretStorageKey: async ({ keys }) => {
                const known = Object.keys(keys).find((id) => made.has(id));
                if (known !== undefined) return [known, made.get(known)];
                const preferred = await client.secretStorage.getDefaultKeyId();
                const id = preferred in keys ? preferred : Object.keys(keys)[0];
                return [id, await keyOf(secret, keys[id])];
            },
            cacheSecretStorageKey: (id, _description, key) => made.set(id, key),
        },
    });
    running.push(client);
    await client.initRustCrypto({ useIndexedDB: false });
    const synced = new Promise((resolve) => {
        client.on("sync", (state) => state === "PREPARED" && resolve());
    });
    await client.startClient({ initialSyncLimit: 1, disablePresence: true });
    await synced;
    const crypto = client.getCrypto();
    const { ed25519 } = await crypto.getOwnDeviceKeys();
    return { client, crypto, user, password, device: session.device_id, ed25519 };
}

/** Nothing here makes keys but by being asked to. */
async function refuse() {
    throw new Error("it would make new cross-signing keys");
}

/** What it sees of the account, and of the device that it is. */
async function report({ client, crypto, user, device, ed25519 }, action) {
    await crypto.userHasCrossSigningKeys(user, true);
    const trust = async (id) => {
        const status = await crypto.getDeviceVerificationStatus(user, id);
        return {
            signed_by_owner: status?.signedByOwner ?? null,
            cross_signing_verified: status?.crossSigningVerified ?? null,
            verified: status?.isVerified() ?? null,
        };
    };
    const info = await crypto.getKeyBackupInfo();
    return {
        device,
        ed25519,
        cross_signing_ready: await crypto.isCrossSigningReady(),
        cross_signing: await crypto.getCrossSigningStatus(),
        secret_storage_ready: await crypto.isSecretStorageReady(),
        secret_storage: await crypto.getSecretStorageStatus(),
        has_key: await client.secretStorage.hasKey(),
        backup_on_server: info?.version ?? null,
        backup_enabled: await crypto.getActiveSessionBackupVersion(),
        own_device: await trust(device),
        other_device: action.look_at === undefined ? null : await trust(action.look_at),
    };
}

async function secretsOf({ client }) {
    const secrets = {};
    for (const name of SECRETS) secrets[name] = (await client.secretStorage.get(name)) ?? null;
    return secrets;
}

/** Takes over what secret storage holds, as Element does. */
async function takeOver(here, { without_backup = false }) {
    const { client, crypto, user } = here;
    const [id, description] = (await client.secretStorage.getKey()) ?? [];
    if (id === undefined) throw new Error("no key to unlock with");
    const secrets = await secretsOf(here);
    if (!(await crypto.userHasCrossSigningKeys(user, true))) throw new Error("no identity");
    await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: refuse });
    if (without_backup) return { key_id: id, description, secrets };
    await crypto.loadSessionBackupPrivateKeyFromSecretStorage();
    const check = await crypto.checkKeyBackupAndEnable();
    const cached = await crypto.getSessionBackupPrivateKey();
    return {
        key_id: id,
        description,
        secrets,
        backup_trust: check?.trustInfo ?? null,
        backup_key: cached === null ? null : base64(cached),
    };
}

const ACTIONS = {
    /** A device that has keys of its own, and nothing of the account's. */
    async look(action) {
        const here = await newDevice(action);
        return { ...(await report(here, action)) };
    },

    async bootstrap(action) {
        const here = await newDevice(action);
        const { crypto, user, password } = here;
        await crypto.bootstrapCrossSigning({
            authUploadDeviceSigningKeys: async (request) => {
                await request({
                    type: "m.login.password",
                    identifier: { type: "m.id.user", user },
                    password,
                });
            },
        });
        const made = await crypto.createRecoveryKeyFromPassphrase(action.new_passphrase);
        await crypto.bootstrapSecretStorage({
            createSecretStorageKey: async () => made,
            setupNewKeyBackup: true,
        });
        return {
            recovery_key: made.encodedPrivateKey,
            secrets: await secretsOf(here),
            ...(await report(here, action)),
        };
    },

    async unlock(action) {
        const here = await newDevice(action);
        const unlocked = await takeOver(here, action);
        return { ...unlocked, ...(await report(here, action)) };
    },

    async rotate(action) {
        const here = await newDevice(action);
        await takeOver(here, action);
        const made = await here.crypto.createRecoveryKeyFromPassphrase(action.new_passphrase);
        await here.crypto.bootstrapSecretStorage({
            createSecretStorageKey: async () => made,
            setupNewSecretStorage: true,
        });
        return {
            recovery_key: made.encodedPrivateKey,
            secrets: await secretsOf(here),
            ...(await report(here, action)),
        };
    },

    /** Account data that was saved at some moment, held against the server's public keys. */
    async saved(action) {
        return savedAccount(action);
    },
};

/**
 * What a client that has these recovery keys gets out of secret storage. js-sdk's own code opens
 * everything, with the key that the pointer names; where there is no pointer, with one of the keys that
 * are described.
 */
async function savedAccount({ events, keys, backups, identity }) {
    const account = {
        getAccountDataFromServer: async (type) => events[type] ?? null,
        setAccountData: refuse,
    };
    let opener = null;
    const storage = new ServerSideSecretStorageImpl(account, {
        getSecretStorageKey: async ({ keys: candidates }) =>
            opener !== null && opener[0] in candidates ? opener : null,
    });
    const pointer = await storage.getDefaultKeyId();
    const prefix = "m.secret_storage.key.";
    const described = Object.keys(events)
        .filter((type) => type.startsWith(prefix))
        .map((type) => type.slice(prefix.length));
    let opened_by = null;
    for (const id of pointer === null ? described : [pointer]) {
        const [, description] = (await storage.getKey(id)) ?? [];
        if (!description?.algorithm) continue;
        for (const [number, key] of keys.entries()) {
            const bytes = decodeRecoveryKey(key);
            if (!(await storage.checkKey(bytes, description))) continue;
            opened_by = number;
            opener = [id, bytes];
        }
    }
    const secrets = {};
    const failures = {};
    for (const [type, content] of Object.entries(events)) {
        if (Object.keys(content.encrypted ?? {}).length === 0) continue;
        try {
            secrets[type] = await storage.get(type);
        } catch (error) {
            failures[type] = error.message;
        }
    }
    const fits = {};
    for (const usage of ["master", "self_signing", "user_signing"]) {
        const secret = secrets[`m.cross_signing.${usage}`];
        const published = identity[usage] ?? null;
        fits[usage] = published && secret !== undefined && ed25519Public(secret) === published;
    }
    const backupKeys = new Map();
    for (const [type, secret] of Object.entries(secrets)) {
        try {
            const key = BackupDecryptionKey.fromBase64(secret);
            backupKeys.set(key.megolmV1PublicKey.publicKeyBase64, type);
        } catch {
            // It is no 32 bytes, so it is no backup's.
        }
    }
    return {
        default_key: pointer,
        opened_by,
        secrets,
        failures,
        fits,
        backups: backups.map((published) => backupKeys.get(published) ?? null),
    };
}

function ed25519Public(seed) {
    const prefix = Buffer.from("302e020100300506032b657004220420", "hex");
    const key = createPrivateKey({
        key: Buffer.concat([prefix, Buffer.from(seed, "base64")]),
        format: "der",
        type: "pkcs8",
    });
    return base64(createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32));
}

async function run(action) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error("it takes too long")), DEADLINE);
    });
    try {
        const act = ACTIONS[action.action];
        if (act === undefined) throw new Error(`no action ${action.action}`);
        return { ok: await Promise.race([act(action), late]) };
    } catch (error) {
        return { error: String(error?.message ?? error) };
    } finally {
        clearTimeout(timer);
        for (const client of running.splice(0)) client.stopClient();
    }
}

for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await run(JSON.parse(line)))}\n`);
}
process.exit(0);
