//! What this inspector reads: files with certificates and keys, and what was seen at an endpoint. All of it is owned, for
//! what stands in a certificate stands in no text. No private key is kept, only what it shows of itself.

use std::net::IpAddr;
use std::ops::Range;

use crate::span::Span;

/// A source.
#[derive(Debug)]
pub enum Document {
    /// A file of the repository.
    File(File),
    /// What was seen at an endpoint.
    Transcript(Box<Transcript>),
}

/// A file that holds certificates, keys and what belongs to them, or a Kubernetes Secret with them.
#[derive(Debug, Default)]
pub struct File {
    /// What it holds, in order.
    pub items: Vec<Item>,
    /// Whether there is more of it than is read.
    pub is_cut: bool,
    /// A container that is not opened, or is a key store: `PKCS#7`, `JKS`, `PKCS#12`.
    pub container: Option<&'static str>,
    /// Rounds of hashing that may be spent on each key store in it.
    pub rounds: u64,
}

/// One thing in a file.
#[derive(Debug)]
pub struct Item {
    /// Where it stands: the first line of its block, or the key of a Secret.
    pub place: Range<usize>,
    /// What it says it is: `CERTIFICATE`.
    pub label: String,
    /// The Secret that holds it; things are a pair only with those of the same group.
    pub group: usize,
    /// The list that it stands in: the file, or one key of a Secret.
    pub list: usize,
    /// What it is, or why that cannot be told.
    pub content: Result<Content, String>,
}

/// What a thing in a file is.
#[derive(Debug)]
pub enum Content {
    /// A certificate.
    Certificate(Box<Certificate>),
    /// A private key.
    Key(Key),
    /// A request for a certificate.
    Request(Box<Request>),
    /// A key store; what was found in it stands behind it.
    Store(Box<Store>),
    /// Anything else that belongs here: a public key, parameters, a revocation list.
    Other,
}

/// A request for a certificate.
#[derive(Debug)]
pub struct Request {
    /// Its subject.
    pub subject: String,
    /// The key that it asks for.
    pub key: PublicKey,
    /// Whether it is signed with a hash that is broken.
    pub is_weakly_signed: bool,
    /// Whether it asks for any alternative name.
    pub has_names: bool,
}

/// What a private key shows of itself.
#[derive(Debug)]
pub struct Key {
    /// Whether a passphrase is needed.
    pub is_encrypted: bool,
    /// The cipher that an old header names: `DES-EDE3-CBC`.
    pub old_cipher: Option<String>,
    /// Its public half; absent when it is encrypted or of a kind that is not read.
    pub public: Option<PublicKey>,
}

/// A PKCS#12 key store.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Store {
    /// What opens it, when that is known to everybody; never the password itself.
    pub opens_with: Option<&'static str>,
    /// Whether every password that everybody tries first was tried, or one of them opened it.
    pub was_tried: bool,
    /// Why it, or a part of it, was not opened.
    pub closed: Option<String>,
    /// Whether what was not opened may hold keys.
    pub hides_more: bool,
    /// Whether it holds a private key; absent when that cannot be told.
    pub holds_key: Option<bool>,
    /// Whether a private key lies in it without encryption.
    pub has_bare_key: bool,
    /// What encrypts its first private key.
    pub key_cipher: Option<String>,
    /// Whether a private key is encrypted with a cipher that is undone without the password.
    pub has_weak_cipher: bool,
    /// The fewest rounds that make a key of the password.
    pub rounds: Option<u32>,
    /// Whether it shows that it was changed.
    pub has_mac: bool,
    /// What is wrong with certificates in it that cannot be read.
    pub broken: Vec<String>,
}

impl Store {
    /// Why it was not read as a whole, as a sentence.
    pub fn fault(&self) -> Option<String> {
        let why = self.closed.as_ref()?;
        Some(format!("the PKCS#12 key store was not opened, or not all of it: {why}"))
    }
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PublicKey {
    /// `RSA`, `EC`, `Ed25519`, `Ed448`, `DSA`, or an object identifier.
    pub algorithm: String,
    /// Its size; 0 when it is not known.
    pub bits: u32,
    /// The curve, by its usual name: `P-256`.
    pub curve: Option<String>,
    /// The exponent of RSA; absent when it is longer than 64 bits.
    pub exponent: Option<u64>,
    /// Modulus of RSA, point of a curve: what tells one key from another.
    pub material: Vec<u8>,
}

/// A certificate.
#[derive(Debug, Default)]
pub struct Certificate {
    /// All of it.
    pub der: Vec<u8>,
    /// Whose it is, as text.
    pub subject: String,
    /// Who signed it, as text.
    pub issuer: String,
    /// The organisation that signed it.
    pub issuer_organization: Option<String>,
    /// Subject and issuer as they are encoded.
    pub raw_subject: Vec<u8>,
    /// The issuer as it is encoded.
    pub raw_issuer: Vec<u8>,
    /// Common names of the subject.
    pub common_names: Vec<String>,
    /// Alternative names; absent without the extension.
    pub names: Option<Vec<Name>>,
    /// Whether the alternative names are marked as critical.
    pub names_are_critical: bool,
    /// The first second of its validity, since 1970.
    pub not_before: i64,
    /// The last second of its validity, since 1970.
    pub not_after: i64,
    /// The serial number as it is encoded.
    pub serial: Vec<u8>,
    /// 1, 2 or 3.
    pub version: u32,
    /// How it is signed: `SHA256-RSA`, or an object identifier.
    pub signature: String,
    /// Whether the hash of the signature is broken.
    pub is_weakly_signed: bool,
    /// Its key.
    pub key: PublicKey,
    /// What the basic constraints say, and whether they are there.
    pub is_ca: Option<bool>,
    /// How many authorities may stand below it.
    pub path_length: Option<u32>,
    /// The bits of keyUsage.
    pub key_usage: Option<u16>,
    /// Purposes: `serverAuth`, `clientAuth`, …, or object identifiers.
    pub purposes: Option<Vec<String>>,
    /// Critical extensions that nobody knows.
    pub unknown_critical: Vec<String>,
    /// Extensions that cannot be read.
    pub broken_extensions: Vec<String>,
    /// The key identifier of its issuer.
    pub authority_key: Option<Vec<u8>>,
    /// Its own key identifier.
    pub subject_key: Option<Vec<u8>>,
    /// Where its status can be asked.
    pub ocsp: Vec<String>,
    /// Where its issuer can be had.
    pub issuers_at: Vec<String>,
    /// Where revocation lists are.
    pub revocation_lists: Vec<String>,
    /// How many certificate transparency logs promised to show it.
    pub log_promises: usize,
    /// Whether it demands a stapled status.
    pub must_staple: bool,
    /// Whether a policy of the CA/Browser Forum is among its policies.
    pub names_public_policy: bool,
    /// Whether it narrows the names below it.
    pub has_name_constraints: bool,
    /// Whether it is signed with its own key; absent when the algorithm is not known.
    pub is_self_signed: Option<bool>,
}

/// An alternative name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// A DNS name as written.
    Dns(String),
    /// An address.
    Ip(IpAddr),
    /// Another kind, or one that cannot be read.
    Other(String),
}

impl Certificate {
    /// The seconds that it is valid, both ends counted.
    pub fn lifetime(&self) -> i64 {
        self.not_after.saturating_sub(self.not_before).saturating_add(1)
    }

    /// Whether it may sign certificates.
    pub fn may_sign(&self) -> bool {
        self.is_ca == Some(true) || (self.version < 3 && self.raw_subject == self.raw_issuer)
    }

    /// DNS names as written.
    pub fn dns_names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().flatten().filter_map(|name| match name {
            Name::Dns(name) => Some(name.as_str()),
            _ => None,
        })
    }
}

/// What was seen at an endpoint: an entry an address. Whatever was not seen is absent.
#[derive(Debug)]
pub struct Transcript {
    /// The `observed` part's key.
    pub span: Span,
    /// `host:port`.
    pub endpoint: String,
    /// The host that the policy names.
    pub host: String,
    /// The least days that the policy asks for.
    pub days: Option<i64>,
    /// The protocol before TLS, when the policy names one.
    pub starttls: Option<String>,
    /// Why nothing was reached.
    pub failure: Option<(String, Span)>,
    /// What each address showed.
    pub addresses: Vec<Seen>,
}

/// What an address showed.
#[derive(Debug)]
pub struct Seen {
    /// The address; stands at its line.
    pub address: Field<String>,
    /// Why it was not reached, or TLS could not be begun.
    pub failure: Option<Field<String>>,
    /// Whether the protocol before TLS offers the upgrade.
    pub offers_starttls: Option<Field<bool>>,
    /// What was agreed with a client of today: version, suite, group, protocol.
    pub version: Option<Field<String>>,
    /// The suite.
    pub cipher: Option<Field<String>>,
    /// The protocol agreed by ALPN: `h2`; empty when none was.
    pub alpn: Option<Field<String>>,
    /// Why a client of today gets no connection.
    pub handshake_failure: Option<Field<String>>,
    /// Whether a client certificate was asked for.
    pub asks_client: Option<Field<bool>>,
    /// `none`, or the status of the stapled answer: `good`, `revoked`, `unknown`, `unreadable`.
    pub staple: Option<Field<String>>,
    /// Until when the stapled answer counts.
    pub staple_until: Option<Field<String>>,
    /// Versions by name, and whether each is spoken.
    pub versions: Vec<(String, Field<bool>)>,
    /// Kinds of suites by name, and whether each is accepted.
    pub ciphers: Vec<(String, Field<bool>)>,
    /// The size of the group of a finite-field exchange.
    pub dh_bits: Option<Field<i64>>,
    /// Whether the connection compresses.
    pub compresses: Option<Field<bool>>,
    /// Whether renegotiation is bound to the connection (RFC 5746).
    pub renegotiates_safely: Option<Field<bool>>,
    /// Whether a client without a server name gets the same certificate: `same`, `other`, `none`.
    pub without_name: Option<Field<String>>,
    /// Who trusts the chain: `public`, `own`, `nobody`.
    pub trust: Option<Field<String>>,
    /// Until when the chain leads to a trusted root.
    pub trusted_until: Option<Field<String>>,
    /// Why nobody trusts it.
    pub distrust: Option<Field<String>>,
    /// The certificates as sent, each at the first line of its block.
    pub chain: Vec<(Result<Certificate, String>, Span)>,
    /// Whether the server sent more certificates than are kept.
    pub chain_is_cut: bool,
}

/// A value of a transcript with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}
