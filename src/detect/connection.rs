//! Passwords in connection strings: `Server=db;Database=shop;User Id=sa;Password=…`, as ADO.NET, ODBC and JDBC for SQL
//! Server write them.

use std::ops::Range;

use super::assigned;
use super::url::UserInfo;

/// A longer string is looked at only so far to either side of its password.
const LONGEST: usize = 512;
/// Keys that say where the store is.
const PLACES: [&str; 8] =
    ["server", "data source", "host", "address", "addr", "initial catalog", "database", "databasename"];
/// Keys that say who asks.
const USERS: [&str; 5] = ["user id", "userid", "uid", "username", "user"];

/// The password of a connection string whose word for it stands at `at`.
pub(super) fn password_at(text: &str, at: usize) -> Option<UserInfo<'_>> {
    let name = assigned::name_at(text, at);
    if !["password", "pwd"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
        return None;
    }
    let start = name.as_ptr() as usize - text.as_ptr() as usize;
    let string = around(text, start);
    let before = text.get(string.start..start)?.trim_end();
    let rest = text.get(start + name.len()..string.end)?;
    let value = rest.trim_start_matches(' ').strip_prefix('=')?;
    let value = value.split(';').next()?.trim();
    if !(before.is_empty() || before.ends_with(';')) || value.is_empty() {
        return None;
    }
    let whole = text.get(string)?;
    let host = value_of(whole, &PLACES)?;
    let start = value.as_ptr() as usize - text.as_ptr() as usize;
    let end = host.find([',', ':', '\\']).unwrap_or(host.len());
    Some(UserInfo {
        user: value_of(whole, &USERS).unwrap_or_default(),
        password: start..start + value.len(),
        host: host.get(..end).unwrap_or_default(),
    })
}

/// The string in which `at` lies: up to quotes and ends of lines.
fn around(text: &str, at: usize) -> Range<usize> {
    let ends = |c: char| matches!(c, '"' | '\'' | '`' | '<' | '>' | '\n' | '\r');
    let from = text.floor_char_boundary(at.saturating_sub(LONGEST));
    let to = text.floor_char_boundary(at.saturating_add(LONGEST));
    let start = text.get(from..at).and_then(|before| before.rfind(ends)).map_or(from, |quote| from + quote + 1);
    let end = text.get(at..to).and_then(|after| after.find(ends)).map_or(to, |quote| at + quote);
    start..end
}

/// The value of the first pair whose key is one of `keys`; before the first key may stand what it is assigned to.
fn value_of<'t>(string: &'t str, keys: &[&str]) -> Option<&'t str> {
    string.split(';').find_map(|pair| {
        let is_key = |left: &str| {
            let left = left.trim_end().to_ascii_lowercase();
            let edge = |rest: &str| !rest.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            keys.iter().any(|key| left.strip_suffix(key).is_some_and(edge))
        };
        let mut equals = pair.match_indices('=').map(|(at, _)| (&pair[..at], &pair[at + 1..]));
        equals.find(|(left, _)| is_key(left)).map(|(_, value)| value.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(&str, &str, &str)> {
        let lower = text.to_ascii_lowercase();
        let at = lower.rfind("password").or(lower.rfind("pwd"))?;
        let info = password_at(text, at)?;
        Some((info.user, &text[info.password], info.host))
    }

    #[test]
    fn strings_of_several_dialects() {
        for (text, wanted) in [
            ("Server=db;Database=shop;User Id=sa;Password=Zt7xq2Lk91;Encrypt=False", ("sa", "Zt7xq2Lk91", "db")),
            ("\"Data Source=tcp:db,1433;Initial Catalog=x;UID=app;PWD=Zt7x q\"", ("app", "Zt7x q", "tcp")),
            ("- Shop=Host=db;Username=postgres;Password = geheim", ("postgres", "geheim", "db")),
            ("a: jdbc:sqlserver://db:1433;databaseName=x;user=sa;password=Zt7", ("sa", "Zt7", "x")),
            ("Password=first;Server=db", ("", "first", "db")),
        ] {
            assert_eq!(read(text), Some(wanted), "{text}");
        }
    }

    #[test]
    fn what_is_none() {
        for text in [
            "",
            "password",
            "Password=x",
            "user=a;password=b",
            "Server=db;Password=",
            "Server=db;NewPassword=x",
            "Server=db;x Password=y",
            "Server=db;Password:x",
            "Server=db\nPassword=x",
            "éé;Password=é;Server",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
