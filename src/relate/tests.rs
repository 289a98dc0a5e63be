use std::path::Path;

use super::demand::Demands;
use super::*;
use crate::inspect::{self, INSPECTORS};
use crate::source::{Encoding, Origin, role_of_path};
use crate::span::SourceId;

/// Every file below `folder`, by its path from there.
fn files(folder: &Path, below: &str, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("folder") {
        let entry = entry.expect("entry");
        let path = format!("{below}{}", entry.file_name().to_string_lossy());
        match entry.file_type().expect("type").is_dir() {
            true => files(&entry.path(), &format!("{path}/"), found),
            false => found.extend(std::fs::read_to_string(entry.path()).ok().map(|text| (path, text))),
        }
    }
}

/// A run by a selection of rules inspects only what its relations say they read.
#[test]
fn relations_read_no_more_than_they_say() {
    for example in ["shop", "shop-ready"] {
        let mut all = Vec::new();
        files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example), "", &mut all);
        all.sort();
        let source = |(id, (path, text)): (u32, &(String, String))| {
            let origin = Origin::File(path.as_str().into());
            Source::new(SourceId(id), origin, Encoding::Utf8, role_of_path(path).0, text.as_str())
        };
        let sources: Vec<Source> = (0..).zip(&all).map(source).collect();
        let inventory = Inventory::of_texts(all.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        let (demands, claims) =
            (Demands::default(), sources.iter().map(|one| inspect::claimants(one.path(), one.text())));
        let claims: Vec<Vec<usize>> = claims.collect();
        let around = Around { inventory: &inventory, demands: &demands };
        let whole = inspect::all(&sources, &claims).facts;
        for relation in RELATIONS {
            let read = |index: &usize| relation.reads().contains(&INSPECTORS[*index].name());
            let narrowed: Vec<Vec<usize>> =
                claims.iter().map(|claims| claims.iter().copied().filter(read).collect()).collect();
            let part = inspect::all(&sources, &narrowed).facts;
            let names = relation.subjects().iter().map(|subject| subject.name).collect::<Vec<_>>();
            let (from_all, from_part) =
                (relation.relate(&sources, &whole, around), relation.relate(&sources, &part, around));
            assert_eq!(format!("{from_all:?}"), format!("{from_part:?}"), "{example} {names:?}");
        }
    }
}
