//! Conditions through our CEL and through the `cel` crate: the verdicts must be the same.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use cel::{Context, Env, ExecutionError, extensions};
use seaworthy::check::Judging;
use seaworthy::fact::{Data, Type, Value};
use seaworthy::rule::Rule;
use seaworthy::rule::compile::source_record;
use seaworthy::rule::example::{self, Bench};
use seaworthy::rule::expr::{Program, Scope, VarType, Variables, compile, compile_unchecked};
use seaworthy::span::SourceId;
use seaworthy::syntax::tree::{Dialect, Kind, Node};
use seaworthy::{detect, inspect, relate};
use serde_json::{Value as Json, json};

/// What an engine makes of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It came out as a boolean.
    Is(bool),
    /// It could not be evaluated.
    Fails,
}

type Compiled = Rc<Result<cel::Program, String>>;

thread_local! {
    static ENV: Arc<Env> = {
        let mut env = Env::stdlib();
        env.add_extension(extensions::strings).unwrap();
        Arc::new(env)
    };
    /// The oracle's parser is slow; built-in conditions are asked about many facts.
    static COMPILED: RefCell<HashMap<String, Compiled>> = RefCell::default();
}

fn oracle_program(text: &str) -> Compiled {
    let compile = || Rc::new(ENV.with(|env| env.compile(text)).map_err(|error| error.to_string()));
    COMPILED.with_borrow_mut(|known| Rc::clone(known.entry(text.to_owned()).or_insert_with(compile)))
}

/// The verdict of the `cel` crate, or why it cannot be asked.
pub(crate) fn oracle(text: &str, variables: &[(String, Json)]) -> Result<Verdict, String> {
    let program = oracle_program(text);
    let program = program.as_ref().as_ref().map_err(Clone::clone)?;
    let mut context = Context::with_env(ENV.with(Arc::clone));
    let bind = |context: &mut Context<'_, '_>, name: &str, value: &Json| {
        context.add_variable_from_value(name.to_owned(), cel_value(value));
    };
    variables.iter().for_each(|(name, value)| bind(&mut context, name, value));
    // Functions beyond CEL are ours on both sides: the comparison is about CEL.
    let ours = |call: &'static str, args: &[Json]| -> Result<Value<'static>, ExecutionError> {
        let names = ["a", "b"].iter().zip(args).map(|(name, arg)| ((*name).to_owned(), arg.clone()));
        let names: Vec<(String, Json)> = names.collect();
        literal(call, &names)
            .map(|text| match text.as_str() {
                "true" => Value::bare(Data::Bool(true)),
                "false" => Value::bare(Data::Bool(false)),
                number => Value::bare(Data::Float(number.parse().unwrap_or(f64::NAN))),
            })
            .map_err(|message| ExecutionError::function_error(call, message))
    };
    let bool = move |call, args: &[Json]| ours(call, args).map(|value| value.as_bool().unwrap_or(false));
    let quantity = move |value: cel::Value| -> Result<f64, ExecutionError> {
        let json = match value {
            cel::Value::Int(int) => json!(int),
            cel::Value::Float(float) => json!(float),
            cel::Value::String(text) => json!(*text),
            other => return Err(ExecutionError::function_error("quantity", format!("{other:?}"))),
        };
        match ours("quantity(a)", &[json])?.data {
            Data::Float(float) => Ok(float),
            _ => Err(ExecutionError::function_error("quantity", "no number")),
        }
    };
    let text2 =
        move |call: &'static str| move |one: Arc<String>, two: Arc<String>| bool(call, &[json!(*one), json!(*two)]);
    let text1 = move |call: &'static str| move |one: Arc<String>| bool(call, &[json!(*one)]);
    context.add_function("quantity", quantity).unwrap();
    context.add_function("glob", text2("glob(a, b)")).unwrap();
    context.add_function("versionAtLeast", text2("versionAtLeast(a, b)")).unwrap();
    context.add_function("isIP", text1("isIP(a)")).unwrap();
    context.add_function("ipIsLoopback", text1("ipIsLoopback(a)")).unwrap();
    context.add_function("ipIsPrivate", text1("ipIsPrivate(a)")).unwrap();
    Ok(match program.execute(&context) {
        Ok(cel::Value::Bool(bool)) => Verdict::Is(bool),
        Ok(_) | Err(_) => Verdict::Fails,
    })
}

fn cel_value(json: &Json) -> cel::Value {
    match json {
        Json::Null => cel::Value::Null,
        Json::Bool(bool) => cel::Value::Bool(*bool),
        Json::Number(number) => match number.as_i64() {
            Some(int) => cel::Value::Int(int),
            None => cel::Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => cel::Value::String(Arc::new(text.clone())),
        Json::Array(items) => cel::Value::List(Arc::new(items.iter().map(cel_value).collect())),
        Json::Object(entries) => {
            let entries: HashMap<String, cel::Value> =
                entries.iter().map(|(key, value)| (key.clone(), cel_value(value))).collect();
            cel::Value::Map(entries.into())
        }
    }
}

/// A fact's value as JSON, and whether something in it is unknown. What is absent or unknown is left out, and so is an
/// artefact's `null`, which our conditions take for nothing and CEL does not.
pub(crate) fn as_json(value: &Value<'_>, unknown: &mut bool) -> Json {
    match &value.data {
        Data::Null | Data::Absent => Json::Null,
        Data::Unknown(_) => {
            *unknown = true;
            Json::Null
        }
        Data::Bool(bool) => json!(bool),
        Data::Int(int) => json!(int),
        Data::Float(float) => json!(float),
        Data::Str(text) => json!(text),
        Data::List(values) => Json::Array(values.iter().map(|value| as_json(value, unknown)).collect()),
        Data::Record(record) => {
            let fields = record.subject.fields.iter().zip(&record.values);
            let json = fields.map(|(field, value)| (field.name(), as_json(value, unknown)));
            Json::Object(json.filter(|(_, value)| !value.is_null()).collect())
        }
        Data::Node(node) => node_json(*node),
    }
}

fn node_json(node: Node<'_>) -> Json {
    match node.kind() {
        Kind::Null => Json::Null,
        Kind::Bool => json!(node.as_bool()),
        Kind::Int => json!(node.as_int()),
        Kind::Float => json!(node.as_float()),
        Kind::Str => json!(node.text()),
        Kind::List => Json::Array(node.items().map(node_json).collect()),
        Kind::Map => {
            let entries = node.entries().filter(|entry| !entry.value.is_null());
            Json::Object(entries.map(|entry| (entry.key.text().to_owned(), node_json(entry.value))).collect())
        }
    }
}

/// How the two engines differ on `text` over real facts, if they do. `None` also when the oracle cannot be asked:
/// because a value that the condition needs is unknown, or because it speaks of time.
pub(crate) fn difference(text: &str, variables: &Variables, values: &[Value<'_>]) -> Option<String> {
    if ["now", "timestamp(", "duration("].iter().any(|word| text.contains(word)) {
        return None;
    }
    let (mut bindings, mut unknown) = (Vec::new(), false);
    for ((name, ty), value) in variables.list.iter().zip(values) {
        // The first of one name counts.
        if bindings.iter().any(|(known, _)| known == name) {
            continue;
        }
        let json = match (ty, &value.data) {
            (VarType::Params(params), Data::List(list)) => {
                let pairs = params.iter().zip(list.iter());
                Json::Object(pairs.map(|((name, _), value)| (name.clone(), as_json(value, &mut unknown))).collect())
            }
            _ => as_json(value, &mut unknown),
        };
        bindings.push((name.clone(), json));
    }
    let ours = compile(text, variables).unwrap_or_else(|mistakes| panic!("{text}: {mistakes:?}"));
    let ours = verdict(&ours, values);
    if unknown && ours == Verdict::Fails { None } else { differs(text, ours, &bindings) }
}

fn verdict(program: &Program, values: &[Value<'_>]) -> Verdict {
    program.test(Scope { values }).map_or(Verdict::Fails, Verdict::Is)
}

fn differs(text: &str, ours: Verdict, bindings: &[(String, Json)]) -> Option<String> {
    match oracle(text, bindings) {
        Ok(theirs) if theirs == ours => None,
        Ok(theirs) => Some(format!("{text}\n  ours: {ours:?}, the oracle's: {theirs:?}")),
        Err(message) => Some(format!("{text}\n  the oracle cannot read it: {message}")),
    }
}

/// Runs `body` with the bindings as parts of a tree, as conditions see an artefact.
fn with_trees<T>(bindings: &[(String, Json)], body: impl FnOnce(&Variables, &[Value<'_>]) -> T) -> T {
    let trees: Vec<_> = bindings
        .iter()
        .map(|(_, json)| seaworthy::syntax::read(SourceId(0), "values.json", json.to_string().into()))
        .collect();
    let list = bindings.iter().map(|(name, _)| (name.clone(), VarType::Field(Type::Dyn))).collect();
    let values: Vec<Value<'_>> =
        trees.iter().filter_map(|tree| tree.documents(Dialect::Core).next()).map(Value::node).collect();
    assert_eq!(values.len(), bindings.len(), "every binding is one document");
    body(&Variables { list }, &values)
}

fn literal(text: &str, bindings: &[(String, Json)]) -> Result<String, String> {
    with_trees(bindings, |variables, values| {
        let program = compile_unchecked(text, variables).map_err(|mistakes| format!("{mistakes:?}"))?;
        program.literal(Scope { values }).map_err(|reason| reason.to_string())
    })
}

/// How the engines differ on (condition, variables as JSON).
pub(crate) fn differences(cases: &[(&str, Vec<(String, Json)>)]) -> Vec<String> {
    let ours = |text: &str, bindings: &[(String, Json)]| {
        with_trees(bindings, |variables, values| {
            let program = compile_unchecked(text, variables).unwrap_or_else(|mistakes| panic!("{text}: {mistakes:?}"));
            verdict(&program, values)
        })
    };
    cases.iter().filter_map(|(text, bindings)| differs(text, ours(text, bindings), bindings)).collect()
}

/// Conditions of every shape that rules have.
const CONDITIONS: &[&str] = &[
    "c.?securityContext.?runAsNonRoot.orValue(p.?securityContext.?runAsNonRoot.orValue(false)) == true",
    "!c.?securityContext.?privileged.orValue(false)",
    "has(c.securityContext) && has(c.securityContext.privileged) && c.securityContext.privileged == false",
    "c.?securityContext.?capabilities.?drop.orValue([]).exists(x, x == 'ALL')",
    "c.?securityContext.?seccompProfile.?type.orValue('') in ['RuntimeDefault', 'Localhost']",
    "has(c.resources) && has(c.resources.limits) && has(c.resources.limits.cpu)",
    "!has(c.resources) || c.?resources.?limits.?memory == c.?resources.?requests.?memory",
    "!has(c.livenessProbe) || c.ports.exists(x, x.containerPort == c.livenessProbe.httpGet.port)",
    "!c.image.endsWith(':latest') && c.image.contains('/')",
    "c.image.matches('(:[^/:@]+|@sha256:[0-9a-f]{64})$')",
    "['ghcr.io/', 'shop/'].exists(r, c.image.startsWith(r))",
    "!c.?ports.orValue([]).exists(x, has(x.hostPort))",
    "c.?ports.orValue([]).all(x, x.containerPort >= 1024)",
    "c.ports.all(x, x.hostPort > 0)",
    "c.ports.exists(x, x.hostPort > 0)",
    "c.env.all(e, c.env.filter(x, x.name == e.name).size() == 1)",
    "!c.?env.orValue([]).exists(e, e.name.contains('PASS') && has(e.value))",
    "c.env.map(e, e.name).join(',') == 'A,PASSWORD,A'",
    "c.env.map(e, has(e.value), e.value).size() == 2",
    "c.env.exists_one(e, e.name == 'PASSWORD')",
    "c.mounts.all(m, !p.volumes.exists(v, v.name == m.name && v.hostPath.path == '/'))",
    "'app' in c.labels && c.labels['app'] == 'api' && c.labels[?'x'].orValue('') == ''",
    "c.labels.all(k, k.matches('^[a-z]+$'))",
    "c.labels.app.split('-').size() == 1 && c.labels.app.upperAscii() == 'API'",
    "quantity(c.resources.limits.cpu) <= 2.0 && quantity(c.resources.limits.memory) > quantity('256Mi')",
    "c.replicas + 1 > 2 && c.replicas * 2 - 1 == 3 && c.replicas % 2 == 0 && -c.replicas < 0",
    "c.replicas / 0 > 1 || true",
    "c.replicas / 0 > 1 && c.replicas > 100",
    "c.replicas == 2.0 && 2.0 == double(c.replicas) && string(c.replicas) == '2'",
    "c.replicas > 9223372036854775807 - 1",
    "c.missing.deep == 1",
    "c.image > 1",
    "c.image.size() > 3 ? c.replicas == 2 : c.missing",
    "size(c.ports) == 2 && c.ports[0].containerPort == 22 && c.ports[1].containerPort == 8080",
    "c.ports[2].containerPort == 1",
    "c.?ports[?2].?containerPort.hasValue()",
    "c.ports == [{'containerPort': 22}, {'containerPort': 8080, 'hostPort': 80}]",
    "type(c.image) == string && type(c.ports) == list && type(c.labels) == map",
    "c.?image.optMap(i, i.size()).orValue(0) > 3",
    "[?c.?image, ?c.?nothing].size() == 1",
    "{'a': 1, ?'b': c.?image}.size() == 2",
    "glob(c.image, 'shop/*') && versionAtLeast('1.2.3', '1.2') && isIP('10.0.0.1') && ipIsPrivate('10.0.0.1')",
    "c.name",
    "[1, 2.0, 3u].all(x, x > 0)",
    "'a' < 'b' && b'a' < b'b' && false < true",
    "c.image.substring(5).indexOf(':') == 3 && c.image.replace('/', '-') == 'shop-api:1.2.3'",
    "c.image.lastIndexOf('/') == 4 && c.image.charAt(0) == 's' && ' x '.trim() == 'x'",
];

fn bindings(container: Json) -> Vec<(String, Json)> {
    let pod = json!({
        "securityContext": {"runAsNonRoot": true},
        "volumes": [{"name": "data", "hostPath": {"path": "/"}}, {"name": "tmp"}],
    });
    vec![("c".to_owned(), container), ("p".to_owned(), pod)]
}

#[test]
fn conditions_come_out_as_in_the_cel_crate() {
    let full = json!({
        "name": "api", "image": "shop/api:1.2.3", "replicas": 2,
        "securityContext": {"privileged": false, "capabilities": {"drop": ["NET_RAW", "ALL"]}},
        "resources": {"limits": {"cpu": 1, "memory": "1Gi"}, "requests": {"memory": "1Gi"}},
        "ports": [{"containerPort": 22}, {"containerPort": 8080, "hostPort": 80}],
        "livenessProbe": {"httpGet": {"port": 8080}},
        "env": [{"name": "A", "value": "1"}, {"name": "PASSWORD", "value": "x"}, {"name": "A"}],
        "mounts": [{"name": "data"}, {"name": "tmp"}],
        "labels": {"app": "api", "team": "shop"},
    });
    let bare = json!({"name": "x", "image": "nginx", "ports": [], "labels": {}, "env": [], "mounts": []});
    let wrong = json!({"name": 1, "image": ["x"], "ports": "22", "labels": [1], "env": {}, "replicas": "2"});
    let mut cases: Vec<(&str, Vec<(String, Json)>)> = Vec::new();
    for container in [&full, &bare, &wrong] {
        // `[?k]` of text is a fault with us and nothing with the oracle.
        let texts = CONDITIONS.iter().filter(|text| container != &wrong || !text.contains("[?2]"));
        cases.extend(texts.map(|text| (*text, bindings(container.clone()))));
    }
    let differences = differences(&cases);
    assert!(differences.is_empty(), "{} of {} differ:\n{}", differences.len(), cases.len(), differences.join("\n"));
}

seaworthy::subject! {
    /// A crate on the quay, for this test.
    struct Freight: "test.freight" {
        /// Its label.
        label: Type::String,
        /// What it weighs.
        weight: Type::Int,
        /// What is in it.
        contents: Type::List(&Type::String),
        /// Its papers.
        papers: Type::Dyn,
    }
}

#[test]
fn facts_come_out_as_in_the_cel_crate() {
    let papers = "customs: {cleared: yes, by:}\nstamps: [a, b]\n";
    let tree = seaworthy::syntax::read(SourceId(0), "papers.yaml", papers.into());
    let papers = tree.documents(Dialect::Yaml11).next().expect("a document");
    let contents = ["tea", "rum"].map(|text| Value::bare(Data::Str(text.into()))).to_vec();
    let freight = Freight {
        label: Value::bare(Data::Absent),
        weight: Value::bare(Data::Int(40)),
        contents: Value::bare_list(contents),
        papers: Value::node(papers),
    };
    let limits = Value::bare_list(vec![Value::bare(Data::Int(30)), Value::bare_list(Vec::new())]);
    let values = [Value::bare(Data::Record(freight.record())), limits];
    let params = vec![
        ("most".to_owned(), seaworthy::rule::expr::ParamType::Int),
        ("banned".to_owned(), seaworthy::rule::expr::ParamType::StringList),
    ];
    let variables = Variables {
        list: vec![
            ("freight".to_owned(), VarType::Field(Type::Record(Freight::SUBJECT))),
            ("params".to_owned(), VarType::Params(params)),
        ],
    };
    for text in [
        "freight.weight <= params.most",
        "freight.contents.all(c, !(c in params.banned))",
        "has(freight.label) || freight.?label.orValue('').size() == 0",
        "freight.label == 'x'",
        "freight.papers.customs.cleared && !has(freight.papers.customs.by)",
        "freight.papers.stamps == ['a', 'b'] && freight.papers.customs.on == 'x'",
        "freight.contents.filter(c, c.startsWith('t')) == ['tea']",
    ] {
        assert_eq!(difference(text, &variables, &values), None);
        assert!(compile(text, &variables).is_ok(), "{text}");
    }
}

#[test]
fn built_in_conditions_come_out_as_in_the_cel_crate_on_every_example() {
    let subjects = relate::subjects();
    let (mut differences, mut compared) = (BTreeSet::new(), 0usize);
    for rule in crate::rules::all() {
        let compiled = Rule::compile(&rule.id, &rule.file, &subjects, &|_| None);
        let compiled = compiled.unwrap_or_else(|mistakes| panic!("{}", rule.error(mistakes)));
        let variables = seaworthy::rule::compile::variables(compiled.subject, &rule.file);
        let inspector = rule.id.split('/').next().and_then(inspect::by_name);
        let usual_name = inspector.map_or("file", |inspector| inspector.usual_name());
        let bench = Bench { usual_name, fill: &|text| detect::fill(text, &rule.file.formats) };
        for one in rule.file.examples.fails.iter().chain(&rule.file.examples.passes) {
            let (sources, _) = example::sources(one, &bench);
            let facts = example::facts(&sources).facts;
            let rules = std::slice::from_ref(&compiled);
            let judging = Judging { sources: &sources, rules, severity: &|_, _| None, now: example::moment(one) };
            for fact in facts.iter().filter(|fact| fact.subject().name == compiled.subject.name) {
                let Some(source) = sources.get(fact.span.source.0 as usize) else { continue };
                let values = judging.scope(fact, &source_record(source), &compiled);
                for text in rule.file.when.iter().chain(&rule.file.assert) {
                    compared += 1;
                    let difference = difference(text, &variables, &values);
                    differences.extend(difference.map(|found| format!("{}: {found}", rule.id)));
                }
            }
        }
    }
    let list: Vec<String> = differences.into_iter().collect();
    assert!(list.is_empty(), "{} conditions differ:\n{}", list.len(), list.join("\n"));
    assert!(compared > 500, "only {compared} comparisons: are the examples found?");
}
