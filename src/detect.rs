//! Secret values: prefilter, formats, checksums and the judge of plain values.
