//! What is known of names, from a zone file or from a transcript: records with their places. Offsets are bytes of the
//! source's text.

use std::borrow::Cow;
use std::net::IpAddr;
use std::ops::Range;

use super::name::Name;
use crate::span::SourceId;

/// A place in the text.
pub type Place = Range<usize>;

/// A zone file, or what was seen of a name from outside.
#[derive(Debug, Default)]
pub struct Document {
    /// The zone's name; unknown when a zone file leaves it to the server's configuration.
    pub origin: Option<Name>,
    /// The name that relative names hang from where the zone's own is unknown.
    pub base: Name,
    /// Every record that can be read, in order.
    pub records: Vec<Record>,
    /// What cannot be read.
    pub faults: Vec<Fault>,
    /// `$INCLUDE` that was not followed, and why.
    pub includes: Vec<(Place, String)>,
    /// Files that were followed: offsets from `start` on are places in theirs. Sorted; what lies before all of them is in the
    /// file itself.
    pub pieces: Vec<Piece>,
    /// Whether `$TTL` stands before the first record.
    pub has_default_ttl: bool,
    /// Whether there were more records than are looked at.
    pub is_cut: bool,
    /// Marks of a template, which another tool fills in first.
    pub template: Option<Place>,
}

/// An included file, whose offsets go on where those of the files before it end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The offset that stands for its beginning.
    pub start: usize,
    /// The file.
    pub source: SourceId,
}

impl Document {
    /// The included file that a place lies in, and the place there.
    pub fn located(&self, place: &Place) -> (Option<SourceId>, Place) {
        let behind = self.pieces.partition_point(|piece| piece.start <= place.start);
        match behind.checked_sub(1).and_then(|index| self.pieces.get(index)) {
            None => (None, place.clone()),
            Some(piece) => (Some(piece.source), place.start - piece.start..place.end.saturating_sub(piece.start)),
        }
    }
}

/// A record.
#[derive(Debug, Clone)]
pub struct Record {
    /// Whose it is.
    pub owner: Name,
    /// Where the owner is written; the type's place when it is taken from the record before.
    pub owner_place: Place,
    /// Whether the origin was appended to the owner as written.
    pub is_owner_relative: bool,
    /// Seconds that it may be kept, its own or the file's.
    pub ttl: Option<u32>,
    /// Where they are written, if at the record.
    pub ttl_place: Option<Place>,
    /// Its type in capitals.
    pub kind: Cow<'static, str>,
    /// Where the type is written.
    pub kind_place: Place,
    /// Its data as written.
    pub fields: Vec<Field>,
    /// Its data.
    pub data: Data,
    /// From the owner, or the type, to the last field.
    pub place: Place,
    /// A comment that begins right after unquoted text and goes on like the text: it was meant to belong to it.
    pub cut: Option<Place>,
    /// Whether it is a further one of `$GENERATE`, whose first one stands for all.
    pub is_repeated: bool,
}

/// One piece of a record's data.
#[derive(Debug, Clone)]
pub struct Field {
    /// As written, without quotes.
    pub text: String,
    /// Where, quotes included.
    pub place: Place,
    /// Whether it stands in quotes.
    pub is_quoted: bool,
}

/// A name in a record's data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The name.
    pub name: Name,
    /// Where it is written.
    pub place: Place,
    /// Whether the origin was appended.
    pub is_relative: bool,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// A, AAAA.
    Address(IpAddr),
    /// NS, CNAME, DNAME, PTR, ALIAS, ANAME.
    Name(Target),
    /// MX.
    Mail(u16, Target),
    /// SRV: priority, weight, port, target.
    Service(u16, u16, u16, Target),
    /// SOA.
    Authority(Box<Authority>),
    /// TXT, SPF: the bytes of each string.
    Text(Vec<Vec<u8>>),
    /// CAA: flags, tag, value.
    Issuance(u8, String, String),
    /// DS, CDS: key tag, algorithm, digest type, digest.
    Digest(u16, u8, u8, Vec<u8>),
    /// DNSKEY, CDNSKEY: flags, algorithm, key.
    Key(u16, u8, Vec<u8>),
    /// RRSIG.
    Signature(Box<Signature>),
    /// NSEC3, NSEC3PARAM: iterations, length of the salt.
    Hashed(u16, usize),
    /// TLSA, SMIMEA: usage, selector, matching, bytes of the association.
    Association(u8, u8, u8, usize),
    /// Any other.
    Other,
}

/// A start of authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The primary server.
    pub primary: Target,
    /// Who answers for the zone, written as a name.
    pub contact: Target,
    /// Version of the zone.
    pub serial: u32,
    /// Seconds between looks at the primary.
    pub refresh: u32,
    /// Seconds between attempts after a failed look.
    pub retry: u32,
    /// Seconds after which a secondary stops answering.
    pub expire: u32,
    /// Seconds that "there is no such name" may be kept.
    pub minimum: u32,
}

/// A signature of a set of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The type that it signs.
    pub covered: String,
    /// The algorithm's number.
    pub algorithm: u8,
    /// Seconds since 1970 until which it holds.
    pub expires: i64,
    /// Seconds since 1970 from which it holds.
    pub begins: i64,
    /// The number of the key.
    pub tag: u16,
    /// The zone that signed.
    pub signer: Name,
}

/// What kind of thing is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Problem {
    /// The line as such: quotes, parentheses, owner, number of fields.
    Syntax,
    /// A directive.
    Directive,
    /// The type.
    Type,
    /// A name.
    Name,
    /// A name or a label that is too long.
    Length,
    /// An address.
    Address,
    /// A number or a TTL.
    Number,
    /// A text of more than 255 bytes.
    Text,
    /// Hexadecimal or base64 data.
    Encoding,
    /// A time.
    Time,
}

impl Problem {
    /// Its name in conditions.
    pub fn name(self) -> &'static str {
        match self {
            Problem::Syntax => "syntax",
            Problem::Directive => "directive",
            Problem::Type => "type",
            Problem::Name => "name",
            Problem::Length => "length",
            Problem::Address => "address",
            Problem::Number => "number",
            Problem::Text => "text",
            Problem::Encoding => "encoding",
            Problem::Time => "time",
        }
    }
}

/// Something that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What kind of thing.
    pub problem: Problem,
    /// What is wrong, as a sentence without its end.
    pub message: String,
    /// The owner of the broken record, when that is readable.
    pub owner: Option<Name>,
}

impl Record {
    /// Moves every place.
    pub fn relocate(&mut self, to: &dyn Fn(&Place) -> Place) {
        for place in [&mut self.owner_place, &mut self.kind_place, &mut self.place] {
            *place = to(place);
        }
        for place in [&mut self.ttl_place, &mut self.cut].into_iter().flatten() {
            *place = to(place);
        }
        for field in &mut self.fields {
            field.place = to(&field.place);
        }
        for target in self.data.targets_mut() {
            target.place = to(&target.place);
        }
    }

    /// Where its data stands; the type when there is none.
    pub fn data_place(&self) -> Place {
        match (self.fields.first(), self.fields.last()) {
            (Some(first), Some(last)) => first.place.start..last.place.end.max(first.place.start),
            _ => self.kind_place.clone(),
        }
    }

    /// Its data as one line, in one spelling.
    pub fn shown(&self) -> String {
        match &self.data {
            Data::Address(address) => address.to_string(),
            Data::Name(target) => target.name.to_string(),
            Data::Mail(preference, target) => format!("{preference} {}", target.name),
            Data::Service(priority, weight, port, target) => format!("{priority} {weight} {port} {}", target.name),
            Data::Text(_) => self.text().unwrap_or_default(),
            Data::Issuance(flags, tag, value) => format!("{flags} {tag} {value}"),
            _ => self.fields.iter().map(|field| field.text.as_str()).collect::<Vec<_>>().join(" "),
        }
    }

    /// The strings of a text record, joined.
    pub fn text(&self) -> Option<String> {
        let Data::Text(strings) = &self.data else { return None };
        Some(String::from_utf8_lossy(&strings.concat()).into_owned())
    }

    /// The name that its data points to: what a server, a mail exchanger, an alias is.
    pub fn target(&self) -> Option<&Target> {
        match &self.data {
            Data::Name(target) | Data::Mail(_, target) | Data::Service(_, _, _, target) => Some(target),
            _ => None,
        }
    }
}

impl Data {
    fn targets_mut(&mut self) -> Vec<&mut Target> {
        match self {
            Data::Name(target) | Data::Mail(_, target) | Data::Service(_, _, _, target) => vec![target],
            Data::Authority(authority) => vec![&mut authority.primary, &mut authority.contact],
            _ => Vec::new(),
        }
    }
}
