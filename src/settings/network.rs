//! The flags of the network: whether it is used, and how.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use camino::Utf8PathBuf;

use crate::cli::CheckArgs;
use crate::error::Error;
use crate::observe::{DEFAULT_TIMEOUT, Options, Proxy, authorities};
use crate::source::read_own;

/// The longest time that one exchange may be given.
const MAX_TIMEOUT: Duration = Duration::from_secs(600);
/// The port of name servers.
const DNS_PORT: u16 = 53;

/// Whether the network is used, and how.
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// Whether the targets may be probed.
    pub online: bool,
    /// How.
    pub options: Options,
    /// The folder that transcripts are written into.
    pub record: Option<PathBuf>,
    /// The folder that transcripts are read from, in place of the network.
    pub replay: Option<PathBuf>,
}

impl Network {
    /// From the flags; whatever makes no sense is told in `errors`.
    pub(super) fn of(args: &CheckArgs, errors: &mut Vec<Error>) -> Network {
        let mut wrong = |message: String, help: &str| errors.push(Error::usage(message, Some(help.to_owned())));
        let timeout = args.timeout.as_deref().map_or(Some(DEFAULT_TIMEOUT), duration).unwrap_or_else(|| {
            let said = args.timeout.as_deref().unwrap_or_default();
            wrong(format!("`--timeout {said}` is not a time up to 10 minutes"), "write 500ms, 10s or 1m");
            DEFAULT_TIMEOUT
        });
        let resolver = args.resolver.as_deref().and_then(|said| {
            let address = server(said);
            if address.is_none() {
                let help = "write 1.1.1.1, 10.0.0.53:5353 or [2606:4700::1111]:53";
                wrong(format!("`--resolver {said}` is not the address of a name server"), help);
            }
            address
        });
        if let Some(message) = args.proxy.as_deref().and_then(|url| Proxy::parse(url).err()) {
            wrong(format!("`--proxy`: {message}"), "write http://[USER:PASSWORD@]HOST:PORT");
        }
        if args.record.is_some() && !args.online {
            wrong("`--record` has nothing to write without `--online`".into(), "add --online");
        }
        let read = args.ca.iter().filter_map(|file| certificates(file, errors)).flatten();
        let authorities = read.collect();
        Network {
            online: args.online,
            options: Options {
                timeout,
                resolver,
                authorities,
                proxy: args.proxy.clone(),
                allow_private: args.allow_private,
            },
            record: args.record.clone().map(Utf8PathBuf::into_std_path_buf),
            replay: args.replay.clone().map(Utf8PathBuf::into_std_path_buf),
        }
    }

    /// The folder of transcripts, relative to `root`, when it lies below it. It need not be there yet.
    pub(super) fn folder(&self, cwd: &Path, root: &Path) -> Option<String> {
        let whole = cwd.join(self.record.as_ref().or(self.replay.as_ref())?);
        let (there, real) = whole.ancestors().find_map(|folder| Some((folder, folder.canonicalize().ok()?)))?;
        let path = real.join(whole.strip_prefix(there).ok()?);
        let below = Utf8PathBuf::from_path_buf(path.strip_prefix(root).ok()?.to_owned()).ok()?;
        let parts: Vec<&str> = below.components().map(|part| part.as_str()).filter(|part| *part != ".").collect();
        (!parts.is_empty()).then(|| parts.join("/"))
    }

    /// Whether targets are judged in this run.
    pub fn is_used(&self) -> bool {
        self.online || self.replay.is_some()
    }
}

fn certificates(file: &Utf8PathBuf, errors: &mut Vec<Error>) -> Option<Vec<rustls_pki_types::CertificateDer<'static>>> {
    let text = match read_own(file.as_std_path()) {
        Ok(text) => text,
        Err(error) => {
            errors.push(error);
            return None;
        }
    };
    match authorities(&text) {
        Ok(list) => Some(list),
        Err(message) => {
            let help = "give a file with `-----BEGIN CERTIFICATE-----` blocks (PEM)".to_owned();
            errors.push(Error::usage(format!("`--ca {file}`: {message}"), Some(help)));
            None
        }
    }
}

/// `500ms`, `10s`, `1m`.
fn duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    let time = match unit.trim() {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" | "min" => Duration::from_secs(number.checked_mul(60)?),
        _ => return None,
    };
    (!time.is_zero() && time <= MAX_TIMEOUT).then_some(time)
}

/// An address with or without a port.
fn server(text: &str) -> Option<SocketAddr> {
    let text = text.trim();
    let bare = || text.trim_matches(['[', ']']).parse::<IpAddr>().ok().map(|ip| SocketAddr::new(ip, DNS_PORT));
    text.parse().ok().or_else(bare).filter(|address| address.port() != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("2s"), Some(Duration::from_secs(2)));
        assert_eq!(duration("1m"), Some(Duration::from_secs(60)));
        for wrong in ["", "2", "s", "0s", "-1s", "1h", "11m", "99999999999999999999s", "1.5s", "2sé"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_name_server_is_an_address() {
        let server = |text| server(text).map(|address| address.to_string());
        assert_eq!(server("1.1.1.1").as_deref(), Some("1.1.1.1:53"));
        assert_eq!(server("127.0.0.1:5353").as_deref(), Some("127.0.0.1:5353"));
        assert_eq!(server("::1").as_deref(), Some("[::1]:53"));
        assert_eq!(server("[::1]:5353").as_deref(), Some("[::1]:5353"));
        for wrong in ["", "dns.example", "1.1.1.1:0", "1.1.1.1:x", "1.1.1"] {
            assert_eq!(server(wrong), None, "{wrong}");
        }
    }
}
