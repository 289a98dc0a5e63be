"""What the packaging scripts share: the project's data, the platforms, archives that come out the same every time."""
import gzip
import hashlib
import io
import re
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CARGO = (ROOT / "Cargo.toml").read_text(encoding="utf-8").split("\n[")[0]
DOCUMENTS = ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"]
# The first moment that a zip file can name.
EPOCH = (1980, 1, 1, 0, 0, 0)


def field(name):
    return re.search(rf'^{name} = "(.*)"$', CARGO, re.M).group(1)


VERSION = field("version")
DESCRIPTION = field("description")
LICENSE = field("license")

# target: (tags of wheels, `os` and `cpu` of npm). A static Linux binary runs with any C library, and says so.
TARGETS = {
    "x86_64-unknown-linux-musl": (["manylinux_2_17_x86_64", "manylinux2014_x86_64", "musllinux_1_2_x86_64"], ("linux", "x64")),
    "aarch64-unknown-linux-musl": (["manylinux_2_17_aarch64", "manylinux2014_aarch64", "musllinux_1_2_aarch64"], ("linux", "arm64")),
    "x86_64-apple-darwin": (["macosx_10_12_x86_64"], ("darwin", "x64")),
    "aarch64-apple-darwin": (["macosx_11_0_arm64"], ("darwin", "arm64")),
    "x86_64-pc-windows-msvc": (["win_amd64"], ("win32", "x64")),
    # Not released: needs the C library of the machine that built it.
    "x86_64-unknown-linux-gnu": (["linux_x86_64"], ("linux", "x64")),
    "aarch64-unknown-linux-gnu": (["linux_aarch64"], ("linux", "arm64")),
}
RELEASED = [target for target in TARGETS if not target.endswith("-gnu")]


def program(target):
    return "seaworthy.exe" if "windows" in target else "seaworthy"


def read(name):
    """A text of the project, with the line ends of Unix whatever the checkout made of them."""
    return (ROOT / name).read_bytes().replace(b"\r\n", b"\n")


def tar_gz(path, files):
    """files: [(name, bytes, executable)]"""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content, executable in sorted(files):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755 if executable else 0o644
            tar.addfile(member, io.BytesIO(content))
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as out:
        out.write(raw.getvalue())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed.getvalue())
    return path


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
