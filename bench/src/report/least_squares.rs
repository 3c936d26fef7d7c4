//! The straight line that lies closest to measured points.

/// `y = intercept + slope * x`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) intercept: f64,
    pub(crate) slope: f64,
    /// The part of the points' variation that the line explains: 1 if they all lie on it.
    pub(crate) r_squared: f64,
}

impl Line {
    /// By least squares. None of fewer than three points, through which some line always goes, or of points above each
    /// other.
    pub(crate) fn through(points: &[(f64, f64)]) -> Option<Self> {
        if points.len() < 3 {
            return None;
        }
        let count = points.len() as f64;
        let mean = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / count;
        let (mean_x, mean_y) = (mean(|point| point.0), mean(|point| point.1));
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for (x, y) in points {
            let (x, y) = (x - mean_x, y - mean_y);
            xx += x * x;
            xy += x * y;
            yy += y * y;
        }
        let slope = xy / xx;
        let r_squared = if yy == 0.0 { 1.0 } else { xy * xy / (xx * yy) };
        let line = Self { intercept: mean_y - slope * mean_x, slope, r_squared };
        (slope.is_finite() && r_squared.is_finite()).then_some(line)
    }

    /// The line's `y` there.
    pub(crate) fn at(&self, x: f64) -> f64 {
        self.intercept + self.slope * x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_a_line_give_that_line() {
        let points = [0.0, 1.0, 10.0, 2_000.0].map(|x| (x, 7.0 + 3.0 * x));
        let line = Line::through(&points).unwrap();
        assert!((line.intercept - 7.0).abs() < 1e-9 && (line.slope - 3.0).abs() < 1e-12, "{line:?}");
        assert!((line.r_squared - 1.0).abs() < 1e-12 && (line.at(5.0) - 22.0).abs() < 1e-9, "{line:?}");
    }

    #[test]
    fn points_beside_it_are_told_by_r_squared() {
        let line = Line::through(&[(0.0, 0.0), (1.0, 2.0), (2.0, 0.0), (3.0, 2.0)]).unwrap();
        assert!((line.slope - 0.4).abs() < 1e-12 && (line.intercept - 0.4).abs() < 1e-12, "{line:?}");
        assert!((line.r_squared - 0.2).abs() < 1e-12, "{line:?}");
    }

    #[test]
    fn what_gives_no_line_gives_none() {
        assert_eq!(Line::through(&[(1.0, 1.0), (2.0, 2.0)]), None);
        assert_eq!(Line::through(&[(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)]), None);
    }
}
