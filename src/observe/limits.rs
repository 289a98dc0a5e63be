//! How many connections may be open at a time: as many as the system gives descriptors, within reason.

use std::sync::OnceLock;

/// More descriptors than this are not asked for.
const MOST: u64 = 4096;
/// Descriptors for everything that is no connection.
const RESERVE: u64 = 96;

/// How the connections of a run are shared among the protocols; the rest is for HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For handshakes and first messages of TLS.
    pub tls: usize,
    /// For questions to resolvers, which take about a thousand at a time.
    pub dns: usize,
    /// For questions to the name servers of zones.
    pub servers: usize,
}

/// The limits of this process. The soft limit of descriptors, often 1024, is raised towards the hard one first.
pub fn limits() -> Limits {
    static LIMITS: OnceLock<Limits> = OnceLock::new();
    *LIMITS.get_or_init(|| Limits::of(descriptors()))
}

impl Limits {
    /// Shares out that many descriptors.
    fn of(descriptors: u64) -> Self {
        let open = descriptors.saturating_sub(RESERVE).max(16);
        let part = |of_hundred: u64, most: u64| usize::try_from((open * of_hundred / 100).clamp(4, most)).unwrap_or(4);
        Self { tls: part(30, 1200), dns: part(25, 1000), servers: part(25, 1000) }
    }
}

#[cfg(unix)]
fn descriptors() -> u64 {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let soft = limit.current.unwrap_or(u64::MAX);
    let wanted = MOST.min(limit.maximum.unwrap_or(u64::MAX));
    if soft >= wanted {
        return soft.min(MOST);
    }
    let raised = rustix::process::Rlimit { current: Some(wanted), maximum: limit.maximum };
    if setrlimit(Resource::Nofile, raised).is_ok() { wanted } else { soft }
}

#[cfg(not(unix))]
fn descriptors() -> u64 {
    MOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_share_what_there_is() {
        assert_eq!(Limits::of(1024), Limits { tls: 278, dns: 232, servers: 232 });
        assert_eq!(Limits::of(MOST), Limits { tls: 1200, dns: 1000, servers: 1000 });
        assert_eq!(Limits::of(0), Limits { tls: 4, dns: 4, servers: 4 });
        assert!(limits().dns >= 4 && limits() == limits());
    }
}
