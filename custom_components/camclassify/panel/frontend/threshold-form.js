/**
 * From which score a class counts, per class and light, in percent.
 *
 * An empty field takes what the layer below says (zone over camera over bundle), which it shows in grey.
 */

import { element } from "./dom.js";

const REGIMES = ["day", "dusk", "night"];

/**
 * @param thresholds what is set here: {class: {regime: 0..1}}
 * @param below what applies otherwise, in the same form
 * @param onChange is called with the thresholds after each change
 */
export function thresholdForm({ words, names, thresholds, below, onChange }) {
  const set = structuredClone(thresholds);
  const change = (name, regime, text) => {
    const score = Math.min(100, Math.max(0, Number(text))) / 100;
    const { [regime]: _, ...others } = set[name] ?? {};
    set[name] = text === "" ? others : { ...others, [regime]: score };
    if (!Object.keys(set[name]).length) delete set[name];
    onChange(structuredClone(set));
  };
  const field = (name, regime) => {
    const input = element("input", {
      type: "number",
      min: 0,
      max: 100,
      "data-class": name,
      "data-regime": regime,
      "aria-label": `${words.className(name)}, ${words.say(`regimes.${regime}`)}`,
      value: inPercent(set[name]?.[regime]),
      placeholder: inPercent(below[name]?.[regime]),
      onchange: () => change(name, regime, input.value),
    });
    return element("td", {}, input);
  };
  const titles = REGIMES.map((regime) =>
    element("th", { textContent: words.say(`regimes.${regime}`) }),
  );
  const rows = names.map((name) =>
    element(
      "tr",
      {},
      element("th", { textContent: words.className(name) }),
      ...REGIMES.map((regime) => field(name, regime)),
    ),
  );
  return element(
    "details",
    { className: "thresholds" },
    element("summary", { textContent: words.say("thresholds.title") }),
    element("p", { textContent: words.say("thresholds.help") }),
    element("table", {}, element("tr", {}, element("th"), ...titles), ...rows),
  );
}

/** Lays thresholds over those below; both {class: {regime: 0..1}}. */
export function layered(below, above) {
  const result = structuredClone(below);
  for (const [name, byRegime] of Object.entries(above)) {
    result[name] = { ...result[name], ...byRegime };
  }
  return result;
}

const inPercent = (score) => (score === undefined ? "" : String(Math.round(1000 * score) / 10));
