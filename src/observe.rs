//! The way to the network, shared by every probe: which addresses may be reached, connections, time, and the text that
//! an observation becomes. Nothing here knows a protocol; those stand in `inspect/<name>/observe.rs`.
//!
//! Nothing is initialised before it is asked for: a run without `--online` makes no [`Net`].

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::net::TcpStream;
use tokio::time::Instant;

pub mod address;
mod connect;
mod limits;
pub mod plain;
mod resolve;
pub mod transcript;
pub mod writer;

pub use connect::{Proxy, base64};
pub use limits::limits;
pub use writer::Writer;

/// How long one exchange (a connection, a handshake, an answer) may take when nothing says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// So many times the timeout of one exchange may a target take in all.
pub const BUDGET: u32 = 4;

/// How the network may be used, as flags decide it.
#[derive(Debug, Clone)]
pub struct Options {
    /// The time for one exchange.
    pub timeout: Duration,
    /// The name server to ask; those of the system when absent.
    pub resolver: Option<SocketAddr>,
    /// Certificates of authorities that count beside Mozilla's.
    pub authorities: Vec<CertificateDer<'static>>,
    /// `http://[user:password@]host:port`, asked to CONNECT.
    pub proxy: Option<String>,
    /// Whether private, loopback and other special addresses may be reached.
    pub allow_private: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { timeout: DEFAULT_TIMEOUT, resolver: None, authorities: Vec::new(), proxy: None, allow_private: false }
    }
}

/// The authorities in a PEM file.
///
/// # Errors
/// In words: there is none, or one that cannot be read.
pub fn authorities(text: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let list: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let list = list.map_err(|_| "a certificate in it is not PEM".to_owned())?;
    if list.is_empty() {
        return Err("there is no certificate in it".into());
    }
    for (number, one) in list.iter().enumerate() {
        let mut alone = RootCertStore::empty();
        alone.add(one.clone()).map_err(|_| format!("certificate {} in it cannot be read", number + 1))?;
    }
    Ok(list)
}

/// Why something was not observed. The words are stable: they stand in transcripts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// A special address, and `--allow-private` was not given.
    Private(IpAddr),
    /// A name without an address, or no answer to the question for one; says why.
    Unresolved(String),
    /// Nobody listens.
    Refused,
    /// It took too long; says what.
    TimedOut(&'static str),
    /// The other side ended the connection.
    Closed,
    /// The other side does not speak the protocol; says what it did.
    Protocol(String),
    /// The system said no; says what.
    Io(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Private(address) => {
                write!(f, "{address} is {}, which needs --allow-private", address::kind(*address).unwrap_or("special"))
            }
            Failure::Unresolved(why) => write!(f, "the name has no address: {why}"),
            Failure::Refused => f.write_str("the connection was refused"),
            Failure::TimedOut(doing) => write!(f, "timed out: {doing}"),
            Failure::Closed => f.write_str("the connection was closed"),
            Failure::Protocol(what) => write!(f, "not understood: {what}"),
            Failure::Io(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Failure {}

impl From<std::io::Error> for Failure {
    /// The system's word for it, without numbers that differ between systems.
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::ConnectionRefused => Failure::Refused,
            ErrorKind::TimedOut => Failure::TimedOut("connection"),
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::UnexpectedEof
            | ErrorKind::NotConnected => Failure::Closed,
            ErrorKind::HostUnreachable => Failure::Io("the host is unreachable".into()),
            ErrorKind::NetworkUnreachable => Failure::Io("the network is unreachable".into()),
            kind => Failure::Io(kind.to_string()),
        }
    }
}

/// The network as one target sees it. Cheap to clone; all clones share the resolver and the roots.
#[derive(Debug, Clone)]
pub struct Net {
    shared: Arc<Shared>,
    deadline: Option<Instant>,
}

struct Shared {
    options: Options,
    resolver: OnceLock<Result<TokioResolver, Failure>>,
    roots: OnceLock<Arc<RootCertStore>>,
    kept: Arc<Mutex<Kept>>,
}

/// What protocols keep for the run.
type Kept = Vec<Arc<dyn Any + Send + Sync>>;

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Net {
    /// The network under these options. Opens nothing.
    pub fn new(options: Options) -> Self {
        Self::with(options, Arc::default())
    }

    /// The same network for another thread: what is kept for the run is one, and so are its limits. The resolver is
    /// another, since it lives on the thread that asks it.
    #[must_use]
    pub fn beside(&self) -> Net {
        Self::with(self.options().clone(), Arc::clone(&self.shared.kept))
    }

    fn with(options: Options, kept: Arc<Mutex<Kept>>) -> Self {
        let shared = Shared { options, resolver: OnceLock::new(), roots: OnceLock::new(), kept };
        Self { shared: Arc::new(shared), deadline: None }
    }

    /// How it may be used.
    pub fn options(&self) -> &Options {
        &self.shared.options
    }

    /// The same network for one target, whose [`BUDGET`] starts now.
    #[must_use]
    pub fn for_target(&self) -> Net {
        let deadline = Instant::now().checked_add(self.options().timeout.saturating_mul(BUDGET));
        Net { shared: Arc::clone(&self.shared), deadline }
    }

    /// Whether the target's time is up.
    pub fn is_over(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// The future's value, unless it takes longer than the timeout, or than what is left of the target's time.
    /// `doing` says what took so long: "TLS handshake".
    ///
    /// # Errors
    /// [`Failure::TimedOut`].
    pub async fn within<T>(&self, doing: &'static str, future: impl Future<Output = T>) -> Result<T, Failure> {
        let alone = Instant::now().checked_add(self.options().timeout);
        let until = match (alone, self.deadline) {
            (Some(alone), Some(deadline)) => alone.min(deadline),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => return Ok(future.await),
        };
        tokio::time::timeout_at(until, future).await.map_err(|_| Failure::TimedOut(doing))
    }

    /// Whether this address may be reached.
    ///
    /// # Errors
    /// [`Failure::Private`].
    pub fn permit(&self, address: IpAddr) -> Result<(), Failure> {
        if self.options().allow_private || address::kind(address).is_none() {
            Ok(())
        } else {
            Err(Failure::Private(address))
        }
    }

    /// The addresses of a host that may be reached, sorted, without repetition. The host may be an address itself.
    ///
    /// # Errors
    /// The name has none, or none that may be reached.
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Failure> {
        let all = match host.trim_matches(['[', ']']).parse() {
            Ok(address) => vec![address],
            Err(_) => self.within("name look-up", resolve::addresses(self, host)).await??,
        };
        let refused = all.iter().find_map(|address| self.permit(*address).err());
        let mut open: Vec<IpAddr> = all.into_iter().filter(|address| self.permit(*address).is_ok()).collect();
        open.sort_unstable();
        open.dedup();
        match refused {
            Some(refused) if open.is_empty() => Err(refused),
            _ => Ok(open),
        }
    }

    /// A connection to exactly this address, through the proxy when there is one. `host` is only told.
    ///
    /// # Errors
    /// The address may not be reached, nobody answers, or not in time.
    pub async fn connect(&self, _host: &str, address: SocketAddr) -> Result<TcpStream, Failure> {
        self.permit(address.ip())?;
        match &self.options().proxy {
            None => self.within("connection", connect::direct(address)).await?,
            Some(proxy) => self.within("connection through the proxy", connect::through(self, proxy, address)).await?,
        }
    }

    /// The authorities that count: Mozilla's, and those of `--ca`.
    pub fn roots(&self) -> Arc<RootCertStore> {
        Arc::clone(self.shared.roots.get_or_init(|| {
            let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            roots.add_parsable_certificates(self.options().authorities.iter().cloned());
            Arc::new(roots)
        }))
    }

    /// What a protocol keeps for all targets of the run, one of each type, made when it is first asked for.
    pub fn share<T: Any + Default + Send + Sync>(&self) -> Arc<T> {
        let mut kept = self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.iter().find_map(|one| Arc::clone(one).downcast::<T>().ok()) {
            return found;
        }
        let new = Arc::new(T::default());
        kept.push(Arc::clone(&new) as Arc<dyn Any + Send + Sync>);
        new
    }

    /// Who looks names up: `--resolver`, else the system's name servers.
    ///
    /// # Errors
    /// The system names none.
    pub fn resolver(&self) -> Result<&TokioResolver, Failure> {
        self.shared.resolver.get_or_init(|| resolve::resolver(self.options())).as_ref().map_err(Clone::clone)
    }

    /// The name servers to ask: `--resolver`, else the system's, as they stand there.
    ///
    /// # Errors
    /// The system names none.
    pub fn name_servers(&self) -> Result<Vec<SocketAddr>, Failure> {
        resolve::name_servers(self.options())
    }
}

#[cfg(test)]
mod tests;
