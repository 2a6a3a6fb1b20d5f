//! An agency's colours, so that everything stays readable.

use domain::Color;

/// Where each theme shows text and links.
const LIGHT: Theme =
    Theme { grounds: ["#ffffff", "#f4f7f8", "#eaf0f2", "#e3f3e9", "#fcebe9", "#fdf0da"], towards: Color::BLACK };
const DARK: Theme =
    Theme { grounds: ["#132128", "#0b151a", "#1b2d35", "#15322a", "#3b1d1c", "#362a17"], towards: Color::WHITE };

/// Grounds of `mooring.css`, in the order surface, page, sunk, good, bad, star.
struct Theme {
    grounds: [&'static str; 6],
    towards: Color,
}

impl Theme {
    /// The properties of `mooring.css` that a brand has a say in: `color` is what the one button is made of,
    /// `accent` links and signs.
    fn properties(&self, color: Color, accent: Color) -> String {
        let on_grounds = |color: Color| {
            let grounds = self.grounds.iter().filter_map(|ground| ground.parse().ok());
            grounds.fold(color, Color::readable_on)
        };
        let main = on_grounds(accent);
        let strong = main.mixed(self.towards, 64);
        let pressed = color.mixed(color.ink().ink(), 32);
        format!(
            "--main:{main};--main-strong:{strong};--on-main:{};--tint:var(--sunk);--button:{color};--button-strong:{pressed};\
             --button-edge:{};--on-button:{}",
            main.ink(),
            on_grounds(color),
            color.ink(),
        )
    }
}

/// The stylesheet of a brand, to be served at [`brand_path`] behind ours.
pub fn brand_stylesheet(color: Color, accent: Color) -> String {
    let (light, dark) = (LIGHT.properties(color, accent), DARK.properties(color, accent));
    format!(":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}")
}

/// Where the pages of a brand expect its stylesheet. All of it is in the name, so it may be cached for ever.
pub fn brand_path(color: Color, accent: Color) -> String {
    let hex = |color: Color| color.to_string().replace('#', "");
    format!("/assets/brand-{}-{}.css", hex(color), hex(accent))
}

/// The colours in a file name of [`brand_path`]; nothing where it is none.
pub fn brand_of(file: &str) -> Option<(Color, Color)> {
    let (color, accent) = file.strip_prefix("brand-")?.strip_suffix(".css")?.split_once('-')?;
    let colors = (format!("#{color}").parse().ok()?, format!("#{accent}").parse().ok()?);
    (brand_path(colors.0, colors.1).strip_prefix("/assets/") == Some(file)).then_some(colors)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::color::READABLE;

    use super::*;
    use crate::STYLESHEET;

    /// The properties of each theme in a stylesheet.
    fn themes(css: &str) -> [BTreeMap<String, Color>; 2] {
        let (light, dark) = css.split_once("prefers-color-scheme").expect("two themes");
        [light, dark].map(|theme| {
            let block = theme.split_once(":root").expect("properties").1;
            let block = block.split_once('{').expect("a block").1.split_once('}').expect("its end").0;
            let pairs = block.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'));
            pairs.filter_map(|(name, value)| Some((name.to_owned(), value.trim().parse().ok()?))).collect()
        })
    }

    fn colors() -> impl Iterator<Item = Color> {
        let steps = [0x00, 0x33, 0x80, 0xc8, 0xff];
        let pairs = move |r| steps.into_iter().flat_map(move |g| steps.map(move |b| (r, g, b)));
        steps
            .into_iter()
            .flat_map(pairs)
            .map(|(r, g, b): (u8, u8, u8)| format!("#{r:02x}{g:02x}{b:02x}").parse().expect("a colour"))
    }

    #[test]
    fn whatever_the_brand_everything_stays_readable() {
        let grounds = themes(STYLESHEET);
        for color in colors() {
            for (brand, ours) in themes(&brand_stylesheet(color, color)).iter().zip(&grounds) {
                for name in ["surface", "page", "sunk", "good-tint", "bad-tint", "star-tint"] {
                    for front in ["main", "main-strong", "button-edge"] {
                        let contrast = brand[front].contrast(ours[name]);
                        assert!(contrast >= READABLE, "{color}: {front} on {name} has {contrast}");
                    }
                }
                for (front, behind) in [
                    ("on-main", "main"),
                    ("on-main", "main-strong"),
                    ("on-button", "button"),
                    ("on-button", "button-strong"),
                ] {
                    let contrast = brand[front].contrast(brand[behind]);
                    assert!(contrast >= READABLE, "{color}: {front} on {behind} has {contrast}");
                }
                assert_eq!(brand["button"], color, "the brand's own colour is kept");
            }
        }
    }

    #[test]
    fn what_a_brand_sets_is_used() {
        for name in ["button", "button-strong", "button-edge", "on-button"] {
            assert!(STYLESHEET.contains(&format!("var(--{name}, var(--")), "{name}");
        }
    }

    #[test]
    fn a_path_names_its_colours_and_nothing_else_is_one() {
        let (color, accent) = ("#0a5".parse().expect("a colour"), "#123456".parse().expect("a colour"));
        let path = brand_path(color, accent);
        assert_eq!(path, "/assets/brand-00aa55-123456.css");
        assert_eq!(brand_of("brand-00aa55-123456.css"), Some((color, accent)));
        for wrong in [
            "brand-0a5-123456.css",
            "brand-00AA55-123456.css",
            "brand-00aa55.css",
            "brand-00aa55-123456-1.css",
            "brand-00aa55-12345g.css",
            "mooring-00aa55-123456.css",
            "brand-00aa55-123456.css/x",
            "",
        ] {
            assert_eq!(brand_of(wrong), None, "{wrong}");
        }
    }
}
