"""Verifies a live node with an independent C2SP implementation (PyPI: aics-tlog).

usage: tlog_check.py URL VKEY FOLDER

FOLDER holds what the node said before: *.checkpoint and *.tlog-proof. Prints one line of JSON with
what was verified; any failure is an exception.
"""

import json
import pathlib
import sys

import aics_tlog as tlog


def checkpoint(text, key):
    note = tlog.parse_note(text)
    result = tlog.verify_checkpoint(note, key, expected_origin=key.name)
    assert result.ok and result.log_ok, result.error
    return result.size, result.root


def check_proof(text, key, reader, size):
    lines, note = text.split("\n\n", 1)
    header, index, *hashes = lines.split("\n")
    assert header == "c2sp.org/tlog-proof@v1" and index.startswith("index "), header
    proof_size, root = checkpoint(note, key)
    leaf = tlog.read_entry(reader, int(index[6:]), size)
    path = [tlog.note.b64_decode(line) for line in hashes]
    assert tlog.verify_leaf_inclusion(leaf, int(index[6:]), proof_size, path, root), index


def main(url, vkey, folder):
    key = tlog.parse_vkey(vkey)
    http = tlog.HttpTileReader(url, proxies={})
    size, root = checkpoint(http.read_checkpoint(), key)
    audit = tlog.audit_tiles(http, size, root)
    reader = tlog.VerifiedTileReader(http, size, root)
    for index in range(size):
        path = tlog.inclusion_proof_from_tiles(reader, index, size)
        leaf = tlog.read_entry(reader, index, size)
        assert tlog.verify_leaf_inclusion(leaf, index, size, path, root), index
    old = sorted(pathlib.Path(folder).glob("*.checkpoint"))
    for file in old:
        old_size, old_root = checkpoint(file.read_text(), key)
        path = tlog.consistency_proof_from_tiles(reader, old_size, size)
        assert tlog.verify_consistency(old_size, size, old_root, root, path), old_size
    proofs = sorted(pathlib.Path(folder).glob("*.tlog-proof"))
    for file in proofs:
        check_proof(file.read_text(), key, reader, size)
    print(
        json.dumps(
            {
                "bundles": audit.bundles,
                "checkpoints": len(old),
                "proofs": len(proofs),
                "size": size,
                "tiles": audit.tiles,
            }
        )
    )


main(*sys.argv[1:])
