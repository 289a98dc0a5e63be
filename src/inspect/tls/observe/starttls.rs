//! Protocols that begin in the clear: the commands that lead to TLS.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::fact::target::StartTls;
use crate::observe::Failure;

/// A server says no more than this before TLS.
const MOST_BYTES: usize = 16 << 10;
/// A packet of MySQL or LDAP is no longer than this.
const LONGEST_PACKET: usize = 4 << 10;
/// The bit by which MySQL offers TLS.
const CLIENT_SSL: u16 = 0x0800;

/// Leads the connection to the place where TLS begins. `false`: the server does not offer it.
pub(super) async fn upgrade(protocol: StartTls, stream: &mut TcpStream) -> Result<bool, Failure> {
    match protocol {
        StartTls::Smtp => smtp(stream).await,
        StartTls::Imap => imap(stream).await,
        StartTls::Pop3 => pop3(stream).await,
        StartTls::Ldap => ldap(stream).await,
        StartTls::Postgres => postgres(stream).await,
        StartTls::Mysql => mysql(stream).await,
    }
}

fn odd(what: &str) -> Failure {
    Failure::Protocol(what.to_owned())
}

/// A line, without its end. Byte by byte: what follows may be TLS already.
async fn line(stream: &mut TcpStream, left: &mut usize) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    loop {
        if *left == 0 {
            return Err(odd("it says too much before TLS"));
        }
        *left -= 1;
        match stream.read_u8().await? {
            b'\n' => break,
            byte => bytes.push(byte),
        }
    }
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}

/// An answer of SMTP: `250-…`, the last line `250 …`.
async fn reply(stream: &mut TcpStream, left: &mut usize) -> Result<Vec<String>, Failure> {
    let mut lines = Vec::new();
    loop {
        let line = line(stream, left).await?;
        let more = line.as_bytes().get(3) == Some(&b'-');
        if !line.as_bytes().get(..3).is_some_and(|code| code.iter().all(u8::is_ascii_digit)) {
            return Err(odd("it does not speak SMTP"));
        }
        lines.push(line);
        if !more {
            return Ok(lines);
        }
    }
}

async fn smtp(stream: &mut TcpStream) -> Result<bool, Failure> {
    let mut left = MOST_BYTES;
    let greeting = reply(stream, &mut left).await?;
    if !greeting.last().is_some_and(|line| line.starts_with("220")) {
        return Err(odd("it takes no mail now"));
    }
    stream.write_all(b"EHLO seaworthy.invalid\r\n").await?;
    let offers = reply(stream, &mut left).await?;
    let named = |line: &String| line.get(4..).is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS"));
    if !offers.iter().any(named) {
        return Ok(false);
    }
    stream.write_all(b"STARTTLS\r\n").await?;
    Ok(reply(stream, &mut left).await?.last().is_some_and(|line| line.starts_with("220")))
}

async fn imap(stream: &mut TcpStream) -> Result<bool, Failure> {
    let mut left = MOST_BYTES;
    if !line(stream, &mut left).await?.starts_with("* ") {
        return Err(odd("it does not speak IMAP"));
    }
    stream.write_all(b"a1 STARTTLS\r\n").await?;
    loop {
        let line = line(stream, &mut left).await?;
        if let Some(answer) = line.strip_prefix("a1 ") {
            return Ok(answer.get(..2).is_some_and(|word| word.eq_ignore_ascii_case("OK")));
        }
    }
}

async fn pop3(stream: &mut TcpStream) -> Result<bool, Failure> {
    let mut left = MOST_BYTES;
    if !line(stream, &mut left).await?.starts_with("+OK") {
        return Err(odd("it does not speak POP3"));
    }
    stream.write_all(b"STLS\r\n").await?;
    Ok(line(stream, &mut left).await?.starts_with("+OK"))
}

/// An extended request for 1.3.6.1.4.1.1466.20037; the answer's first number is 0 when it is granted.
async fn ldap(stream: &mut TcpStream) -> Result<bool, Failure> {
    use super::super::der;
    let mut request = vec![0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16];
    request.extend_from_slice(b"1.3.6.1.4.1.1466.20037");
    stream.write_all(&request).await?;
    let mut head = [0; 2];
    stream.read_exact(&mut head).await?;
    let length = match head {
        [0x30, short @ 0..=0x7f] => usize::from(short),
        [0x30, long @ 0x81..=0x84] => {
            let mut length = 0;
            for _ in 0..long & 0x7f {
                length = length << 8 | usize::from(stream.read_u8().await?);
            }
            length
        }
        _ => return Err(odd("it does not speak LDAP")),
    };
    if length > LONGEST_PACKET {
        return Err(odd("its answer is too long"));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let granted = der::elements(&body).find(|one| one.tag == 0x78).and_then(|answer| der::element(answer.content));
    match granted {
        Some((code, _)) => Ok(code.tag == 0x0a && code.content == [0]),
        None => Err(odd("it does not speak LDAP")),
    }
}

async fn postgres(stream: &mut TcpStream) -> Result<bool, Failure> {
    stream.write_all(&[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]).await?;
    match stream.read_u8().await? {
        b'S' => Ok(true),
        b'N' => Ok(false),
        _ => Err(odd("it does not speak PostgreSQL")),
    }
}

/// The server greets first; the bits of its greeting say whether it has TLS.
async fn mysql(stream: &mut TcpStream) -> Result<bool, Failure> {
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let length = usize::from(head[0]) | usize::from(head[1]) << 8 | usize::from(head[2]) << 16;
    if length == 0 || length > LONGEST_PACKET {
        return Err(odd("it does not speak MySQL"));
    }
    let mut greeting = vec![0; length];
    stream.read_exact(&mut greeting).await?;
    let version_end = greeting.iter().skip(1).position(|byte| *byte == 0).map(|at| at + 2);
    let (Some(10), Some(at)) = (greeting.first(), version_end) else {
        return Err(odd("it does not speak MySQL, or refuses this host"));
    };
    // Behind the version: number of the connection, eight random bytes, a zero.
    let Some(&[low, high]) = greeting.get(at + 13..at + 15) else {
        return Err(odd("its greeting is too short"));
    };
    if u16::from_le_bytes([low, high]) & CLIENT_SSL == 0 {
        return Ok(false);
    }
    // CLIENT_PROTOCOL_41, CLIENT_SSL, CLIENT_SECURE_CONNECTION, CLIENT_PLUGIN_AUTH
    let mut request = vec![32, 0, 0, 1];
    request.extend(0x0008_8a00u32.to_le_bytes());
    request.extend(0x0100_0000u32.to_le_bytes());
    request.push(33);
    request.extend([0; 23]);
    stream.write_all(&request).await?;
    Ok(true)
}
