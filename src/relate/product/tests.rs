use super::*;
use crate::product;

#[test]
fn support_comes_with_the_day_it_ends() {
    let (cycle, ends) = life(&product::known("postgres:12-alpine").unwrap());
    assert_eq!((cycle, ends.map(String::from).as_deref()), (Some("12".into()), Some("2024-11-21")));
    assert_eq!(life(&product::known("postgres").unwrap()), (None, None));
}

#[test]
fn the_system_below_is_named_with_its_line() {
    let (name, ends) = system(&product::known("python:3.12-slim-buster").unwrap());
    assert_eq!(name.as_deref(), Some("Debian 10"));
    assert!(ends.is_some());
}
