"""spec/directory.md: locators, keys of a day, claim records."""
import struct

from primitives import hkdf, open_sealed, sha256


def of_day(secret, context, period):
    return hkdf(secret, b"", context + b"\x00" + struct.pack("<I", period), 32)


def work_bits(record):
    digest = sha256(b"mycelium claim work 1", b"\x00", record[:928])
    return 256 - int.from_bytes(sha256(digest, record[928:936]), "big").bit_length()


def check(vectors, expect):
    for vector in vectors["periods"]:
        user_id, secret = bytes.fromhex(vector["userId"]), bytes.fromhex(vector["directorySecret"])
        period = vector["timeMs"] // 86_400_000
        expect("period", period, vector["period"])
        expect("locator", of_day(user_id, b"mycelium locator 1", period).hex(), vector["locator"])
        expect("claim key", of_day(user_id, b"mycelium claim key 1", period).hex(), vector["claimKey"])
        expect("directory seed", of_day(secret, b"mycelium directory key 1", period).hex(), vector["directorySeed"])
    for vector in vectors["records"]["valid"]:
        record, outside, claim = bytes.fromhex(vector["record"]), vector["outside"], vector["claim"]
        expect("size of a record", len(record), 1_000)
        expect("locator of a record", record[4:36].hex(), outside["locator"])
        expect("directory key", record[36:68].hex(), outside["directoryKey"])
        expect("sequence, expiry", struct.unpack("<QQ", record[68:84]), (outside["sequence"], outside["expiresMs"]))
        expect("work", work_bits(record), outside["workBits"])
        expect("digest", sha256(record).hex(), outside["digest"])
        key = of_day(bytes.fromhex(vector["userId"]), b"mycelium claim key 1", vector["period"])
        plain = open_sealed(record[96:928], record[:96], record[84:96], key)
        expect("size of a claim", len(plain), 816)
        expect("account of a claim", plain[1:33].hex(), claim["accountId"])
        expect("account key of a claim", plain[33:65].hex(), claim["accountKey"])
        head = {"sequence": int.from_bytes(plain[65:73], "little"), "hash": plain[73:105].hex()}
        expect("head of a claim", head, claim["head"])
        expect("device of a claim", plain[113:145].hex(), claim["signer"])
