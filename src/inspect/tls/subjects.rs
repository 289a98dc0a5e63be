//! What rules may ask of certificates, keys and endpoints.

use crate::fact::Type;

crate::subject! {
    /// A certificate: in a file, in a Kubernetes Secret, or as an endpoint sent it. Stands at the first line of its block,
    /// or at the key of the Secret. Points in time are written like `2027-01-31T00:00:00Z`.
    pub struct Certificate: "tls.certificate" {
        /// What a person calls it: its first name, else its common name, else its subject.
        name: Type::String,
        /// Whose it is.
        subject: Type::String,
        /// SHA-256 of all of it, in hexadecimal digits.
        fingerprint: Type::String,
        /// Who signed it.
        issuer: Type::String,
        /// `leaf` (a server's), `intermediate`, `root` or `other` (in a file that holds no server's chain).
        position: Type::String,
        /// Whether it is a server's.
        is_leaf: Type::Bool,
        /// Whether an endpoint sent it.
        is_served: Type::Bool,
        /// Whether users meet it, as far as anything shows: an endpoint sent it, or neither its file nor its names say that
        /// it is for tests and examples.
        is_deployed: Type::Bool,
        /// Whether it lies in a Kubernetes Secret.
        is_in_secret: Type::Bool,
        /// Whether an authority that browsers know issued it, as far as it shows; private authorities follow their own rules.
        is_public: Type::Bool,
        /// The first second of its validity.
        not_before: Type::String,
        /// The last second of its validity.
        not_after: Type::String,
        /// When it should have been renewed at the latest: a quarter of its lifetime before its end, at most 21 days.
        renew_by: Type::String,
        /// The days that the policy asks for; absent when it asks for none.
        days_demanded: Type::Int,
        /// Its lifetime in whole days, both ends counted.
        lifetime_days: Type::Int,
        /// The lifetime that browsers accept for its day of issue; absent for private authorities.
        allowed_days: Type::Int,
        /// Whether it lives no longer than that.
        is_within_allowed: Type::Bool,
        /// Whether it ends after it begins.
        has_lifetime: Type::Bool,
        /// Whether its key signed it.
        is_self_signed: Type::Bool,
        /// Whether it is marked as an authority.
        is_authority: Type::Bool,
        /// Whether it may sign others: marked as an authority, and its key usage allows it.
        may_sign: Type::Bool,
        /// `RSA`, `EC`, `Ed25519`, …
        key_algorithm: Type::String,
        /// The size of its key; 0 when it is not known.
        key_bits: Type::Int,
        /// The curve of an elliptic key.
        key_curve: Type::String,
        /// Whether its key can be broken: RSA under 2048 bits, a curve under 224, DSA.
        has_weak_key: Type::Bool,
        /// Whether browsers know the kind of its key: RSA, P-256, P-384, P-521.
        has_common_key: Type::Bool,
        /// Whether its RSA exponent is 65537 or more, and odd; absent for other keys.
        has_sound_exponent: Type::Bool,
        /// Whether its RSA modulus could be one: odd, without a small factor; absent for other keys.
        has_sound_modulus: Type::Bool,
        /// How it is signed: `SHA256-RSA`.
        signature: Type::String,
        /// Whether the hash of its signature is broken (MD2, MD5, SHA-1).
        is_weakly_signed: Type::Bool,
        /// Its alternative names.
        names: Type::List(&Type::String),
        /// How many there are.
        name_count: Type::Int,
        /// Whether it has any.
        has_names: Type::Bool,
        /// Its common name; absent when it has none.
        common_name: Type::String,
        /// Whether the common name is covered by its alternative names.
        common_name_is_listed: Type::Bool,
        /// Whether one of its names is a wildcard.
        has_wildcard: Type::Bool,
        /// Wildcards that cover what belongs to many, or stand where none may stand.
        broad_wildcards: Type::List(&Type::String),
        /// Names that nobody can own in public.
        internal_names: Type::List(&Type::String),
        /// Names that no host can have, each with what is wrong.
        impossible_names: Type::List(&Type::String),
        /// Names that stand in it twice.
        repeated_names: Type::List(&Type::String),
        /// Whether the alternative names are critical where the subject is empty.
        marks_names_critical: Type::Bool,
        /// Whether it covers the host of the policy's target; absent for files.
        covers_host: Type::Bool,
        /// The host of the policy's target; absent for files.
        host: Type::String,
        /// 1, 2 or 3.
        version: Type::Int,
        /// The bits of its serial number.
        serial_bits: Type::Int,
        /// Whether its serial number is positive and at most 20 bytes long.
        has_valid_serial: Type::Bool,
        /// Whether it names the uses of its key.
        has_key_usage: Type::Bool,
        /// Whether its key may sign a handshake.
        may_sign_handshakes: Type::Bool,
        /// Whether a server's key may sign certificates.
        may_sign_certificates: Type::Bool,
        /// Its purposes: `serverAuth`, …; absent when it names none.
        purposes: Type::List(&Type::String),
        /// Whether it names purposes.
        has_purposes: Type::Bool,
        /// Whether its purposes allow a server; true when it names none.
        is_for_servers: Type::Bool,
        /// Whether its purposes allow clients too.
        is_for_clients: Type::Bool,
        /// Critical extensions that nobody knows.
        unknown_extensions: Type::List(&Type::String),
        /// Extensions that cannot be read.
        broken_extensions: Type::List(&Type::String),
        /// Whether it names the key of its issuer, or is its own issuer.
        names_issuer_key: Type::Bool,
        /// Whether it says where its revocation can be seen, or lives too short to need it (10 days).
        has_revocation: Type::Bool,
        /// Where its status can be asked.
        ocsp: Type::List(&Type::String),
        /// Whether it says where its issuer can be had.
        has_issuer_address: Type::Bool,
        /// Addresses for revocation and issuer that are not plain `http://`, as they have to be.
        odd_addresses: Type::List(&Type::String),
        /// Whether it demands a stapled status.
        demands_staple: Type::Bool,
        /// Whether transparency logs promised to show it.
        has_log_promises: Type::Bool,
    }

    /// A list of certificates that begins with a server's: a file, or what an endpoint sent. Stands at the first
    /// certificate.
    pub struct Chain: "tls.chain" {
        /// What a person calls the server's certificate.
        name: Type::String,
        /// Whether an endpoint sent it.
        is_served: Type::Bool,
        /// Whether users meet it.
        is_deployed: Type::Bool,
        /// Whether it lies in a Kubernetes Secret.
        is_in_secret: Type::Bool,
        /// Whether an authority that browsers know issued the server's certificate, as far as it shows.
        is_public: Type::Bool,
        /// How many certificates there are.
        length: Type::Int,
        /// Whether the server's certificate comes first; points to the first one.
        begins_with_leaf: Type::Bool,
        /// Certificates that do not stand behind the one that they signed; each points to its block.
        misplaced: Type::List(&Type::String),
        /// Certificates that stand there twice; each points to the second.
        repeated: Type::List(&Type::String),
        /// Certificates that have nothing to do with the first; each points to its block.
        unrelated: Type::List(&Type::String),
        /// Certificates that their issuer in the list did not sign; each points to its block.
        wrongly_signed: Type::List(&Type::String),
        /// Certificates that end after their issuer does; each points to its block.
        outliving: Type::List(&Type::String),
        /// Issuers in the list that may not sign; each points to its block.
        unfit: Type::List(&Type::String),
        /// Issuers that have more authorities below them than they allow; each points to its block.
        too_deep: Type::List(&Type::String),
        /// Whether the root is there; points to it.
        has_root: Type::Bool,
        /// Whether it leads to a root, or to one that a root of Mozilla's store signed; points to the last of the path.
        is_complete: Type::Bool,
        /// Whether the server's certificate is its own issuer.
        is_self_signed: Type::Bool,
        /// The issuer of the last certificate of the path.
        missing: Type::String,
        /// Whether anybody trusts it: Mozilla's roots, or those of `--ca`; absent for files.
        is_trusted: Type::Bool,
        /// Why nobody does; absent when somebody does.
        distrust: Type::String,
        /// Whether that is before the server's certificate ends; absent for files, and when nobody trusts it.
        ends_early: Type::Bool,
        /// Until when it leads to a trusted root; absent for files, and when nobody trusts it.
        trusted_until: Type::String,
    }

    /// A private key in a file. Stands at the first line of its block.
    pub struct Key: "tls.key" {
        /// `RSA`, `EC`, `Ed25519`, …; unknown when it is encrypted.
        algorithm: Type::String,
        /// Its size.
        bits: Type::Int,
        /// Whether it can be broken; unknown when it is encrypted.
        is_weak: Type::Bool,
        /// Whether a passphrase is needed.
        is_encrypted: Type::Bool,
        /// Whether it is encrypted in the old way, with one round of MD5; points to its first line.
        is_encrypted_badly: Type::Bool,
        /// Whether it is written as PKCS#8.
        is_pkcs8: Type::Bool,
        /// Whether users depend on it, as far as its file shows.
        is_deployed: Type::Bool,
    }

    /// A private key beside a certificate: in one file or one Kubernetes Secret, or in two files whose names say that they
    /// belong together. Stands at the key.
    pub struct Pair: "tls.pair" {
        /// What a person calls the certificate.
        name: Type::String,
        /// The file of the certificate.
        certificate_file: Type::String,
        /// Whether the key belongs to the certificate; unknown when the key is encrypted.
        matches: Type::Bool,
        /// Whether both lie in a Kubernetes Secret.
        is_in_secret: Type::Bool,
        /// Whether users depend on them, as far as their files show.
        is_deployed: Type::Bool,
    }

    /// A file for certificates and keys. Stands at its beginning.
    pub struct File: "tls.file" {
        /// Its name.
        name: Type::String,
        /// Whether its name promises a certificate (`.crt`, `.cer`, `.der`).
        promises_certificate: Type::Bool,
        /// How many certificates it holds, those that cannot be read among them.
        certificates: Type::Int,
        /// How many private keys it holds.
        keys: Type::Int,
        /// What it holds beside certificates and keys, as its blocks say.
        others: Type::List(&Type::String),
        /// Whether it begins with a byte order mark, behind which many programs find no certificate.
        has_byte_order_mark: Type::Bool,
        /// Whether it holds certificates of authorities only: a store of roots.
        is_store: Type::Bool,
        /// Whether users depend on it, as far as it shows.
        is_deployed: Type::Bool,
    }

    /// A PKCS#12 key store: a file, a PEM block, or an entry of a Kubernetes Secret. What is in it is judged like the
    /// certificates and keys of other files, as far as a password that everybody tries first opens it; no other is tried.
    pub struct Store: "tls.store" {
        /// The name of its file, or of the entry.
        name: Type::String,
        /// Whether it opens without a password or with one that everybody tries first (`changeit`, `password`, …); unknown
        /// when not all of those could be tried.
        is_known_password: Type::Bool,
        /// What opens it: `no password`, `a password that everybody tries first`; absent when nothing did.
        opens_with: Type::String,
        /// Whether it holds a private key; unknown when it was not opened and does not show it.
        holds_key: Type::Bool,
        /// Whether every certificate in it is signed with its own key, as those for trying out are; absent when none is seen.
        is_self_made: Type::Bool,
        /// Whether a private key lies in it without encryption.
        has_bare_key: Type::Bool,
        /// What encrypts its first private key: `AES-256`, `3DES`, `40-bit RC2`, …
        key_cipher: Type::String,
        /// Whether a private key is encrypted with a cipher that is undone without the password: DES, RC4, RC2 with 40 or
        /// 64 bits.
        has_weak_cipher: Type::Bool,
        /// The fewest rounds that make a key of the password, for private keys.
        rounds: Type::Int,
        /// Whether it shows that it was changed: a checksum with the password.
        has_mac: Type::Bool,
        /// Whether it lies in a Kubernetes Secret.
        is_in_secret: Type::Bool,
        /// Whether users depend on it, as far as its file and its certificates show.
        is_deployed: Type::Bool,
    }

    /// A block of a file that cannot be read. Stands at its first line.
    pub struct Broken: "tls.broken" {
        /// What it says it is: `CERTIFICATE`.
        label: Type::String,
        /// What is wrong with it.
        mistake: Type::String,
        /// Whether it can be read; always false.
        is_readable: Type::Bool,
        /// Whether an endpoint sent it.
        is_served: Type::Bool,
        /// Whether users depend on it, as far as its file shows.
        is_deployed: Type::Bool,
    }

    /// A request for a certificate. Stands at the first line of its block.
    pub struct Request: "tls.request" {
        /// Whose certificate it asks for.
        subject: Type::String,
        /// Whether its key can be broken.
        has_weak_key: Type::Bool,
        /// The size of its key.
        key_bits: Type::Int,
        /// Whether it is signed with a hash that is broken.
        is_weakly_signed: Type::Bool,
        /// Whether it asks for an alternative name.
        has_names: Type::Bool,
        /// Whether users depend on it, as far as its file shows.
        is_deployed: Type::Bool,
    }

    /// An endpoint that begins without TLS and offers it by a command. Stands at what its first address showed.
    pub struct Upgrade: "tls.upgrade" {
        /// `host:port`.
        name: Type::String,
        /// `smtp`, `imap`, `pop3`, `ldap`, `postgres` or `mysql`.
        protocol: Type::String,
        /// Whether every address offers it; points to the first that does not.
        is_offered: Type::Bool,
    }

    /// An endpoint that speaks TLS, all its addresses taken together. Stands at its first address. What was not seen is
    /// unknown, or absent where a client of today got no connection.
    pub struct Endpoint: "tls.endpoint" {
        /// `host:port`.
        name: Type::String,
        /// The host that the policy names.
        host: Type::String,
        /// The port.
        port: Type::Int,
        /// `smtp`, …; absent when TLS begins at once.
        starttls: Type::String,
        /// Whether it speaks SSL 3.
        speaks_ssl3: Type::Bool,
        /// Whether it speaks TLS 1.0.
        speaks_tls10: Type::Bool,
        /// Whether it speaks TLS 1.1.
        speaks_tls11: Type::Bool,
        /// Whether it speaks TLS 1.2.
        speaks_tls12: Type::Bool,
        /// Whether it speaks TLS 1.3.
        speaks_tls13: Type::Bool,
        /// Whether it accepts suites without encryption.
        accepts_null: Type::Bool,
        /// Whether it accepts suites without a certificate.
        accepts_anonymous: Type::Bool,
        /// Whether it accepts suites of 40 or 56 bits: export, DES, RC2.
        accepts_weak: Type::Bool,
        /// Whether it accepts RC4.
        accepts_rc4: Type::Bool,
        /// Whether it accepts ciphers with blocks of 64 bits: 3DES, IDEA.
        accepts_small_blocks: Type::Bool,
        /// Whether it accepts suites with CBC.
        accepts_cbc: Type::Bool,
        /// Whether it accepts an authenticated cipher (AES-GCM, ChaCha20): TLS 1.3, or such a suite of TLS 1.2.
        accepts_modern: Type::Bool,
        /// Whether it accepts key exchange by RSA encryption.
        accepts_static_rsa: Type::Bool,
        /// Whether it accepts an exchange with forward secrecy.
        accepts_forward_secrecy: Type::Bool,
        /// The bits of the group of a finite-field exchange; absent when it accepts none.
        dh_bits: Type::Int,
        /// Whether it compresses; absent when that was not tried.
        compresses: Type::Bool,
        /// Whether renegotiation is bound to the connection; absent when TLS 1.2 is not spoken.
        renegotiates_safely: Type::Bool,
        /// Whether a client of today gets a connection; points to why not.
        serves_modern_clients: Type::Bool,
        /// Why not; absent when it does.
        refusal: Type::String,
        /// What a client of today agrees on: `TLS 1.3`.
        version: Type::String,
        /// The protocol agreed by ALPN; empty when none was.
        alpn: Type::String,
        /// Whether a client certificate is asked for.
        asks_for_client: Type::Bool,
        /// Whether the certificate demands a stapled status.
        demands_staple: Type::Bool,
        /// Whether the certificate says where its status can be asked.
        has_ocsp: Type::Bool,
        /// Whether a status is stapled.
        has_staple: Type::Bool,
        /// What the stapled status says: `good`, `revoked`, `unknown`, `unreadable`; absent when none is stapled.
        staple: Type::String,
        /// Until when it counts.
        staple_until: Type::String,
        /// What a client that names no server gets: `same`, `other` or `none` certificate.
        without_name: Type::String,
        /// Whether all addresses send the same certificate; points to the first that does not.
        agrees_on_certificate: Type::Bool,
        /// Whether all addresses speak the same versions; points to the first that does not.
        agrees_on_versions: Type::Bool,
        /// Addresses that could not be reached while others could; each points to its failure.
        unreachable: Type::List(&Type::String),
        /// How many addresses were tried.
        addresses: Type::Int,
    }
}
