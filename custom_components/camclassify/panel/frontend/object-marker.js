/**
 * Marks one object in a picture: a click takes one of the boxes that were found, a drag draws another.
 *
 * Boxes are [x0, y0, x1, y1], fractions of the picture, 0..1.
 */

import { pointOf, svgElement } from "./dom.js";

const LEAST_SIDE = 0.01; // a smaller drag is a click

export class ObjectMarker {
  #svg;
  #onChange;
  #objects = [];
  #labelOf;
  #box;
  #from;

  constructor(svg, onChange) {
    this.#svg = svg;
    this.#onChange = onChange;
    svg.setAttribute("viewBox", "0 0 1 1");
    svg.setAttribute("preserveAspectRatio", "none");
    svg.addEventListener("pointerdown", (event) => this.#down(event));
    svg.addEventListener("pointermove", (event) => this.#move(event));
    svg.addEventListener("pointerup", (event) => this.#up(event));
    svg.addEventListener("pointercancel", () => (this.#from = undefined));
  }

  /** The marked box, if any. */
  get box() {
    return this.#box;
  }

  /** Starts anew with what was found in a picture, and perhaps a box that is marked already. */
  load(objects, labelOf, box) {
    [this.#objects, this.#labelOf, this.#box, this.#from] = [objects, labelOf, box, undefined];
    this.#changed();
  }

  #down(event) {
    this.#from = pointOf(event, this.#svg);
    this.#svg.setPointerCapture(event.pointerId);
  }

  #move(event) {
    if (!this.#from) return;
    const box = this.#boxTo(event);
    if (this.#isClick(box)) return;
    this.#box = box;
    this.#changed();
  }

  #up(event) {
    if (!this.#from) return;
    const box = this.#boxTo(event);
    this.#from = undefined;
    if (!this.#isClick(box)) return;
    const [x, y] = box;
    const hit = this.#objects
      .map((object) => object.box)
      .filter(([x0, y0, x1, y1]) => x0 <= x && x <= x1 && y0 <= y && y <= y1)
      .sort((one, other) => area(one) - area(other));
    this.#box = hit[0];
    this.#changed();
  }

  #boxTo(event) {
    const [[x0, y0], [x1, y1]] = [this.#from, pointOf(event, this.#svg)];
    return [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1), Math.max(y0, y1)];
  }

  #isClick([x0, y0, x1, y1]) {
    return x1 - x0 < LEAST_SIDE && y1 - y0 < LEAST_SIDE;
  }

  #changed() {
    const found = this.#objects.map(({ box }, index) => rectangle(box, "found", { object: index }));
    const marked = this.#box ? [rectangle(this.#box, "marked")] : [];
    this.#svg.replaceChildren(...found, ...marked);
    const object = this.#objects.find(({ box }) => String(box) === String(this.#box));
    this.#onChange(object ? this.#labelOf(object) : "");
  }
}

const area = ([x0, y0, x1, y1]) => (x1 - x0) * (y1 - y0);

const rectangle = ([x0, y0, x1, y1], kind, dataset) =>
  svgElement("rect", { x: x0, y: y0, width: x1 - x0, height: y1 - y0, class: kind }, dataset);
