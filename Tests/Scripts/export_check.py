"""Checks an export of `accord export` with programs others wrote.

usage: export_check.py FOLDER [R4_SCHEMA]

The proofs with PyPI `aics-tlog` alone: nothing of Accord is asked, the leaf is made here from the
entry, the envelope and the salt that a proof carries. FHIR R4 with `fhirkit-rs`, `pyfhircheck` and,
where the schema is given, `jsonschema`; R5 with `fhir.resources`. Prints one line of JSON; any
failure is an exception.
"""

import base64
import hashlib
import json
import pathlib
import sys


def check_proofs(folder):
    import aics_tlog as tlog

    key = tlog.parse_vkey((folder / "log.vkey").read_text().strip())
    count = 0
    for file in sorted((folder / "receipts").glob("*.tlog-proof")):
        lines, note = file.read_text().split("\n\n", 1)
        header, extra, index, *hashes = lines.split("\n")
        assert header == "c2sp.org/tlog-proof@v1" and extra.startswith("extra "), header
        parts = json.loads(base64.b64decode(extra[6:], validate=True))
        entry = parts["entry"].encode()
        assert entry == (folder / "entries" / f"{file.stem}.jws").read_bytes(), file
        pad = "=" * (-len(parts["envelope"]) % 4)
        envelope = base64.urlsafe_b64decode(parts["envelope"] + pad)
        leaf = hashlib.sha256(
            b"accord/leaf/v1\n"
            + bytes.fromhex(parts["salt"])
            + hashlib.sha256(entry).digest()
            + hashlib.sha256(envelope).digest()
        ).digest()
        result = tlog.verify_checkpoint(tlog.parse_note(note), key, expected_origin=key.name)
        assert result.ok and result.log_ok, result.error
        path = [tlog.note.b64_decode(line) for line in hashes]
        place = int(index[6:])
        assert place == int(file.stem), file
        assert tlog.verify_leaf_inclusion(leaf, place, result.size, path, result.root), file
        count += 1
    assert count > 0
    return count


def check_manifest(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    listed = {file["path"]: file for file in manifest["files"]}
    for path, file in listed.items():
        content = (folder / path).read_bytes()
        assert len(content) == file["bytes"], path
        assert hashlib.sha256(content).hexdigest() == file["sha256"], path
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert found == set(listed) | {"manifest.json", "manifest.note"}, found ^ set(listed)
    return len(listed)


def check_fhir(folder, schema):
    import fhirkit
    from fhir.resources.bundle import Bundle
    from pyfhircheck.config import ValidatorConfig
    from pyfhircheck.core.engine import Validator

    bundle = json.loads((folder / "fhir/r4.json").read_text())
    issues = [str(issue) for issue in fhirkit.validate(bundle)]
    assert not issues, issues
    report = Validator(ValidatorConfig()).validate_path(folder / "fhir/r4.json")
    bad = [issue for issue in report.issues if issue.severity.value in ("error", "fatal")]
    assert not bad, [f"{issue.path}: {issue.message}" for issue in bad[:20]]
    if schema:
        import jsonschema

        validator = jsonschema.Draft6Validator(schema)
        wrong = [error.message[:300] for error in validator.iter_errors(bundle)]
        assert not wrong, wrong
    Bundle.model_validate_json((folder / "fhir/r5.json").read_bytes())
    kinds = {}
    for entry in bundle["entry"]:
        kind = entry["resource"]["resourceType"]
        kinds[kind] = kinds.get(kind, 0) + 1
    return kinds


def check_records(folder, schema):
    """Records in FHIR are bundles of resources that are as valid as they came."""
    import fhirkit

    count = 0
    for file in sorted((folder / "records").glob("*.json")):
        bundle = json.loads(file.read_text())
        assert bundle["resourceType"] == "Bundle", file
        for entry in bundle["entry"]:
            issues = [str(issue) for issue in fhirkit.validate(entry["resource"])]
            assert not issues, (file, issues[:5])
            count += 1
    return count


def main(folder, schema=None):
    folder = pathlib.Path(folder)
    schema = json.loads(pathlib.Path(schema).read_text()) if schema else None
    print(
        json.dumps(
            {
                "files": check_manifest(folder),
                "kinds": check_fhir(folder, schema),
                "proofs": check_proofs(folder),
                "resources": check_records(folder, schema),
                "schema": schema is not None,
            }
        )
    )


main(*sys.argv[1:])
