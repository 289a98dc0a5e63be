//! Microseconds for one evaluation of a typical condition over an artefact's tree, and for compiling one:
//! `cargo bench --bench expr`.

#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a benchmark")]

use std::hint::black_box;
use std::time::Instant;

use seaworthy::fact::{Type, Value};
use seaworthy::rule::expr::{Program, Scope, VarType, Variables, compile};
use seaworthy::span::SourceId;
use seaworthy::syntax::tree::Dialect;

const CONTAINER: &str = "\
name: api
image: ghcr.io/acme/api:1.2.3
command: [/bin/api, --port, '8080']
ports:
  - {name: http, containerPort: 8080}
  - {name: admin, containerPort: 9090}
env:
  - {name: LOG_LEVEL, value: info}
  - {name: DB_HOST, value: db}
  - name: DB_PASSWORD
    valueFrom: {secretKeyRef: {name: db, key: password}}
resources:
  requests: {cpu: 100m, memory: 128Mi}
  limits: {cpu: 500m, memory: 128Mi}
livenessProbe: {httpGet: {path: /healthz, port: 8080}}
securityContext:
  allowPrivilegeEscalation: false
  capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}
volumeMounts:
  - {name: data, mountPath: /data}
  - {name: tmp, mountPath: /tmp}
";

const POD: &str = "\
securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
serviceAccountName: api
volumes:
  - {name: data, persistentVolumeClaim: {claimName: data}}
  - {name: tmp, emptyDir: {}}
";

const CONDITIONS: &[&str] = &[
    "container.?securityContext.?runAsNonRoot.orValue(pod.?securityContext.?runAsNonRoot.orValue(false)) == true",
    "!container.?securityContext.?privileged.orValue(false)",
    "has(container.securityContext) && has(container.securityContext.allowPrivilegeEscalation)",
    "container.?securityContext.?capabilities.?drop.orValue([]).exists(c, c == 'ALL')",
    "!container.?securityContext.?capabilities.?add.orValue([]).exists(c, c == 'SYS_ADMIN')",
    "pod.?securityContext.?seccompProfile.?type.orValue('') in ['RuntimeDefault', 'Localhost']",
    "has(container.resources) && has(container.resources.limits) && has(container.resources.limits.memory)",
    "container.?resources.?limits.?memory == container.?resources.?requests.?memory",
    "has(container.livenessProbe)",
    "container.ports.exists(p, p.containerPort == container.livenessProbe.httpGet.port)",
    "!container.image.endsWith(':latest')",
    "container.image.matches('(:[^/:@]+|@sha256:[0-9a-f]{64})$')",
    "['registry.example.com/', 'ghcr.io/acme/'].exists(r, container.image.startsWith(r))",
    "!container.?ports.orValue([]).exists(p, has(p.hostPort))",
    "container.?ports.orValue([]).all(p, p.containerPort >= 1024)",
    "!container.?env.orValue([]).exists(e, e.name.contains('PASSWORD') && has(e.value))",
    "!container.?volumeMounts.orValue([]).exists(m, pod.?volumes.orValue([]).exists(v, v.name == m.name && has(v.hostPath)))",
    "!pod.?hostNetwork.orValue(false)",
    "pod.?serviceAccountName.orValue('default') != 'default'",
    "quantity(container.resources.limits.cpu) <= 4.0",
];

const ROUNDS: u32 = 20_000;

fn main() {
    let tree = |text: &str| seaworthy::syntax::read(SourceId(0), "x.yaml", text.into());
    let (container, pod) = (tree(CONTAINER), tree(POD));
    let values: Vec<Value<'_>> =
        [&container, &pod].iter().map(|tree| Value::node(tree.documents(Dialect::Yaml11).next().unwrap())).collect();
    let dynamic = |name: &str| (name.to_owned(), VarType::Field(Type::Dyn));
    let variables = Variables { list: vec![dynamic("container"), dynamic("pod")] };
    let compiled = || -> Vec<Program> { CONDITIONS.iter().map(|text| compile(text, &variables).unwrap()).collect() };

    let start = Instant::now();
    for _ in 0..100 {
        black_box(compiled());
    }
    report("compile", start, 100);

    let programs = compiled();
    let scope = Scope { values: &values };
    for (text, program) in CONDITIONS.iter().zip(&programs) {
        assert_eq!(program.test(scope), Ok(true), "{text}");
        let start = Instant::now();
        for _ in 0..ROUNDS {
            black_box(program.test(black_box(scope))).unwrap();
        }
        let micros = start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS);
        println!("{micros:8.3} µs  {text}");
    }
    let start = Instant::now();
    for _ in 0..ROUNDS / 10 {
        for program in &programs {
            black_box(program.test(black_box(scope))).unwrap();
        }
    }
    report("evaluate", start, ROUNDS / 10);
}

fn report(what: &str, start: Instant, rounds: u32) {
    let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(rounds) / CONDITIONS.len() as f64;
    println!("{each:8.3} µs  {what}, mean of {} conditions", CONDITIONS.len());
}
