//! The subjects that one file alone shows.

use crate::fact::Type;

crate::subject! {
    /// A compose file. Stands at its first key; at the place that breaks it, when it cannot be read.
    pub struct File: "compose.file" {
        /// Whether it can be read as YAML; points to what breaks it.
        is_yaml: Type::Bool,
        /// Why it cannot; absent when it can.
        problem: Type::String,
        /// `version`; absent when it is not there. Points to the key.
        version: Type::String,
        /// Whether it gives the project a name; points to the name.
        has_name: Type::Bool,
        /// How many services it describes.
        services: Type::Int,
        /// Whether the file's name says that it only changes others: `compose.override.yaml`.
        is_override: Type::Bool,
        /// Names of keys that are written twice in one mapping; each points to the second.
        repeated_keys: Type::List(&Type::String),
        /// Whether the names of services are sorted; points to the first that is not.
        is_sorted: Type::Bool,
        /// Whether the parts of the file come in their usual order (name, include, services, networks, volumes, …); points
        /// to the first that does not.
        is_ordered: Type::Bool,
    }

    /// Something that the Compose specification does not have. Stands at the key.
    pub struct Field: "compose.field" {
        /// The keys on the way to it, with dots.
        path: Type::String,
        /// Whether the specification has it; points to the key.
        is_known: Type::Bool,
        /// Whether its value may stand there; points to the value.
        is_valid: Type::Bool,
        /// What is wrong: what should stand there, for a value; else that there is no such key.
        problem: Type::String,
        /// What was probably meant; absent when that is not clear.
        instead: Type::String,
    }
}
