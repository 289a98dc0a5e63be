//! Sends a first message and reads what comes back in the clear.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::hello::{self, Answer, MOST_BYTES, Version};
use crate::observe::Failure;

/// More records before the end of the answer are not read.
const MOST_RECORDS: usize = 256;

/// What a server did with a first message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    /// It chose.
    Chose(Box<Answer>),
    /// It refused: an alert, or an end.
    Refused,
}

/// Until where the answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// The server's choice.
    Choice,
    /// Everything that it says in the clear.
    Done,
    /// The same; when it breaks off, the server's choice is an answer still.
    Possible,
}

/// One question. `chosen` is the server's choice, whatever becomes of the rest.
pub(super) async fn ask(
    stream: &mut TcpStream,
    message: &[u8],
    until: Until,
    chosen: &mut Option<Answer>,
) -> Result<Reply, Failure> {
    match talk(stream, message, until, chosen).await {
        // To break off is how many servers refuse.
        Err(Failure::Closed) => Ok(Reply::Refused),
        other => other,
    }
}

async fn talk(
    stream: &mut TcpStream,
    message: &[u8],
    until: Until,
    chosen: &mut Option<Answer>,
) -> Result<Reply, Failure> {
    stream.write_all(message).await?;
    let mut bytes = Vec::new();
    let (mut whole, mut records) = (0, 0);
    loop {
        let before = whole;
        while let Some(end) = record_end(&bytes, whole) {
            whole = end;
            records += 1;
        }
        let answer = match whole > before || whole == 0 {
            true => hello::read(&bytes).map_err(|wrong| Failure::Protocol(wrong.into()))?,
            false => Answer::default(),
        };
        let chose = answer.version.is_some();
        if chose && chosen.is_none() {
            *chosen = Some(answer.clone());
        }
        if answer.is_done || (chose && until == Until::Choice) {
            return Ok(if chose { Reply::Chose(Box::new(answer)) } else { Reply::Refused });
        }
        if bytes.len() > MOST_BYTES || records > MOST_RECORDS {
            return Err(Failure::Protocol("its answer does not end".into()));
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(if chose { Reply::Chose(Box::new(answer)) } else { Reply::Refused });
        }
    }
}

/// The end of the record that begins at `at`, when it is whole.
fn record_end(bytes: &[u8], at: usize) -> Option<usize> {
    let head = bytes.get(at..at + 5)?;
    let end = at + 5 + usize::from(u16::from_be_bytes([*head.get(3)?, *head.get(4)?]));
    (end <= bytes.len()).then_some(end)
}

/// Whether the server chose exactly this version.
pub(super) fn speaks(reply: &Reply, version: Version) -> bool {
    matches!(reply, Reply::Chose(answer) if answer.version == Some(version))
}
