//! Who is who: whether what an attester calls themselves is a person who made the change, is another attester, or owns
//! the files, as far as `.mailmap` and `CODEOWNERS` tell.

use std::collections::BTreeMap;

use crate::source::{Globs, Person};

/// Where `CODEOWNERS` may lie, the first that is there counts.
pub const OWNERS: [&str; 4] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// The role of those whom `CODEOWNERS` names.
pub const CODE_OWNER: &str = "code-owner";

/// Addresses of one person, by `.mailmap`: address → the proper one.
#[derive(Debug, Clone, Default)]
pub struct Mailmap(BTreeMap<String, String>);

impl Mailmap {
    /// Reads `Proper <proper@x> [Other] <other@x>` lines.
    pub fn read(text: &str) -> Self {
        let mut map = BTreeMap::new();
        for line in text.lines().map(|line| line.split('#').next().unwrap_or_default()) {
            let mut found = line.split('<').skip(1).filter_map(|part| part.split_once('>'));
            if let (Some((proper, _)), Some((other, _))) = (found.next(), found.next()) {
                map.insert(tidy(other), tidy(proper));
            }
        }
        Self(map)
    }

    fn proper(&self, address: &str) -> String {
        self.0.get(address).cloned().unwrap_or_else(|| address.to_owned())
    }
}

/// What is known of people.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// `.mailmap`.
    pub mailmap: Mailmap,
    /// Who owns which files.
    pub owners: Option<Owners>,
}

impl People {
    /// Whether `id`, as an attester writes it, may be `person`. In doubt it is: a name, an address, an account, or the
    /// account that stands before the `@` of the address.
    pub fn is_person(&self, id: &str, person: &Person) -> bool {
        let name = |id: &str| !person.name.trim().is_empty() && id.trim().eq_ignore_ascii_case(person.name.trim());
        name(id) || id.split_once('<').is_some_and(|(before, _)| name(before)) || self.is_same(id, &person.email)
    }

    /// Whether two ids may be one person's.
    pub fn is_same(&self, one: &str, other: &str) -> bool {
        let (one, other) = (Id::read(one), Id::read(other));
        match (&one.address, &other.address) {
            (Some(a), Some(b)) => a == b || self.mailmap.proper(a) == self.mailmap.proper(b),
            _ => !one.account.is_empty() && one.account == other.account,
        }
    }
}

/// The newest of something by person, without comparing everybody with everybody.
pub struct Newest<'p, T> {
    people: &'p People,
    addresses: BTreeMap<String, T>,
    accounts: BTreeMap<String, T>,
    /// Accounts of ids that have no address.
    bare: BTreeMap<String, T>,
}

impl<'p, T: Ord + Copy> Newest<'p, T> {
    /// Nobody yet.
    pub fn new(people: &'p People) -> Self {
        Self { people, addresses: BTreeMap::new(), accounts: BTreeMap::new(), bare: BTreeMap::new() }
    }

    /// Adds what is `id`'s.
    pub fn add(&mut self, id: &str, value: T) {
        let id = Id::read(id);
        let put = |map: &mut BTreeMap<String, T>, key: String| {
            let slot = map.entry(key).or_insert(value);
            *slot = (*slot).max(value);
        };
        match id.address {
            Some(address) => put(&mut self.addresses, self.people.mailmap.proper(&address)),
            None if id.account.is_empty() => return,
            None => put(&mut self.bare, id.account.clone()),
        }
        put(&mut self.accounts, id.account);
    }

    /// The newest of whoever may be `id`, as [`People::is_same`] has it.
    pub fn of(&self, id: &str) -> Option<T> {
        let id = Id::read(id);
        match &id.address {
            Some(address) => {
                self.addresses.get(&self.people.mailmap.proper(address)).max(self.bare.get(&id.account)).copied()
            }
            None => self.accounts.get(&id.account).copied(),
        }
    }
}

/// An id taken apart.
struct Id {
    address: Option<String>,
    account: String,
}

impl Id {
    /// `Ana Li <ana@x.example>`, `ana@x.example`, `@ana`, `ana`, `12345+ana@users.noreply.github.com` (an account).
    fn read(id: &str) -> Id {
        let inner = id.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(id, |(inner, _)| inner);
        let text = tidy(inner);
        let account = |text: &str| Id { address: None, account: text.trim_start_matches('@').to_owned() };
        match text.trim_start_matches('@').split_once('@') {
            None => account(&text),
            Some((local, host)) if host.starts_with("users.noreply.") => {
                account(local.split_once('+').map_or(local, |(_, name)| name))
            }
            Some((local, _)) => Id { account: local.to_owned(), address: Some(text.clone()) },
        }
    }
}

fn tidy(text: &str) -> String {
    text.trim().to_lowercase()
}

/// `CODEOWNERS`: for a file the last line that matches counts.
#[derive(Debug, Clone, Default)]
pub struct Owners {
    lines: Vec<(Globs, Vec<String>)>,
}

/// Whether somebody owns files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owns {
    /// They do.
    Yes,
    /// Others do.
    No,
    /// A team does, and who is in it is not told here.
    Team(String),
    /// Nobody does.
    Nobody,
}

impl Owners {
    /// Reads the file; a line that is no glob counts for nothing, as on the forges.
    pub fn read(text: &str) -> Self {
        let mut lines = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '[', '^'])) {
            let mut words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
            let Some(pattern) = words.next() else { continue };
            if let Ok(globs) = Globs::new([pattern]) {
                lines.push((globs, words.map(str::to_owned).collect()));
            }
        }
        Self { lines }
    }

    /// The owners of the file at `path` from the root.
    pub fn of(&self, path: &str) -> &[String] {
        self.lines.iter().rev().find(|(globs, _)| globs.matches(path, false)).map_or(&[], |(_, owners)| owners)
    }

    /// Whether `id` owns any of the files at `paths`.
    pub fn owns<'p>(&self, people: &People, id: &str, paths: impl Iterator<Item = &'p str>) -> Owns {
        let mut owns = Owns::Nobody;
        for owner in paths.flat_map(|path| self.of(path)) {
            if owner.starts_with('@') && owner.contains('/') {
                owns = Owns::Team(owner.clone());
            } else if people.is_same(id, owner) {
                return Owns::Yes;
            } else if owns == Owns::Nobody {
                owns = Owns::No;
            }
        }
        owns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, email: &str) -> Person {
        Person { name: name.into(), email: email.into() }
    }

    #[test]
    fn one_person_has_many_names() {
        let people = People { mailmap: Mailmap::read("Ana <ana@x.example> <ana@home.example> # old\n"), owners: None };
        let ana = person("Ana Li", "ana@x.example");
        for id in ["ana@x.example", "ANA@x.example ", "Ana Li", "Ana Li <a@y>", "@ana", "ana", "ana@home.example"] {
            assert!(people.is_person(id, &ana), "{id}");
        }
        assert!(people.is_person("ana", &person("", "7+ana@users.noreply.github.com")));
        for id in ["", "bo", "ana@y.example", "li", "@", "Bo <bo@x.example>"] {
            assert!(!people.is_person(id, &ana), "{id}");
        }
        assert!(!people.is_person("", &person("", "")));
    }

    #[test]
    fn the_newest_of_a_person_is_that_of_all_their_names() {
        let people = People { mailmap: Mailmap::read("Ana <ana@x.example> <li@home.example>\n"), owners: None };
        let ids = [
            "ana@x.example",
            "Ana <ANA@x.example>",
            "@ana",
            "ana",
            "li@home.example",
            "li",
            "bo@x.example",
            "bo@y",
            "",
        ];
        for (nth, id) in ids.iter().enumerate() {
            let mut newest = Newest::new(&people);
            newest.add(id, nth);
            for other in ids {
                assert_eq!(newest.of(other).is_some(), people.is_same(id, other), "{id} {other}");
            }
        }
        let mut newest = Newest::new(&people);
        ids.iter().enumerate().for_each(|(nth, id)| newest.add(id, nth));
        assert_eq!((newest.of("ana@x.example"), newest.of("bo@x.example"), newest.of("cy")), (Some(4), Some(6), None));
    }

    #[test]
    fn the_last_line_that_matches_names_the_owners() {
        let owners = Owners::read("* @all\n# x\n/db/ dba@x.example @shop/dba\n*.md\n[section]\n");
        assert_eq!(owners.of("src/a.rs"), ["@all"]);
        assert_eq!(owners.of("db/1.sql"), ["dba@x.example", "@shop/dba"]);
        assert!(owners.of("docs/a.md").is_empty());
        let people = People::default();
        let owns = |id: &str, path: &str| owners.owns(&people, id, std::iter::once(path));
        assert_eq!(owns("DBA@x.example", "db/1.sql"), Owns::Yes);
        assert_eq!(owns("bo@x.example", "db/1.sql"), Owns::Team("@shop/dba".into()));
        assert_eq!(owns("bo@x.example", "src/a.rs"), Owns::No);
        assert_eq!(owns("bo@x.example", "a.md"), Owns::Nobody);
    }
}
