//! The subjects: what is said of a Dockerfile, and which text each field points to.

use crate::fact::Type;

crate::subject! {
    /// A Dockerfile as a whole; stands on its first instruction.
    pub struct File: "dockerfile.file" {
        /// Whether it has a FROM at all.
        has_stage: Type::Bool,
        /// Whether any of its lines is an instruction, or it is empty: text that is no Dockerfile at all is another
        /// matter.
        is_dockerfile: Type::Bool,
        /// Whether nothing is written in it but blanks and comments.
        is_blank: Type::Bool,
        /// How many stages it has.
        stages: Type::Int,
        /// Whether the image it ships has a HEALTHCHECK other than NONE, in its last stage or one that is built on.
        has_healthcheck: Type::Bool,
        /// The last stage; absent without any.
        final_stage: Type::Record(Stage::SUBJECT),
    }

    /// A stage, from its FROM to the next; stands on its name, else on its image.
    pub struct Stage: "dockerfile.stage" {
        /// Its name, lower-cased as the builder does it; absent when it has none; points to the name.
        name: Type::String,
        /// Its name, or its number counted from 0.
        label: Type::String,
        /// Its number, counted from 0.
        index: Type::Int,
        /// Whether it is the last one, which a plain build ships.
        is_final: Type::Bool,
        /// Whether its layers ship: it is the last one, or the last one is built on it.
        is_shipped: Type::Bool,
        /// Whether another stage, a COPY or a mount refers to it.
        is_used: Type::Bool,
        /// `image`, `stage` or `scratch`; points to the image name.
        base: Type::String,
        /// The image at the bottom, seen through stages, without tag and digest; `scratch` when there is none.
        base_image: Type::String,
        /// The family of the system in that image, which decides the package manager: `debian`, `alpine`, `rpm`, `suse`,
        /// `windows`, `scratch`; absent when it is not known.
        family: Type::String,
        /// The user that the image ends with, as set in this file; absent when no USER is in force; points to the USER.
        user: Type::String,
        /// Whether a USER is in force at the end.
        sets_user: Type::Bool,
        /// Whether processes of the image are root unless whoever runs it says otherwise; points to the last USER, else
        /// to the image.
        runs_as_root: Type::Bool,
        /// Whether this file says what the image runs (CMD or ENTRYPOINT, here or in a stage that it is built on); points
        /// to the instruction.
        starts_process: Type::Bool,
        /// Whether its layers ship in an image that runs something: the last stage starts a process, and is this one or
        /// built on it.
        is_run: Type::Bool,
        /// Whether what it runs is known to leave root by itself (gosu, su-exec, setpriv …).
        drops_privileges: Type::Bool,
        /// Whether a user is created in it; points to the command.
        creates_user: Type::Bool,
        /// Whether a service is installed in it that lets people in by a password (SSH, remote desktops, FTP).
        accepts_logins: Type::Bool,
        /// Whether an earlier stage has the same name; points to the name.
        repeats_name: Type::Bool,
        /// Whether its name means something else to the builder (`scratch`, `context`); points to the name.
        has_reserved_name: Type::Bool,
        /// Whether its name is written in lower case; points to the name.
        has_lower_case_name: Type::Bool,
        /// Whether AS is written in the case of FROM; points to AS.
        as_matches_from: Type::Bool,
        /// AS in the case of FROM; points to AS; absent without one, and when FROM is written in mixed case.
        as_like_from: Type::String,
        /// Whether there is a `--platform`; points to what it says.
        has_platform: Type::Bool,
        /// What `--platform` says; absent without one.
        platform: Type::String,
        /// `--platform=…` with the blanks behind it; points to that; absent without one.
        platform_flag: Type::String,
        /// Whether `--platform` is written out, without a variable; points to it.
        platform_is_literal: Type::Bool,
        /// Whether `--platform` is nothing but `$TARGETPLATFORM`, which is the default; points to it.
        platform_is_default: Type::Bool,
        /// Whether it takes files from a stage that, over others, takes files from it; points to its name.
        is_in_circle: Type::Bool,
        /// Whether VOLUME is used in it, or in a stage that it is built on.
        declares_volume: Type::Bool,
        /// The keys of the labels set in it and in the stages that it is built on.
        labels: Type::List(&Type::String),
        /// The variables in its FROM that no ARG before the first FROM declares; each points to its use.
        undeclared: Type::List(&Type::String),
        /// Whether a build that gives no arguments has a valid image name here; points to the image name.
        has_default_image: Type::Bool,
    }

    /// An image from outside that the build uses: in FROM, COPY --from or RUN --mount; stands on its name.
    pub struct Image: "dockerfile.image" {
        /// As written, variables filled in.
        reference: Type::String,
        /// Without tag and digest; points to the reference.
        name: Type::String,
        /// The registry: `docker.io` when none is named; points to the reference.
        registry: Type::String,
        /// Absent when there is none; points to the reference.
        tag: Type::String,
        /// Absent when there is none; points to the reference.
        digest: Type::String,
        /// Whether there is a tag or a digest; points to the reference.
        has_version: Type::Bool,
        /// Whether there is a digest; points to the reference.
        has_digest: Type::Bool,
        /// Whether the tag is a channel or a flavour without a number (`stable`, `alpine`), and there is no digest.
        tag_moves: Type::Bool,
        /// Whether several build arguments make the name, which a pipeline then gives.
        is_given: Type::Bool,
        /// FROM, COPY or RUN.
        keyword: Type::String,
        /// The stage that uses it.
        stage: Type::Record(Stage::SUBJECT),
    }

    /// An instruction; stands on its keyword.
    pub struct Instruction: "dockerfile.instruction" {
        /// Its keyword in upper case; what is written there when it is none.
        keyword: Type::String,
        /// The keyword as written.
        written: Type::String,
        /// Whether the keyword is one; points to it.
        is_known: Type::Bool,
        /// Whether what follows the keyword can be read; points to what cannot.
        is_readable: Type::Bool,
        /// Why it cannot be read; absent when it can.
        problem: Type::String,
        /// Whether a line directly before it is no instruction either: one cause, said once.
        follows_broken: Type::Bool,
        /// Whether ONBUILD keeps it for a later build.
        is_onbuild: Type::Bool,
        /// Whether it may stand where it stands: ARG anywhere, all others after a FROM, if there is one; points to the
        /// keyword.
        has_stage: Type::Bool,
        /// The number of blank lines inside it; points to the first.
        blank_lines: Type::Int,
        /// Whether the keyword is in upper case throughout or in lower case throughout, like most of the file's.
        matches_case: Type::Bool,
        /// ENV or LABEL written as `KEY value`, without `=`; points to the key.
        is_legacy: Type::Bool,
        /// The text after the keyword (WORKDIR, USER, STOPSIGNAL, MAINTAINER), variables filled in; absent for others.
        text: Type::String,
        /// WORKDIR: whether it is known which folder it means: the path is absolute, one was set before, or the base image
        /// is known to leave it at `/`; points to the path.
        is_anchored: Type::Bool,
        /// The keyword in the case of most of the file's; points to the keyword.
        in_file_case: Type::String,
        /// ENV or LABEL as `KEY value`: the same with `=`; points to both; absent for others, and where it is not clear.
        as_assignment: Type::String,
        /// MAINTAINER: the LABEL that says the same; points to the whole; absent for others, and where it is not clear.
        as_label: Type::String,
        /// The text from its first blank line to its last without these; points to it; absent when it has none.
        without_blank_lines: Type::String,
        /// A relative WORKDIR with a slash before it; points to the path; absent for others, and where that is not clear.
        from_root: Type::String,
        /// USER: whether the image is empty but for what is copied, and the user is not a number.
        names_user_in_scratch: Type::Bool,
        /// The comment directly above, its first line; absent without one; points to the keyword.
        comment: Type::String,
        /// ARG or FROM: the names that it gives; of FROM that of the stage.
        names: Type::List(&Type::String),
        /// What it says that builders of Windows images ignore or refuse: `--chown`, `--mount`, `STOPSIGNAL`; absent
        /// elsewhere; points to it.
        unsupported: Type::String,
        /// The folder declared by a VOLUME further up that it writes into; absent when it does not; points to what says
        /// where.
        volume_written: Type::String,
        /// Its stage; absent before the first FROM.
        stage: Type::Record(Stage::SUBJECT),
    }

    /// A parser directive at the top, or a comment that was meant as one; stands on its key.
    pub struct Directive: "dockerfile.directive" {
        /// `syntax`, `escape` or `check`.
        key: Type::String,
        /// Whether the builder obeys it; points to it.
        counts: Type::Bool,
        /// Why it does not; absent when it does.
        problem: Type::String,
        /// `syntax` where no directive chooses one, as a line of its own; points to the top of the file; absent for others.
        late_syntax: Type::String,
    }

    /// A name with its value: one of an ENV, ARG or LABEL; stands on its name.
    pub struct Setting: "dockerfile.setting" {
        /// ENV, ARG or LABEL.
        keyword: Type::String,
        /// The name.
        key: Type::String,
        /// The value, variables filled in; absent for an ARG without default; points to the value.
        value: Type::String,
        /// Whether there is a value that is not empty; points to it.
        has_value: Type::Bool,
        /// LABEL: whether the stage has the key already; ENV: whether the same instruction has; points to the name.
        is_repeated: Type::Bool,
        /// Whether the value is written out, without a variable; points to it.
        is_literal: Type::Bool,
        /// Whether the name says that the value is a secret (a password, token, private key); points to the name.
        names_secret: Type::Bool,
        /// Whether the value can be a secret: it is not a switch, a number, a path, an address without a password or a
        /// placeholder; points to the value.
        may_be_secret: Type::Bool,
        /// Whether the value holds `$(…)` or backticks, which only a shell would run; points to the value.
        expects_shell: Type::Bool,
        /// ENV that sets nothing else: the keyword ARG; points to ENV; absent for others.
        as_arg: Type::String,
        /// Other names set by the same instruction that the value uses, and that are not set before; each points to its use.
        uses_own_instruction: Type::List(&Type::String),
        /// ARG: whether its name says that it is a secret, and its value goes on to an ENV of the stage that is one, or to
        /// the ARG of a stage; points to the name.
        is_passed_on: Type::Bool,
        /// Whether ONBUILD keeps it for a later build.
        is_onbuild: Type::Bool,
        /// Its stage; absent before the first FROM.
        stage: Type::Record(Stage::SUBJECT),
    }

    /// A use of a variable that nothing in this file sets at that point; stands on the use.
    pub struct Reference: "dockerfile.reference" {
        /// The variable's name.
        name: Type::String,
        /// The instruction that uses it.
        keyword: Type::String,
        /// Whether it is declared before the first FROM, or given by the builder to stages that declare it: this stage
        /// does not; points to the use.
        is_declared_outside: Type::Bool,
        /// Whether nothing outside this file can set it, so that it is empty; points to the use.
        is_surely_empty: Type::Bool,
        /// Whether the instruction does no more than to show it: `RUN echo "…"`.
        is_only_shown: Type::Bool,
        /// A name that is set and that differs in one letter or its case; absent when there is none.
        near: Type::String,
        /// The stage; absent before the first FROM.
        stage: Type::Record(Stage::SUBJECT),
    }

    /// A COPY or ADD; stands on its keyword.
    pub struct Copy: "dockerfile.copy" {
        /// COPY or ADD.
        keyword: Type::String,
        /// What `--from` says; absent without it; points to it.
        from: Type::String,
        /// What `--from` is: `stage`, `image`, `later-stage`, `self`, `no-stage` (a number too high), `variable`, `misspelt`, `context` (a name that the
        /// build must bring along); absent without it; points to it.
        from_kind: Type::String,
        /// Where the files go, variables filled in; points to the last word.
        destination: Type::String,
        /// How many sources there are.
        sources: Type::Int,
        /// Whether the destination is certainly a folder: it ends in a slash, is `.`, or an instruction before made it; points
        /// to it.
        destination_is_folder: Type::Bool,
        /// The destination with a slash at its end, as written otherwise; points to it; absent where it holds a variable.
        as_folder: Type::String,
        /// Whether the destination is absolute, or a WORKDIR is known; points to the destination.
        has_place: Type::Bool,
        /// Whether `--from` names a stage from scratch into which nothing was put; points to `--from`.
        from_empty: Type::Bool,
        /// Whether it follows a USER, leaves its files to root, and an installer of that user writes to them afterwards.
        lacks_owner: Type::Bool,
        /// Whether a whole file system is copied onto another: `COPY --from=x / /`, not into an empty image.
        copies_root: Type::Bool,
        /// Whether ADD does here what COPY cannot: an archive to unpack, an address, a checksum, or it cannot be told;
        /// points to the keyword.
        needs_add: Type::Bool,
        /// Whether ONBUILD keeps it for a later build.
        is_onbuild: Type::Bool,
        /// Its stage; absent before the first FROM.
        stage: Type::Record(Stage::SUBJECT),
    }

    /// A source of a COPY or ADD; stands on it.
    pub struct Copied: "dockerfile.copied" {
        /// As written, variables filled in.
        path: Type::String,
        /// Whether it is an address that is downloaded; points to it.
        is_remote: Type::Bool,
        /// Whether the download is checked: `--checksum`, or a git address with a commit; points to the source.
        is_verified: Type::Bool,
        /// Whether it comes without encryption (`http:`, `git:`); points to it.
        is_plain_text: Type::Bool,
        /// Whether it is a file that holds secrets by its name (`.env`, `id_rsa`, `.npmrc` …); points to it.
        names_secret: Type::Bool,
        /// Whether it is the whole build context.
        is_context: Type::Bool,
        /// Whether it is an archive that a later RUN of the stage unpacks, where ADD would have done it; points to it.
        is_unpacked_later: Type::Bool,
        /// The instruction.
        copy: Type::Record(Copy::SUBJECT),
    }

    /// A port of an EXPOSE that is written out, or whose variable is known; stands on it.
    pub struct Port: "dockerfile.port" {
        /// As written, variables filled in.
        text: Type::String,
        /// The number, of a range the first; absent when it is not a number.
        number: Type::Int,
        /// Of a range the last, else the same.
        last: Type::Int,
        /// Whether it is a number, or a rising range, from 1 to 65535; points to it.
        is_valid: Type::Bool,
        /// Whether it says an address or a port of the host, which EXPOSE cannot; points to it.
        maps_host: Type::Bool,
        /// Its stage.
        stage: Type::Record(Stage::SUBJECT),
    }

    /// A CMD, ENTRYPOINT or HEALTHCHECK; stands on its keyword.
    pub struct Entry: "dockerfile.entry" {
        /// CMD, ENTRYPOINT or HEALTHCHECK.
        keyword: Type::String,
        /// Whether it is a JSON list, so that no shell stands between; points to what follows the keyword.
        is_exec: Type::Bool,
        /// Whether it is meant as a JSON list and is none, so that a shell runs the brackets; points to it.
        is_broken_list: Type::Bool,
        /// What is wrong with the list; absent when nothing is.
        problem: Type::String,
        /// Whether signals reach the program: exec form, `exec` before it, a SHELL chosen on purpose, or no process of
        /// its own (HEALTHCHECK); points to what follows the keyword.
        receives_signals: Type::Bool,
        /// Whether the stage has a later one, so that this one does nothing; points to the keyword.
        is_shadowed: Type::Bool,
        /// ENTRYPOINT in shell form where the stage has a CMD: the CMD is thrown away; points to the keyword.
        drops_cmd: Type::Bool,
        /// Whether it needs a shell that the image does not have: shell form in a stage from scratch into which no shell
        /// was copied; points to what follows the keyword.
        lacks_shell: Type::Bool,
        /// HEALTHCHECK: the program that it calls and that the image does not have; absent when it has it, or when that is
        /// not known; points to it.
        missing_tool: Type::String,
        /// The program it runs; absent when a shell text does not begin with a plain word.
        program: Type::String,
        /// Shell form that is one plain command, as a JSON list; points to it; absent where a shell may be needed.
        as_list: Type::String,
        /// The keyword; points to the whole instruction.
        whole: Type::String,
        /// Its stage; absent before the first FROM.
        stage: Type::Record(Stage::SUBJECT),
    }
}
