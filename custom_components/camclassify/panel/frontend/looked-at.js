/** The parts of the picture that were looked at, outlined on it for whoever wants to see them. */

import { element } from "./dom.js";

export class LookedAt {
  layer = element("div", { className: "windows" });
  root;
  #words;
  #time = element("time");

  /** Begins as `wanted` says; calls `onChange` with whether the outlines are wanted now. */
  constructor({ words, wanted, onChange }) {
    this.#words = words;
    const toggle = element("input", {
      type: "checkbox",
      checked: wanted,
      onchange: () => {
        this.#want(toggle.checked);
        onChange(toggle.checked);
      },
    });
    const label = element("label", {}, toggle, words.say("zones.looked_at"));
    this.root = element("div", { className: "looked-at" }, label, this.#time);
    this.#want(wanted);
  }

  /** Draws the windows of the last look that had any, and what moved there and is nothing known. */
  show({ windows, proposals, taken_at: takenAt }) {
    const moved = this.#words.say("zones.moved");
    this.layer.replaceChildren(
      ...windows.map((box) => outline(box)),
      ...proposals.map((box) => outline(box, { className: "proposal", title: moved })),
    );
    const time = this.#words.time(takenAt);
    this.#time.textContent = this.#words.say("zones.looked_at_time", { time });
  }

  #want(wanted) {
    this.layer.hidden = this.#time.hidden = !wanted;
  }
}

const outline = (box, properties = {}) => {
  const [left, top, right, bottom] = box.map((share) => 100 * share);
  const inset = [top, 100 - right, 100 - bottom, left].map((side) => `${side}%`).join(" ");
  return element("div", { style: `inset: ${inset}`, ...properties });
};
