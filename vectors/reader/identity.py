"""spec/identity.md: user ids, peer addresses, entry hashes, safety numbers, invite links."""
import base64

from primitives import hkdf, sha256

PACKED, HASHED = 1, 2
SYMBOLS = "abcdefghijklmnopqrstuvwxyz0123456789.-_+@"
Z_BASE_32 = "ybndrfg8ejkmcpqxot1uwisza345h769"


def user_id(address):
    """The id of an address in its canonical form."""
    if len(address) <= 46 and all(symbol in SYMBOLS for symbol in address):
        number = 0
        for symbol in address:
            number = number * 41 + SYMBOLS.index(symbol) + 1
        return bytes([PACKED]) + number.to_bytes(31, "little")
    text = address.encode("utf-8")
    return bytes([HASHED]) + sha256(b"mycelium user id 1", b"\x00", bytes([HASHED]), text)[:31]


def address_of(identity):
    """The text in a packed id; it still has to be a canonical address."""
    number, text = int.from_bytes(identity[1:], "little"), ""
    while number > 0:
        digit = number % 41 or 41
        text, number = SYMBOLS[digit - 1] + text, (number - digit) // 41
    return text


def z_base_32(data):
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    return "".join(Z_BASE_32[int(bits[at : at + 5], 2)] for at in range(0, len(bits), 5))


def entry_hash(entry):
    return sha256(b"mycelium account hash 1", b"\x00", entry)


def safety_half_bytes(account_id, account_key):
    return sha256(b"mycelium safety number 1", b"\x00", account_id, account_key)


def safety_half(account_id, account_key):
    digest = safety_half_bytes(account_id, account_key)
    return " ".join(f"{int.from_bytes(digest[at : at + 5], 'big') % 100_000:05}" for at in range(0, 30, 5))


def safety_number(one, other):
    return " ".join(safety_half(*account) for account in sorted([one, other]))


def fingerprint(account_id):
    text = z_base_32(account_id[:20])
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def invite_body(link):
    """What stands between head and checksum of a link. None when length or checksum are wrong."""
    text = link.removeprefix("mycelium:invite/")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if data[0] != 1 or int.from_bytes(data[1:3], "little") != len(data):
        return None
    if sha256(b"mycelium invite 1", b"\x00", data[:-4])[:4] != data[-4:]:
        return None
    return data[3:-4]


def check(vectors, accounts, expect):
    for vector in vectors["userIds"]["valid"]:
        computed = user_id(vector["address"])
        expect("user id", computed.hex(), vector["id"])
        if vector["form"] == "packed":
            expect("address of a packed id", address_of(computed), vector["address"])
    for vector in vectors["peerAddresses"]["valid"]:
        expect("peer address", z_base_32(bytes.fromhex(vector["key"])), vector["text"].split("@")[0])
    for vector in vectors["safetyNumbers"]:
        names = ("accountId", "accountKey")
        one, other = (tuple(bytes.fromhex(vector[side][name]) for name in names) for side in ("one", "other"))
        expect("safety number", safety_number(one, other), vector["safetyNumber"])
        expect("fingerprint", fingerprint(one[0]), vector["fingerprint"])
    for vector in vectors["invites"]["valid"]:
        address = vector["fields"]["address"].encode("utf-8")
        body = invite_body(vector["link"])
        expect("address in an invite", body[2 : 2 + int.from_bytes(body[:2], "little")], address)
        expect("account in an invite", body[2 + len(address) :][:32].hex(), vector["fields"]["accountId"])
    for vector in accounts["logs"]["valid"]:
        entries = [bytes.fromhex(entry) for entry in vector["entries"]]
        expect("entry hashes", [entry_hash(entry).hex() for entry in entries], vector["hashes"])
        expect("account id", entry_hash(entries[0]).hex(), vector["state"]["accountId"])
        for sequence, entry in enumerate(entries):
            expect("sequence of an entry", int.from_bytes(entry[33:41], "little"), sequence)
            expect("previous of an entry", entry[41:73], entry_hash(entries[sequence - 1]) if sequence else bytes(32))
    keys = accounts["cards"]["queueKeys"]
    secret = bytes.fromhex(keys["cardSecret"])
    expect("reader seed of a card", hkdf(secret, b"", b"mycelium card reader 1", 32).hex(), keys["readerSeed"])
    expect("chain key of a card", hkdf(secret, b"", b"mycelium card chain 1", 32).hex(), keys["chainKey"])
