//! Compose files laid over one another: what services are like in the end.
//!
//! Rules judge *end states*: a file with its override, a base with the layer that needs it, everything that they
//! include and extend merged in by the rules of the Compose specification. Every value keeps the place where it is
//! written. What two end states say alike is stated once.

mod beside;
mod built;
mod chains;
mod dependency;
mod files;
mod health;
mod info;
pub(super) mod limits;
mod merge;
mod mounted;
mod mounts;
mod needs;
mod port;
mod ports;
mod product;
mod rest;
mod role;
mod scope;
mod security;
mod service;
mod set;
pub(super) mod stands;
pub mod subjects;
mod words;

use std::collections::{HashMap, HashSet};

use crate::fact::{Fact, Subject};
use crate::relate::{Around, Relation};
use crate::source::Source;
use crate::span::SourceId;

use built::Dockerfiles;
use files::Files;
use info::{Ctx, World};

/// End states of compose files.
#[derive(Debug)]
pub struct Compose;

impl Relation for Compose {
    fn subjects(&self) -> &'static [&'static Subject] {
        &[
            subjects::Service::SUBJECT,
            subjects::Port::SUBJECT,
            subjects::Mount::SUBJECT,
            subjects::Dependency::SUBJECT,
            subjects::Reference::SUBJECT,
            subjects::Resource::SUBJECT,
            subjects::Path::SUBJECT,
            subjects::Build::SUBJECT,
            subjects::Health::SUBJECT,
            subjects::Product::SUBJECT,
            subjects::Insecure::SUBJECT,
            subjects::Variable::SUBJECT,
            subjects::Set::SUBJECT,
        ]
    }

    fn reads(&self) -> &'static [&'static str] {
        &["compose", "dockerfile", "env"]
    }

    fn relate<'s>(&self, sources: &'s [Source], facts: &[Fact<'s>], around: Around<'_>) -> Vec<Fact<'s>> {
        let mut files = Files::new(sources, facts, around.inventory);
        if files.list.is_empty() {
            return Vec::new();
        }
        let sets = set::sets(&mut files);
        let world = World::new(sources, files, Dockerfiles::new(sources, facts));
        let contexts: Vec<Ctx<'_, '_, 's>> = sets.iter().map(|set| Ctx::new(set, &world)).collect();
        let mut stated = Stated::default();
        let mut found = Vec::new();
        for ctx in &contexts {
            state(ctx, &mut stated, &mut found);
        }
        // What one end state leaves unused another may use.
        for ctx in &contexts {
            let mut resources = Vec::new();
            dependency::resources(ctx, &stated.used, &mut resources);
            stated.keep(resources, &mut found);
        }
        found
    }
}

/// What was said already: a service that no further file changes is the same in every end state.
#[derive(Default)]
struct Stated<'s> {
    services: HashSet<(&'s str, Vec<SourceId>)>,
    /// Facts that do not belong to one service, by subject, place and path.
    others: HashSet<(&'static str, u32, u32, String)>,
    /// What services name.
    used: dependency::Used<'s>,
}

impl<'s> Stated<'s> {
    fn keep(&mut self, facts: Vec<Fact<'s>>, found: &mut Vec<Fact<'s>>) {
        found.extend(facts.into_iter().filter(|fact| {
            let key = (fact.subject().name, fact.span.source.0, fact.span.start, fact.path.to_string());
            self.others.insert(key)
        }));
    }
}

fn state<'s>(ctx: &Ctx<'_, '_, 's>, stated: &mut Stated<'s>, found: &mut Vec<Fact<'s>>) {
    let shared = service::Shared::new(ctx);
    let published = port::Published::new(ctx);
    let writers = mounted::Writers::new(ctx);
    let circles: HashMap<&'s str, String> = dependency::circles(ctx);
    let mut rest = Vec::new();
    for info in ctx.all() {
        dependency::references(ctx, info, &mut stated.used, &mut rest);
        dependency::relate(ctx, info, &circles, &mut rest);
        if !stated.services.insert((info.service.name, info.service.from.clone())) {
            continue;
        }
        found.push(service::fact(ctx, info, &shared));
        port::relate(ctx, info, &published, found);
        mounted::relate(ctx, info, &writers, found);
        health::relate(ctx, info, found);
        product::relate(ctx, info, found);
        rest::paths(ctx, info, found);
        rest::build(ctx, info, found);
        rest::variables(ctx, info, &mut rest);
    }
    rest::top_paths(ctx, &mut rest);
    rest::whole(ctx, &mut rest);
    rest.extend(ctx.set.lost.iter().map(|lost| dependency::lost(ctx, lost)));
    stated.keep(rest, found);
}

#[cfg(test)]
mod tests;
