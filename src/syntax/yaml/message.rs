//! The parser's errors in words for the person who wrote the file.

use granit_parser::ErrorKind;

/// What is wrong, without a trailing period.
pub(super) fn of(kind: &ErrorKind) -> String {
    let text = match kind {
        ErrorKind::ExpectedBlockMappingKey => "a key was expected here; check the indentation",
        ErrorKind::ExpectedBlockSequenceEntry => "a list item (`- `) was expected here; check the indentation",
        ErrorKind::ExpectedFlowMappingSeparator => "`,` or `}` was expected here",
        ErrorKind::ExpectedFlowSequenceSeparator => "`,` or `]` was expected here",
        ErrorKind::ExpectedDocumentStart => "text after the end of the document",
        ErrorKind::ExpectedNodeContent => "a value was expected here",
        ErrorKind::InvalidIndentation => "the indentation fits no enclosing block",
        ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabNotAllowed => {
            "a tab stands in the indentation; YAML wants spaces"
        }
        ErrorKind::MappingValueNotAllowed | ErrorKind::MappingKeyNotAllowed => {
            "`key: value` is not possible here; quote the text if the colon belongs to it"
        }
        ErrorKind::InvalidSimpleKey | ErrorKind::SimpleKeyExpected => "a key without its `:`",
        ErrorKind::UnknownAnchor => "an alias without its anchor; quote the text if the `*` belongs to it",
        ErrorKind::UnclosedQuotedScalar => "the closing quote is missing",
        ErrorKind::InvalidQuotedScalarIndent => {
            "a quoted text goes on without indentation; is the closing quote missing?"
        }
        ErrorKind::DocumentIndicatorInQuotedScalar => "a document marker inside quotes; the closing quote is missing",
        ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            "text after the closing quote"
        }
        ErrorKind::UnknownQuotedScalarEscape => "an unknown escape in double quotes; write `\\\\` for a backslash",
        ErrorKind::BlockSequenceEntryNotAllowed => "a list item is not possible here",
        ErrorKind::RecursionLimitExceeded => return super::Limit::Depth.message(),
        ErrorKind::UnexpectedEof
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::UnexpectedEofBlockSequence
        | ErrorKind::UnexpectedEofBlockMapping => "the text ends in the middle of a value",
        ErrorKind::UnclosedFlowCollection { open } => return format!("`{open}` is never closed"),
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            return format!("`{open}` is closed by `{close}`");
        }
        ErrorKind::MisplacedFlowCollectionEnd => "a closing bracket without its opening one",
        ErrorKind::UnexpectedCharacter { character } => return unexpected(*character),
        ErrorKind::InvalidBlockScalarHeader => "a block of text (`|` or `>`) starts on the next line",
        ErrorKind::CommentNotSeparated => "a comment needs a blank before its `#`",
        other => return other.to_string(),
    };
    text.to_owned()
}

fn unexpected(character: char) -> String {
    match character {
        '\0' => "a NUL byte".to_owned(),
        '@' | '`' => format!("a value cannot start with `{character}`; quote it"),
        '%' => "a value cannot start with `%`; quote it".to_owned(),
        c if c.is_control() => format!("a control character (U+{:04X})", u32::from(c)),
        _ => "a character that cannot stand here".to_owned(),
    }
}
