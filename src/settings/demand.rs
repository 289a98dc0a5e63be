//! The variables and targets of the policy as demands on the sources of a run.

use std::collections::BTreeMap;

use super::layer::{Layers, NAMES};
use super::merge;
use super::own::Standing;
use super::{Settings, targets};
use crate::fact::target::{Protocol, Target};
use crate::inspect::INSPECTORS;
use crate::inspect::observe::Asked;
use crate::relate::demand::{Demand, Demands, Variable};
use crate::source::{Commit, Loaded, Source};
use crate::span::Span;
use crate::syntax::de::Spanned;

/// What `policy` demands. The policy files that demand something become sources, so that findings can stand in them.
pub fn of_run(settings: &Settings, loaded: &mut Loaded) -> Demands {
    let (policy, layers, environment) = (&settings.policy, &settings.layers, settings.environment.as_deref());
    let mut list = Vec::new();
    for (name, variable) in &policy.variables {
        let Some(layer) = layers.list.get(variable.span.source.0 as usize) else { continue };
        let Some(standing) = Standing::of(layer, loaded) else { continue };
        let span = standing.place(layer, variable.span, loaded);
        list.push(Demand { name: name.clone(), variable: variable.value.clone(), span });
    }
    // Targets that are not to be run are not spoken of.
    let (targets, _) = targets::of_run(policy, layers, loaded);
    let earlier = earlier(settings, loaded);
    Demands { environment: environment.map(str::to_owned), list, targets, earlier }
}

/// Zone files as they were: in the commit of `--diff` or `--policy-from`, else in the one that is checked out.
fn earlier(settings: &Settings, loaded: &Loaded) -> BTreeMap<String, String> {
    let dns = INSPECTORS.iter().position(|inspector| inspector.name() == Protocol::Dns.name());
    let claimed = loaded.sources.iter().zip(&loaded.claims);
    let zones =
        claimed.filter(|(source, claims)| source.endpoint().is_none() && claims.iter().any(|one| Some(*one) == dns));
    let paths: Vec<&str> = zones.map(|(source, _)| source.path()).collect();
    if paths.is_empty() {
        return BTreeMap::new();
    }
    let head;
    let text: &dyn Fn(&str) -> Option<String> = match (&settings.own.diff, &settings.own.earlier) {
        (Some(commit), _) => &|path| commit.text(path),
        (None, Some(earlier)) => &|path| earlier.text(path),
        (None, None) => match Commit::open(&settings.root, "HEAD") {
            Ok(commit) => {
                head = commit;
                &|path| head.text(path)
            }
            Err(_) => return BTreeMap::new(),
        },
    };
    paths.into_iter().filter_map(|path| Some((path.to_owned(), text(path)?))).collect()
}

/// What the policy among the files of an example demands, in the environment `production` if it has one.
pub fn of_example(sources: &[Source], earlier: &BTreeMap<String, String>) -> Demands {
    let earlier = earlier.clone();
    let Some(source) = sources.iter().find(|source| NAMES.contains(&source.path())) else {
        return Demands { earlier, ..Demands::default() };
    };
    let mut layers = Layers::default();
    layers.add_alone(source.path(), source.text().into());
    let environment = merge::environments(&layers).contains("production").then_some("production");
    let policy = merge::merge(&mut layers, environment);
    let demand = |(name, variable): (&String, &Spanned<Variable>)| {
        let span = Span { source: source.id, ..variable.span };
        Demand { name: name.clone(), variable: variable.value.clone(), span }
    };
    let list = policy.variables.iter().map(demand).collect();
    let place = |(target, span): (Target, Span)| Asked { target, place: Span { source: source.id, ..span } };
    let targets = targets::all(&policy).into_iter().map(place).collect();
    Demands { environment: environment.map(str::to_owned), list, targets, earlier }
}
