#!/usr/bin/env python3
"""Verify a copied ledger folder with nothing but Python's standard library: verify_ledger.py FOLDER [VERIFIER-KEY]"""
import base64, hashlib, os, struct, sys
P = 2**256 - 2**224 + 2**192 + 2**96 - 1                                     # NIST P-256
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)
sha = lambda b: hashlib.sha256(b).digest()
def add(a, b):                                                               # affine addition; None is the point at infinity
    if a is None or b is None or (a[0] == b[0] and (a[1] + b[1]) % P == 0): return None if a and b else a or b
    m = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) if a == b else (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (m * m - a[0] - b[0]) % P
    return x, (m * (a[0] - x) - a[1]) % P
def mul(k, a):
    r = None
    while k: r, a, k = (add(r, a) if k & 1 else r), add(a, a), k >> 1
    return r
def ecdsa(key, message, der):                                                # der: SEQUENCE { INTEGER r, INTEGER s }
    r, s = int.from_bytes(der[4:4 + der[3]], "big"), int.from_bytes(der[6 + der[3]:], "big")
    if not (0 < r < N and 0 < s < N): return False
    w, e = pow(s, -1, N), int.from_bytes(sha(message), "big")
    q = (int.from_bytes(key[-64:-32], "big"), int.from_bytes(key[-32:], "big"))
    return (add(mul(e * w % N, G), mul(r * w % N, q)) or (0,))[0] % N == r
def entries(folder):                                                         # every entry of every frame of every segment, in order
    for name in sorted(f for f in os.listdir(folder + "/segments") if f.endswith(".seg")):
        data, at = open(f"{folder}/segments/{name}", "rb").read(), 32
        while at < len(data):
            at, end = at + 20, at + 20 + struct.unpack_from("<I", data, at)[0]
            while at < end:
                n, = struct.unpack_from(">H", data, at)
                yield data[at + 2:at + 2 + n]
                at += 2 + n
folder = sys.argv[1]
keys = sys.argv[2:] or open(folder + "/keys").read().split("\n")[:-1]
text, signatures = open(folder + "/checkpoint", encoding="utf-8", newline="").read().rsplit("\n\n", 1)
origin, size, root = text.split("\n")
keys = {(k.split("+")[0], sha(base64.b64decode(k.split("+", 2)[2])[1:])[:4]): base64.b64decode(k.split("+", 2)[2])[1:] for k in keys}
signed = [(n, base64.b64decode(s)) for d, n, s in (l.split(" ") for l in signatures.split("\n")[:-1]) if d == "\u2014"]
if not any(n == origin and (n, s[:4]) in keys and ecdsa(keys[n, s[:4]], (text + "\n").encode(), s[4:]) for n, s in signed):
    sys.exit("the checkpoint is not signed by a key of the log")
stack = []                                                                   # RFC 6962: complete subtrees, largest first
for index, entry in zip(range(int(size)), entries(folder)):
    node, level = sha(b"\0" + entry), 0
    while stack and stack[-1][0] == level: node, level = sha(b"\1" + stack.pop()[1] + node), level + 1
    stack.append((level, node))
node = stack.pop()[1] if stack else sha(b"")
while stack: node = sha(b"\1" + stack.pop()[1] + node)
if node != base64.b64decode(root): sys.exit("the entries do not hash to the signed root")
print(f"{origin}: {size} entries hash to the signed root {root}" + ("" if sys.argv[2:] else " (keys taken from the folder itself)"))
