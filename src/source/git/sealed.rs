//! The commit that brought a file, with its signature, read from git's objects; no `git` program is run.

use gix_hash::ObjectId;
use gix_object::{Kind, TreeRefIter};

use super::commit::{header, headers, object};
use super::history::{History, MAX_COMMITS, time_of};

/// A commit as it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its id.
    pub id: String,
    /// When it was made, in seconds since 1970.
    pub time: i64,
    /// What a signature is over: all of it but the signature.
    pub content: Vec<u8>,
    /// The signature, armoured.
    pub signature: Option<String>,
}

impl History {
    /// The commit that brought the file at `path` with this text: the oldest on the way back from what is checked out that
    /// has it so. `None` when the file is not committed so.
    ///
    /// # Errors
    /// In words: a commit is not here (a shallow clone), or there are too many.
    pub fn introduced(&self, path: &str, text: &str) -> Result<Option<Sealed>, String> {
        let (mut id, mut data) = (self.head, self.commit(self.head)?);
        let Some(blob) = self.blob(&data, path)? else { return Ok(None) };
        // git may keep other ends of lines than the working tree.
        let plain = |bytes: &[u8]| bytes.iter().copied().filter(|byte| *byte != b'\r').collect::<Vec<u8>>();
        if plain(&object(&self.store, &blob, Kind::Blob)?) != plain(text.as_bytes()) {
            return Ok(None);
        }
        for _ in 0..MAX_COMMITS {
            let mut before = None;
            for parent in headers(&data, "parent") {
                let earlier = self.commit(parent)?;
                if self.blob(&earlier, path)? == Some(blob) {
                    before = Some((parent, earlier));
                    break;
                }
            }
            match before {
                Some(earlier) => (id, data) = earlier,
                None => return Ok(Some(Sealed::of(id, &data))),
            }
        }
        Err(format!("the last {MAX_COMMITS} commits all have it"))
    }

    /// The file at `path` of a commit.
    fn blob(&self, commit: &[u8], path: &str) -> Result<Option<ObjectId>, String> {
        let Some(mut id) = header(commit, "tree") else { return Ok(None) };
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            let data = object(&self.store, &id, Kind::Tree)?;
            let mut entries = TreeRefIter::from_bytes(&data, gix_hash::Kind::Sha1).filter_map(Result::ok);
            let Some(entry) = entries.find(|entry| entry.filename == part.as_bytes()) else { return Ok(None) };
            id = entry.oid.to_owned();
            match parts.peek() {
                None if entry.mode.is_blob() => return Ok(Some(id)),
                Some(_) if entry.mode.is_tree() => {}
                _ => return Ok(None),
            }
        }
        Ok(None)
    }
}

impl Sealed {
    fn of(id: ObjectId, data: &[u8]) -> Self {
        let (content, signature) = taken_apart(data);
        Self { id: id.to_string(), time: time_of(data).unwrap_or(0), content, signature }
    }
}

/// A commit without its signatures, and the first of them.
fn taken_apart(data: &[u8]) -> (Vec<u8>, Option<String>) {
    let mut content = Vec::with_capacity(data.len());
    let mut signature: Option<Vec<u8>> = None;
    // The header that goes on in lines that begin with a blank: the signature, another one, or none of both.
    let (mut keeps, mut skips, mut in_head) = (false, false, true);
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        let more = line.strip_prefix(b" ").filter(|_| in_head && (keeps || skips));
        if let Some(more) = more {
            signature.iter_mut().filter(|_| keeps).for_each(|text| text.extend_from_slice(more));
            continue;
        }
        let first = line.strip_prefix(b"gpgsig ").filter(|_| in_head && signature.is_none());
        keeps = first.is_some();
        skips = in_head && line.starts_with(b"gpgsig-sha256 ");
        signature = signature.or(first.map(<[u8]>::to_vec));
        in_head &= line != b"\n";
        if !keeps && !skips {
            content.extend_from_slice(line);
        }
    }
    (content, signature.and_then(|text| String::from_utf8(text).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_taken_out_of_its_commit() {
        let plain = "tree 1\nauthor A <a@x> 1 +0000\ncommitter A <a@x> 1 +0000\n\nTitle\n\ngpgsig none\n indented\n";
        assert_eq!(taken_apart(plain.as_bytes()), (plain.as_bytes().to_vec(), None));
        let signed = plain.replacen("\n\n", "\ngpgsig -----BEGIN X-----\n a\n \n b\n -----END X-----\n\n", 1);
        let (content, signature) = taken_apart(signed.as_bytes());
        assert_eq!(String::from_utf8(content).unwrap(), plain);
        assert_eq!(signature.as_deref(), Some("-----BEGIN X-----\na\n\nb\n-----END X-----\n"));
        let other = plain.replacen("\n\n", "\ngpgsig-sha256 one\n two\n\n", 1);
        assert_eq!(taken_apart(other.as_bytes()), (plain.as_bytes().to_vec(), None));
        assert_eq!(taken_apart(b""), (Vec::new(), None));
    }
}
