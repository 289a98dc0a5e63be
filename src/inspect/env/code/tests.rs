//! What is read in each language, and what happens without it.

use super::*;

/// `NAME need` of every read, sets as `NAME set`.
fn of(path: &str, text: &str) -> Vec<String> {
    let code = read(path, text);
    for read in &code.reads {
        assert_eq!(text.get(read.place.clone()), Some(read.name));
    }
    let reads = code.reads.iter().map(|read| format!("{} {}", read.name, read.need.name()));
    reads.chain(code.sets.iter().map(|name| format!("{name} set"))).collect()
}

#[test]
fn javascript() {
    let one = |text: &str| of("a.ts", text).join(", ");
    assert_eq!(one("connect(process.env.DB_URL)"), "DB_URL silent");
    assert_eq!(one("connect(process.env['DB_URL'], process.env[\"B\"])"), "DB_URL silent, B silent");
    assert_eq!(one("a(process.env.PORT || 80)"), "PORT optional");
    assert_eq!(one("a(parseInt(process.env.PORT, 10) ?? 80)"), "PORT optional");
    assert_eq!(one("if (!process.env.KEY) {\n  throw new Error('x');\n}"), "KEY fails");
    assert_eq!(one("if (!process.env.KEY) { warn(); }"), "KEY optional");
    assert_eq!(one("if (process.env.SKIP) { process.exit(0); }"), "SKIP optional");
    assert_eq!(one("if (process.env.KEY === undefined) { throw new Error(); }"), "KEY fails");
    assert_eq!(one("const key = process.env.KEY;\nif (!key) throw new Error('x');"), "KEY fails");
    assert_eq!(one("const key: string = process.env.KEY!;\nuse(key);"), "KEY silent");
    assert_eq!(one("const dsn = process.env.DSN;\nif (dsn) init(dsn);"), "DSN optional");
    assert_eq!(one("process.env.KEY = 'a'"), "KEY set");
    assert_eq!(one("process.env.KEY === 'a'"), "KEY optional");
    assert_eq!(one("const { A, B = 'x', C: c } = process.env;\nuse(A, c)"), "A silent, B optional, C silent");
    assert_eq!(one("// process.env.KEY\n/* process.env.B */\nlog('process.env.C')"), "");
    assert_eq!(one("`http://${process.env.HOST_NAME}/x`"), "HOST_NAME silent");
    assert_eq!(one("process.env.NEXT_PUBLIC_X"), "NEXT_PUBLIC_X build");
    assert_eq!(one("Deno.env.get('A')"), "A silent");
    assert_eq!(one("process.env[name]; process.env.npm_package_version"), "");
    assert_eq!(one("a({ x: process.env.A, y: process.env.B ? 1 : 2 })"), "A silent, B optional");
}

#[test]
fn python() {
    let one = |text: &str| of("a.py", text).join(", ");
    assert_eq!(one("URL = os.environ[\"DB_URL\"]\n"), "DB_URL fails");
    assert_eq!(one("URL = request.environ[\"DB_URL\"]\n"), "");
    assert_eq!(one("URL = os.environ.get('DB_URL')\nuse(URL)\n"), "DB_URL silent");
    assert_eq!(one("URL = os.environ.get('DB_URL')\nif not URL:\n    raise X()\n"), "DB_URL fails");
    assert_eq!(one("URL = os.getenv('DB_URL', 'x')\n"), "DB_URL optional");
    assert_eq!(one("URL = os.getenv('DB_URL') or 'x'\n"), "DB_URL optional");
    assert_eq!(one("os.environ['A'] = '1'\nos.environ.setdefault('B', '2')\n"), "A set, B set");
    assert_eq!(one("try:\n    x = os.environ['A']\nexcept KeyError:\n    x = 1\n"), "A optional");
    assert_eq!(one("if 'A' in os.environ:\n    x = os.environ['A']\n"), "A optional, A optional");
    assert_eq!(one("if 'A' not in os.environ:\n    raise X\n"), "A fails");
    assert_eq!(one("if 'A' in os.environ:\n    raise X\n"), "A optional");
    assert_eq!(one("if __name__ == '__main__':\n    run(os.environ['A'], os.getenv('B'))\n"), "A optional, B optional");
    assert_eq!(one("# os.environ['A']\n\"\"\"os.environ['B']\"\"\"\n"), "");
    assert_eq!(one("x = f\"{os.environ['A']}\"\n"), "A fails");
}

#[test]
fn go() {
    let one = |text: &str| of("a.go", text).join(", ");
    assert_eq!(one("x(os.Getenv(\"DB_URL\"))"), "DB_URL silent");
    assert_eq!(one("u := os.Getenv(\"U\")\nif u == \"\" {\n"), "U silent");
    assert_eq!(one("url := os.Getenv(\"U\")\nif url == \"\" {\n  log.Fatal(\"x\")\n}"), "U fails");
    assert_eq!(one("url := os.Getenv(\"U\")\nif url == \"\" {\n  url = \"x\"\n}"), "U optional");
    assert_eq!(one("if url := os.Getenv(\"U\"); url != \"\" {\n}"), "U optional");
    assert_eq!(one("v, ok := os.LookupEnv(\"U\")\nif !ok {\n  panic(\"x\")\n}"), "U fails");
    assert_eq!(one("v, ok := os.LookupEnv(\"U\")\nif ok {\n  panic(\"x\")\n}"), "U optional");
    assert_eq!(one("A string `env:\"A,required\"`\nB string `env:\"B\" envDefault:\"x\"`"), "A fails, B optional");
    assert_eq!(one("os.Setenv(\"A\", x)"), "A set");
}

#[test]
fn the_others() {
    let ruby = |text: &str| of("a.rb", text).join(", ");
    assert_eq!(ruby("ENV.fetch('A')\nENV.fetch(\"B\", 1)\nENV.fetch('C') { 1 }"), "A fails, B optional, C optional");
    assert_eq!(ruby("x = ENV['A']\ny = ENV['B'] || 1\nENV['C'] ||= '1'"), "A silent, B optional, C set");
    assert_eq!(ruby("a if ENV['A'].present?\n# ENV['B']\nMY_ENV['C']"), "A optional");
    let rust = |text: &str| of("src/a.rs", text).join(", ");
    assert_eq!(rust("env::var(\"A\").expect(\"x\"); env::var(\"B\").unwrap_or_default()"), "A fails, B optional");
    assert_eq!(rust("std::env::var(\"A\").context(\"x\")?; if let Ok(b) = env::var(\"B\") {}"), "A fails, B optional");
    assert_eq!(rust("env!(\"A\"); option_env!(\"B\"); let x = &'a str; // env!(\"C\")"), "A build, B build");
    assert_eq!(of("build.rs", "std::env::var(\"A\").unwrap()"), ["A build"]);
    let java = |text: &str| of("A.java", text).join(", ");
    assert_eq!(java("use(System.getenv(\"A\"));"), "A silent");
    assert_eq!(java("String a = System.getenv(\"A\");\nif (a == null) { }"), "A silent");
    assert_eq!(java("String url = System.getenv(\"A\");\nif (url == null) { throw new X(); }"), "A fails");
    assert_eq!(java("Objects.requireNonNull(System.getenv(\"A\"))"), "A fails");
    assert_eq!(
        java("@Value(\"${DB_URL}\") @Value(\"${server.port}\")\n@Value(\"${DB_POOL:5}\")"),
        "DB_URL fails, DB_POOL optional"
    );
    assert_eq!(
        of("A.kt", "System.getenv(\"A\") ?: error(\"x\"); System.getenv(\"B\") ?: 1"),
        ["A fails", "B optional"]
    );
    let shell = |text: &str| of("a.sh", text).join(", ");
    assert_eq!(shell("exec x --url \"${DB_URL:?}\" ${PORT:-80} # ${C:?}\n"), "DB_URL fails, PORT optional");
    assert_eq!(shell("DB=1\necho ${DB:?} ${DB#x}\n"), "DB optional, DB set");
    assert_eq!(shell(": \"${AB:?}\"\nAB=${AB:?}\n"), "AB fails, AB fails");
}

#[test]
fn whatever_the_text() {
    for text in [
        "process.env",
        "process.env.",
        "process.env[",
        "process.env['",
        "} = process.env",
        "{ = process.env",
        "é process.env.É",
    ] {
        of("a.js", text);
    }
    for text in ["os.environ", "environ[", "environ['é", "in os.environ", "' in os.environ", "\"\"\"environ"] {
        of("a.py", text);
    }
    for (path, text) in
        [("a.go", "env:\""), ("a.rb", "ENV["), ("a.rs", "env::var("), ("a.java", "@Value"), ("a.sh", "${")]
    {
        of(path, text);
    }
    let long = "process.env.A || ".repeat(20_000);
    assert_eq!(read("a.js", &long).reads.len(), 20_000);
}
