//! Files and manifests that belong together.

use crate::fact::{Role, Value};
use crate::inspect;
use crate::relate::{Around, Relation, demand::Demands, network::Network};
use crate::source::{Encoding, Inventory, Origin, Source};
use crate::span::SourceId;

/// What the relation states: subject, path, and whether all is well.
fn stated(files: &[(&str, String)]) -> Vec<(String, String, Option<bool>)> {
    let sources: Vec<Source> = files
        .iter()
        .zip(0..)
        .map(|((path, text), id)| {
            Source::new(SourceId(id), Origin::File((*path).into()), Encoding::Utf8, Role::Production, text.as_str())
        })
        .collect();
    let claims: Vec<_> = sources.iter().map(|one| inspect::claimants(one.path(), one.text())).collect();
    let facts = inspect::all(&sources, &claims).facts;
    let (inventory, demands) = (Inventory::default(), Demands::default());
    let found = Network.relate(&sources, &facts, Around { inventory: &inventory, demands: &demands });
    let good = |fact: &crate::fact::Fact<'_>| {
        let field = |name| fact.record.get(name).and_then(Value::as_bool);
        field("matches").or_else(|| field("is_covered"))
    };
    found.iter().map(|fact| (fact.subject().name.to_owned(), fact.path.to_string(), good(fact))).collect()
}

fn made(name: &str) -> (String, String) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

#[test]
fn a_key_is_compared_with_the_certificate_of_its_name() {
    let (one, key) = made("shop.seaworthy-demo.com");
    let (two, _) = made("www.seaworthy-demo.com");
    for (key_file, certificate_file) in [
        ("deploy/server.key", "deploy/server.crt"),
        ("deploy/server-key.pem", "deploy/server.pem"),
        ("deploy/privkey.pem", "deploy/fullchain.pem"),
        ("tls.key", "tls.crt"),
        ("a.key.pem", "a.cert.pem"),
    ] {
        for (certificate, good) in [(&one, true), (&two, false)] {
            let found = stated(&[(certificate_file, certificate.clone()), (key_file, key.clone())]);
            assert_eq!(found, [("tls.pair".into(), format!("pair/{certificate_file}"), Some(good))], "{key_file}");
        }
    }
    let apart = [("a/server.crt", one.clone()), ("b/server.key", key.clone()), ("b/other.crt", two)];
    assert_eq!(stated(&apart), []);
    assert_eq!(stated(&[("server.pem", format!("{one}{key}"))]), []);
}

fn secret(name: &str, certificate: &str) -> String {
    let indented: String = certificate.lines().map(|line| format!("    {line}\n")).collect();
    format!("apiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\nstringData:\n  tls.crt: |\n{indented}")
}

fn ingress(secret: &str, hosts: &str) -> String {
    format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: shop\nspec:\n  tls:\n    - secretName: \
         {secret}\n      hosts: [{hosts}]\n  rules: []\n"
    )
}

#[test]
fn hosts_of_an_ingress_are_compared_with_the_certificate() {
    let (certificate, _) = made("*.seaworthy-demo.com");
    let files = |name: &str, hosts: &str, folder: &str| {
        vec![
            ("deploy/ingress.yaml", ingress("shop-tls", hosts)),
            (if folder == "deploy" { "deploy/secret.yaml" } else { "base/secret.yaml" }, secret(name, &certificate)),
        ]
    };
    let found = stated(&files("shop-tls", "shop.seaworthy-demo.com, other.org", "deploy"));
    assert_eq!(found.iter().map(|one| one.2).collect::<Vec<_>>(), [Some(true), Some(false)]);
    assert_eq!(stated(&files("shop-tls", "'*.seaworthy-demo.com'", "base"))[0].2, Some(true));
    assert_eq!(stated(&files("another", "other.org", "deploy")), []);
    assert_eq!(stated(&[("deploy/ingress.yaml", ingress("shop-tls", "other.org"))]), []);
}
