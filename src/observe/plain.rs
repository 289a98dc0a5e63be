//! HTTP/1.1 in its plainest form, over a connection that is there: one request, one answer, then the end. For what a
//! client of the shelf cannot be made to do.

use std::time::{Duration, Instant};

use memchr::memchr;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Failure, Net};

/// A longer head of an answer is refused.
const MAX_HEAD_BYTES: usize = 256 << 10;
/// A longer line before a chunk is none.
const MAX_CHUNK_LINE: usize = 1024;
/// Answers before the answer (`100 Continue`) that are passed over.
const MOST_INTERIM: usize = 8;

/// An answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Whether it is of HTTP/1.0.
    pub is_old: bool,
    /// The status.
    pub status: u16,
    /// The headers as they came.
    pub headers: Vec<(String, Vec<u8>)>,
    /// As much of the body as was asked for.
    pub body: Vec<u8>,
    /// Whether there was more, or it broke off.
    pub is_cut: bool,
    /// From the request to the head of the answer.
    pub time: Duration,
}

impl Answer {
    /// The first value of a header, when it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(value).ok().map(str::trim)
    }
}

/// What a connection has to be.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Sends `request`, a whole head, and reads the answer; of its body `most` bytes.
///
/// # Errors
/// Nothing comes in time, or it is no HTTP.
pub async fn exchange(net: &Net, io: &mut dyn Stream, request: &str, most: usize) -> Result<Answer, Failure> {
    let start = Instant::now();
    let mut raw = Vec::new();
    let head = async {
        io.write_all(request.as_bytes()).await?;
        io.flush().await?;
        for _ in 0..MOST_INTERIM {
            let end = read_head(io, &mut raw).await?;
            let answer = parsed(raw.get(..end).unwrap_or_default())?;
            raw.drain(..end);
            if answer.status >= 200 {
                return Ok(answer);
            }
        }
        Err(Failure::Protocol("the answer does not begin".into()))
    };
    let mut answer = net.within("answer", head).await??;
    answer.time = start.elapsed();
    let body = read_body(io, &answer, raw, most);
    // What came before the time was up is lost with it: it is a part, whose length nobody needs.
    (answer.body, answer.is_cut) = net.within("body", body).await.unwrap_or((Vec::new(), true));
    Ok(answer)
}

/// Reads to the empty line; where the head ends.
async fn read_head(io: &mut dyn Stream, raw: &mut Vec<u8>) -> Result<usize, Failure> {
    let mut searched = 0;
    loop {
        if let Some(end) = head_end(raw, searched) {
            return Ok(end);
        }
        // An end may have begun in the last three bytes.
        searched = raw.len().saturating_sub(3);
        if raw.len() > MAX_HEAD_BYTES {
            return Err(Failure::Protocol("the head of the answer does not end".into()));
        }
        let is_empty = raw.is_empty();
        match io.read_buf(raw).await? {
            0 if is_empty => return Err(Failure::Closed),
            0 => return Err(Failure::Protocol("the answer broke off".into())),
            _ => {}
        }
    }
}

/// Where the head ends, when its end is not in what was searched already.
fn head_end(raw: &[u8], searched: usize) -> Option<usize> {
    let rest = raw.get(searched..).unwrap_or_default();
    let place = |mark: &[u8]| memchr::memmem::find(rest, mark).map(|at| searched + at + mark.len());
    match (place(b"\r\n\r\n"), place(b"\n\n")) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn parsed(head: &[u8]) -> Result<Answer, Failure> {
    let wrong = || Failure::Protocol("the answer is not HTTP".into());
    let mut lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = std::str::from_utf8(lines.next().unwrap_or_default()).map_err(|_| wrong())?;
    let (version, rest) =
        first.split_once(' ').filter(|(version, _)| version.starts_with("HTTP/1.")).ok_or_else(wrong)?;
    let status =
        rest.get(..3).and_then(|status| status.parse().ok()).filter(|status| *status >= 100).ok_or_else(wrong)?;
    let mut answer = Answer { is_old: version == "HTTP/1.0", status, ..Answer::default() };
    for line in lines.filter(|line| !line.is_empty()) {
        let colon = memchr(b':', line).ok_or_else(wrong)?;
        let (name, value) = (line.get(..colon).unwrap_or_default(), line.get(colon + 1..).unwrap_or_default());
        let name = std::str::from_utf8(name).map_err(|_| wrong())?;
        answer.headers.push((name.to_owned(), value.trim_ascii().to_vec()));
    }
    Ok(answer)
}

/// The body, and whether it is a part.
async fn read_body(io: &mut dyn Stream, answer: &Answer, mut raw: Vec<u8>, most: usize) -> (Vec<u8>, bool) {
    if matches!(answer.status, 204 | 304) {
        return (Vec::new(), false);
    }
    let is_chunked =
        answer.header("transfer-encoding").is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"));
    let length = answer.header("content-length").and_then(|length| length.parse::<usize>().ok());
    let mut chunks = Chunks::default();
    loop {
        let (have, state) = if is_chunked {
            let state = chunks.feed(&raw);
            (chunks.body.len(), state)
        } else {
            (raw.len(), if length.is_some_and(|length| raw.len() >= length) { State::Done } else { State::More })
        };
        let mut is_over = state != State::More || have > most || raw.len() > 2 * most + MAX_HEAD_BYTES;
        let mut is_whole = state == State::Done;
        if !is_over && matches!(io.read_buf(&mut raw).await, Ok(0) | Err(_)) {
            is_over = true;
            is_whole = !is_chunked && length.is_none();
        }
        if is_over {
            let mut body = if is_chunked { chunks.body } else { raw };
            body.truncate(length.filter(|_| !is_chunked).unwrap_or(usize::MAX));
            let is_cut = !is_whole || body.len() > most;
            body.truncate(most);
            return (body, is_cut);
        }
    }
}

/// Where reading chunks stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    More,
    Done,
    Broken,
}

/// A body in chunks, as far as it came.
#[derive(Debug, Default)]
struct Chunks {
    body: Vec<u8>,
    at: usize,
    /// Bytes of the chunk that are still to come.
    left: usize,
    /// Whether the end of a chunk's last line is still to come.
    ends: bool,
}

impl Chunks {
    fn feed(&mut self, raw: &[u8]) -> State {
        loop {
            let rest = raw.get(self.at..).unwrap_or_default();
            if self.left > 0 {
                let taken = self.left.min(rest.len());
                self.body.extend_from_slice(rest.get(..taken).unwrap_or_default());
                (self.at, self.left) = (self.at + taken, self.left - taken);
                if self.left > 0 {
                    return State::More;
                }
                self.ends = true;
                continue;
            }
            let Some(end) = memchr(b'\n', rest) else {
                return if rest.len() > MAX_CHUNK_LINE { State::Broken } else { State::More };
            };
            let line = std::str::from_utf8(rest.get(..end).unwrap_or_default()).unwrap_or_default().trim();
            self.at += end + 1;
            if std::mem::take(&mut self.ends) {
                continue;
            }
            match usize::from_str_radix(line.split(';').next().unwrap_or_default().trim(), 16) {
                Ok(0) => return State::Done,
                Ok(size) => self.left = size,
                Err(_) => return State::Broken,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Options;
    use super::*;

    fn answered(answer: &[u8], most: usize) -> Result<Answer, Failure> {
        answered_by(1 << 16, answer, most)
    }

    /// What is read of an answer that comes in pieces of so many bytes.
    fn answered_by(piece: usize, answer: &[u8], most: usize) -> Result<Answer, Failure> {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let (mut here, there) = tokio::io::duplex(piece);
            let (mut asked, mut answers) = tokio::io::split(there);
            let answer = answer.to_vec();
            tokio::spawn(async move { tokio::io::copy(&mut asked, &mut tokio::io::sink()).await });
            tokio::spawn(async move {
                let _ = answers.write_all(&answer).await;
                let _ = answers.shutdown().await;
            });
            let net = Net::new(Options { timeout: Duration::from_secs(2), ..Options::default() });
            exchange(&net, &mut here, "GET / HTTP/1.1\r\n\r\n", most).await
        })
    }

    fn body(answer: &str) -> (String, bool) {
        let answer = answered(answer.as_bytes(), 100).unwrap();
        (String::from_utf8(answer.body).unwrap(), answer.is_cut)
    }

    #[test]
    fn the_head_ends_where_it_does_however_it_comes() {
        for piece in [1, 2, 3, 5, 1 << 16] {
            for end in ["\r\n\r\n", "\n\n"] {
                let answer = format!("HTTP/1.1 200 OK\r\nX: y{end}abc");
                assert_eq!(answered_by(piece, answer.as_bytes(), 100).unwrap().body, b"abc", "{piece}");
            }
        }
    }

    #[test]
    fn bodies_end_where_they_say() {
        let whole = |text: &str| (text.to_owned(), false);
        assert_eq!(body("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc"), whole("ab"));
        assert_eq!(body("HTTP/1.1 200 OK\n\nabc"), whole("abc"));
        assert_eq!(body("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 204 X\r\n\r\nabc"), whole(""));
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(body(&format!("{chunked}5\r\n0\r\n\r\n\r\n1;x=y\r\nb\r\n0\r\n\r\n")), whole("0\r\n\r\nb"));
        assert_eq!(body(&format!("{chunked}5\r\nab")), ("ab".to_owned(), true));
        assert_eq!(body(&format!("{chunked}zz\r\nab")), (String::new(), true));
        assert_eq!(body(&format!("{chunked}ffffffffffffffff\r\nab")), ("ab".to_owned(), true));
        assert_eq!(body("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), ("abc".to_owned(), true));
        assert_eq!(body(&format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(200))), ("x".repeat(100), true));
    }

    #[test]
    fn heads_are_read_or_refused() {
        let answer = answered(b"HTTP/1.1 301 Moved\r\nLocation:  /a \r\nX: \xff\r\nx: b\r\n\r\n", 100).unwrap();
        assert_eq!((answer.status, answer.header("location"), answer.headers.len()), (301, Some("/a"), 3));
        for broken in [
            "",
            "220 mail ESMTP\r\n\r\n",
            "HTTP/1.1\r\n\r\n",
            "HTTP/1.1 2\r\n\r\n",
            "HTTP/1.1 200 OK\r\nno header\r\n\r\n",
            "HTTP/1.1 200",
        ] {
            assert!(answered(broken.as_bytes(), 100).is_err(), "{broken:?}");
        }
        let endless = format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(100_000));
        assert!(answered(endless.as_bytes(), 100).is_err());
    }
}
