//! What an endpoint shows: for each address a handshake as a client of today makes it, and hand-made first messages for
//! what such a client does not speak. Written as the `observed` part of a transcript; see docs/network.md.

mod address;
mod handshake;
mod hello;
mod raw;
mod staple;
mod starttls;
mod suites;
mod trust;

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::Poll;

use address::Shown;

use crate::fact::target::TlsTarget;
use crate::observe::{Net, Writer};

/// More addresses of one name are not asked.
const MOST_ADDRESSES: usize = 16;

/// Observes an endpoint. Never fails: what failed is written down.
pub async fn observe(target: &TlsTarget, net: &Net, out: &mut Writer) {
    let addresses = match net.addresses(&target.host).await {
        Ok(addresses) => addresses,
        Err(failure) => return out.failure(&failure),
    };
    let port = target.port_number();
    let left_out = addresses.len().saturating_sub(MOST_ADDRESSES);
    let asked = addresses.iter().take(MOST_ADDRESSES).map(|ip| SocketAddr::new(*ip, port));
    let shown = together(asked.map(|address| address::observe(target, net, address)).collect()).await;
    if let Some(failure) = same_failure(&shown) {
        return out.text("failure", &failure);
    }
    out.list("addresses", &shown, |out, one| one.write(out));
    if left_out > 0 {
        out.number("addresses-left-out", i64::try_from(left_out).unwrap_or(i64::MAX));
    }
}

/// Why no address could be judged.
fn same_failure(shown: &[Shown]) -> Option<String> {
    let failures: Option<Vec<&String>> = shown.iter().map(|one| one.failure.as_ref()).collect();
    failures?.first().map(|first| (*first).clone())
}

/// Waits for all, in order. They are few: each is asked whenever one of them moves.
async fn together<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<Pin<Box<_>>> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<T>> = waiting.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut is_pending = false;
        for (future, slot) in waiting.iter_mut().zip(&mut done).filter(|(_, slot)| slot.is_none()) {
            match future.as_mut().poll(context) {
                Poll::Ready(value) => *slot = Some(value),
                Poll::Pending => is_pending = true,
            }
        }
        if is_pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    done.into_iter().flatten().collect()
}
