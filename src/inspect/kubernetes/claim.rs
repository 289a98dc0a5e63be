//! Tells Kubernetes manifests from the many other YAML and JSON files, by their text alone.

use memchr::memmem;

use super::read::is_object;

/// Whether some document of `text` has `apiVersion` and `kind` at its top level and is an object of a cluster.
pub(super) fn claims(text: &str) -> bool {
    if memmem::find(text.as_bytes(), b"apiVersion").is_none() || memmem::find(text.as_bytes(), b"kind").is_none() {
        return false;
    }
    if text.trim_start().starts_with('{') && !text.trim_start().starts_with("{{") {
        return claims_flow(text.trim_start());
    }
    claims_block(text)
}

/// Block style: both keys at the start of a line, in one document.
fn claims_block(text: &str) -> bool {
    let (mut api_version, mut kind) = (None, None);
    for line in text.lines() {
        if line.starts_with("---") {
            if let Some(rest) = line.strip_prefix("--- {")
                && claims_flow(rest)
            {
                return true;
            }
            (api_version, kind) = (None, None);
        } else if let Some(value) = top_level(line, "apiVersion") {
            api_version = Some(value);
        } else if let Some(value) = top_level(line, "kind") {
            kind = Some(value);
        } else if line.starts_with("{apiVersion") || line.starts_with("{\"apiVersion") {
            return true;
        }
        if let (Some(api_version), Some(kind)) = (api_version, kind)
            && is_object(api_version, kind)
        {
            return true;
        }
    }
    false
}

/// The plain value of `key` when the line defines it without indentation.
fn top_level<'t>(line: &'t str, key: &str) -> Option<&'t str> {
    let line = line.trim_start_matches('\u{feff}');
    let rest = match line.strip_prefix(['"', '\'']) {
        Some(quoted) => quoted.strip_prefix(key)?.strip_prefix(['"', '\''])?,
        None => line.strip_prefix(key)?,
    };
    let value = rest.trim_start().strip_prefix(':')?;
    let value = value.split(" #").next().unwrap_or(value);
    Some(value.trim().trim_matches(['"', '\'']))
}

/// JSON and flow style: both keys directly inside the outermost braces.
fn claims_flow(text: &str) -> bool {
    let (mut api_version, mut kind) = (None, None);
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0usize, 0usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
            b'"' | b'\'' => {
                let end = string_end(bytes, at);
                if depth == 1 {
                    note(text, at + 1, end, &mut api_version, &mut kind);
                }
                at = end;
            }
            b'a' | b'k' if depth == 1 && at > 0 && b"{, \n\t".contains(&bytes[at - 1]) => {
                let word = bytes[at..].iter().position(|b| !b.is_ascii_alphanumeric()).map_or(bytes.len(), |n| at + n);
                note(text, at, word, &mut api_version, &mut kind);
                at = word - 1;
            }
            _ => {}
        }
        at += 1;
    }
    matches!((api_version, kind), (Some(api_version), Some(kind)) if is_object(api_version, kind))
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if quote == b'"' => at += 1,
            byte if *byte == quote => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// Remembers the value behind a key that ends at `end`.
fn note<'t>(text: &'t str, start: usize, end: usize, api_version: &mut Option<&'t str>, kind: &mut Option<&'t str>) {
    let slot = match text.get(start..end) {
        Some("apiVersion") => api_version,
        Some("kind") => kind,
        _ => return,
    };
    let rest = text.get(end..).unwrap_or_default().trim_start_matches(['"', '\'']).trim_start();
    if let Some(value) = rest.strip_prefix(':') {
        let value = value.trim_start().trim_start_matches(['"', '\'']);
        let stop = value.find(['"', '\'', ',', '}', '\n', ' ']).unwrap_or(value.len());
        *slot = value.get(..stop);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects() {
        for text in [
            "apiVersion: v1\nkind: Pod\n",
            "# hi\n---\nkind: Deployment # x\napiVersion: \"apps/v1\"\n",
            "a: 1\n---\napiVersion: v1\nkind: List\nitems: []\n",
            "{\"metadata\": {\"kind\": \"x\"}, \"kind\": \"Pod\", \"apiVersion\": \"v1\"}",
            "{apiVersion: v1, kind: Pod}",
            "{{- if .x }}\napiVersion: v1\nkind: Pod\n{{- end }}\n",
            "\r\napiVersion: v1\r\nkind: Pod\r\n spec: [",
        ] {
            assert!(claims(text), "{text}");
        }
    }

    #[test]
    fn others() {
        for text in [
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
            "apiVersion: skaffold/v4beta6\nkind: Config\n",
            "apiVersion: v2\nname: chart\ntype: application\n",
            "apiVersion: 1\nproviders: []\nkind: x\n",
            "apiVersion: v1\nkind: Config\nclusters: []\n",
            "apiVersion: backstage.io/v1alpha1\nkind: Component\n",
            "extra:\n  apiVersion: v1\n  kind: Pod\n",
            "apiVersion: v1\n---\nkind: Pod\n",
            "{\"definitions\": {\"apiVersion\": \"v1\", \"kind\": \"Pod\"}}",
            "{\"apiVersion\": {\"type\": \"string\"}, \"kind\": \"Pod\"}",
            "",
        ] {
            assert!(!claims(text), "{text}");
        }
    }
}
