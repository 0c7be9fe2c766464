// matrix-js-sdk's work, as often as asked: a line `ROW TIMES` comes in, the nanoseconds that it took go out.
// First come the inputs, as one line of JSON: what ours works on.

if (!Promise.withResolvers) {
    // matrix-js-sdk asks for a newer Node, and lacks only this in Node 20.
    Promise.withResolvers = () => {
        const parts = {};
        parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
        return parts;
    };
}

import assert from "node:assert/strict";
import { createInterface } from "node:readline";

const { ServerSideSecretStorageImpl } = await import("matrix-js-sdk/lib/secret-storage.js");
const { decodeRecoveryKey, encodeRecoveryKey } = await import(
    "matrix-js-sdk/lib/crypto-api/recovery-key.js"
);
const { deriveRecoveryKeyFromPassphrase } = await import(
    "matrix-js-sdk/lib/crypto-api/key-passphrase.js"
);
const { default: decrypt } = await import(
    "matrix-js-sdk/lib/utils/decryptAESSecretStorageItem.js"
);
const { default: encrypt } = await import(
    "matrix-js-sdk/lib/utils/encryptAESSecretStorageItem.js"
);

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const input = JSON.parse((await lines.next()).value);
const { name, text, recovery_key, key_id, description, secret, passphrase, salt, iterations } = input;
const key = decodeRecoveryKey(recovery_key);
const storage = new ServerSideSecretStorageImpl({ on() {} }, {});
const whole = JSON.parse(description);

/** Sealed text of this length, as `encrypted` has it. */
const sealed = (length) => encrypt("x".repeat(length), key, name);
const short = await sealed(43);
const longer = await sealed(1 << 10);
const long = await sealed(1 << 20);

const work = {
    "open-43": () => decrypt(short, key, name),
    "open-1k": () => decrypt(longer, key, name),
    "open-1m": () => decrypt(long, key, name),
    "open-json": () => decrypt(JSON.parse(secret).encrypted[key_id], key, name),
    "seal-json": async () => JSON.stringify({ encrypted: { [key_id]: await encrypt(text, key, name) } }),
    parse: () => decodeRecoveryKey(recovery_key),
    format: () => encodeRecoveryKey(key),
    check: () => storage.checkKey(decodeRecoveryKey(recovery_key), whole),
    "check-json": () => storage.checkKey(decodeRecoveryKey(recovery_key), JSON.parse(description)),
    derive: () => deriveRecoveryKeyFromPassphrase(passphrase, salt, iterations, 256),
};

// It is the same work only if the same comes of it.
assert.equal(await work["open-json"](), text);
assert.equal(await work["check-json"](), true);
assert.equal(work.format(), recovery_key);
assert.equal(Buffer.from(await work.derive()).toString("hex"), input.derived);
console.log("ready");

for await (const line of lines) {
    const [row, times] = line.split(" ");
    const one = work[row];
    const start = process.hrtime.bigint();
    for (let time = 0; time < Number(times); time += 1) {
        const made = one();
        // What is made at once is not waited for.
        if (made instanceof Promise) await made;
    }
    console.log(String(process.hrtime.bigint() - start));
}
