//! The shape of `products/<name>.yaml`.

use serde::{Deserialize, Serialize};

/// What is known of one product. A fact that is not sure is left out; whoever asks gets silence, not a guess.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Product {
    /// Its file's name without `.yaml`; filled in by the loader.
    #[serde(default)]
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// What it is deployed for.
    pub role: ProductRole,
    /// What becomes of its data when the container is replaced.
    pub state: State,
    /// Settings under which a product with [`State::Optional`] keeps data that somebody will miss.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub durable_when: Vec<Setting>,
    /// The day on which the facts were checked against the sources.
    pub as_of: Day,
    /// Where the facts come from.
    pub sources: Vec<String>,
    /// The images that carry it.
    pub images: Vec<Image>,
    /// Ports it listens on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// Whether it listens on no other port, as long as nothing in `configuration` is replaced.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ports_complete: bool,
    /// Folders and files that hold its configuration: whoever mounts or copies something there may change ports,
    /// accounts and folders.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub configuration: Vec<String>,
    /// Whether it asks its clients who they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authentication: Option<Authentication>,
    /// Accounts that exist unless something replaces them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Account>,
    /// Variables that carry a credential.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub credentials: Vec<Credential>,
    /// Settings that turn a protection off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub insecure: Vec<Setting>,
    /// Settings that bound its memory from within.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memory: Vec<Setting>,
    /// Its version lines, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cycles: Vec<Cycle>,
    /// Whether a line ends as soon as the next one is out, every few weeks or months: being one line behind is no news.
    #[serde(default, skip_serializing_if = "is_false")]
    pub rolling: bool,
}

/// What a product is deployed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProductRole {
    /// Business data.
    Database,
    /// Data that can be computed again.
    Cache,
    /// Messages between services.
    Broker,
    /// Search and analysis.
    Search,
    /// Files by name.
    ObjectStore,
    /// Configuration, discovery, locks.
    Coordination,
    /// Secrets.
    Secrets,
    /// Numbers over time.
    Metrics,
    /// Log lines.
    Logs,
    /// Requests followed through services.
    Traces,
    /// Shows what others keep.
    Dashboard,
    /// Stands in front of services.
    Proxy,
    /// Knows who users are.
    Identity,
    /// Builds and delivers software.
    Delivery,
    /// A finished application.
    Application,
    /// A database's or broker's web console.
    Console,
    /// Runs somebody's program.
    Runtime,
    /// Userland of an operating system.
    Os,
}

/// What becomes of a product's data when its container is replaced and no volume holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Data that somebody will miss is lost.
    Durable,
    /// It depends on what it is used for; see `durable-when`.
    Optional,
    /// It keeps its data in memory; no volume would save it.
    Memory,
    /// It has none.
    None,
}

/// Repositories that carry a product and are alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Image {
    /// Repository names in short form (`postgres`, `bitnami/postgresql`, `quay.io/keycloak/keycloak`).
    pub names: Vec<String>,
    /// Who the process is as the image stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<User>,
    /// Folders that hold its data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<Data>,
    /// Ports, where they differ from the product's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports: Option<Vec<Port>>,
    /// Whether what the product says of authentication and accounts does not hold for these repositories.
    #[serde(default, skip_serializing_if = "is_false")]
    pub own_accounts: bool,
    /// Whether their tags are not the product's versions.
    #[serde(default, skip_serializing_if = "is_false")]
    pub own_versions: bool,
    /// Why nobody should start with these repositories any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<Deprecated>,
}

/// The user an image starts as. The first entry whose conditions hold counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct User {
    /// Name or number, as the image says it; `root` when it says nothing.
    pub user: String,
    /// The user that the entry point changes to after it has started as root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drops_to: Option<String>,
    /// From this version on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Before this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// For tags with this word between dashes (`nonroot`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// A folder with data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Data {
    /// The folder.
    pub path: String,
    /// Variables, flags or keys that move it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved_by: Vec<Setting>,
    /// Whether the image declares it a volume: a mount at a folder above it then holds none of the data.
    #[serde(default, skip_serializing_if = "is_false")]
    pub declared: bool,
    /// From this version on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Before this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// Since when, and what to take instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Deprecated {
    /// The day it was announced for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Day>,
    /// Why.
    pub reason: String,
    /// What to take instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
}

/// A port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Port {
    /// Its number.
    pub port: u16,
    /// Its transport.
    #[serde(default, skip_serializing_if = "Protocol::is_tcp")]
    pub protocol: Protocol,
    /// Who talks to it.
    pub purpose: Purpose,
    /// What is spoken (`http`, `amqp`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaks: Option<String>,
    /// Whether it is open only when a setting or a tag asks for it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub optional: bool,
    /// Settings that move it or close it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved_by: Vec<Setting>,
}

/// A port's transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// TCP.
    #[default]
    Tcp,
    /// UDP.
    Udp,
}

impl Protocol {
    fn is_tcp(&self) -> bool {
        *self == Protocol::Tcp
    }
}

/// Who talks to a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Its clients.
    Data,
    /// Whoever runs it; it can change or reveal everything.
    Admin,
    /// A metrics collector or a health check.
    Metrics,
    /// Other members of its cluster.
    Cluster,
}

/// Whether a product asks its clients who they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Authentication {
    /// As shipped.
    pub default: AuthenticationDefault,
    /// Settings that turn it on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enabled_by: Vec<Setting>,
    /// From this version on; nothing is known of earlier ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

/// What happens when nobody has said anything about authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthenticationDefault {
    /// Everybody is let in.
    None,
    /// An account that everybody knows is let in.
    Account,
    /// It refuses to start, or lets nobody in, until a credential is set.
    Required,
    /// It makes up a password.
    Random,
}

/// An account that exists unless something replaces it. Its password is public knowledge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its password; empty when none is asked for.
    pub password: String,
    /// Settings of which any one replaces it or its password.
    pub replaced_by: Vec<Setting>,
    /// From this version on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Before this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// A variable that carries a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Credential {
    /// The variable.
    pub env: String,
    /// The variable that names a file with it instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// A variable, a command-line flag or a key of the configuration file; exactly one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Setting {
    /// An environment variable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// A flag, with its dashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
    /// A key of the configuration file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The values that have the effect; when there are none, any value but an empty one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// What it does, as the end of "with this setting …".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// What the repositories begin with that know it, when not all that carry the product do (`bitnami`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Whether, of what protects, it only lets everybody see what is there: nothing can be changed by it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub only_shows: bool,
}

impl Setting {
    /// Whether `value`, given to this setting, has its effect. Letter case does not count.
    pub fn takes_effect(&self, value: &str) -> bool {
        match self.values.is_empty() {
            true => !value.is_empty(),
            false => self.values.iter().any(|known| known.eq_ignore_ascii_case(value)),
        }
    }

    /// Whether images of `repository` know it.
    pub fn is_known_to(&self, repository: &str) -> bool {
        self.within.as_deref().is_none_or(|start| repository.starts_with(start))
    }

    /// The one name it has.
    pub fn name(&self) -> &str {
        self.env.as_deref().or(self.flag.as_deref()).or(self.key.as_deref()).unwrap_or_default()
    }
}

/// A version line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cycle {
    /// The leading parts of its versions (`17`, `9.6`).
    pub name: String,
    /// Its code name, where tags use it (`bookworm`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codename: Option<String>,
    /// The last day with free security updates; absent when no end was announced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Day>,
}

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day {
    /// Year.
    pub year: i16,
    /// Month, from 1.
    pub month: i8,
    /// Day of the month, from 1.
    pub day: i8,
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a day like 2026-01-31");
        let [year, month, day] = text.split('-').collect::<Vec<_>>()[..] else { return Err(wrong()) };
        let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
        if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
            return Err(wrong());
        }
        let (Ok(year), Ok(month), Ok(day)) = (year.parse::<i16>(), month.parse::<i8>(), day.parse::<i8>()) else {
            return Err(wrong());
        };
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = match month {
            2 => 28 + i8::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return Err(wrong()),
        };
        if day < 1 || day > last { Err(wrong()) } else { Ok(Self { year, month, day }) }
    }
}

impl From<Day> for String {
    fn from(day: Day) -> String {
        day.to_string()
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn is_false(value: &bool) -> bool {
    !value
}
