//! What is stated about HTTP targets.

use crate::fact::Type;

crate::subject! {
    /// An HTTP target of the policy, as it answered. Stands at its URL.
    pub struct Endpoint: "http.endpoint" {
        /// The URL.
        url: Type::String,
        /// Its host.
        host: Type::String,
        /// Whether the URL is encrypted; points to it.
        is_https: Type::Bool,
        /// Whether others than the own network reach the host, as far as its name shows; points to the URL.
        is_public: Type::Bool,
        /// What it is: `page`, `api` or `health`; as the target says, else as path and answer show.
        kind: Type::String,
        /// Whether all that is said of headers is to be judged (`headers: strict`).
        is_strict: Type::Bool,
        /// The status of the first answer; points to it.
        status: Type::Int,
        /// The status that the target asks for; absent when it does not.
        expected_status: Type::Int,
        /// Whether the status is the one that the target asks for; without one, whether it is no error; points to it.
        is_expected_status: Type::Bool,
        /// Whether the first answer sends on to somewhere else; points to the status.
        is_redirect: Type::Bool,
        /// Whether the redirects end at a URL with TLS.
        ends_encrypted: Type::Bool,
        /// How many redirects were followed.
        redirects: Type::Int,
        /// Whether the redirects lead back to where they were; points to the one that does.
        is_loop: Type::Bool,
        /// Whether there were more redirects than anybody follows; points to the last one.
        is_endless: Type::Bool,
        /// Milliseconds until the answer began, the median of several requests; points to one of them.
        latency: Type::Int,
        /// How many requests that is the median of.
        samples: Type::Int,
        /// The most that the target allows; absent when it says nothing.
        max_latency: Type::Int,
        /// Whether it answers in the time that the target allows; absent when it says nothing; points to the latency.
        is_within_latency: Type::Bool,
        /// Whether several requests were answered with one status; points to the first other one.
        is_steady: Type::Bool,
        /// The version of the protocol: `HTTP/1.1`, `HTTP/2`; points to it.
        version: Type::String,
        /// Whether the certificate can be trusted; absent without TLS; points to what is said of it.
        has_trusted_certificate: Type::Bool,
        /// What is wrong with the certificate.
        certificate: Type::String,
        /// Whether the host answers without TLS; points to that answer; absent when the URL itself is not encrypted.
        has_plain: Type::Bool,
        /// The URL without TLS that was asked; absent when none was.
        plain_url: Type::String,
        /// The status of that answer; absent when there is none.
        plain_status: Type::Int,
        /// Whether the answer without TLS leads to TLS in the end; points to that answer; absent when there is none, or
        /// it is an error.
        plain_ends_encrypted: Type::Bool,
        /// Whether its first redirect goes to TLS at once; absent when it never gets there.
        plain_goes_straight: Type::Bool,
        /// Whether its first redirect stays on the host; absent when it does not go to TLS.
        plain_stays_on_host: Type::Bool,
        /// Whether the redirect to TLS keeps path and query; absent when it does not stay on the host.
        plain_keeps_path: Type::Bool,
        /// Whether the redirect to TLS is permanent; absent when there is none; points to its status.
        plain_is_permanent: Type::Bool,
        /// Texts that the target asks for and that are not in the answer; each at the text.
        wanted_texts_missing: Type::List(&Type::String),
        /// Texts in the answer that the target forbids.
        forbidden_texts: Type::List(&Type::String),
        /// The type that the target asks for; absent when it does not.
        expected_type: Type::String,
        /// The type of the answer, without parameters; points to it.
        content_type: Type::String,
        /// Whether the type is the one asked for; absent when none is.
        has_expected_type: Type::Bool,
        /// Whether a body that says that it is JSON can be read; absent for any other; points to what was found.
        is_valid_json: Type::Bool,
        /// What the answer says of the service as a whole (`UP`, `ok`, `degraded`); absent when it says nothing.
        health: Type::String,
        /// Whether that means that it works; absent when nothing is said.
        is_healthy: Type::Bool,
        /// Whether the target itself names fields that must be right.
        names_health: Type::Bool,
        /// The score of MDN's observatory; absent when it gives none, unknown when something was not seen.
        score: Type::Int,
        /// Its grade, `A+` to `F`.
        grade: Type::String,
        /// The tests of the observatory that cost points: `outcome (points)`, each at what decided it.
        lost: Type::List(&Type::String),
    }

    /// A field of the JSON answer that the target names. Stands at the value, or at the status when there is none.
    pub struct Field: "http.field" {
        /// Its name, with dots.
        name: Type::String,
        /// The value that the target asks for.
        expected: Type::String,
        /// The value; absent when there is none.
        value: Type::String,
        /// Whether it is the value asked for; points to it.
        is_expected: Type::Bool,
        /// Whether the name says that it tells which build is running.
        is_version: Type::Bool,
    }

    /// A part of the service that a health answer tells of. Stands at what it says.
    pub struct Component: "http.component" {
        /// Its name.
        name: Type::String,
        /// How it is, as it says: `UP`, `down`.
        state: Type::String,
        /// Whether that means that it works; points to it.
        is_healthy: Type::Bool,
    }

    /// A header that the target asks for. Stands at its value, or at the status when it is missing.
    pub struct Expected: "http.expected" {
        /// Its name, in lower case.
        name: Type::String,
        /// The value that the target asks for; `*` stands for anything.
        expected: Type::String,
        /// The value, or the values with commas; absent when there is none.
        value: Type::String,
        /// Whether a header of that name has that value; points to the value.
        is_expected: Type::Bool,
    }

    /// An answer. Stands at its status.
    pub struct Response: "http.response" {
        /// Why it was asked for: `main` (the target), `follow` (its redirect), `missing` (a path that is not there),
        /// `address` (the target at another address), `closed` (a path that must not be open), `cors`,
        /// `cors-get`, `trace`, ….
        probe: Type::String,
        /// The URL.
        url: Type::String,
        /// The address that answered.
        address: Type::String,
        /// The status; points to it.
        status: Type::Int,
        /// `page`, `api` or `health`: what the target is.
        kind: Type::String,
        /// Whether it is the answer of the target itself, after redirects on the host.
        is_final: Type::Bool,
        /// Whether it is a page.
        is_html: Type::Bool,
        /// Whether it says that it is JSON.
        is_json: Type::Bool,
        /// The type of the body without parameters; points to it.
        content_type: Type::String,
        /// Whether there is a body without a type; points to the length.
        has_untyped_body: Type::Bool,
        /// Whether a text says how it is encoded; absent when it is no text, or of a type with a fixed encoding.
        has_charset: Type::Bool,
        /// How long the body is; points to it.
        bytes: Type::Int,
        /// Whether it was compressed, given the choice; absent when nobody asked, or it is short or no text.
        is_compressed: Type::Bool,
        /// The header `Cache-Control`; absent when there is none.
        cache_control: Type::String,
        /// Whether a cache that many share may keep it; points to what says so.
        is_shared_cacheable: Type::Bool,
        /// Whether any cache may keep it without asking: nothing forbids it; points to what says so.
        is_cacheable: Type::Bool,
        /// Whether it sets a cookie that holds a session; points to that.
        sets_session: Type::Bool,
        /// What it looks like: `directory-listing`, `default-page`, `stack-trace`, `debug-page`; each at its place.
        shows: Type::List(&Type::String),
        /// Whether it asks search engines to leave it out; points to what does.
        is_noindex: Type::Bool,
        /// Whether the host's name says that it is not production: `staging`, `test`, `preview`.
        is_rehearsal: Type::Bool,
        /// Whether the answer of another address is the same; absent for anything else; points to what differs.
        agrees: Type::Bool,
        /// What differs, in words.
        difference: Type::String,
        /// The request came back in the answer to TRACE; absent for anything else.
        echoes_request: Type::Bool,
        /// Whether it lets the origin read what the answer to OPTIONS lets it read as well.
        repeats_options: Type::Bool,
        /// Whether the header that lets other origins read names the origin that was sent; absent when none was.
        reflects_origin: Type::Bool,
        /// Whether any origin may read it (`*`); absent when none was sent.
        allows_any_origin: Type::Bool,
        /// Whether it lets them read it with the user's cookies; absent when no origin was sent.
        allows_credentials: Type::Bool,
        /// Whether caches are told that the answer depends on the origin; absent when no origin was sent.
        varies_by_origin: Type::Bool,
    }

    /// Another address of the target's host. Stands at its status, or at why there is none.
    pub struct Address: "http.address" {
        /// The address.
        address: Type::String,
        /// Whether it takes connections; points to what came of it.
        is_reached: Type::Bool,
        /// Why there is no answer; absent when there is one.
        failure: Type::String,
    }

    /// A header of the last answer, or `Location` of an earlier one. Stands at its value.
    pub struct Header: "http.header" {
        /// The answer's `probe`.
        probe: Type::String,
        /// `page`, `api` or `health`: what the target is.
        kind: Type::String,
        /// Its name, in lower case; points to it.
        name: Type::String,
        /// Its value, without what is secret.
        value: Type::String,
        /// Whether it tells which version of which product answers; points to the value.
        names_version: Type::Bool,
        /// Whether it only tells what the service is made with; points to the value.
        is_banner: Type::Bool,
        /// Whether no browser heeds it any more, or it does harm; points to the name.
        is_obsolete: Type::Bool,
        /// Whether an address of a private network stands in it; points to that.
        has_private_address: Type::Bool,
        /// Whether an answer has it several times although only one counts; points to the later one.
        is_repeated: Type::Bool,
    }

    /// A cookie that is set on the way to the last answer. Stands at the header.
    pub struct Cookie: "http.cookie" {
        /// Its name.
        name: Type::String,
        /// Whether it holds a session or lets somebody in, as its name says.
        is_session: Type::Bool,
        /// Whether it guards against forged requests, as its name says.
        is_csrf: Type::Bool,
        /// Whether it was set over TLS.
        is_https: Type::Bool,
        /// Whether browsers send it over TLS only.
        is_secure: Type::Bool,
        /// Whether scripts cannot read it.
        is_http_only: Type::Bool,
        /// `SameSite` as written; absent when there is none.
        same_site: Type::String,
        /// Whether `SameSite` is a word that there is; absent when there is none.
        has_known_same_site: Type::Bool,
        /// Whether it is `SameSite=None`.
        is_cross_site: Type::Bool,
        /// Whether it keeps what `__Host-` or `__Secure-` promise.
        keeps_prefix: Type::Bool,
        /// Whether it is set for a name above the host's, and so for all its neighbours.
        is_for_parent: Type::Bool,
        /// `Domain`; absent when there is none.
        domain: Type::String,
        /// The bytes of name and value.
        size: Type::Int,
    }

    /// A redirect. Stands at where it leads.
    pub struct Redirect: "http.redirect" {
        /// From where.
        from: Type::String,
        /// To where, as written.
        to: Type::String,
        /// The status.
        status: Type::Int,
        /// Whether it leads to a URL that can be followed, or to a program.
        is_readable: Type::Bool,
        /// Whether it goes from TLS to none.
        is_downgrade: Type::Bool,
        /// Whether it leaves the host.
        leaves_host: Type::Bool,
        /// Whether it was met on the way from the target itself, not from the same host without TLS.
        is_from_target: Type::Bool,
    }

    /// A page as a browser takes it: what its headers, and what stands in for them, say. Stated for pages that are no
    /// errors, and for every answer when the target says `headers: strict`; not when it says `headers: off`. Stands at the
    /// status.
    pub struct Page: "http.page" {
        /// The URL.
        url: Type::String,
        /// The status.
        status: Type::Int,
        /// Whether it came over TLS.
        is_https: Type::Bool,
        /// Whether others than the own network reach the host, as far as its name shows.
        is_public: Type::Bool,
        /// Whether it is a page, not only a strictly judged answer.
        is_html: Type::Bool,
        /// Whether it is a redirect.
        is_redirect: Type::Bool,
        /// `Strict-Transport-Security`; absent when there is none.
        hsts: Type::String,
        /// Why browsers ignore it; absent when they do not.
        hsts_problem: Type::String,
        /// Its `max-age`.
        hsts_max_age: Type::Int,
        /// Whether it holds for subdomains.
        hsts_subdomains: Type::Bool,
        /// Whether it asks to be built into browsers.
        hsts_preload: Type::Bool,
        /// Whether there is a policy for what the page may load, in a header or a `meta` element.
        has_csp: Type::Bool,
        /// Whether there is only one that reports and does not hinder; points to it.
        is_csp_report_only: Type::Bool,
        /// Why a policy does not hold; absent when all do.
        csp_problem: Type::String,
        /// What lets scripts of anybody run, each at its place; empty when nothing does.
        csp_open_scripts: Type::List(&Type::String),
        /// Whether the policy leaves scripts or plugins without limit altogether; points to it.
        csp_lacks_scripts: Type::Bool,
        /// What lets text become code.
        csp_evals: Type::List(&Type::String),
        /// Sources without encryption for what is active.
        csp_insecure: Type::List(&Type::String),
        /// Sources without encryption for pictures and the like.
        csp_insecure_passive: Type::List(&Type::String),
        /// What lets styles of anybody in.
        csp_open_styles: Type::List(&Type::String),
        /// Directives that stand twice in one policy.
        csp_repeated: Type::List(&Type::String),
        /// Names that are no directives.
        csp_unknown: Type::List(&Type::String),
        /// Whether it is said what `base` may set.
        csp_limits_base: Type::Bool,
        /// Whether anything says who may show it in a frame.
        has_frame_limit: Type::Bool,
        /// `X-Frame-Options`; absent when there is none, or `frame-ancestors` counts instead.
        frame_options: Type::String,
        /// Whether it is `DENY` or `SAMEORIGIN`; absent like that.
        has_known_frame_options: Type::Bool,
        /// Whether it is `ALLOW-FROM`, which browsers ignore; absent like that.
        is_allow_from: Type::Bool,
        /// `X-Content-Type-Options`; absent when there is none.
        content_type_options: Type::String,
        /// Whether that is `nosniff`; absent when there is none.
        is_nosniff: Type::Bool,
        /// Whether anything is said of referrers.
        has_referrer_policy: Type::Bool,
        /// The policy for referrers that counts; absent when none is known.
        referrer_policy: Type::String,
        /// Whether that keeps paths from other origins; absent when none is known.
        is_private_referrer: Type::Bool,
        /// Whether `Cross-Origin-Resource-Policy` is a word that there is; absent without the header.
        has_known_corp: Type::Bool,
        /// Whether `Cross-Origin-Embedder-Policy` is a word that there is; absent without the header.
        has_known_coep: Type::Bool,
        /// Whether `Cross-Origin-Opener-Policy` is a word that there is; absent without the header.
        has_known_coop: Type::Bool,
        /// Whether there is a `Permissions-Policy`.
        has_permissions_policy: Type::Bool,
        /// Whether `X-Permitted-Cross-Domain-Policies` is there.
        has_cross_domain_policy: Type::Bool,
        /// Headers that protect this page and are missing on the page for errors; absent when that was not seen.
        missing_on_errors: Type::List(&Type::String),
    }

    /// Something that a page loads from elsewhere, or without encryption. Stands at its URL.
    pub struct Load: "http.load" {
        /// `script`, `style`, `frame`, `image`, `media`, `form`.
        kind: Type::String,
        /// The URL as written.
        url: Type::String,
        /// Whether it comes without encryption into a page with it.
        is_mixed: Type::Bool,
        /// Whether it comes from another site than the page's.
        is_foreign: Type::Bool,
        /// Whether its digest stands beside it.
        has_integrity: Type::Bool,
    }
}
