//! What rules rely on: verdicts over facts and trees, blame, places, messages, mistakes.

use std::sync::Arc;

use super::*;
use crate::fact::{Data, Record, Type, Value};
use crate::span::SourceId;
use crate::syntax::tree::{Dialect, Node, Tree};

crate::subject! {
    /// A port, for these tests.
    struct Port: "test.port" {
        /// Its number.
        number: Type::Int,
        /// Its name.
        name: Type::String,
    }
    /// A container, for these tests.
    struct Container: "test.container" {
        /// Its image.
        image: Type::String,
        /// Whether it runs as root.
        runs_as_root: Type::Bool,
        /// Its ports.
        ports: Type::List(&Type::Record(Port::SUBJECT)),
        /// How often it runs.
        replicas: Type::Int,
        /// Its own tree.
        spec: Type::Dyn,
    }
}

const MANIFEST: &str = "\
name: api
image: shop/api:latest
replicas: 1
securityContext:
  privileged: true
  runAsNonRoot:
  capabilities:
    drop: [NET_RAW]
    add: [SYS_ADMIN, CHOWN]
ports:
  - containerPort: 22
  - containerPort: 8080
  - containerPort: 23
env:
  - name: PASSWORD
    value: hunter2
  - name: PATH
    value: /bin
  - name: PASSWORD
resources:
  limits: {cpu: 2, memory: 512Mi}
labels:
  app: api
  8080: web
volumeMounts:
  - name: data
    mountPath: /etc
    readOnly: no
";

struct Bench {
    tree: Tree,
}

impl Bench {
    fn new(text: &str) -> Self {
        Bench { tree: crate::syntax::read(SourceId(0), "test.yaml", text.into()) }
    }

    fn root(&self) -> Node<'_> {
        self.tree.documents(Dialect::Yaml11).next().expect("a document")
    }

    fn span(&self, needle: &str) -> Span {
        let start = self.tree.text.find(needle).unwrap_or_else(|| panic!("no {needle:?}"));
        Span::new(SourceId(0), start..start + needle.len())
    }

    fn values(&self) -> Vec<Value<'_>> {
        let port = |number, name, span: Span| {
            let name = match name {
                Some(name) => Value::str(name, span),
                None => Value::absent(span),
            };
            Value::new(Data::Record(Port { number: Value::int(number, span), name }.record()), span)
        };
        let (ssh, web) = (self.span("22"), self.span("8080"));
        let container: Arc<Record<'_>> = Container {
            image: Value::str("shop/api:latest", self.span("shop/api:latest")),
            runs_as_root: Value::bool(true, self.span("securityContext")),
            ports: Value::bare_list(vec![port(22, Some("ssh"), ssh), port(8080, None, web)]),
            replicas: Value::unknown(Reason::Template("a chart sets it".into()), self.span("replicas")),
            spec: Value::node(self.root()),
        }
        .record();
        let registries = ["ghcr.io/", "shop/"].map(|text| Value::bare(Data::Str(text.into())));
        vec![
            Value::bare(Data::Record(container)),
            Value::bare_list(vec![Value::bare_list(registries.to_vec()), Value::bare(Data::Int(2))]),
            Value::bare(Data::Str("2027-01-31T00:00:00Z".into())),
        ]
    }
}

fn variables() -> Variables {
    let params = vec![("registries".to_owned(), ParamType::StringList), ("least".to_owned(), ParamType::Int)];
    Variables {
        list: vec![
            ("container".to_owned(), VarType::Field(Type::Record(Container::SUBJECT))),
            ("params".to_owned(), VarType::Params(params)),
            ("now".to_owned(), VarType::Timestamp),
        ],
    }
}

fn program(text: &str) -> Program {
    compile(text, &variables()).unwrap_or_else(|mistakes| panic!("{text}: {mistakes:?}"))
}

fn test(text: &str) -> Result<bool, Reason> {
    let bench = Bench::new(MANIFEST);
    program(text).test(Scope { values: &bench.values() })
}

/// The texts that a failing condition blames, one line a witness: `primary +missing | related | …`.
fn blame(text: &str) -> Vec<String> {
    let bench = Bench::new(MANIFEST);
    let values = bench.values();
    let scope = Scope { values: &values };
    let program = program(text);
    assert_eq!(program.test(scope), Ok(false), "{text}");
    program.blame(scope).iter().map(|witness| shown(&bench, witness)).collect()
}

fn shown(bench: &Bench, witness: &Witness) -> String {
    let places = std::iter::once(&witness.primary).chain(&witness.related);
    places.map(|place| shown_place(bench, place)).collect::<Vec<_>>().join(" | ")
}

fn shown_place(bench: &Bench, place: &Place) -> String {
    let text = &bench.tree.text[place.span.range()];
    match &place.missing {
        Some(key) => format!("{text} +{key}"),
        None => text.to_owned(),
    }
}

fn text(text: &str) -> String {
    let bench = Bench::new(MANIFEST);
    program(text).text(Scope { values: &bench.values() }).unwrap_or_else(|reason| panic!("{text}: {reason}"))
}

fn mistakes(text: &str) -> Vec<String> {
    let shown = |mistake: &Mistake| {
        let help = mistake.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}: {}{help}", &text[mistake.range.clone()], mistake.message)
    };
    match compile(text, &variables()) {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes.iter().map(shown).collect(),
    }
}

#[test]
fn conditions_see_facts_and_trees() {
    for condition in [
        "container.runsAsRoot",
        "container.image.endsWith(':latest')",
        "container.ports.exists(p, p.number == 22 && p.name == 'ssh')",
        "container.ports[1].number == 8080",
        "!has(container.ports[1].name)",
        "container.spec.securityContext.privileged",
        "container.spec.?securityContext.?privileged.orValue(false)",
        "container.spec.?nothing.?at.?all.orValue('x') == 'x'",
        "container.spec.labels['app'] == 'api' && container.spec.labels[?'team'].orValue('') == ''",
        "container.spec.labels['8080'] == 'web' && container.spec.labels[8080] == 'web'",
        "container.spec.labels.all(k, k.matches('^[a-z0-9]+$'))",
        "container.spec.labels.exists(k, v, k == 'app' && v == 'api')",
        "container.spec.ports.map(p, p.containerPort) == [22, 8080, 23]",
        "container.spec.volumeMounts[0].readOnly == false",
        "quantity(container.spec.resources.limits.cpu) == 2.0 && quantity(container.spec.resources.limits.memory) > 5e8",
        "params.registries.exists(r, container.image.startsWith(r))",
        "container.spec.replicas < params.least",
        "now + duration('24h') > timestamp('2027-01-31T12:00:00Z')",
        "size(container.spec.env) == 3 && container.spec.env.filter(e, e.name == 'PATH').size() == 1",
    ] {
        assert_eq!(test(condition), Ok(true), "{condition}");
    }
}

#[test]
fn null_is_as_good_as_nothing() {
    let context = "container.spec.securityContext";
    assert_eq!(test(&format!("has({context}.runAsNonRoot)")), Ok(false));
    assert_eq!(test(&format!("{context}.?runAsNonRoot.hasValue()")), Ok(false));
    assert_eq!(test(&format!("{context}.runAsNonRoot == null && 'runAsNonRoot' in {context}")), Ok(true));
    assert_eq!(test("container.spec.?securityContext.?runAsNonRoot.orValue(true)"), Ok(true));
}

#[test]
fn what_is_not_known_is_an_error_unless_something_else_decides() {
    let unknown = Err(Reason::Template("a chart sets it".into()));
    assert_eq!(test("container.replicas > 1"), unknown);
    assert_eq!(test("container.?replicas.orValue(1) > 1"), unknown);
    assert_eq!(test("has(container.replicas)"), unknown);
    assert_eq!(test("container.replicas > 1 && true"), unknown);
    assert_eq!(test("container.replicas > 1 && !container.runsAsRoot"), Ok(false));
    assert_eq!(test("container.replicas > 1 || container.runsAsRoot"), Ok(true));
    assert_eq!(test("[1, 2].exists(x, x == container.replicas || x == 2)"), Ok(true));
    assert_eq!(test("[1, 2].all(x, x == container.replicas)"), unknown);
    let missing = |key: &str| Err(Reason::Condition(format!("there is no `{key}`").into()));
    assert_eq!(test("container.spec.hostNetwork"), missing("hostNetwork"));
    assert_eq!(test("container.ports[1].name == 'x'"), missing("name"));
    assert!(matches!(test("container.spec.image > 1"), Err(Reason::Condition(_))));
}

#[test]
fn a_false_condition_blames_what_made_it_so() {
    let cases: &[(&str, &[&str])] = &[
        ("!container.runsAsRoot", &["securityContext"]),
        ("!container.spec.?securityContext.?privileged.orValue(false)", &["true"]),
        ("!container.image.endsWith(':latest')", &["shop/api:latest"]),
        ("has(container.spec.livenessProbe)", &["name +livenessProbe"]),
        ("has(container.spec.resources) && has(container.spec.resources.requests)", &["resources +requests"]),
        ("'team' in container.spec.labels", &["labels +team"]),
        ("has(container.ports[1].name)", &["8080 +name"]),
        ("container.spec.?securityContext.?capabilities.?drop.orValue([]).exists(c, c == 'ALL')", &["drop"]),
        ("!container.spec.securityContext.capabilities.add.exists(c, c == 'SYS_ADMIN')", &["SYS_ADMIN"]),
        ("container.spec.ports.all(p, p.containerPort >= 1024)", &["22", "23"]),
        ("!container.spec.ports.exists(p, p.containerPort in [23, 22])", &["22", "23"]),
        ("container.ports.all(p, p.number > 1024)", &["22"]),
        ("container.spec.replicas >= params.least", &["1"]),
        ("container.image in params.registries", &["shop/api:latest"]),
        ("params.registries.exists(r, container.image == r)", &["shop/api:latest"]),
        ("!params.registries.exists(r, container.image.startsWith(r))", &["shop/api:latest"]),
        ("container.spec.env.all(e, container.spec.env.filter(x, x.name == e.name).size() == 1)", &["name | name"]),
        ("!container.spec.env.exists(e, e.name.contains('PASS') && has(e.value))", &["hunter2 | PASSWORD"]),
        ("container.spec.?hostNetwork.orValue(false)", &["name +hostNetwork"]),
        (
            "container.spec.?securityContext.?seccompProfile.?type.orValue('') == 'X'",
            &["securityContext +seccompProfile"],
        ),
        ("container.spec.securityContext.?runAsNonRoot.orValue(false)", &["runAsNonRoot"]),
        ("container.runsAsRoot ? container.spec.replicas > 1 : true", &["1"]),
        ("!container.spec.labels.exists(k, k == 'app')", &["app"]),
        ("container.spec.resources.all(k, v, v.size() > 2)", &["limits"]),
        ("container.spec.labels.all(k, k != 'app' && k != '8080')", &["app", "8080"]),
        ("container.image == 'x' || container.spec.replicas > 1", &["1 | shop/api:latest"]),
        ("1 > 2", &[]),
        ("params.least > 5", &[]),
    ];
    for (condition, expected) in cases {
        assert_eq!(blame(condition), *expected, "{condition}");
    }
}

#[test]
fn a_place_is_found_or_the_nearest_one() {
    let bench = Bench::new(MANIFEST);
    let values = bench.values();
    let place = |text: &str| program(text).place(Scope { values: &values }).map(|place| shown_place(&bench, &place));
    assert_eq!(place("container.spec.securityContext.privileged").as_deref(), Some("true"));
    assert_eq!(
        place("container.spec.securityContext.seccompProfile.type").as_deref(),
        Some("securityContext +seccompProfile")
    );
    assert_eq!(place("container.spec.ports[0].hostPort").as_deref(), Some("containerPort +hostPort"));
    assert_eq!(place("container.spec.ports[7]").as_deref(), Some("ports +[7]"));
    assert_eq!(place("container.image").as_deref(), Some("shop/api:latest"));
    assert_eq!(place("container.replicas"), None);
    assert_eq!(place("params.least"), None);
}

#[test]
fn messages_show_values_as_they_are_written() {
    assert_eq!(text("container.image"), "shop/api:latest");
    assert_eq!(text("container.spec.resources.limits.cpu"), "2");
    assert_eq!(text("container.spec.securityContext.capabilities.add"), "SYS_ADMIN, CHOWN");
    assert_eq!(text("container.spec.volumeMounts[0].readOnly"), "no");
    assert_eq!(text("quantity('1500m') * 2.0"), "3");
    assert_eq!(text("container.ports.map(p, p.number)"), "22, 8080");
    assert_eq!(text("container.spec.?team.orValue('nobody')"), "nobody");
    assert_eq!(text("now"), "2027-01-31T00:00:00Z");
}

#[test]
fn mistakes_are_found_at_load() {
    let cases = [
        ("contaner.image == ''", "contaner: there is no variable `contaner` (did you mean `container`?)"),
        ("container.runAsRoot", "runAsRoot: test.container has no field `runAsRoot` (did you mean `runsAsRoot`?)"),
        ("container.ports.all(p, p.numbr > 1)", "numbr: test.port has no field `numbr` (did you mean `number`?)"),
        ("params.lest > 1", "lest: params has no parameter `lest` (did you mean `least`?)"),
        (
            "container.image.startWith('x')",
            "startWith: there is no method `startWith` of this form (did you mean `startsWith`?)",
        ),
        ("container.runsAsRoot == 'yes'", "container.runsAsRoot == 'yes': `==` does not go with bool and string"),
        ("container.image", ""),
        ("container.image && true", "container.image: a boolean is needed here, not string"),
        (
            "container.image.matches('[')",
            "'[': this pattern cannot be read: unclosed character class (a raw literal (r'…') needs no double backslashes)",
        ),
        (
            "container.?image == 'x'",
            "container.?image == 'x': `==` does not go with optional(string) and string (open the optional with `.orValue(…)`)",
        ),
        (
            "container.replicas + 1.5 > 2.0",
            "container.replicas + 1.5: `+` does not go with int and double (convert one with `double(…)` or `int(…)`)",
        ),
        ("container.image = 'x'", "=: unexpected character '=' (use `==` to compare)"),
        ("container.ports.all(package, package.number > 1)", "package: `package` is a reserved word of CEL"),
        ("(container.image == 'x'", ": expected `)`, found the end of the condition"),
        ("container.image.size() > 'x'", "container.image.size() > 'x': `>` does not go with int and string"),
    ];
    for (condition, expected) in cases {
        let expected: Vec<&str> = Some(expected).into_iter().filter(|text| !text.is_empty()).collect();
        assert_eq!(mistakes(condition), expected, "{condition}");
    }
    assert_eq!(mistakes("contaner.x || container.y || params.z").len(), 3);
    assert!(!mistakes("container.image.matches(container.image)").is_empty());
}

#[test]
fn nesting_and_length_are_limited() {
    for text in ["(".repeat(20_000), "!".repeat(20_000), "-".repeat(20_000), "[".repeat(20_000), "{1:".repeat(20_000)] {
        assert_eq!(mistakes(&text).len(), 1);
    }
    assert_eq!(mistakes(&format!("container.spec{}", ".a".repeat(20_000))).len(), 1);
    assert_eq!(mistakes(&format!("1{}", "+1".repeat(20_000))).len(), 1);
    assert_eq!(mistakes(&format!("{}1", "true?1:".repeat(9_000))).len(), 1);
    assert_eq!(mistakes(&"x".repeat(MAX_TEXT + 1)).len(), 1);
    // What is within the limits must not overflow the stack of a thread either.
    let (nots, lists) = ("!".repeat(120), ("[".repeat(100), "]".repeat(100)));
    assert_eq!(test(&format!("{nots}true")), Ok(true));
    assert_eq!(test(&format!("{0}1{1} == {0}1{1}", lists.0, lists.1)), Ok(true));
    let folds = (0..40).fold("true".to_owned(), |inner, _| format!("[1].all(x, [x].exists(y, {inner}))"));
    assert_eq!(test(&folds), Ok(true));
    assert_eq!(blame(&folds.replace("true", "false")), Vec::<String>::new());
    // Chains of `&&` are one node, however long.
    assert_eq!(test(&format!("true{}", "&&true".repeat(5_000))), Ok(true));
}

#[test]
fn an_evaluation_runs_out_of_fuel() {
    let range = format!("[{}]", vec!["1"; 200].join(","));
    let loops = |inner: &str| format!("{range}.all(a, {range}.all(b, {range}.all(c, {inner})))");
    assert!(matches!(test(&loops("a + b + c == 3")), Err(Reason::Limit(_))));
    let doubled = ".map(s, s + s)".repeat(60);
    assert!(matches!(test(&format!("['xxxxxxxx']{doubled}.size() == 1")), Err(Reason::Limit(_))));
    let replaced = ".map(s, s.replace('', s))".repeat(12);
    assert!(matches!(test(&format!("['xxxxxxxx']{replaced}.size() == 1")), Err(Reason::Limit(_))));
}
