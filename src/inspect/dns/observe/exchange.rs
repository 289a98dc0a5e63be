//! One question, one answer: a message over UDP, again over TCP when it does not fit. hickory's resolver is not asked: it
//! cuts TTLs, hides extended errors and follows aliases for itself, and all three are what is looked for here.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::{OnceCell, Semaphore};

use crate::inspect::dns::transcript::Asked;
use crate::observe::{Failure, Net, limits};

/// The largest packet that is offered (RFC 9715: what passes everywhere without fragments).
const PAYLOAD: u16 = 1232;
/// The largest packet that is taken; a server that sends more than was offered is asked over TCP by its own fault.
const MOST_BYTES: usize = 4096;
/// A packet is asked for again after so long at most.
const PATIENCE: Duration = Duration::from_secs(2);
/// So many packets are sent for one question.
const TRIES: u32 = 2;
/// Packets that answer another question are passed over so often.
const MOST_STRAY: usize = 100;

/// A question to a server.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// The name that is asked for.
    pub(super) name: Name,
    /// The type that is asked for.
    pub(super) kind: RecordType,
    /// Who is asked.
    pub(super) server: SocketAddr,
    /// What that server is to us.
    pub(super) asked: Asked,
    /// Its name.
    pub(super) host: Option<String>,
    /// Whether it is asked over TCP only.
    pub(super) is_tcp: bool,
    /// Whether it is told not to validate.
    pub(super) is_unchecked: bool,
}

/// A question with what came of it.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    /// The question.
    pub(super) question: Question,
    /// The answer, or why there is none.
    pub(super) result: Answered,
}

impl Exchange {
    /// The status, when there is an answer.
    pub(super) fn status(&self) -> Option<ResponseCode> {
        self.result.as_ref().ok().map(|answer| answer.metadata.response_code)
    }

    /// Whether the server says that there is such a name, or that there is none.
    pub(super) fn is_answered(&self) -> bool {
        matches!(self.status(), Some(ResponseCode::NoError | ResponseCode::NXDomain))
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    message: Message,
    /// Its part of a transcript: many targets show the answers of one zone.
    pub(super) text: OnceLock<Box<str>>,
}

impl Deref for Answer {
    type Target = Message;

    fn deref(&self) -> &Message {
        &self.message
    }
}

/// Answers of this run: what several targets ask of one server (their zone, its servers) is asked once.
#[derive(Debug)]
pub(super) struct Memory {
    answers: Mutex<HashMap<Key, Arc<OnceCell<Answered>>>>,
    /// Servers that were asked, and whether one ever answered.
    servers: Mutex<HashMap<SocketAddr, bool>>,
    /// Questions to resolvers that may be under way at once, all targets together: each holds a socket.
    resolver: Semaphore,
    /// So many of them may be the first of their target: some room is for what was begun.
    first: Semaphore,
    /// Questions to the servers of zones.
    server: Semaphore,
}

impl Default for Memory {
    fn default() -> Self {
        let (limits, answers, servers) = (limits(), Mutex::default(), Mutex::default());
        let (resolver, server) = (Semaphore::new(limits.dns + limits.dns / 20), Semaphore::new(limits.servers));
        Self { answers, servers, resolver, first: Semaphore::new(limits.dns), server }
    }
}

impl Memory {
    /// Where the answer to a question is, or will be.
    pub(super) fn cell(&self, key: Key) -> Arc<OnceCell<Answered>> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(answers.entry(key).or_default())
    }

    /// Whether a server has let a question's whole time pass, and has answered none: who still waits for a turn need not
    /// find out for itself.
    fn is_dead(&self, server: SocketAddr) -> bool {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner).get(&server) == Some(&false)
    }

    fn note(&self, server: SocketAddr, answer: &Result<Message, Failure>) {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Ok(_) => _ = servers.insert(server, true),
            Err(Failure::TimedOut(_)) => _ = servers.entry(server).or_insert(false),
            Err(_) => {}
        }
    }
}

/// A name in lower case, for tables: it costs less to look up than one that is told apart whatever its case.
#[derive(Debug, Clone)]
pub(super) struct Lower(pub(super) Name);

impl PartialEq for Lower {
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().eq(other.0.iter())
    }
}

impl Eq for Lower {}

impl Hash for Lower {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.iter().for_each(|label| state.write(label));
    }
}

/// What makes one question of two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    name: Lower,
    kind: RecordType,
    server: SocketAddr,
    how: (u8, bool, bool),
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        let (asked, is_tcp, is_unchecked) = self.how;
        let how = u64::from(asked) << 2 | u64::from(is_tcp) << 1 | u64::from(is_unchecked);
        state.write_u64(how << 32 | u64::from(u16::from(self.kind)) << 16 | u64::from(self.server.port()));
        match self.server.ip() {
            IpAddr::V4(address) => state.write(&address.octets()),
            IpAddr::V6(address) => state.write(&address.octets()),
        }
    }
}

pub(super) type Answered = Result<Arc<Answer>, Failure>;

impl Question {
    /// What it has in common with a question that is the same.
    pub(super) fn key(&self) -> Key {
        let how = (self.asked as u8, self.is_tcp, self.is_unchecked);
        Key { name: Lower(self.name.clone()), kind: self.kind, server: self.server, how }
    }
}

/// Asks, unless somebody in this run has: then `cell` has the answer. The time for one exchange bounds the waiting.
/// `begins`: whether it is of the first questions of its target.
pub(super) async fn ask(question: Question, cell: Arc<OnceCell<Answered>>, net: &Net, begins: bool) -> Exchange {
    let memory = net.share::<Memory>();
    let put = async || {
        let ends = |_| Failure::Io("the run ends".into());
        let _begins = if begins { Some(memory.first.acquire().await.map_err(ends)?) } else { None };
        let is_resolver = question.asked == Asked::Resolver;
        let _held = if is_resolver { &memory.resolver } else { &memory.server }.acquire().await.map_err(ends)?;
        if net.is_over() || memory.is_dead(question.server) {
            return Err(Failure::TimedOut("answer"));
        }
        // The target's own end is not the question's: others may wait for the same answer. Boxed, since those that wait
        // for their turn are many.
        let answer = tokio::time::timeout(net.options().timeout, Box::pin(once(&question, net))).await;
        let answer = answer.unwrap_or(Err(Failure::TimedOut("answer")));
        memory.note(question.server, &answer);
        Ok(answer.map(|message| Arc::new(Answer { message, text: OnceLock::new() })))
    };
    let result = match cell.get_or_try_init(put).await {
        Ok(answer) => answer.clone(),
        Err(failure) => Err(failure),
    };
    Exchange { question, result }
}

async fn once(question: &Question, net: &Net) -> Result<Message, Failure> {
    let mut with_edns = true;
    loop {
        let request = request(question, with_edns);
        let answer = if question.is_tcp {
            Box::pin(over_tcp(question, &request)).await?
        } else {
            let answer = over_udp(question, &request, net).await?;
            if answer.metadata.truncation { Box::pin(over_tcp(question, &request)).await? } else { answer }
        };
        // Servers from before 1999 refuse what they do not know; ask them as they were asked then.
        let refuses = matches!(answer.metadata.response_code, ResponseCode::FormErr | ResponseCode::NotImp);
        if !(with_edns && refuses && answer.edns.is_none()) {
            return Ok(answer);
        }
        with_edns = false;
    }
}

fn request(question: &Question, with_edns: bool) -> Message {
    let mut message = Message::query();
    message.add_query(Query::query(question.name.clone(), question.kind));
    message.metadata.recursion_desired = question.asked == Asked::Resolver;
    message.metadata.checking_disabled = question.is_unchecked;
    message.metadata.authentic_data = question.asked == Asked::Resolver;
    if with_edns {
        let mut edns = Edns::new();
        edns.set_max_payload(PAYLOAD).set_version(0).set_dnssec_ok(true);
        message.set_edns(edns);
    }
    message
}

/// Sends the packet, and again when nothing comes; the caller's time bounds the waiting.
async fn over_udp(question: &Question, request: &Message, net: &Net) -> Result<Message, Failure> {
    let packet = request.to_vec().map_err(|_| Failure::Protocol("the name cannot be asked for".into()))?;
    let here: SocketAddr = if question.server.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(here).await?;
    socket.connect(question.server).await?;
    let wait = (net.options().timeout / (TRIES + 1)).min(PATIENCE);
    for _ in 1..TRIES {
        socket.send(&packet).await?;
        if let Ok(answer) = tokio::time::timeout(wait, receive(&socket, question, request)).await {
            return answer;
        }
    }
    socket.send(&packet).await?;
    receive(&socket, question, request).await
}

/// The first packet that answers this question: others are late, or lies.
async fn receive(socket: &UdpSocket, question: &Question, request: &Message) -> Result<Message, Failure> {
    let (mut broken, mut left) = (false, MOST_STRAY);
    while left > 0 && !broken {
        socket.readable().await?;
        // There only while there is something to take: a thousand questions wait at a time.
        let mut buffer = [0_u8; MOST_BYTES];
        let length = match socket.try_recv(&mut buffer) {
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
            Err(error) => return Err(error.into()),
        };
        left -= 1;
        match Message::from_vec(buffer.get(..length).unwrap_or_default()) {
            Ok(answer) if is_answer(&answer, question, request) => return Ok(answer),
            Ok(_) => {}
            // Its number is right, so that it is the server that sends what nobody can read.
            Err(_) => broken = buffer.get(..2) == Some(&request.metadata.id.to_be_bytes()[..]),
        }
    }
    let what = if broken { "an answer that cannot be read" } else { "answers to other questions only" };
    Err(Failure::Protocol(what.into()))
}

async fn over_tcp(question: &Question, request: &Message) -> Result<Message, Failure> {
    let packet = request.to_vec().map_err(|_| Failure::Protocol("the name cannot be asked for".into()))?;
    let length = u16::try_from(packet.len()).unwrap_or(u16::MAX);
    let mut stream = TcpStream::connect(question.server).await?;
    // In one piece: servers may take a length alone for all that comes.
    stream.write_all(&[&length.to_be_bytes()[..], &packet].concat()).await?;
    let mut head = [0_u8; 2];
    stream.read_exact(&mut head).await?;
    let mut buffer = vec![0_u8; usize::from(u16::from_be_bytes(head))];
    stream.read_exact(&mut buffer).await?;
    match Message::from_vec(&buffer) {
        Ok(answer) if is_answer(&answer, question, request) => Ok(answer),
        Ok(_) => Err(Failure::Protocol("an answer to another question".into())),
        Err(_) => Err(Failure::Protocol("an answer that cannot be read".into())),
    }
}

fn is_answer(answer: &Message, question: &Question, request: &Message) -> bool {
    let metadata = &answer.metadata;
    let repeats = match answer.queries.as_slice() {
        [query] => query.name() == &question.name && query.query_type() == question.kind,
        // Some servers leave the question away when they refuse it.
        [] => !matches!(metadata.response_code, ResponseCode::NoError | ResponseCode::NXDomain),
        _ => false,
    };
    metadata.id == request.metadata.id && metadata.message_type == MessageType::Response && repeats
}
