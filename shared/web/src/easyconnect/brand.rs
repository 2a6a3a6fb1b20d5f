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
