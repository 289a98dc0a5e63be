#!/usr/bin/env bash
# Everything that a release has, as far as this machine can make it, in target/dist: a static program where the musl target
# and musl-gcc are there, the archive, the wheel, the npm packages, the SBOM, SHA256SUMS. Then all of it is tested.
set -euo pipefail
cd "$(dirname "$0")/.."
host=$(rustc -vV | sed -n 's/^host: //p')
target=$host
static=${host/-gnu/-musl}
if [[ $static != "$host" ]]; then
  if ! rustup target list --installed | grep -qx "$static"; then
    echo "not static: rustup target add $static"
  elif ! command -v musl-gcc >/dev/null; then
    echo 'not static: there is no musl-gcc (Debian: musl-tools)'
  else
    target=$static
    export "CC_${static//-/_}=musl-gcc"
  fi
fi
cargo build --release --locked --target "$target" --bin seaworthy
binary=${CARGO_TARGET_DIR:-target}/$target/release/seaworthy
out=target/dist
rm -rf "$out"
python3 dist/sbom.py "$target" "$out/seaworthy.cdx.json"
python3 dist/pack.py "$binary" "$target" "$out" "$out/seaworthy.cdx.json"
python3 dist/pack.py npm "$out"
(cd "$out" && sha256sum -- *.tar.gz *.whl *.tgz *.json >SHA256SUMS && cat SHA256SUMS)
python3 dist/test "$binary" "$target"
