//! Kubernetes quantities: `500m`, `1.5Gi`, `1e3`.

/// The value of a quantity, or nothing when it cannot be read.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(digits);
    if !number.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let value: f64 = number.parse().ok()?;
    let value = if text.starts_with('-') { -value } else { value };
    Some(value * factor(suffix)?)
}

fn factor(suffix: &str) -> Option<f64> {
    Some(match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        "Ei" => 1_152_921_504_606_846_976.0,
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            let power: i32 = exponent.parse().ok()?;
            10f64.powi(power.clamp(-30, 30))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_suffix() {
        assert_eq!(parse("500m"), Some(0.5));
        assert_eq!(parse("0.5"), Some(0.5));
        assert_eq!(parse("1Gi"), parse("1024Mi"));
        assert_eq!(parse("1e3"), Some(1000.0));
        assert_eq!(parse("-1"), Some(-1.0));
        assert_eq!(parse("1E"), Some(1e18));
        assert_eq!(parse(".5"), Some(0.5));
        assert_eq!(parse("5."), Some(5.0));
    }

    #[test]
    fn what_the_api_refuses() {
        for text in ["1g", "512MB", "1 Gi", "", "m", "1.2.3", "100mi", "1KB", "1ki", "1K", "e3"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
