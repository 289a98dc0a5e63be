#!/usr/bin/env python3
"""What is in the program: `dist/sbom.py TARGET OUT` writes a CycloneDX 1.5 document from `cargo metadata` and Cargo.lock,
without what only builds and tests need. The same source gives the same bytes."""
import json
import re
import subprocess
import sys
from pathlib import Path

from common import ROOT


def checksums():
    lock = (ROOT / "Cargo.lock").read_text(encoding="utf-8")
    found = re.findall(r'name = "([^"]+)"\nversion = "([^"]+)"\nsource = "[^"]+"\nchecksum = "([0-9a-f]{64})"', lock)
    return {(name, version): digest for name, version, digest in found}


def main(target, out):
    done = subprocess.run(["cargo", "metadata", "--format-version=1", "--locked", "--filter-platform", target],
                          cwd=ROOT, check=True, capture_output=True)
    metadata = json.loads(done.stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root, digests = metadata["resolve"]["root"], checksums()

    def is_linked(identity):
        return not any("proc-macro" in target["kind"] for target in packages[identity]["targets"])

    def needs(identity):
        """What goes into the program: neither tests nor build scripts nor macros."""
        return sorted(dep["pkg"] for dep in nodes[identity]["deps"]
                      if any(kind["kind"] is None for kind in dep["dep_kinds"]) and is_linked(dep["pkg"]))

    def reference(identity):
        return f"pkg:cargo/{packages[identity]['name']}@{packages[identity]['version']}"

    def component(identity, kind):
        package = packages[identity]
        entry = {"type": kind, "bom-ref": reference(identity), "name": package["name"], "version": package["version"],
                 "purl": reference(identity)}
        if package.get("description"):
            entry["description"] = " ".join(package["description"].split())
        digest = digests.get((package["name"], package["version"]))
        if digest:
            entry["hashes"] = [{"alg": "SHA-256", "content": digest}]
        if package.get("license"):
            entry["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
        return entry

    seen, todo = set(), [root]
    while todo:
        identity = todo.pop()
        if identity not in seen:
            seen.add(identity)
            todo += needs(identity)
    order = sorted(seen, key=reference)
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": component(root, "application"), "properties": [{"name": "target", "value": target}]},
        "components": [component(identity, "library") for identity in order if identity != root],
        "dependencies": [{"ref": reference(identity), "dependsOn": sorted(map(reference, needs(identity)))} for identity in order],
    }
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    Path(out).write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
    print(f"{len(document['components'])} components in {out}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
