#!/usr/bin/env python3
"""Packs a built program: `dist/pack.py PROGRAM TARGET OUT [SBOM]` writes the archive, the wheel and the npm packages of that
platform into OUT; `dist/pack.py npm OUT` the npm package that chooses among the platforms. Needs only Python's library."""
import base64
import hashlib
import json
import sys
import zipfile
from pathlib import Path

from common import DESCRIPTION, DOCUMENTS, EPOCH, LICENSE, RELEASED, ROOT, TARGETS, VERSION, program, read, tar_gz


def archive(binary, target, out):
    name = f"seaworthy-{VERSION}-{target}"
    files = [(f"{name}/{document}", read(document), False) for document in DOCUMENTS]
    return tar_gz(out / f"{name}.tar.gz", [*files, (f"{name}/{program(target)}", binary, True)])


def wheel(binary, target, out, sbom=None):
    """A wheel whose only content is the program itself, installed beside pip: no Python starts when it runs."""
    tags = TARGETS[target][0]
    info = f"seaworthy-{VERSION}.dist-info"
    metadata = "\n".join([
        "Metadata-Version: 2.4", "Name: seaworthy", f"Version: {VERSION}", f"Summary: {DESCRIPTION}",
        f"License-Expression: {LICENSE}", "License-File: LICENSE-APACHE", "License-File: LICENSE-MIT",
        "Keywords: lint,kubernetes,dockerfile,sarif,release", "Requires-Python: >=3.8",
        "Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM", "", "",
    ]).encode() + read("README.md")
    lines = ["Wheel-Version: 1.0", "Generator: seaworthy dist/pack.py", "Root-Is-Purelib: false", *(f"Tag: py3-none-{tag}" for tag in tags)]
    files = [
        (f"seaworthy-{VERSION}.data/scripts/{program(target)}", binary, 0o755),
        (f"{info}/METADATA", metadata, 0o644),
        (f"{info}/WHEEL", ("\n".join(lines) + "\n").encode(), 0o644),
        (f"{info}/licenses/LICENSE-APACHE", read("LICENSE-APACHE"), 0o644),
        (f"{info}/licenses/LICENSE-MIT", read("LICENSE-MIT"), 0o644),
    ]
    if sbom:
        files.append((f"{info}/sboms/seaworthy.cdx.json", sbom, 0o644))

    def row(name, content):
        hashed = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        return f"{name},sha256={hashed},{len(content)}\n"

    record = "".join(row(name, content) for name, content, _ in files) + f"{info}/RECORD,,\n"
    files.append((f"{info}/RECORD", record.encode(), 0o644))
    path = out / f"seaworthy-{VERSION}-py3-none-{'.'.join(tags)}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out_file:
        for name, content, mode in files:
            member = zipfile.ZipInfo(name, EPOCH)
            member.create_system, member.external_attr = 3, (0o100000 | mode) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            out_file.writestr(member, content)
    return path


def npm_package(out, package, files):
    package = {"name": package.pop("name"), "version": VERSION, "description": DESCRIPTION, "license": LICENSE, **package}
    named = [("package/package.json", (json.dumps(package, indent=2) + "\n").encode(), False)]
    named += [(f"package/{document}", read(document), False) for document in DOCUMENTS if document != "CHANGELOG.md"]
    return tar_gz(out / f"{package['name']}-{VERSION}.tgz", named + [(f"package/{name}", content, True) for name, content in files])


def npm_platform(binary, target, out):
    system, processor = TARGETS[target][1]
    package = {"name": f"seaworthy-{system}-{processor}", "os": [system], "cpu": [processor], "preferUnplugged": True}
    return npm_package(out, package, [(f"bin/{program(target)}", binary)])


def npm_main(out):
    package = {
        "name": "seaworthy", "keywords": ["lint", "kubernetes", "dockerfile", "sarif", "release"],
        "bin": {"seaworthy": "bin/seaworthy.js"}, "engines": {"node": ">=18"},
        "optionalDependencies": {"seaworthy-" + "-".join(TARGETS[target][1]): VERSION for target in RELEASED},
    }
    return npm_package(out, package, [("bin/seaworthy.js", read("dist/npm/seaworthy.js"))])


def main(args):
    if len(args) == 2 and args[0] == "npm":
        made = [npm_main(Path(args[1]))]
    elif len(args) in (3, 4) and args[1] in TARGETS:
        binary, target, out = Path(args[0]).read_bytes(), args[1], Path(args[2])
        out.mkdir(parents=True, exist_ok=True)
        sbom = Path(args[3]).read_bytes() if len(args) == 4 else None
        made = [archive(binary, target, out), wheel(binary, target, out, sbom), npm_platform(binary, target, out)]
    else:
        sys.exit(f"{__doc__}\nTargets: {', '.join(TARGETS)}")
    for path in made:
        print(f"{path.stat().st_size:>10} {path}")


if __name__ == "__main__":
    assert ROOT.is_dir()
    main(sys.argv[1:])
