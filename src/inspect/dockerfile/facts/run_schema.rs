//! The subjects of commands: a RUN, what it installs, and each command in it.

use super::schema::Stage;
use crate::fact::Type;

crate::subject! {
    /// A RUN; stands on its keyword.
    pub struct Run: "dockerfile.run" {
        /// Whether a failing command ends it: one chain, or a script with `set -e`; points to the keyword.
        stops_at_error: Type::Bool,
        /// Whether the last thing it does is to change the folder, which the next instruction does not see; points to
        /// the `cd`.
        ends_in_cd: Type::Bool,
        /// Whether the last thing it does is to start a service, which does not outlive the layer; points to the command.
        ends_in_service: Type::Bool,
        /// Whether a shell reads it, and the image has none; points to the keyword.
        lacks_shell: Type::Bool,
        /// The first line of the script in its heredoc; points to it; absent without one, and with an interpreter.
        first_line: Type::String,
        /// How many commands it has.
        commands: Type::Int,
        /// The folder that it changes to before anything else; absent when it does not; points to the `cd`.
        begins_in: Type::String,
        /// Whether the instruction before is a short RUN with the same flags, as this is; points to the keyword.
        follows_run: Type::Bool,
        /// Its stage; absent before the first FROM.
        stage: Type::Record(Stage::SUBJECT),
    }

    /// A package that a command names.
    pub struct Package: "dockerfile.package" {
        /// Its name, without a version.
        name: Type::String,
        /// Its version; absent without one.
        version: Type::String,
        /// Whether the version is fixed, as its package manager writes that, or the package is a file; points to the
        /// package.
        is_pinned: Type::Bool,
        /// Whether it compiles or is compiled against: a compiler, make, headers; points to the package.
        is_build_tool: Type::Bool,
    }

    /// A command of a RUN; wrappers such as `sudo` and `sh -c` are commands, and what they run is one too; stands on the
    /// program's name.
    pub struct Command: "dockerfile.command" {
        /// The program, without its folder.
        name: Type::String,
        /// The first word after the name that is no flag; absent without one.
        subcommand: Type::String,
        /// All words after the name; each points to its word.
        args: Type::List(&Type::String),
        /// The package manager that it is: `apt`, `apk`, `dnf`, `yum`, `zypper`, `pip`, `uv`, `npm`, `yarn`, `pnpm`,
        /// `gem`, `bundle`, `go`, `cargo`, `composer`, `pecl`; absent when it is none.
        manager: Type::String,
        /// What the package manager is to do: `install`, `update` (its index), `upgrade`, `dist-upgrade`, `remove`,
        /// `clean`, `build-dep`, or the word itself; absent when the command is none; points to the word.
        action: Type::String,
        /// The packages that it names; each points to its word.
        packages: Type::List(&Type::Record(Package::SUBJECT)),
        /// Those of the packages whose version is not fixed, package managers that renew themselves left out; each points
        /// to its word.
        unpinned: Type::List(&Type::String),
        /// Whether the package manager would stop to ask, which ends a build; points to the program's name.
        asks: Type::Bool,
        /// Whether what it downloads for itself (index, cache) stays in the layer: not removed by the same RUN, no cache
        /// mounted, no flag or variable against it; points to the program's name.
        leaves_cache: Type::Bool,
        /// Whether it installs what packages recommend as well; points to the action.
        installs_recommended: Type::Bool,
        /// `update`: whether the same RUN installs or upgrades afterwards, or does what cannot be told; points to the
        /// action.
        is_used_at_once: Type::Bool,
        /// The compilers, build tools and headers that it installs and that the same RUN does not remove; each points to
        /// its word.
        build_tools: Type::List(&Type::String),
        /// A project's dependencies: whether they are taken from a lock file. `used`, `ignored` (there is one and the
        /// command does not hold to it), `missing` (the manifest is copied without one); absent when that cannot be told
        /// or the command is none; points to the action.
        lock: Type::String,
        /// Whether it installs a project's dependencies after the whole context was copied, so that any change of the
        /// source installs them again; points to the action.
        follows_source: Type::Bool,
        /// Whether it checks certificates and signatures of what it downloads; points to the flag that turns that off.
        verifies: Type::Bool,
        /// Whether it sends or reads over plain http: from elsewhere, with no checksum in the same RUN; points to the
        /// address.
        is_plain_text: Type::Bool,
        /// Whether its output is a download that a shell or interpreter runs as it comes; points to the command that
        /// downloads.
        feeds_shell: Type::Bool,
        /// Whether it can fail in a pipe without anyone noticing: the shell does not have `pipefail`, and what reads the
        /// pipe takes nothing for an answer; points to its name.
        fails_unseen: Type::Bool,
        /// `curl`: whether an error page would be saved or run as if it were the file; points to its name.
        saves_error_page: Type::Bool,
        /// Whether it gives every user of the image the right to write; points to the mode.
        opens_to_all: Type::Bool,
        /// Whether a password is set that can be read here; points to it.
        sets_password: Type::Bool,
        /// Whether a password or token stands on its command line; points to it.
        passes_secret: Type::Bool,
        /// `git clone`: whether what it fetches is fixed by a tag, branch or commit; points to the subcommand.
        is_fixed: Type::Bool,
        /// `useradd` with a very large number and without `--no-log-init`, which fills the layer with an empty log file.
        fills_log: Type::Bool,
        /// `cd` whose failure is passed over, so that what follows runs in another folder; points to its name.
        ignores_failed_cd: Type::Bool,
        /// `read` without `-r`; points to its name.
        reads_escapes: Type::Bool,
        /// Whether a pattern such as `*` may give it a file's name as a flag; points to the pattern.
        takes_glob_as_flag: Type::Bool,
        /// Whether an argument has brackets outside quotes that are meant as they stand (`name[extra]`); points to it.
        has_bracket_pattern: Type::Bool,
        /// `[`: whether `-a` or `-o` joins two tests; points to it.
        joins_tests: Type::Bool,
        /// `xargs`: whether it takes names from `find` apart at blanks; points to its name.
        splits_names: Type::Bool,
        /// `ln` with a single name; points to its name.
        lacks_target: Type::Bool,
        /// `mkdir -p`: whether a mode is given that only the last folder gets; points to the mode.
        sets_mode_of_last: Type::Bool,
        /// Whether a build argument stands in single quotes, which keep the `$`; points to the word.
        keeps_dollar: Type::Bool,
        /// `printf`: whether a variable is the format, so that a `%` or `\` in its value is read as one; points to it.
        formats_with_variable: Type::Bool,
        /// `rm -r`: whether a folder of the system is removed when a variable is empty; points to the word.
        may_remove_root: Type::Bool,
        /// Whether it installs Python packages without looking at hashes, where others were installed by theirs before; points
        /// to the first that it names.
        bypasses_hashes: Type::Bool,
        /// The words that begin with `-`; each points to its word.
        flags: Type::List(&Type::String),
        /// The files that its output is redirected to; each points to its word.
        writes_files: Type::List(&Type::String),
        /// The files that its input comes from; each points to its word.
        reads_files: Type::List(&Type::String),
        /// The program whose output it reads through a pipe; absent without one.
        reads_from: Type::String,
        /// The program that reads its output through a pipe; absent without one.
        writes_to: Type::String,
        /// Its place among the commands of the instruction, counted from 0, each wrapper and each substitution included.
        position: Type::Int,
        /// Whether it is `sudo` used to become root; points to its name.
        gains_root: Type::Bool,
        /// Whether it puts another shell in the place of `/bin/sh`; points to the name.
        replaces_sh: Type::Bool,
        /// Whether its name is an instruction's keyword in upper case: `RUN a && RUN b`; points to it.
        is_instruction: Type::Bool,
        /// Whether name and action stand in shell text as they are, so that words can be added; points to the name.
        is_verbatim: Type::Bool,
        /// What joins one more command to its RUN, a chain of `&&`; points to the chain's last word; absent for others.
        chain_end: Type::String,
        /// `sudo`, `RUN`: the word behind it and its flags, which does the work alone; points to all of that; absent for
        /// others.
        needless: Type::String,
        /// The flag that turns checks off, as it would be without that; points to it, with the blanks before it where
        /// nothing is left; absent where it is no plain flag.
        checked_flag: Type::String,
        /// The first word of the text behind `set -o pipefail &&`; points to that word; absent where the shell is not known
        /// to know that.
        pipefail: Type::String,
        /// Whether a later RUN installs from the index of packages that an earlier one has fetched.
        feeds_later: Type::Bool,
        /// Whether it runs inside a substitution `$(…)`.
        is_nested: Type::Bool,
        /// `curl` where `wget` ran before in the stage, or the other way round; points to its name.
        repeats_downloader: Type::Bool,
        /// Whether it cannot go on without a graphics card, which builds do not have; points to its name.
        asks_gpu: Type::Bool,
        /// Whether it downloads something that nothing in the RUN checks by a checksum or a signature.
        is_unverified: Type::Bool,
        /// Whether its RUN mounts a secret.
        mounts_secret: Type::Bool,
        /// `composer install`: whether packages for development are left out, by a flag or a variable; points to the action.
        leaves_out_development: Type::Bool,
        /// Whether its RUN mounts a cache.
        mounts_cache: Type::Bool,
        /// `chmod`, `chown`: whether they change what a COPY of the stage brought, so that it ships twice; points to it.
        changes_copied: Type::Bool,
        /// `rm`: whether it removes what an earlier instruction of the stage brought, and whose layer keeps it; points to
        /// it.
        removes_earlier: Type::Bool,
        /// Whether it writes a mounted secret to a file that stays, or shows it; points to where.
        leaks_secret: Type::Bool,
        /// Its stage; absent before the first FROM.
        stage: Type::Record(Stage::SUBJECT),
    }
}
