//! The variables of the policy as demands on the sources of a run.

use super::layer::{Layers, NAMES};
use super::merge::{self, Policy};
use super::own::Standing;
use crate::relate::demand::{Demand, Demands, Variable};
use crate::source::{Loaded, Source};
use crate::span::Span;
use crate::syntax::de::Spanned;

/// What `policy` demands. The policy files that demand something become sources, so that findings can stand in them.
pub fn of_run(policy: &Policy, layers: &Layers, environment: Option<&str>, loaded: &mut Loaded) -> Demands {
    let mut list = Vec::new();
    for (name, variable) in &policy.variables {
        let Some(layer) = layers.list.get(variable.span.source.0 as usize) else { continue };
        let Some(standing) = Standing::of(layer, loaded) else { continue };
        let span = standing.place(layer, variable.span, loaded);
        list.push(Demand { name: name.clone(), variable: variable.value.clone(), span });
    }
    Demands { environment: environment.map(str::to_owned), list }
}

/// What the policy among the files of an example demands, in the environment `production` if it has one.
pub fn of_example(sources: &[Source]) -> Demands {
    let Some(source) = sources.iter().find(|source| NAMES.contains(&source.path())) else { return Demands::default() };
    let mut layers = Layers::default();
    layers.add_alone(source.path(), source.text().into());
    let environment = merge::environments(&layers).contains("production").then_some("production");
    let policy = merge::merge(&mut layers, environment);
    let demand = |(name, variable): (&String, &Spanned<Variable>)| {
        let span = Span { source: source.id, ..variable.span };
        Demand { name: name.clone(), variable: variable.value.clone(), span }
    };
    let list = policy.variables.iter().map(demand).collect();
    Demands { environment: environment.map(str::to_owned), list }
}
