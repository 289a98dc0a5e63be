//! Every statement of the seeds' checklists is asked by an item, in the seeds' own order. The list of statements is a
//! fixture; where the map that it was made from lies beside the repository, it is compared with that too.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use seaworthy::checklist::question::Question;
use seaworthy::settings::items;

/// The lines of each seed that hold a checklist.
const CHECKLISTS: &[(&str, std::ops::RangeInclusive<usize>)] =
    &[("000", 27..=77), ("000", 1051..=1095), ("000", 1455..=1458), ("002", 1076..=1090), ("003", 587..=622)];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Statement → the items that ask it, in the order of the file.
fn bound() -> Vec<(String, Vec<String>)> {
    let text = fs::read_to_string(root().join("tests/fixtures/checklist/statements.tsv")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let bound = lines.map(|line| {
        let (statement, items) = line.split_once('\t').unwrap();
        (statement.to_owned(), items.split(',').map(str::to_owned).collect())
    });
    bound.collect()
}

#[test]
fn every_statement_is_asked_and_every_item_answers_one() {
    let questions = items::Questions::Builtin;
    let bound = bound();
    assert!(bound.len() >= 111, "{}", bound.len());
    for (statement, items) in &bound {
        for item in items {
            assert!(questions.iter().any(|question| question.id == *item), "{statement}: there is no item `{item}`");
        }
    }
    let asked = |question: &&Question| !bound.iter().any(|(_, items)| items.contains(&question.id));
    let idle: Vec<&str> = questions.iter().filter(asked).map(|question| question.id.as_str()).collect();
    assert!(idle.is_empty(), "no statement of the seeds asks for {idle:?}");
    let bare: Vec<&str> = questions.iter().filter(|one| one.section.is_none()).map(|one| one.id.as_str()).collect();
    assert!(bare.is_empty(), "without a heading: {bare:?}");
}

#[test]
fn items_stand_in_the_order_of_the_seeds() {
    let questions = items::Questions::Builtin;
    let place = |id: &str| questions.iter().position(|question| question.id == id).unwrap();
    let number = |statement: &str| statement.split_once('-').unwrap().1.parse::<usize>().unwrap();
    let of = |seed: &str, range: std::ops::RangeInclusive<usize>| -> Vec<usize> {
        let here = |statement: &str| statement.starts_with(seed) && range.contains(&number(statement));
        bound().iter().filter(|(statement, _)| here(statement)).map(|(_, items)| place(&items[0])).collect()
    };
    // (seed, statements): before, after, security; during, after. The third seed's list before a deployment asks again
    // what the first has asked in another order.
    for (seed, range) in [("000", 1..=33), ("000", 34..=38), ("000", 147..=181), ("003", 82..=91), ("003", 92..=101)] {
        let places = of(seed, range.clone());
        assert_eq!(places.len(), range.clone().count());
        assert!(places.is_sorted(), "{seed} {range:?}: {places:?}");
    }
}

#[test]
fn a_heading_is_never_left_and_taken_up_again() {
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (at, question) in items::Questions::Builtin.iter().enumerate() {
        let key = (format!("{:?}", question.phase), question.section.clone().unwrap());
        let last = seen.insert(key.clone(), at);
        assert!(last.is_none_or(|last| last + 1 == at), "{key:?}");
    }
    assert!(seen.len() >= 15, "{seen:?}");
}

#[test]
fn the_list_is_that_of_the_map_where_the_map_is_at_hand() {
    let Some(text) = ["../shared", "../../shared"]
        .iter()
        .find_map(|folder| fs::read_to_string(root().join(folder).join("facts/seed-map.md")).ok())
    else {
        return;
    };
    let bound = bound();
    let mut wanted = 0;
    for line in text.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, id, lines, statement, ..] = cells[..] else { continue };
        let (Some((seed, _)), Some(first)) = (id.split_once('-'), lines.split(['-', ',']).next()) else { continue };
        let Ok(first) = first.parse::<usize>() else { continue };
        if CHECKLISTS.iter().any(|(known, range)| *known == seed && range.contains(&first)) {
            wanted += 1;
            assert!(bound.iter().any(|(known, _)| known == id), "{id} ({statement}) is asked by no item");
        }
    }
    assert_eq!(wanted, bound.len(), "statements that the map does not have");
}
