//! Decimal numbers and amounts of money as SOQL takes them: digits and a point, never an exponent.

/// Characters of a number, before and after an exponent is resolved.
const LONGEST: usize = 64;

/// The number without its exponent: `-12.50` and `.5` as they are, `1e-7` as `0.0000001`.
pub(super) fn decimal(text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return None;
    }
    let (sign, unsigned) = match text.strip_prefix(['-', '+']) {
        Some(unsigned) => (text.strip_suffix(unsigned)?, unsigned),
        None => ("", text),
    };
    let Some((mantissa, exponent)) = unsigned.split_once(['e', 'E']) else {
        return split(unsigned).map(|_| text.into());
    };
    let (whole, fraction) = split(mantissa)?;
    let digits = [whole, fraction].concat();
    let shifted = shift(&digits, whole.len(), read_exponent(exponent)?);
    (shifted.len() + sign.len() <= LONGEST).then(|| [sign, &shifted].concat())
}

/// Whether it is a currency code of ISO 4217 and an amount that is not negative: `USD5000`, `EUR12.50`.
pub(super) fn is_currency(text: &str) -> bool {
    let Some((code, amount)) = text.split_at_checked(3) else {
        return false;
    };
    let is_amount = amount.starts_with(|first: char| first.is_ascii_digit()) && split(amount).is_some();
    text.len() <= LONGEST && code.bytes().all(|byte| byte.is_ascii_uppercase()) && is_amount
}

/// Digits before and after the point. Those before may be missing, those after only with the point.
fn split(unsigned: &str) -> Option<(&str, &str)> {
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None if unsigned.is_empty() => return None,
        None => (unsigned, ""),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (is_digits(whole) && is_digits(fraction)).then_some((whole, fraction))
}

/// A whole number of at most three digits: any more make no number of 64 characters.
fn read_exponent(text: &str) -> Option<isize> {
    let (factor, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let is_number = (1..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| factor * digits.bytes().fold(0, |number, digit| number * 10 + isize::from(digit - b'0')))
}

/// Moves the point, which stands after so many digits, to the right; or to the left, if `by` is negative.
fn shift(digits: &str, point: usize, by: isize) -> String {
    let zeros = |count: usize| "0".repeat(count);
    let (whole, fraction) = match point.checked_add_signed(by) {
        None | Some(0) => (String::new(), zeros(by.unsigned_abs() - point) + digits),
        Some(point) => match digits.split_at_checked(point) {
            Some((whole, fraction)) => (whole.into(), fraction.into()),
            None => (digits.to_owned() + &zeros(point - digits.len()), String::new()),
        },
    };
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    if fraction.is_empty() { whole.into() } else { [whole, ".", &fraction].concat() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_json_and_soql_write_is_taken_and_no_exponent_is_left() {
        for (text, plain) in [
            ("-12.500000000000000001", "-12.500000000000000001"),
            (".5", ".5"),
            ("-.5", "-.5"),
            ("+7", "+7"),
            ("007", "007"),
            ("1e3", "1000"),
            ("1E+3", "1000"),
            ("1e-7", "0.0000001"),
            ("-1.5e-7", "-0.00000015"),
            ("1.25e1", "12.5"),
            ("1.25e2", "125"),
            ("0.5e0", "0.5"),
            (".5e1", "5"),
            ("0e0", "0"),
            ("12e-1", "1.2"),
            ("12e-2", "0.12"),
        ] {
            assert_eq!(decimal(text).as_deref(), Some(plain), "{text}");
        }
        let long = "1".repeat(65);
        for text in [
            "", ".", "1.", "-", "--1", "1,5", "0x1", "NaN", "٣", "1e", "1e+", "e5", "1e1.5", "1e400", "1e-64", "1 ",
            &long,
        ] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn an_amount_has_its_currency() {
        for text in ["USD5000", "EUR12.50", "JPY0"] {
            assert!(is_currency(text), "{text}");
        }
        for text in ["", "USD", "usd5", "US5000", "USD-5", "USD 5", "USD.5", "USD5.", "USD5e3", "ÜSD5", "USD5 OR"] {
            assert!(!is_currency(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn resolving_an_exponent_keeps_the_value(mantissa in "[1-9][0-9]{0,3}(\\.[0-9]{1,4})?", exponent in -9..9_i32) {
            let text = format!("{mantissa}e{exponent}");
            let plain = decimal(&text).unwrap();
            prop_assert!(plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
            prop_assert_eq!(plain.parse::<f64>().unwrap(), text.parse::<f64>().unwrap());
        }

        #[test]
        fn what_is_taken_is_digits_and_a_point(text in "[-+.0-9eE]{0,12}") {
            if let Some(plain) = decimal(&text) {
                let unsigned = plain.trim_start_matches(['-', '+']);
                prop_assert!(unsigned.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
                prop_assert!(plain.len() - unsigned.len() <= 1 && unsigned.ends_with(|last: char| last.is_ascii_digit()));
            }
        }
    }
}
