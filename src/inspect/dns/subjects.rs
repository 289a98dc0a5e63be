//! What the dns inspector states facts about. Zone files and transcripts give the same subjects wherever both can know.

use crate::fact::Type;

crate::subject! {
    /// A piece of a zone file, or a record of an answer, that cannot be read. Stands at what is wrong with it.
    pub struct Line: "dns.line" {
        /// Whether it can be read; always false.
        is_readable: Type::Bool,
        /// `syntax`, `directive`, `type`, `name`, `length`, `address`, `number`, `text`, `encoding` or `time`.
        problem: Type::String,
        /// What is wrong, as a sentence without its end.
        message: Type::String,
        /// Whether it stands in a zone file, where it keeps the zone from loading.
        is_in_file: Type::Bool,
    }

    /// A zone: a zone file, or what its servers say of it. Stands at its SOA, without one at the first record.
    pub struct Zone: "dns.zone" {
        /// Its name; absent when the file leaves it to the server's configuration.
        name: Type::String,
        /// Whether this is a file, and not what was seen from outside.
        is_file: Type::Bool,
        /// Whether the file begins with a byte order mark; points to the first record.
        has_byte_order_mark: Type::Bool,
        /// How many SOA records there are; points to the second one.
        authorities: Type::Int,
        /// Whether a file without SOA has NS records of its own, so that it is no part of another file.
        is_whole: Type::Bool,
        /// Whether every record has a TTL that is written down: `$TTL`, or one at the first record; points to the first record.
        has_ttl: Type::Bool,
        /// SOA: version of the zone.
        serial: Type::Int,
        /// SOA: seconds between looks at the primary server.
        refresh: Type::Int,
        /// SOA: seconds between attempts after a look that failed.
        retry: Type::Int,
        /// SOA: seconds after which a secondary server stops answering.
        expire: Type::Int,
        /// SOA: seconds that "there is no such name" may be kept.
        minimum: Type::Int,
        /// SOA: the primary server.
        primary: Type::String,
        /// SOA: who answers for the zone, as written.
        contact: Type::String,
        /// Whether the contact reads as a mailbox: no `@`, a name before the domain; points to it.
        has_mailbox: Type::Bool,
        /// The names of its servers, from its own NS records; points to the last of them. Unknown when not seen.
        servers: Type::List(&Type::String),
        /// Whether the addresses of all its servers lie in one network (/24, /48); absent when they are not known; points
        /// to the last NS record.
        has_one_network: Type::Bool,
        /// Servers with an address that an earlier server has too; each points to its NS record.
        doubled: Type::List(&Type::String),
        /// Servers that the zone above names and this zone does not.
        only_above: Type::List(&Type::String),
        /// Servers that this zone names and the zone above does not.
        only_here: Type::List(&Type::String),
        /// The serials that its servers gave, each once, when they differ.
        serials: Type::List(&Type::String),
        /// Whether it has keys: DNSKEY records.
        is_signed: Type::Bool,
        /// Whether the zone above has a DS record for it; absent when nobody asked.
        has_digest: Type::Bool,
        /// Whether one of these DS records belongs to a key; absent when there is none, or nobody asked.
        digest_matches: Type::Bool,
        /// `secure`, `insecure`, `bogus`, or `unknown`, as a validating resolver says; absent in a file.
        validation: Type::String,
        /// What the resolver said about it: extended errors, joined.
        explanation: Type::String,
        /// Whether the policy demands that it is signed.
        is_signature_demanded: Type::Bool,
        /// NSEC3: further rounds of hashing; absent without NSEC3.
        hash_rounds: Type::Int,
        /// NSEC3: bytes of the salt; absent without NSEC3.
        salt_length: Type::Int,
        /// Whether a name that nobody made up has an answer; absent when nobody asked.
        answers_anything: Type::Bool,
    }

    /// A record of the zone. Stands at its type.
    pub struct Record: "dns.record" {
        /// The name that it belongs to.
        name: Type::String,
        /// Its type; points to it.
        kind: Type::String,
        /// Its data as one line; points to it.
        data: Type::String,
        /// Seconds that it may be kept; absent when nothing says so; points to them, or to the type.
        ttl: Type::Int,
        /// Whether it stands in a zone file.
        is_in_file: Type::Bool,
        /// Whether it is one of the servers, exchangers or addresses at the zone's own name.
        is_at_apex: Type::Bool,
        /// What kind of address it holds: `public`, `private`, `loopback`, `link-local`, `shared`, `documentation`,
        /// `unspecified`, `multicast`, `reserved`; absent without an address; points to it.
        reach: Type::String,
        /// Whether the policy says that the zone is for a private network, or its name does (`.internal`, `.lan`, …).
        is_internal: Type::Bool,
        /// The name that its data points to (NS, MX, SRV, CNAME, …); absent without one; points to it.
        target: Type::String,
        /// Whether that name is written like an address; points to it.
        target_is_address: Type::Bool,
        /// Whether there is such a name; unknown when nobody can know from here; points to the target.
        target_exists: Type::Bool,
        /// Whether that name is an alias; unknown when nobody can know from here; points to the target.
        target_is_alias: Type::Bool,
        /// Whether that name has an address, aliases followed; unknown when nobody can know from here; points to the target.
        target_has_address: Type::Bool,
        /// The service that gives such names to its customers, where anybody can take one that is free; absent for others.
        service: Type::String,
        /// What a name lacks that was meant to be absolute: its final dot; false when it has one, or is short; points to it.
        lacks_final_dot: Type::Bool,
        /// Whether an unquoted `;` makes a comment of the rest of its text; points to the comment.
        is_cut: Type::Bool,
        /// Whether the same record stands there before; points to the type.
        is_double: Type::Bool,
        /// Whether an earlier record of the same name and type has another TTL; points to the TTL or the type.
        has_other_ttl: Type::Bool,
        /// Whether it lies outside of the zone, where no server takes it from this file; points to the name.
        is_outside: Type::Bool,
        /// What keeps it from being served: `delegation`, `dname`, or empty; glue is served; points to the name.
        hidden_by: Type::String,
        /// Whether the name of a host has a character that hosts cannot have; points to the name.
        has_bad_host_name: Type::Bool,
        /// Whether it belongs to a wildcard.
        is_wildcard: Type::Bool,
        /// For DS: whether NS records stand beside it; true for all others.
        has_servers: Type::Bool,
        /// For NS below the apex: whether a server within the delegated zone has its address here; true for all others.
        has_glue: Type::Bool,
        /// For SRV: whether the name begins with a service and a protocol (`_sip._tcp`); true for all others.
        has_service_name: Type::Bool,
        /// For CAA: what is wrong with it; empty when nothing is; points to what is wrong.
        caa_problem: Type::String,
        /// For TLSA: what is wrong with it; empty when nothing is.
        tlsa_problem: Type::String,
        /// For TXT at `_acme-challenge`: left over from an issuance.
        is_challenge: Type::Bool,
        /// The longest that the policy lets addresses be kept before a move; absent when it does not say.
        allowed_ttl: Type::Int,
        /// Whether it is about the target of the policy, or an alias on the way from there.
        is_of_target: Type::Bool,
    }

    /// A name with all its records. Stands at the name.
    pub struct Name: "dns.name" {
        /// The name.
        name: Type::String,
        /// The types of its records, sorted.
        kinds: Type::List(&Type::String),
        /// Whether it is the zone's own name.
        is_apex: Type::Bool,
        /// How many different aliases it has; points to the second one.
        aliases: Type::Int,
        /// Whether other records stand beside an alias (signatures do not count); points to the alias.
        has_alias_beside: Type::Bool,
        /// Whether its aliases come back to where they were; points to the alias.
        loops: Type::Bool,
        /// How many aliases it takes to get to an address.
        chain_length: Type::Int,
        /// The aliases on the way, joined by arrows.
        chain: Type::String,
        /// Whether it is an alias of a name outside of its zone.
        leaves_zone: Type::Bool,
        /// Whether it has an IPv4 address, aliases followed; unknown when nobody can know from here.
        has_ipv4: Type::Bool,
        /// Whether it has an IPv6 address, aliases followed; unknown when nobody can know from here.
        has_ipv6: Type::Bool,
        /// Whether it is the zone's own name, `www`, or the target of the policy: what people type.
        is_front: Type::Bool,
        /// Types without a signature in a signed zone; each points to a record.
        unsigned: Type::List(&Type::String),
        /// Whether CAA records at the name or above were found; unknown when nobody can know from here.
        has_issuers: Type::Bool,
        /// Issuers of the policy that CAA does not allow; each points to the issuer.
        refused_issuers: Type::List(&Type::String),
        /// Whether it has MX records beside one that says that it takes no mail.
        has_null_beside: Type::Bool,
        /// Whether the record that says that it takes no mail has another preference than 0; points to it.
        has_odd_null: Type::Bool,
    }

    /// A domain's mail policy. Stated of a zone's own name, and of a target that was asked for mail. Stands at the name.
    pub struct Mail: "dns.mail" {
        /// The domain.
        domain: Type::String,
        /// Whether it takes mail: MX records that name a host.
        takes_mail: Type::Bool,
        /// Whether it says that it takes none: `MX 0 .`.
        refuses_mail: Type::Bool,
        /// Whether it has anything to do with mail or the web: MX, or an address at its own name.
        is_used: Type::Bool,
        /// How many SPF records it has; unknown when nobody can know from here; points to the second one.
        spf_records: Type::Int,
        /// How many DMARC records it has itself; unknown when nobody can know from here; points to the second one.
        dmarc_records: Type::Int,
        /// Whether a DMARC record applies, the names above included; unknown when nobody can know from here.
        has_dmarc: Type::Bool,
        /// The policy that applies: `none`, `quarantine`, `reject`; absent without a record.
        policy: Type::String,
        /// Whether it announces an MTA-STS policy; unknown when nobody can know from here.
        has_mta_sts: Type::Bool,
        /// Whether it asks for reports on TLS; unknown when nobody can know from here.
        has_tls_reports: Type::Bool,
        /// Whether a DMARC record stands at the domain itself, where nobody looks for it; points to it.
        has_misplaced_dmarc: Type::Bool,
    }

    /// An SPF record. Stands at its data.
    pub struct Spf: "dns.spf" {
        /// The domain.
        domain: Type::String,
        /// The record.
        text: Type::String,
        /// What is wrong with its form; empty when nothing is; points to it.
        problem: Type::String,
        /// How its `all` judges everybody else: `+`, `-`, `~`, `?`; empty without one; points to it.
        all: Type::String,
        /// Whether another record decides when nothing matches.
        has_redirect: Type::Bool,
        /// How many questions it costs that count towards the ten; a lower bound when it is not complete.
        lookups: Type::Int,
        /// How many of them have no answer.
        void_lookups: Type::Int,
        /// Whether all records that it leads to were seen.
        is_complete: Type::Bool,
        /// The name at which it comes back to a record that it has been at; empty when it does not.
        repeats: Type::String,
        /// Names that it includes and that have no record, or several; each points to the data.
        broken_includes: Type::List(&Type::String),
        /// Names that it includes and that are not there at all; each points to the data.
        missing_includes: Type::List(&Type::String),
        /// Whether it uses `ptr`; points to it.
        uses_ptr: Type::Bool,
        /// A mechanism behind `all`, which nobody looks at; empty without one; points to it.
        behind_all: Type::String,
        /// A range so wide that strangers are in it; empty without one; points to it.
        wide_range: Type::String,
        /// Whether it is an SPF record of type SPF, which nobody reads any more.
        is_old_type: Type::Bool,
    }

    /// A DMARC record. Stands at its data.
    pub struct Dmarc: "dns.dmarc" {
        /// The domain that it is about.
        domain: Type::String,
        /// The record.
        text: Type::String,
        /// What is wrong with its form; empty when nothing is; points to it.
        problem: Type::String,
        /// A value that receivers pass over, as if its tag were not there; empty without one; points to it.
        ignored: Type::String,
        /// `none`, `quarantine`, `reject`; `none` when it does not say; points to it.
        policy: Type::String,
        /// Whether the policy is written down.
        has_policy: Type::Bool,
        /// Whether subdomains are treated more mildly than the domain; points to the tag.
        is_milder_below: Type::Bool,
        /// Whether reports go anywhere.
        has_reports: Type::Bool,
        /// Whether receivers are told to act one step milder: `t=y`; points to the tag.
        is_test: Type::Bool,
        /// Tags that the standard took back; each points to itself.
        old_tags: Type::List(&Type::String),
        /// Domains that get reports and did not agree to; only those that are known not to; each points to the tag.
        unverified: Type::List(&Type::String),
    }

    /// A DKIM key, or a selector of the policy without one. Stands at its data, or at the policy's selector.
    pub struct Dkim: "dns.dkim" {
        /// The selector.
        selector: Type::String,
        /// The domain.
        domain: Type::String,
        /// Whether there is a record.
        is_there: Type::Bool,
        /// What is wrong with its form; empty when nothing is; points to it.
        problem: Type::String,
        /// `rsa`, `ed25519`.
        key_type: Type::String,
        /// The key's size; absent when it cannot be read.
        bits: Type::Int,
        /// Whether the key is taken back.
        is_revoked: Type::Bool,
        /// Whether receivers are told not to act on it: `t=y`.
        is_test: Type::Bool,
        /// Whether it allows SHA-1 only.
        is_sha1: Type::Bool,
    }

    /// A record that announces something about mail: `mta-sts`, `tls-rpt`, `bimi`. Stands at its data.
    pub struct Notice: "dns.notice" {
        /// `mta-sts`, `tls-rpt` or `bimi`.
        kind: Type::String,
        /// The domain that it is about.
        domain: Type::String,
        /// What is wrong with its form; empty when nothing is; points to it.
        problem: Type::String,
        /// How many of its kind there are.
        count: Type::Int,
    }

    /// A signature of records (RRSIG). Stands at the end of its time.
    pub struct Signature: "dns.signature" {
        /// The name.
        name: Type::String,
        /// The type that it signs.
        covered: Type::String,
        /// When it ends, in seconds since 1970.
        expires: Type::Int,
        /// When it begins, in seconds since 1970.
        begins: Type::Int,
        /// The number of its algorithm.
        algorithm: Type::Int,
    }

    /// A key of a zone, or a digest of one (DNSKEY, DS, CDS, CDNSKEY). Stands at its type.
    pub struct Key: "dns.key" {
        /// The zone.
        name: Type::String,
        /// The record's type.
        kind: Type::String,
        /// The number of its algorithm; points to it.
        algorithm: Type::Int,
        /// Whether the algorithm must not be used any more; points to it.
        is_weak: Type::Bool,
        /// The size of an RSA key; absent for others; points to the key.
        bits: Type::Int,
        /// The number of the digest's algorithm; absent for keys; points to it.
        digest: Type::Int,
        /// Whether a stronger digest of the same key stands beside it.
        has_stronger_beside: Type::Bool,
    }

    /// Records that the policy expects of a type. Stands at the type.
    pub struct Expectation: "dns.expectation" {
        /// The name.
        name: Type::String,
        /// The type.
        kind: Type::String,
        /// What is expected.
        expected: Type::List(&Type::String),
        /// What is there; unknown when nobody answered.
        found: Type::List(&Type::String),
        /// `NOERROR`, `NXDOMAIN`, or `NODATA` when the name is there without such records.
        status: Type::String,
        /// What is expected and not there.
        missing: Type::List(&Type::String),
        /// What is there and not expected.
        extra: Type::List(&Type::String),
    }

    /// A name server of the target's zone that was asked itself, by one of its addresses. Stands at the question.
    pub struct Server: "dns.server" {
        /// Its name.
        host: Type::String,
        /// The address that was asked.
        address: Type::String,
        /// The zone.
        zone: Type::String,
        /// `NOERROR`, `REFUSED`, …, or why there is no answer.
        outcome: Type::String,
        /// Whether it answers at all.
        answers: Type::Bool,
        /// Whether it speaks for the zone; absent when it does not answer, unknown when something on the way answers for all.
        is_authoritative: Type::Bool,
        /// Whether it answers over TCP; absent when nobody asked, or none of them does, which may be due to the way there.
        answers_tcp: Type::Bool,
        /// Whether it offers to find out for anybody; absent when it does not answer.
        offers_recursion: Type::Bool,
        /// The zone's serial there; absent when it did not say.
        serial: Type::Int,
        /// Whether what it says of the target differs from what the first server says; absent when it does not answer.
        differs: Type::Bool,
        /// Whether every server of the zone fails so.
        is_alone: Type::Bool,
        /// Whether it hands out the whole zone to strangers; absent when the policy does not ask for that, unknown when the
        /// question was not answered.
        allows_transfer: Type::Bool,
    }

    /// A mail policy (MTA-STS): a file `mta-sts.txt`, or what the server of a DNS target with `mta-sts: true` gives. Stands
    /// at the beginning of the file, or at the policy in the transcript.
    pub struct MailPolicy: "dns.mailPolicy" {
        /// The domain; absent for a file.
        domain: Type::String,
        /// Whether it is a file.
        is_file: Type::Bool,
        /// What keeps mail servers from taking it: a status, a certificate that does not count; empty when nothing does;
        /// absent for a file.
        obstacle: Type::String,
        /// The first thing that is wrong with its text; empty when nothing is. Points to the line.
        problem: Type::String,
        /// `enforce`, `testing` or `none`; absent when it does not say.
        mode: Type::String,
        /// Seconds that it may be kept; absent when it does not say.
        max_age: Type::Int,
        /// The exchangers that it names; `*.` stands for one label.
        exchangers: Type::List(&Type::String),
        /// Exchangers of the domain that it does not name; empty for a file.
        uncovered: Type::List(&Type::String),
    }

    /// The name that the policy targets, seen as a whole. Stands at the target.
    pub struct Target: "dns.target" {
        /// The name.
        name: Type::String,
        /// How many resolvers answered.
        resolvers: Type::Int,
        /// Types about which resolvers disagree, with what they say.
        disagreements: Type::List(&Type::String),
        /// Whether a question about it failed at every resolver: `SERVFAIL` and the like.
        failures: Type::List(&Type::String),
    }
}

/// Every subject.
pub static SUBJECTS: [&crate::fact::Subject; 15] = [
    Line::SUBJECT,
    Zone::SUBJECT,
    Record::SUBJECT,
    Name::SUBJECT,
    Mail::SUBJECT,
    Spf::SUBJECT,
    Dmarc::SUBJECT,
    Dkim::SUBJECT,
    Notice::SUBJECT,
    Signature::SUBJECT,
    Key::SUBJECT,
    Expectation::SUBJECT,
    Server::SUBJECT,
    Target::SUBJECT,
    MailPolicy::SUBJECT,
];
