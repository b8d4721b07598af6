"""spec/trust.md: spoken words, verify codes, key pictures, and what is in a vouch (its signature needs curves)."""
import base64

from identity import safety_half_bytes
from primitives import sha256

HUES = [
    ("amber", "#E69F00"), ("sky", "#56B4E9"), ("moss", "#009E73"), ("straw", "#F0E442"),
    ("lake", "#0072B2"), ("rust", "#D55E00"), ("heather", "#CC79A7"), ("ash", "#999999"),
]
COSINES = [1000, 966, 866, 707, 500, 259, 0]
TIPS = ["disc", "ring", "square", "triangle"]
TIP_STEPS = {"disc": 8, "ring": 8, "square": 5, "triangle": 4}


def account(vector):
    return bytes.fromhex(vector["accountId"]), bytes.fromhex(vector["accountKey"])


def spoken_words(one, other, lists):
    data = b"".join(safety_half_bytes(*each)[:9] for each in sorted([one, other]))
    return " ".join(lists[place % 2][byte] for place, byte in enumerate(data))


def verify_code(own, contact):
    covered = b"\x01" + safety_half_bytes(*own) + safety_half_bytes(*contact)
    data = covered + sha256(b"mycelium verify 1", b"\x00", covered)[:4]
    return "mycelium:verify/" + base64.urlsafe_b64encode(data).decode().rstrip("=")


def read_code(text):
    data = base64.urlsafe_b64decode(text.removeprefix("mycelium:verify/") + "=" * (-len(text[16:]) % 4))
    return {"writer": data[1:33].hex(), "reader": data[33:65].hex()}


def compare(fields, own, contact):
    ours, theirs = (safety_half_bytes(*each).hex() for each in (own, contact))
    if fields["reader"] == ours:
        return "same" if fields["writer"] == theirs else "writer-differs"
    if fields["writer"] == theirs:
        return "reader-differs"
    return "own" if fields["writer"] == ours else "others"


def cosine(direction):
    direction %= 24
    mirrored = 24 - direction if direction > 12 else direction
    return -COSINES[12 - mirrored] if mirrored > 6 else COSINES[mirrored]


def moved(point, direction, steps):
    return point[0] + steps * cosine(direction), point[1] + steps * cosine(direction + 18)


def picture(key):
    """Name, half side of the box, and SVG."""
    digest = int.from_bytes(sha256(b"mycelium-picture-v1\x00", key), "big")
    used = 0

    def bits(count):
        nonlocal used
        used += count
        return digest >> (256 - used) & ((1 << count) - 1)

    (hue, colour), count, rotation = HUES[bits(3)], 3 + bits(2), 3 * bits(3)
    lines, shapes, reach, rings = "", "", 0, 0
    for thread in range(count):
        direction = (rotation + (48 * thread + count) // (2 * count)) % 24
        turn, fork, length, shape, side = bits(2), bits(2), 16 + 4 * bits(2), TIPS[bits(2)], 1 - 2 * bits(1)
        end, branch = (0, 0), ""
        for segment, width in enumerate((4000, 3000, 2000)):
            direction += side * turn if segment else 0
            start, end = end, moved(end, direction, length)
            reach = max(reach, *map(abs, end))
            lines += line(start, end, width)
            if fork == segment + 1:
                knot = moved(start, direction, length // 2)
                twig = moved(knot, direction - 4 * side, length * 3 // 4)
                reach, branch = max(reach, *map(abs, twig)), line(knot, twig, 2000)
        lines += branch
        centre = moved(end, direction, TIP_STEPS[shape])
        reach, rings = max(reach, *(abs(part) + 8000 for part in centre)), rings + (shape == "ring")
        shapes += tip(shape, centre, direction)
    name = f"{hue}, {count} threads, {rings or 'no'} ring{'' if rings == 1 else 's'}"
    extent = reach + 2000
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-extent} {-extent} {2 * extent} {2 * extent}" role="img"'
        f' aria-label="{name}"><g fill="none" stroke="currentColor" stroke-linecap="round">{lines}</g>'
        f'<g fill="currentColor">{shapes}</g><circle cx="0" cy="0" r="10000" fill="{colour}"/></svg>'
    )
    return name, extent, svg


def line(start, end, width):
    return f'<line x1="{start[0]}" y1="{start[1]}" x2="{end[0]}" y2="{end[1]}" stroke-width="{width}"/>'


def tip(shape, centre, direction):
    if shape == "disc":
        return f'<circle cx="{centre[0]}" cy="{centre[1]}" r="8000"/>'
    if shape == "ring":
        start = f'<circle cx="{centre[0]}" cy="{centre[1]}" r="7000"'
        return start + ' fill="none" stroke="currentColor" stroke-width="2000"/>'
    corners = (3, 9, 15, 21) if shape == "square" else (0, 8, 16)
    points = (moved(centre, direction + corner, 8) for corner in corners)
    return '<polygon points="' + " ".join(f"{x},{y}" for x, y in points) + '"/>'


def vouch_fields(data):
    """What stands in a vouch before its signature."""
    length = int.from_bytes(data[34:36], "little")
    rest = data[36 + length :]
    times = [int.from_bytes(rest[at : at + 8], "little") for at in (64, 72)]
    return {
        "kind": {1: "vouch", 2: "revocation"}[data[1]],
        "voucher": data[2:34].hex(),
        "address": data[36 : 36 + length].decode(),
        "accountId": rest[:32].hex(),
        "accountKey": rest[32:64].hex(),
        "issuedMs": times[0],
        "expiresMs": times[1],
    }


def claim_vouch_statement(data, subject):
    """What a vouch in a claim stands for, put together with what the claim says."""
    address = subject["address"].encode()
    voucher, times, signature = data[1:33], data[33:49], data[49:]
    named = b"\x01\x01" + voucher + len(address).to_bytes(2, "little") + address
    return named + b"".join(account(subject)) + times + signature


def check(vectors, expect):
    words = vectors["spokenWords"]
    lists = [words["lists"]["even"].split(" "), words["lists"]["odd"].split(" ")]
    expect("words of the lists", [len(set(each)) for each in lists] + [len(set(sum(lists, [])))], [256, 256, 512])
    for vector in words["valid"]:
        expect("spoken words", spoken_words(account(vector["one"]), account(vector["other"]), lists), vector["words"])
    for vector in vectors["verifyCodes"]["valid"]:
        own, contact = account(vector["own"]), account(vector["contact"])
        fields = read_code(vector["text"])
        expect("verify code", fields, vector["fields"])
        expect("what a code says", compare(fields, own, contact), vector["comparison"])
        if vector["comparison"] == "same":
            expect("text of a verify code", verify_code(contact, own), vector["text"])
    for vector in vectors["keyPictures"]["valid"]:
        name, extent, svg = picture(bytes.fromhex(vector["key"]))
        expect("picture", (name, extent, svg), (vector["name"], vector["extent"], vector["svg"]))
    for vector in vectors["keyPictures"]["different"]:
        one, other = (picture(bytes.fromhex(vector[side]))[2] for side in ("one", "other"))
        expect("two keys, two pictures", one != other, True)
    for vector in vectors["vouches"]["valid"]:
        data = bytes.fromhex(vector["vouch"])
        expect("vouch", vouch_fields(data), vector["fields"])
        expect("length of a vouch", len(data), 180 + len(vector["fields"]["address"].encode()))
    for vector in vectors["vouches"]["inClaims"]["valid"]:
        statement = claim_vouch_statement(bytes.fromhex(vector["inClaim"]), vector["subject"])
        expect("vouch in a claim", statement.hex(), vector["statement"])
