//! How fast the readers are: `cargo bench --bench syntax`. Prints one line a reader: MB/s of CPU time where the system
//! tells it (Linux), else of wall time; the median of five runs.

#![allow(clippy::print_stdout, reason = "a measurement")]

use std::fmt::Write as _;
use std::time::Instant;

use seaworthy::span::SourceId;
use seaworthy::syntax::shared::SharedText;
use seaworthy::syntax::shell::{self, Lines, Place};
use seaworthy::syntax::tree::Dialect;
use seaworthy::syntax::{read, template};

const MB: usize = 1_000_000;

fn main() {
    let yaml: SharedText = manifests(16 * MB).into();
    assert!(read(SourceId(0), "a.yaml", yaml.clone()).problems.is_empty());
    measure("yaml", yaml.len(), || read(SourceId(0), "a.yaml", yaml.clone()).documents(Dialect::Core).count());
    measure("template", yaml.len(), || usize::from(template::in_yaml(&yaml).is_some()));
    let json: SharedText = objects(16 * MB).into();
    measure("json", json.len(), || read(SourceId(0), "a.json", json.clone()).problems.len());
    let toml: SharedText = tables(4 * MB).into();
    measure("toml", toml.len(), || read(SourceId(0), "a.toml", toml.clone()).problems.len());
    let script = script(4 * MB);
    let place = Place::At(SourceId(0), 0);
    measure("shell", script.len(), || shell::read(&script, place, Lines::Shell).commands.len());
}

fn measure(name: &str, bytes: usize, mut run: impl FnMut() -> usize) {
    let mut spent: Vec<f64> = (0..5)
        .map(|_| {
            let (cpu, wall) = (cpu_seconds(), Instant::now());
            std::hint::black_box(run());
            let wall = wall.elapsed().as_secs_f64();
            cpu.zip(cpu_seconds()).map_or(wall, |(before, after)| after - before).max(1e-9)
        })
        .collect();
    spent.sort_by(f64::total_cmp);
    println!(
        "{name:10} {:8.1} MB/s  ({:.1} MB in {:.3} s)",
        bytes as f64 / spent[2] / 1e6,
        bytes as f64 / 1e6,
        spent[2]
    );
}

/// The CPU time of this thread so far: the first number of its scheduler statistics, in nanoseconds.
fn cpu_seconds() -> Option<f64> {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = statistics.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

fn until(size: usize, mut add: impl FnMut(&mut String, usize)) -> String {
    let mut text = String::with_capacity(size + 4096);
    for n in 0.. {
        if text.len() >= size {
            break;
        }
        add(&mut text, n);
    }
    text
}

fn manifests(size: usize) -> String {
    until(size, |text, n| {
        let _ = write!(
            text,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{n}\n  namespace: shop\n  labels:\n    \
             app.kubernetes.io/name: app-{n}\n    team: \"quay\"\nspec:\n  replicas: {r}\n  # two at least\n  selector:\n    \
             matchLabels: {{app: app-{n}}}\n  template:\n    metadata:\n      labels: {{app: app-{n}}}\n    spec:\n      \
             securityContext:\n        runAsNonRoot: true\n        fsGroup: 1000\n      containers:\n      - name: web\n        \
             image: registry.example.org/shop/web:1.{n}.0\n        args: [\"--port\", \"8080\", '--log=json']\n        \
             ports:\n        - name: http\n          containerPort: 8080\n        env:\n        - name: MODE\n          \
             value: production\n        - name: TOKEN\n          valueFrom:\n            secretKeyRef:\n              \
             name: app-{n}\n              key: token\n        resources:\n          requests: {{cpu: 100m, memory: 128Mi}}\n          \
             limits:\n            memory: 256Mi\n        readinessProbe:\n          httpGet:\n            path: /ready\n            \
             port: http\n          periodSeconds: 10\n        command:\n        - sh\n        - -c\n        - |\n          \
             set -eu\n          exec ./serve --name app-{n}\n",
            r = n % 7 + 1
        );
    })
}

fn objects(size: usize) -> String {
    let items = until(size, |text, n| {
        let _ = write!(
            text,
            "{}{{\"name\": \"app-{n}\", \"ports\": [80, 443, 8080], \"labels\": {{\"team\": \"qu\\u00e4y\", \"on\": true}}, \
             \"ratio\": 0.{n}, \"note\": null}}",
            if n > 0 { ",\n" } else { "" }
        );
    });
    format!("[{items}]")
}

fn tables(size: usize) -> String {
    until(size, |text, n| {
        let _ = write!(
            text,
            "[app-{n}] # one\nname = \"app {n}\"\nports = [80, 443]\nratio = 0.5\nlimits = {{ cpu = 1 }}\n\n"
        );
    })
}

fn script(size: usize) -> String {
    until(size, |text, n| {
        let _ = write!(
            text,
            "apt-get update && apt-get install -y --no-install-recommends 'curl={n}' \"wget\" \\\n  && rm -rf /var/lib/apt/lists/*\n\
             if [ -n \"$A\" ]; then echo \"$(date +%s) ${{B:-c}}\" | tee -a log{n} 2>&1; fi # done\n"
        );
    })
}
