//! What `FileType` calls a file by the ending of its name.
//!
//! Source: Object Reference, "ContentVersion", on `FileType`; Metadata API Developer Guide, "FileUploadAndDownloadSecuritySettings",
//! for the list of types.

const TYPES: &[(&str, &str)] = &[
    ("ai", "AI"),
    ("avi", "AVI"),
    ("bmp", "BMP"),
    ("css", "CSS"),
    ("csv", "CSV"),
    ("doc", "WORD"),
    ("docx", "WORD_X"),
    ("eps", "EPS"),
    ("gif", "GIF"),
    ("htm", "HTML"),
    ("html", "HTML"),
    ("jpeg", "JPEG"),
    ("jpg", "JPG"),
    ("js", "JS"),
    ("json", "JSON"),
    ("mp3", "MP3"),
    ("mp4", "MP4"),
    ("pdf", "PDF"),
    ("png", "PNG"),
    ("ppt", "POWER_POINT"),
    ("pptx", "POWER_POINT_X"),
    ("psd", "PSD"),
    ("rtf", "RTF"),
    ("svg", "SVG"),
    ("txt", "TEXT"),
    ("xls", "EXCEL"),
    ("xlsx", "EXCEL_X"),
    ("xml", "XML"),
    ("zip", "ZIP"),
];

/// `UNKNOWN` if the mock knows none.
pub(super) fn of_extension(extension: &str) -> &'static str {
    let known = TYPES.iter().find(|(ending, _)| ending.eq_ignore_ascii_case(extension));
    known.map_or("UNKNOWN", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_known_in_any_case() {
        assert_eq!((of_extension("PDF"), of_extension("docx"), of_extension("")), ("PDF", "WORD_X", "UNKNOWN"));
        assert!(TYPES.is_sorted_by_key(|(ending, _)| ending));
    }
}
