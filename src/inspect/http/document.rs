//! What was seen of an HTTP target, as its transcript says it. Nodes know their places.
//!
//! ```yaml
//! seaworthy: transcript/1
//! protocol: http
//! endpoint: https://shop.example.com/health
//! target:                        # what the policy asks, in its words
//!   url: https://shop.example.com/health
//!   status: 200
//! observed:
//!   failure: refused             # in place of the rest when nothing was reached
//!   addresses:                   # every address of the host that may be asked
//!     - 192.0.2.10
//!   exchanges:                   # one a request, in the order they were made
//!     - probe: main              # why it was made: `Probe`
//!       url: https://shop.example.com/health
//!       address: 192.0.2.10
//!       origin: https://…        # the `Origin` that was sent
//!       certificate: trusted     # or why not
//!       failure: timed out …     # in place of what follows
//!       reached: false           # beside a failure: no connection was made
//!       version: HTTP/2
//!       status: 200
//!       milliseconds: 41         # until the head of the answer was there
//!       headers:                 # in order, repeated ones kept; no secret in them
//!         - content-type: application/json
//!         - set-cookie: sid=(32 characters); Path=/; Secure
//!       body:
//!         bytes: 61
//!         cut: true              # there was more
//!         digest: sha256:…
//!         json: valid            # or `invalid`; absent when it does not say that it is JSON
//!         health: UP             # what it says of itself as a whole, if it is one of the usual words
//!         fields:                # those that the target names
//!           version: 1.4.2
//!         components:            # those that say how they are in one of the usual words
//!           db: UP
//!         texts:                 # those that the target names: whether they are there
//!           - text: Sign in
//!             found: true
//!         shows:                 # what it looks like: `Mark`
//!           - directory-listing
//!         meta:                  # of a page: what stands in for headers
//!           - content-security-policy: default-src 'self'
//!         loads:                 # of a page: what comes from elsewhere, or without encryption
//!           - kind: script
//!             url: https://cdn.example.net/x.js
//!             integrity: true
//!         scripts: 3             # of a page: how many script elements it has
//! ```

use crate::syntax::tree::Node;

/// Why a request was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Probe {
    /// The target's URL.
    Main,
    /// A redirect of `Main`, on the same host.
    Follow,
    /// The target's URL once more.
    Again,
    /// The target's URL, offering to take a compressed answer.
    Compressed,
    /// The same host and path without TLS.
    Plain,
    /// A redirect of `Plain`, on the same host.
    PlainFollow,
    /// A path that is not there.
    Missing,
    /// What another origin may do.
    Cors,
    /// What another origin may read at once, without asking first.
    CorsGet,
    /// What the origin `null` may do.
    CorsNull,
    /// The method TRACE.
    Trace,
    /// The target's URL at another of its addresses.
    Address,
    /// A path that must not be open.
    Closed,
}

impl Probe {
    /// Every probe with its word in transcripts.
    pub const WORDS: [(Probe, &'static str); 13] = [
        (Probe::Main, "main"),
        (Probe::Follow, "follow"),
        (Probe::Again, "again"),
        (Probe::Compressed, "compressed"),
        (Probe::Plain, "plain"),
        (Probe::PlainFollow, "plain-follow"),
        (Probe::Missing, "missing"),
        (Probe::Cors, "cors"),
        (Probe::CorsGet, "cors-get"),
        (Probe::CorsNull, "cors-null"),
        (Probe::Trace, "trace"),
        (Probe::Address, "address"),
        (Probe::Closed, "closed"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(probe, _)| *probe == self).map_or("", |(_, word)| word)
    }

    /// The probe of that word.
    pub fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, known)| *known == word).map(|(probe, _)| *probe)
    }
}

/// A transcript.
#[derive(Debug, Default)]
pub struct Document<'t> {
    /// The URL.
    pub endpoint: Option<Node<'t>>,
    /// What the policy asks.
    pub target: Target<'t>,
    /// Why nothing was seen.
    pub failure: Option<Node<'t>>,
    /// Every address of the host.
    pub addresses: Vec<Node<'t>>,
    /// The requests, in order.
    pub exchanges: Vec<Exchange<'t>>,
}

/// What the policy asks of it.
#[derive(Debug, Default)]
pub struct Target<'t> {
    /// The status that it must answer with.
    pub status: Option<Node<'t>>,
    /// The longest time to answer.
    pub max_latency: Option<Node<'t>>,
    /// The type that the answer must have.
    pub content_type: Option<Node<'t>>,
    /// `page`, `api` or `health`.
    pub kind: Option<Node<'t>>,
    /// `strict` or `off`.
    pub headers: Option<Node<'t>>,
    /// Fields that the JSON answer must have.
    pub json: Vec<(Node<'t>, Node<'t>)>,
    /// Headers that the answer must have.
    pub expect_headers: Vec<(Node<'t>, Node<'t>)>,
    /// Texts that must be in the answer.
    pub contains: Vec<Node<'t>>,
    /// Texts that must not be in it.
    pub lacks: Vec<Node<'t>>,
}

/// A request and what came of it.
#[derive(Debug)]
pub struct Exchange<'t> {
    /// Why it was made.
    pub probe: Probe,
    /// Its word: where the exchange stands when nothing better is there.
    pub at: Node<'t>,
    /// The URL.
    pub url: Option<Node<'t>>,
    /// The address that was asked.
    pub address: Option<Node<'t>>,
    /// The `Origin` that was sent.
    pub origin: Option<Node<'t>>,
    /// `trusted`, or why the certificate is not.
    pub certificate: Option<Node<'t>>,
    /// Why there is no answer.
    pub failure: Option<Node<'t>>,
    /// Whether there was a connection.
    pub reached: bool,
    /// `HTTP/1.1`, `HTTP/2`.
    pub version: Option<Node<'t>>,
    /// The status.
    pub status: Option<Node<'t>>,
    /// How long the head of the answer took.
    pub milliseconds: Option<Node<'t>>,
    /// The headers, in order; the names in lower case.
    pub headers: Vec<Header<'t>>,
    /// The body.
    pub body: Body<'t>,
}

/// A header.
#[derive(Debug, Clone, Copy)]
pub struct Header<'t> {
    /// Its name, in lower case.
    pub name: Node<'t>,
    /// Its value.
    pub value: Node<'t>,
}

/// What was kept of a body.
#[derive(Debug, Default)]
pub struct Body<'t> {
    /// How long it is, as far as it was read.
    pub bytes: Option<Node<'t>>,
    /// There was more.
    pub cut: bool,
    /// Its digest.
    pub digest: Option<Node<'t>>,
    /// `valid` or `invalid`.
    pub json: Option<Node<'t>>,
    /// What it says of itself.
    pub health: Option<Node<'t>>,
    /// Fields that the target names.
    pub fields: Vec<(Node<'t>, Node<'t>)>,
    /// Components and how they are.
    pub components: Vec<(Node<'t>, Node<'t>)>,
    /// Texts that the target names, and whether they are there.
    pub texts: Vec<(Node<'t>, bool)>,
    /// What it looks like.
    pub shows: Vec<Node<'t>>,
    /// What stands in for headers.
    pub meta: Vec<Header<'t>>,
    /// What the page loads from elsewhere, or without encryption.
    pub loads: Vec<Load<'t>>,
    /// How many script elements it has.
    pub scripts: Option<i64>,
    /// Whether a script of the own origin has a digest.
    pub own_integrity: bool,
}

/// Something that a page loads.
#[derive(Debug, Clone, Copy)]
pub struct Load<'t> {
    /// `script`, `style`, `frame`, `image`, `media`, `form`.
    pub kind: &'t str,
    /// From where, as written.
    pub url: Node<'t>,
    /// Whether its digest stands beside it.
    pub integrity: bool,
}

impl<'t> Document<'t> {
    /// The first exchange that was made for `probe`.
    pub fn first(&self, probe: Probe) -> Option<&Exchange<'t>> {
        self.exchanges.iter().find(|exchange| exchange.probe == probe)
    }

    /// The exchanges that were made for one of `probes`, in order.
    pub fn of<'d>(&'d self, probes: &'d [Probe]) -> impl DoubleEndedIterator<Item = &'d Exchange<'t>> {
        self.exchanges.iter().filter(|exchange| probes.contains(&exchange.probe))
    }
}

impl<'t> Exchange<'t> {
    /// The values of the header, in order.
    pub fn all<'d>(&'d self, name: &'d str) -> impl Iterator<Item = Node<'t>> + 'd {
        self.headers.iter().filter(move |header| header.name.text() == name).map(|header| header.value)
    }

    /// The first value of the header.
    pub fn header(&self, name: &str) -> Option<Node<'t>> {
        self.headers.iter().find(|header| header.name.text() == name).map(|header| header.value)
    }

    /// The status as a number.
    pub fn code(&self) -> Option<i64> {
        self.status.and_then(Node::as_int)
    }

    /// The URL as text.
    pub fn url_text(&self) -> &'t str {
        self.url.map_or("", Node::text)
    }

    /// Where it sends on to, if it does.
    pub fn location(&self) -> Option<Node<'t>> {
        matches!(self.code(), Some(301 | 302 | 303 | 307 | 308)).then(|| self.header("location"))?
    }

    /// The type of the body without parameters, in lower case.
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?.text();
        Some(value.split(';').next().unwrap_or(value).trim().to_ascii_lowercase())
    }

    /// Whether it is a page.
    pub fn is_html(&self) -> bool {
        matches!(self.media_type().as_deref(), Some("text/html" | "application/xhtml+xml"))
    }

    /// Whether it says that it is JSON.
    pub fn is_json(&self) -> bool {
        self.media_type().is_some_and(|media| is_json(&media))
    }

    /// Where to point when a header is missing.
    pub fn place(&self) -> Node<'t> {
        self.status.or(self.failure).or(self.url).unwrap_or(self.at)
    }
}

/// Whether a media type is JSON.
pub fn is_json(media: &str) -> bool {
    media == "application/json" || media == "text/json" || media.ends_with("+json")
}
