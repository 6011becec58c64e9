//! Colours differ from each other and from the background, for every kind of colour vision.

use super::*;

/// Linear red, green and blue of one of the 256 colours.
fn linear(style: Style) -> [f64; 3] {
    let Some(Color::Indexed(number)) = style.fg else { panic!("one of the 256: {style:?}") };
    let level = |step: u8| [0.0, 95.0, 135.0, 175.0, 215.0, 255.0][usize::from(step)];
    let cube = number - 16;
    [cube / 36, cube / 6 % 6, cube % 6].map(|step| {
        let part = level(step) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055_f64) / 1.055).powf(2.4) }
    })
}

/// The colour as seen with all cones, or without one kind of them (Machado, Oliveira and Fernandes,
/// "A Physiologically-based Model for Simulation of Color Vision Deficiency", 2009, severity 1).
const EYES: [[[f64; 3]; 3]; 4] = [
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
    [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
    [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
];

/// CIE L*a*b*: the distance of two colours approximates their perceived difference.
fn lab(rgb: [f64; 3], eye: &[[f64; 3]; 3]) -> [f64; 3] {
    let dot = |row: &[f64; 3], with: &[f64; 3]| row.iter().zip(with).map(|(a, b)| a * b).sum::<f64>();
    let seen = [0, 1, 2].map(|row: usize| dot(&eye[row], &rgb).clamp(0.0, 1.0));
    let part = |row: [f64; 3], white: f64| {
        let part = dot(&row, &seen) / white;
        if part > 0.008_856 { part.cbrt() } else { 7.787 * part + 16.0 / 116.0 }
    };
    let x = part([0.4124, 0.3576, 0.1805], 0.950_47);
    let y = part([0.2126, 0.7152, 0.0722], 1.0);
    let z = part([0.0193, 0.1192, 0.9505], 1.088_83);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn luminance(rgb: [f64; 3]) -> f64 {
    0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]
}

#[test]
fn status_colours_differ_for_every_kind_of_colour_vision_and_from_the_background() {
    // #1e1e1e, a common dark background, and white.
    for (theme, ground, contrast) in [
        (Theme::dark(), 0.013, 4.5),
        (Theme::light(), 1.0, 4.5),
        (Theme::high_contrast_on_dark(), 0.013, 7.0),
        (Theme::high_contrast_on_light(), 1.0, 7.0),
    ] {
        let styles = [theme.running, theme.good, theme.bad, theme.warning];
        for (index, one) in styles.iter().enumerate() {
            let (dark, light) = (luminance(linear(*one)).min(ground), luminance(linear(*one)).max(ground));
            // WCAG 2.1, "Contrast (Minimum)" and "Contrast (Enhanced)".
            assert!((light + 0.05) / (dark + 0.05) >= contrast, "{one:?}");
            for other in &styles[index + 1..] {
                for eye in &EYES {
                    let (one, other) = (lab(linear(*one), eye), lab(linear(*other), eye));
                    let apart = one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                    // 2.3 is a just noticeable difference.
                    assert!(apart >= 25.0, "{one:?} and {other:?} are {apart} apart");
                }
            }
        }
    }
}

#[test]
fn configured_colours_are_applied() {
    let (theme, problems) = Theme::dark().with(&[("good", "#00ff00"), ("selected", "86"), ("bad", "light-red")]);
    assert_eq!(problems, []);
    assert_eq!((theme.good.fg, theme.selected.bg), (Some(Color::Rgb(0, 255, 0)), Some(Color::Indexed(86))));
    assert_eq!(theme.bad.fg, Some(Color::LightRed));
    let (_, problems) = Theme::dark().with(&[("godo", "red"), ("good", "reddish")]);
    assert_eq!(problems, [(0, ColorProblem::UnknownRole), (1, ColorProblem::UnknownColor)]);
}

#[test]
fn an_execution_and_a_step_with_the_same_outcome_have_the_same_colour() {
    use crate::app::list::row::Group;
    let theme = Theme::dark();
    for (group, step) in [
        (Group::Running, StepStatus::Running),
        (Group::Done, StepStatus::Succeeded),
        (Group::Failed, StepStatus::Failed),
        (Group::TimedOut, StepStatus::TimedOut),
        (Group::Aborted, StepStatus::Aborted),
    ] {
        assert_eq!(theme.severity(group.severity()), theme.step(step), "{group:?}");
    }
    assert_ne!(theme.severity(Group::Aborted.severity()), theme.bad, "it has not failed by itself");
}
