//! One question, one answer: a message over UDP, again over TCP when it does not fit. hickory's resolver is not asked: it
//! cuts TTLs, hides extended errors and follows aliases for itself, and all three are what is looked for here.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
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
    pub(super) result: Result<Arc<Message>, Failure>,
}

impl Exchange {
    /// The status, when there is an answer.
    pub(super) fn status(&self) -> Option<ResponseCode> {
        self.result.as_ref().ok().map(|message| message.metadata.response_code)
    }

    /// Whether the server says that there is such a name, or that there is none.
    pub(super) fn is_answered(&self) -> bool {
        matches!(self.status(), Some(ResponseCode::NoError | ResponseCode::NXDomain))
    }
}

/// Answers of this run: what several targets ask of one server (their zone, its servers) is asked once.
#[derive(Debug)]
struct Memory {
    answers: Mutex<HashMap<Key, Arc<OnceCell<Answered>>>>,
    /// Questions that may be under way at once, all targets together: each holds a socket.
    under_way: Semaphore,
}

impl Default for Memory {
    fn default() -> Self {
        Self { answers: Mutex::default(), under_way: Semaphore::new(limits().dns) }
    }
}

/// What makes one question of two.
pub(super) type Key = (Name, RecordType, SocketAddr, (u8, bool, bool));
type Answered = Result<Arc<Message>, Failure>;

impl Question {
    /// What it has in common with a question that is the same.
    pub(super) fn key(&self) -> Key {
        let how = (self.asked as u8, self.is_tcp, self.is_unchecked);
        (self.name.clone(), self.kind, self.server, how)
    }
}

/// Asks, unless somebody in this run has; the time for one exchange bounds the waiting.
pub(super) async fn ask(question: Question, net: &Net) -> Exchange {
    let memory = net.share::<Memory>();
    let cell = {
        let mut answers = memory.answers.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(answers.entry(question.key()).or_default())
    };
    let put = async || {
        let _held = memory.under_way.acquire().await.map_err(|_| Failure::Io("the run ends".into()))?;
        if net.is_over() {
            return Err(Failure::TimedOut("answer"));
        }
        // The target's own end is not the question's: others may wait for the same answer.
        let answer = tokio::time::timeout(net.options().timeout, once(&question, net)).await;
        Ok(answer.unwrap_or(Err(Failure::TimedOut("answer"))).map(Arc::new))
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
            over_tcp(question, &request).await?
        } else {
            let answer = over_udp(question, &request, net).await?;
            if answer.metadata.truncation { over_tcp(question, &request).await? } else { answer }
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
    let mut buffer = vec![0_u8; MOST_BYTES];
    let mut broken = false;
    for _ in 0..MOST_STRAY {
        let length = socket.recv(&mut buffer).await?;
        match Message::from_vec(buffer.get(..length).unwrap_or_default()) {
            Ok(answer) if is_answer(&answer, question, request) => return Ok(answer),
            Ok(_) => {}
            // Its number is right, so that it is the server that sends what nobody can read.
            Err(_) if buffer.get(..2) == Some(&request.metadata.id.to_be_bytes()[..]) => {
                broken = true;
                break;
            }
            Err(_) => {}
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
