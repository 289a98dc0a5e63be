//! Why a run could not happen: every error a user can cause, with its place and help.
