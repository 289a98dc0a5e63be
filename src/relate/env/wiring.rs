//! Code ↔ image ↔ workload: does what runs a program give it the variables that it reads? Only where each step is
//! known: a program of which it is a guess what runs it, and with what, gets no verdict.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use aho_corasick::{AhoCorasick, MatchKind};

use super::given::File;
use crate::fact::{Fact, Type, Value};
use crate::inspect::compose::is_named;
use crate::inspect::env::code::{self, Code, Language, Read};
use crate::inspect::env::name;
use crate::inspect::kubernetes::subjects::Object;
use crate::parallel;
use crate::path;
use crate::product;
use crate::source::{self, Inventory, Source};
use crate::span::Span;

mod image;
mod known;
mod workload;

use image::Image;
use workload::Workload;

crate::subject! {
    /// A variable that program text reads: at the read that needs it most. Stands at its name. Stated only where an image
    /// of this repository holds the program, or a dotenv example stands above it.
    pub struct Reading: "env.read" {
        /// Its name.
        name: Type::String,
        /// The language of the program.
        language: Type::String,
        /// What happens when it is not set: `fails` (the program ends there), `silent` (it goes on without a value),
        /// `optional` (something stands in for it, or the program asks first), `build` (it counts at build time only).
        need: Type::String,
        /// Whether platforms, runtimes and libraries set it or do without it (PATH, NODE_ENV, AWS_REGION).
        is_well_known: Type::Bool,
        /// The Dockerfile whose image holds the program; empty when none does, or several do.
        dockerfile: Type::String,
        /// What runs that image; empty when that is not known.
        workload: Type::String,
        /// Whether everything that the image and what runs it set can be seen.
        is_traced: Type::Bool,
        /// Whether the image, what runs it, a dotenv file beside the program, or the program itself sets it; points to the
        /// name.
        is_given: Type::Bool,
        /// Whether another workload is given it, or the dotenv example asks for it.
        is_expected: Type::Bool,
        /// The dotenv example that speaks for the program; empty when there is none.
        example: Type::String,
        /// Whether that example mentions it; points to the name.
        is_in_example: Type::Bool,
    }
}

/// What is asked while variables are followed.
pub(super) struct Around<'a, 's> {
    pub(super) sources: &'s [Source],
    pub(super) inventory: &'a Inventory,
    by_path: HashMap<&'s str, &'s Source>,
}

impl<'s> Around<'_, 's> {
    fn source(&self, path: &str) -> Option<&'s Source> {
        self.by_path.get(path).copied()
    }
}

/// A program file with what it reads.
struct Program<'s> {
    source: &'s Source,
    code: Code<'s>,
    image: Option<usize>,
    example: Option<usize>,
}

/// What is known of an image's variables.
#[derive(Default)]
struct Chain {
    workload: String,
    is_traced: bool,
    gives: BTreeSet<String>,
    role: crate::fact::Role,
}

/// Names that are judged against the rest of the repository at most.
const MOST: usize = 2000;

/// States the facts.
pub(super) fn relate<'s>(
    files: &[File<'s>],
    sources: &'s [Source],
    facts: &[Fact<'s>],
    inventory: &Inventory,
    found: &mut Vec<Fact<'s>>,
) {
    let examples: Vec<&File<'s>> = files.iter().filter(|file| file.is_example).collect();
    let has_dockerfile = facts.iter().any(|fact| fact.subject().inspector() == "dockerfile");
    if examples.is_empty() && !has_dockerfile {
        return;
    }
    let by_path = sources.iter().map(|source| (source.path(), source)).collect();
    let around = Around { sources, inventory, by_path };
    let workloads = workload::workloads(facts, &around);
    let contexts = contexts(&workloads, &around);
    let images = image::images(facts, &around, &contexts);
    let programs = programs(&images, &examples, &around);
    let own = |index| programs.iter().filter(move |program| program.image == Some(index)).collect::<Vec<_>>();
    let chains = images.iter().enumerate();
    let chains: Vec<Chain> =
        chains.map(|(index, image)| chain(image, &images, &workloads, files, &own(index), &around)).collect();
    let elsewhere: HashSet<&str> =
        workloads.iter().flat_map(|workload| workload.gives.iter().map(String::as_str)).collect();
    let mut open = Vec::new();
    for (scope, reads) in by_scope(&programs) {
        let (image, example) = scope;
        let image = image.and_then(|index| Some((images.get(index)?, chains.get(index)?)));
        let example = example.and_then(|index| examples.get(index)).copied();
        open.extend(reads.into_iter().map(|(source, read)| state(source, read, image, example, &elsewhere)));
    }
    excuse(&mut open, facts, &around);
    found.extend(open);
}

/// Dockerfile → build context, as compose and skaffold say.
fn contexts(workloads: &[Workload<'_>], around: &Around<'_, '_>) -> BTreeMap<String, String> {
    let said = |one: &Workload<'_>| {
        let dockerfile = one.dockerfile.clone().filter(|path| around.source(path).is_some())?;
        Some((dockerfile, one.context.clone()?))
    };
    workloads.iter().filter_map(said).collect()
}

/// The programs that an image holds or an example speaks for, in order.
fn programs<'s>(images: &[Image<'s>], examples: &[&File<'s>], around: &Around<'_, 's>) -> Vec<Program<'s>> {
    let one = |source: &'s Source| {
        let path = source.path();
        let language = Language::of(path).filter(|_| source.role.is_shipped())?;
        // Most programs read nothing: that is found out first, because it is the cheapest.
        let code =
            Some(code::read(path, source.text())).filter(|code| !(code.reads.is_empty() && code.sets.is_empty()))?;
        let holders: Vec<(usize, &Image<'_>)> =
            images.iter().enumerate().filter(|(_, image)| image.holds(path)).collect();
        let deepest = holders.iter().map(|(_, image)| image.context.len()).max();
        let mut nearest = holders.into_iter().filter(|(_, image)| Some(image.context.len()) == deepest);
        let image = nearest.next().filter(|_| nearest.next().is_none());
        let above = |file: &&File<'_>| path::below(path, path::folder(file.source.path())).is_some();
        let depth = |file: &File<'_>| path::folder(file.source.path()).len();
        let example = (0..examples.len()).filter(|index| examples.get(*index).is_some_and(above));
        let example = example.max_by_key(|index| examples.get(*index).map_or(0, |file| depth(file)));
        if image.is_none() && example.is_none() || is_tool(path) {
            return None;
        }
        let starts = |image: &Image<'_>| image.dockerfile.text().contains(path::file_name(path));
        if language == Language::Shell && !image.is_some_and(|(_, image)| starts(image)) {
            return None;
        }
        let image = image.filter(|(_, image)| image.runs(path, around)).map(|(index, _)| index);
        Some(Program { source, code, image, example })
    };
    parallel::map(around.sources.iter().collect(), source::bytes(around.sources), one).into_iter().flatten().collect()
}

/// Program text that runs when something is built, checked or set up.
fn is_tool(path: &str) -> bool {
    let file = path::file_name(path);
    let config = [".config.js", ".config.ts", ".config.mjs", ".config.cjs", ".config.mts", ".setup.ts", ".setup.js"];
    const FILES: &str = "\
        setup.py conftest.py gulpfile.js gruntfile.js noxfile.py tasks.py fabfile.py Rakefile build.rs vite.config.ts \
        gunicorn.conf.py webpack.config.js next.config.js knexfile.js knexfile.ts drizzle.config.ts";
    config.iter().any(|end| file.ends_with(end)) || FILES.split(' ').any(|one| one == file) || file.starts_with(".")
}

type Scope = (Option<usize>, Option<usize>);

/// The strongest read of each name, by image and example.
fn by_scope<'p, 's>(programs: &'p [Program<'s>]) -> BTreeMap<Scope, Vec<(&'s Source, &'p Read<'s>)>> {
    let mut scopes: BTreeMap<Scope, Vec<&Program<'s>>> = BTreeMap::new();
    for program in programs {
        scopes.entry((program.image, program.example)).or_default().push(program);
    }
    let strongest = |list: Vec<&'p Program<'s>>| {
        let all = || list.iter().flat_map(|program| program.code.reads.iter().map(|read| (program.source, read)));
        let sets: HashSet<&str> = list.iter().flat_map(|program| program.code.sets.iter().copied()).collect();
        let mut best: BTreeMap<&str, (&'s Source, &'p Read<'s>)> = BTreeMap::new();
        for (source, read) in all().filter(|(_, read)| !sets.contains(read.name)) {
            let place = best.entry(read.name).or_insert((source, read));
            if read.need > place.1.need {
                *place = (source, read);
            }
        }
        best.into_values().collect()
    };
    scopes.into_iter().map(|(scope, list)| (scope, strongest(list))).collect()
}

/// What runs an image, and what that gives it.
fn chain<'s>(
    image: &Image<'s>,
    images: &[Image<'s>],
    workloads: &[Workload<'s>],
    files: &[File<'s>],
    programs: &[&Program<'s>],
    around: &Around<'_, 's>,
) -> Chain {
    let path = image.dockerfile.path();
    let built = |one: &&Workload<'_>| one.dockerfile.as_deref() == Some(path);
    let names: HashSet<&str> = workloads.iter().filter(built).filter_map(|one| one.image.as_deref()).collect();
    let runs = |one: &&Workload<'_>| {
        let image_name = one.image.as_deref();
        image_name.is_some_and(|name| names.contains(name) || is_named_after(name, image, images, around))
    };
    let in_cluster: Vec<&Workload<'_>> = workloads.iter().filter(|one| !one.is_compose).filter(runs).collect();
    let by_compose = || workloads.iter().filter(|one| one.is_compose && one.role.is_shipped()).filter(built).collect();
    let users: Vec<&Workload<'_>> = if in_cluster.is_empty() { by_compose() } else { in_cluster };
    let mut gives = image.env.clone();
    gives.extend(users.iter().flat_map(|one| one.gives.iter().cloned()));
    let beside = files.iter().filter(|file| !file.is_example && image.holds(file.source.path()));
    gives.extend(beside.flat_map(|file| file.document.assignments().map(|one| one.key.to_owned())));
    // What a workload writes out for a shell, or by any other way, is given.
    for read in programs.iter().flat_map(|program| &program.code.reads) {
        if users.iter().any(|one| one.text.contains(read.name)) || gives.contains(&format!("{}_FILE", read.name)) {
            gives.insert(read.name.to_owned());
        }
    }
    Chain {
        workload: users.first().map(|one| one.label.clone()).unwrap_or_default(),
        is_traced: image.is_closed && !users.is_empty() && users.iter().all(|one| !one.is_open),
        role: users.first().map_or(image.dockerfile.role, |one| one.role),
        gives,
    }
}

/// Whether an image of that name is certainly the one that is built there: it is called like the folder, or like the
/// package in it, and nothing else is.
fn is_named_after(reference: &str, image: &Image<'_>, images: &[Image<'_>], around: &Around<'_, '_>) -> bool {
    const ANY: &str =
        "app api web server client frontend backend docker build src service image deploy node python go worker";
    let last = path::file_name(reference);
    if product::known(reference).is_some() {
        return false;
    }
    let folder = |image: &Image<'_>| {
        let folder = path::folder(image.dockerfile.path());
        let folder = folder.strip_suffix("/docker").or_else(|| folder.strip_suffix("/src")).unwrap_or(folder);
        path::file_name(folder).to_owned()
    };
    let like_folder = folder(image) == last && images.iter().filter(|other| folder(other) == last).count() == 1;
    if like_folder {
        return !ANY.split(' ').any(|word| word == last) || reference.contains('/');
    }
    let manifest = path::join(&image.context, "package.json").and_then(|path| around.source(&path));
    let package = manifest.and_then(|source| {
        let root = source.tree().documents(crate::syntax::tree::Dialect::Core).next()?;
        Some(root.get("name")?.text().to_owned())
    });
    package.is_some_and(|package| package == last && !ANY.split(' ').any(|word| word == last)) && images.len() == 1
}

fn state<'s>(
    source: &'s Source,
    read: &Read<'s>,
    image: Option<(&Image<'s>, &Chain)>,
    example: Option<&File<'s>>,
    elsewhere: &HashSet<&str>,
) -> Fact<'s> {
    let span = Span::new(source.id, read.place.clone());
    let chain = image.map(|(_, chain)| chain);
    let mentions = |file: &File<'_>| {
        file.document.assignments().any(|one| one.key == read.name) || file.document.commented.contains(&read.name)
    };
    let asks = |file: &File<'_>| file.document.assignments().any(|one| one.key == read.name);
    let text = |text: &str| Value::str(text.to_owned(), span);
    let given = chain.is_some_and(|chain| chain.gives.contains(read.name));
    let role = chain.filter(|chain| chain.is_traced).map_or(source.role, |chain| chain.role);
    let fact = Reading {
        name: Value::str(read.name, span),
        language: Value::str(Language::of(source.path()).map_or("", Language::name), span),
        need: Value::str(read.need.name(), span),
        is_well_known: Value::bool(known::is_known(read.name), span),
        dockerfile: text(image.map_or("", |(image, _)| image.dockerfile.path())),
        workload: text(chain.map_or("", |chain| &chain.workload)),
        is_traced: Value::bool(chain.is_some_and(|chain| chain.is_traced), span),
        is_given: Value::bool(given, span),
        is_expected: Value::bool(elsewhere.contains(read.name) || example.is_some_and(asks), span),
        example: text(example.map_or("", |file| file.source.path())),
        is_in_example: Value::bool(example.is_some_and(mentions), span),
    };
    fact.fact(span, read.name, role)
}

/// What some other text of the repository names may be given in a way that is not read here: a chart, a patch, a
/// pipeline, a script.
fn excuse<'s>(open: &mut [Fact<'s>], facts: &[Fact<'s>], around: &Around<'_, 's>) {
    let is = |fact: &Fact<'_>, field| fact.record.get(field).and_then(Value::as_bool) == Some(true);
    let wanted = |fact: &&Fact<'_>| is(fact, "is_traced") && !is(fact, "is_given") && !is(fact, "is_well_known");
    let names: BTreeSet<String> = open.iter().filter(wanted).take(MOST).map(|fact| fact.path.to_string()).collect();
    let names: Vec<String> = names.into_iter().collect();
    if names.is_empty() {
        return;
    }
    let objects = facts.iter().filter(|fact| fact.subject().name == Object::SUBJECT.name);
    let read: HashSet<u32> = objects.chain(open.iter()).map(|fact| fact.span.source.0).collect();
    let Ok(finder) = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&names) else { return };
    let others =
        around.sources.iter().filter(|source| !read.contains(&source.id.0) && may_give(source.path())).collect();
    let names_in = |source: &Source| -> HashSet<usize> {
        finder.find_iter(source.text()).map(|hit| hit.pattern().as_usize()).collect()
    };
    let found = parallel::map(others, source::bytes(around.sources), names_in);
    let found: HashSet<usize> = found.into_iter().flatten().collect();
    let said: HashSet<&str> = found.iter().filter_map(|index| names.get(*index)).map(String::as_str).collect();
    for fact in open.iter_mut().filter(|fact| said.contains(&*fact.path)) {
        let mut record = (*fact.record).clone();
        if let Some(index) = record.subject.fields.iter().position(|field| field.rust_name == "is_traced")
            && let Some(value) = record.values.get_mut(index)
        {
            *value = Value::bool(false, fact.span);
        }
        fact.record = record.into();
    }
}

/// Whether a file of that name may set variables in a way that is not read here.
fn may_give(path: &str) -> bool {
    let file = path::file_name(path).to_ascii_lowercase();
    const OTHERS: [&str; 12] =
        [".md", ".rst", ".txt", ".html", ".css", ".lock", ".csv", ".svg", ".sql", ".adoc", ".ipynb", ".map"];
    let prose = OTHERS.iter().any(|end| file.ends_with(end));
    let program = Language::of(path).is_some_and(|language| language != Language::Shell);
    let image = file.contains("dockerfile");
    !(prose || program || image || name::is_dotenv(path) || is_named(path))
}
