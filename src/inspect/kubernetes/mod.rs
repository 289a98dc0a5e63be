//! Kubernetes manifests: YAML or JSON objects of any kind, told by `apiVersion` and `kind`, not by their file's name.
//!
//! Kustomizations and skaffold files are read only for what they change elsewhere. Left alone, because they are no objects
//! of a cluster: charts' `Chart.yaml` and values, kind, kubeadm, eksctl and k3d files, kubeconfigs, Backstage catalogues (`read::LEFT_ALONE`). Templates and patches are
//! recognised and said to be unjudged.

mod access;
mod build;
mod claim;
pub(crate) mod container;
mod cron;
pub(crate) mod document;
mod facts;
pub(crate) mod fields;
pub(crate) mod image;
mod inside;
mod names;
pub(crate) mod pod;
pub(crate) mod probe;
pub(crate) mod read;
mod removed;
mod resources;
mod schema;
mod security;
mod specs;
pub mod subjects;
pub(crate) mod workload;

use super::{Inspection, Inspector, Problem};
use crate::fact::Subject;
use crate::source::Source;

/// The inspector.
#[derive(Debug)]
pub struct Kubernetes;

const NAME: &str = "kubernetes";

impl Inspector for Kubernetes {
    fn name(&self) -> &'static str {
        NAME
    }

    fn subjects(&self) -> &'static [&'static Subject] {
        &[
            subjects::Object::SUBJECT,
            subjects::Field::SUBJECT,
            subjects::Workload::SUBJECT,
            subjects::Pod::SUBJECT,
            subjects::Container::SUBJECT,
            subjects::Env::SUBJECT,
            subjects::Volume::SUBJECT,
            subjects::Mount::SUBJECT,
            subjects::Port::SUBJECT,
            subjects::Probe::SUBJECT,
            subjects::Permission::SUBJECT,
            subjects::Binding::SUBJECT,
            subjects::Ingress::SUBJECT,
            subjects::Build::SUBJECT,
            subjects::Gap::SUBJECT,
        ]
    }

    fn usual_name(&self) -> &'static str {
        "manifest.yaml"
    }

    fn wants(&self, path: &str) -> bool {
        [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending))
    }

    fn claims(&self, path: &str, text: &str) -> bool {
        claim::claims(text) || build::claims(path, text)
    }

    fn inspect<'s>(&self, source: &'s Source) -> Inspection<'s> {
        let document = read::read(source);
        let mut facts = facts::facts(&document, source);
        facts.extend(build::facts(source));
        let problems = document
            .gaps
            .into_iter()
            .map(|gap| Problem { span: gap.span, reason: gap.reason, inspector: NAME })
            .collect();
        Inspection { facts, problems }
    }
}

#[cfg(test)]
mod tests;
