/** Which view of a turning camera the page is about, and how each looked when it was shown last. */

import { element } from "./dom.js";

const FOLLOW = "";

export class ViewChoice {
  root;
  #words;
  #select;
  #note;
  #pictures = new Map();

  /** Calls `onChange` with the view that is chosen, or undefined: the one that the camera shows. */
  constructor({ words, onChange }) {
    this.#words = words;
    this.#select = element("select", {
      id: "view",
      "aria-label": words.say("zones.view"),
      onchange: () => {
        const { value } = this.#select;
        onChange(value === FOLLOW ? undefined : Number(value));
      },
    });
    this.#note = element("p", { className: "hint" });
    this.root = element("div", { className: "views", hidden: true }, this.#select, this.#note);
  }

  /** Keeps the picture of a view, and what was seen on it, in place of the one before. */
  keep(view, picture) {
    const before = this.#pictures.get(view);
    this.#pictures.set(view, picture);
    if (before) URL.revokeObjectURL(before.image.src);
  }

  picture(view) {
    return this.#pictures.get(view);
  }

  /**
   * Offers all views in which something was drawn, and says what there is to know about one of them.
   *
   * @param drawn is how much was drawn in each view: Map of view to count
   * @param shown is the view that the camera shows, and `edited` the one that the page is about; null while
   *   it moves
   */
  show({ drawn, shown, edited, chosen }) {
    const { say } = this.#words;
    const views = new Set([...drawn.keys(), edited].filter((view) => view !== null));
    const name = (view) => {
      const count = drawn.get(view);
      return say(count ? "zones.view_count" : "zones.view_number", { number: view + 1, count });
    };
    this.#select.replaceChildren(
      new Option(say("zones.view_shown"), FOLLOW),
      ...[...views].sort((a, b) => a - b).map((view) => new Option(name(view), view)),
    );
    this.#select.value = chosen ?? FOLLOW;
    this.#note.textContent = [...this.#notes(drawn, shown, edited)].join(" ");
    this.root.hidden = false;
  }

  forget() {
    for (const { image } of this.#pictures.values()) URL.revokeObjectURL(image.src);
    this.#pictures.clear();
  }

  *#notes(drawn, shown, edited) {
    const { say } = this.#words;
    const number = edited === null ? undefined : edited + 1;
    if (edited !== shown) {
      yield say(this.#pictures.has(edited) ? "zones.not_shown" : "zones.no_picture", { number });
    }
    yield say(edited === null ? "zones.drawn_in_all" : "zones.drawn_in", { number });
    const elsewhere = [...drawn].filter(([view]) => view !== null && view !== edited);
    const count = elsewhere.reduce((sum, [, each]) => sum + each, 0);
    if (count) yield say("zones.elsewhere", { count });
  }
}
