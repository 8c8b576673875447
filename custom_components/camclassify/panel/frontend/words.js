/** The pages' words, in the user's language: they come from the integration's translations. */

const PREFIX = "component.camclassify";

/** Loads the translations and returns functions that look words up. */
export async function loadWords(hass) {
  let localize = hass.localize;
  for (const category of ["config_panel", "selector", "exceptions"]) {
    localize = await hass.loadBackendTranslation(category, "camclassify");
  }
  const format = new Intl.NumberFormat(hass.language, { style: "percent" });
  return {
    /** A share of one, "93%". */
    percent: (share) => format.format(share),

    /** A time of this day, given in seconds of Unix time. */
    time: (seconds) => new Date(1000 * seconds).toLocaleTimeString(hass.language),

    /** A text of the pages: `say("zones.add_zone")`. */
    say: (key, placeholders) => localize(`${PREFIX}.config_panel.${key}`, placeholders) || key,

    /** A class as people call it; taught ones have no translation. */
    className(name) {
      const plain = name.replaceAll("_", " ");
      return localize(`${PREFIX}.selector.class.options.${name}`) || plain;
    },

    /** What went wrong with a command, and what to do about it. */
    problem(error) {
      const { translation_key: key, translation_placeholders: placeholders } = error;
      const known = key && localize(`${PREFIX}.exceptions.${key}.message`, placeholders);
      return known || error.message || String(error);
    },
  };
}
