//! How figures are written: three digits that count, and a unit.

/// What stands in place of a figure that there is none of.
pub(crate) const NOT_MEASURED: &str = "not measured";

/// A figure, or that there is none.
pub(crate) fn or_not_measured(value: Option<f64>, show: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| NOT_MEASURED.to_owned(), show)
}

/// A time in nanoseconds.
pub(crate) fn time(nanoseconds: f64) -> String {
    scaled(nanoseconds, 1000.0, &["ns", "µs", "ms", "s"])
}

/// Bytes of a file or a body: 1 KB is 1,000 bytes.
pub(crate) fn size(bytes: f64) -> String {
    scaled(bytes, 1000.0, &["bytes", "KB", "MB", "GB"])
}

/// Bytes of memory: 1 KiB is 1,024 bytes.
pub(crate) fn memory(bytes: f64) -> String {
    scaled(bytes, 1024.0, &["bytes", "KiB", "MiB", "GiB"])
}

/// How many times as much.
pub(crate) fn ratio(value: f64) -> String {
    format!("{} ×", digits(value))
}

/// A rate.
pub(crate) fn per_second(value: f64) -> String {
    format!("{}/s", whole(value))
}

/// A part of a whole.
pub(crate) fn percent(part: f64) -> String {
    format!("{:.0} %", part * 100.0)
}

/// A number without decimals, its thousands apart.
pub(crate) fn whole(value: f64) -> String {
    let plain = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (index, digit) in plain.chars().enumerate() {
        if index > 0 && (plain.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if value <= -0.5 { format!("-{text}") } else { text }
}

/// Three digits that count, and all before the point.
pub(crate) fn digits(value: f64) -> String {
    match value.abs() {
        large if large >= 99.95 => whole(value),
        large if large >= 9.995 => format!("{value:.1}"),
        0.0 => "0".to_owned(),
        tiny if tiny < 0.0995 => format!("{value:.4}"),
        _ => format!("{value:.2}"),
    }
}

/// The largest unit in which the figure is not below one.
fn scaled(value: f64, step: f64, units: &[&str]) -> String {
    let mut value = value;
    let mut unit = units.first().copied().unwrap_or_default();
    for larger in units.iter().skip(1) {
        if value.abs() < step * 0.9995 {
            break;
        }
        value /= step;
        unit = larger;
    }
    // A part of a byte is none.
    let text = if unit == "bytes" { whole(value) } else { digits(value) };
    format!("{text} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_that_count_and_the_unit_that_fits() {
        for (shown, expected) in [
            (time(850.0), "850 ns"),
            (time(9_049.0), "9.05 µs"),
            (time(999_990.0), "1.00 ms"),
            (time(52_345_678.0), "52.3 ms"),
            (time(1.5e12), "1,500 s"),
            (time(-120_000.0), "-120 µs"),
            (size(109_998.0), "110 KB"),
            (size(746_000.0), "746 KB"),
            (size(12.0), "12 bytes"),
            (memory(98_304.0), "96.0 KiB"),
            (memory(2.5 * 1024.0 * 1024.0), "2.50 MiB"),
            (ratio(1.804), "1.80 ×"),
            (ratio(0.03), "0.0300 ×"),
            (per_second(12_345.6), "12,346/s"),
            (percent(0.126), "13 %"),
            (whole(-1_234.0), "-1,234"),
            (whole(999.0), "999"),
            (digits(0.0), "0"),
        ] {
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn no_figure_is_not_made_up() {
        assert_eq!(or_not_measured(None, time), "not measured");
        assert_eq!(or_not_measured(Some(2.0), time), "2.00 ns");
    }
}
