"""Checks evidence files of a client that froze, with nothing but Python's standard library.

usage: check_evidence.py FILE...

Written from the formats alone (C2SP signed-note, tlog-checkpoint, RFC 6962, RFC 8032, RFC 7515):
prints one line for each file, `ALARM holds` or why not. The exit status says whether all hold.
"""

import base64
import hashlib
import json
import re
import sys

# ---- Ed25519, RFC 8032 §5.1 ----------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    return P - x if x & 1 != sign else x


def point(data):
    number = int.from_bytes(data, "little")
    y = number & ((1 << 255) - 1)
    x = recover_x(y, number >> 255)
    return None if x is None else (x, y, 1, x * y % P)


def add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar, p):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, p)
        p = add(p, p)
        scalar >>= 1
    return result


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def is_signed(key, message, signature):
    if len(key) != 32 or len(signature) != 64:
        return False
    a, r = point(key), point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    left = multiply(s, BASE)
    right = add(r, multiply(int.from_bytes(digest, "little") % ORDER, a))
    return not (
        (left[0] * right[2] - right[0] * left[2]) % P
        or (left[1] * right[2] - right[1] * left[2]) % P
    )


# ---- Notes and checkpoints -----------------------------------------------------------------------


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def standard(text):
    data = base64.b64decode(text, validate=True)
    return data if base64.b64encode(data).decode() == text else None


def url(text):
    if not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        return None
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def log_key(vkey):
    """The name and the key of a log; its id must be the one of both."""
    name, key_id, key = vkey.split("+", 2)
    key = standard(key)
    assert key[0] == 1 and len(key) == 33, "not an Ed25519 key"
    assert sha256(name.encode(), b"\n", key)[:4].hex() == key_id, "the key has another id"
    return name, key[1:]


def note_parts(note):
    """The text and the signature lines of a note, or nothing."""
    text, gap, signatures = note.rpartition("\n\n")
    if not gap or not signatures.endswith("\n"):
        return None
    lines = signatures[:-1].split("\n")
    if not all(re.fullmatch(r"— [^ +]+ [A-Za-z0-9+/]+=*", line) for line in lines):
        return None
    return text + "\n", lines


def signed_text(note, vkey):
    """The text of a note if the log signed it, else nothing."""
    name, key = log_key(vkey)
    parts = note_parts(note)
    if parts is None:
        return None
    text, lines = parts
    key_id = sha256(name.encode(), b"\n\x01", key)[:4]
    for line in lines:
        _, signer, signature = line.split(" ")
        signature = standard(signature)
        if signer == name and signature and signature[:4] == key_id:
            if is_signed(key, text.encode(), signature[4:]):
                return text
    return None


def number(text):
    return int(text) if re.fullmatch(r"0|[1-9][0-9]*", text) else None


def checkpoint(note, evidence):
    """Size and root of a checkpoint that the log signed, else nothing."""
    text = signed_text(note, evidence["vkey"])
    lines = (text or "").split("\n")
    if len(lines) != 4 or lines[0] != evidence["origin"] or number(lines[1]) is None:
        return None
    root = standard(lines[2])
    return (number(lines[1]), root) if root and len(root) == 32 else None


# ---- Merkle trees, RFC 9162 §2.1 -----------------------------------------------------------------


def node(left, right):
    return sha256(b"\x01", left, right)


def is_consistent(old, new, proof):
    (old_size, old_root), (new_size, new_root) = sorted((old, new))
    if old_size == new_size:
        return old_root == new_root and not proof
    if old_size == 0:
        return not proof
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    first, second = old_size - 1, new_size - 1
    while first & 1:
        first, second = first >> 1, second >> 1
    old_hash = new_hash = path[0]
    for value in path[1:]:
        if second == 0:
            return False
        if first & 1 or first == second:
            old_hash, new_hash = node(value, old_hash), node(value, new_hash)
            while first and not first & 1:
                first, second = first >> 1, second >> 1
        else:
            new_hash = node(new_hash, value)
        first, second = first >> 1, second >> 1
    return second == 0 and old_hash == old_root and new_hash == new_root


def is_included(evidence, tree):
    envelope, salt = url(evidence["envelope"]), bytes.fromhex(evidence["salt"])
    index, size, root = evidence["index"], *tree
    if not envelope_fields(evidence) or len(salt) != 32 or not 0 <= index < size:
        return False
    entry = sha256(evidence["entry"].encode())
    value = sha256(b"\x00", sha256(b"accord/leaf/v1\n", salt, entry, sha256(envelope)))
    last = size - 1
    for sibling in (bytes.fromhex(text) for text in evidence["proof"]):
        if last == 0:
            return False
        if index & 1 or index == last:
            value = node(sibling, value)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            value = node(value, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and value == root


# ---- Entries and chains --------------------------------------------------------------------------


def envelope_fields(evidence):
    try:
        fields = json.loads(url(evidence["envelope"]))
    except (TypeError, ValueError):
        return None
    return fields if set(fields) == {"aprev", "aseq", "time"} else None


def is_forged(evidence):
    """Whether the entry is not signed by the device it names."""
    try:
        header, payload, signature = evidence["entry"].split(".")
        stated = json.loads(url(payload))
        key = bytes.fromhex(evidence["signer"])
        key = key or url(stated["body"].get("key", ""))
        device = sha256(b"accord/device/v1\n", key)[:16].hex()
        if stated["dev"] != device or json.loads(url(header))["kid"] != device:
            return True
        if stated["aud"] != evidence["origin"]:
            return True
        return not is_signed(key, f"{header}.{payload}".encode(), url(signature))
    except (ValueError, KeyError, TypeError, AttributeError):
        return True


def head(evidence):
    """Count and hash of the chain's head if the log signed it for this tree, else nothing."""
    text = signed_text(evidence["head"], evidence["vkey"])
    lines = (text or "").split("\n")
    if len(lines) != 7 or lines[0] != "accord/account-head/v1":
        return None
    if lines[1] != evidence["origin"] or lines[3] != evidence["chain"]:
        return None
    received = note_parts(evidence["received"])
    if received and received[0].split("\n")[1] != lines[2]:
        return None
    return number(lines[4]), standard(lines[5])


def holds(evidence):
    stored = checkpoint(evidence["stored"], evidence)
    received = checkpoint(evidence["received"], evidence)
    alarm = evidence["alarm"]
    known = evidence["chain_sequence"], bytes.fromhex(evidence["chain_head"])
    if alarm == "checkpoint-unsigned":
        return received is None and note_parts(evidence["received"]) is not None
    if alarm == "fork":
        return bool(stored and received) and stored[0] == received[0] and stored[1] != received[1]
    if alarm in ("not-consistent", "rolled-back"):
        if not (stored and received):
            return False
        if alarm == "rolled-back" and evidence["head"]:
            found = head(evidence)
            return found is not None and found != known
        return not is_consistent(stored, received, [bytes.fromhex(h) for h in evidence["proof"]])
    if alarm == "head-unsigned":
        return head(evidence) is None and note_parts(evidence["head"]) is not None
    if alarm == "head-mismatch":
        found = head(evidence)
        return found is not None and found != known
    if alarm == "promise-broken":
        lines = evidence["promise"].split("\n")
        return received is not None and f"index {evidence['index']}" in lines[:3]
    if received is None:
        return False
    if alarm == "not-included":
        return not is_included(evidence, received)
    if not is_included(evidence, received):
        return False
    if alarm == "entry-forged":
        return is_forged(evidence)
    if alarm == "entry-hidden":
        fields = envelope_fields(evidence)
        return (fields["aseq"], bytes.fromhex(fields["aprev"])) != (known[0] + 1, known[1])
    return alarm in ("out-of-order", "rules-broken")


def main(files):
    broken = False
    for file in files:
        with open(file, encoding="utf-8") as stream:
            evidence = json.load(stream)
        assert evidence["format"] == "accord/evidence/v1", file
        is_true = holds(evidence)
        broken = broken or not is_true
        print(evidence["alarm"], "holds" if is_true else "does not hold")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
