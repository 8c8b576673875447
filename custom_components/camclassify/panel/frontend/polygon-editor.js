/**
 * Draws and edits polygons on an SVG that lies over a picture; mouse, pen and touch alike.
 *
 * Points are fractions of the picture, 0..1. A click adds a point to the polygon that is being drawn, a
 * click on its first point closes it. Corners are dragged; the small dots between them become corners when
 * dragged; the corner that was touched last can be removed, also by a double click.
 */

import { pointOf, svgElement } from "./dom.js";

const WIDTH = 1000;
const MIN_POINTS = 3;
const FINGER = 20; // CSS pixels around a point within which it is meant
const DOT = { corner: 7, between: 5 }; // radius in CSS pixels
const LABEL = 13; // height in CSS pixels
const EDGE = 0.85; // of an object beyond it, the label ends where the object does
const HISTORY = 100;

export class PolygonEditor {
  #svg;
  #onShapes;
  #onContent;
  #shapes = [];
  #history = [];
  #objects = [];
  #labelOf;
  #drawing;
  #selected = -1;
  #corner;
  #drag;
  #height = WIDTH;

  /** Calls `onShapes` when shapes came or went, `onContent` when one was selected or its points moved. */
  constructor(svg, { onShapes, onContent }) {
    this.#svg = svg;
    this.#onShapes = onShapes;
    this.#onContent = onContent;
    svg.addEventListener("pointerdown", (event) => this.#down(event));
    svg.addEventListener("pointermove", (event) => this.#move(event));
    svg.addEventListener("pointerup", () => this.#up());
    svg.addEventListener("pointercancel", () => this.#up());
    // A press draws the pressed corner anew, so the browser has nothing on which to report a dblclick.
    svg.addEventListener("mousedown", ({ detail }) => detail === 2 && this.removeCorner());
  }

  get shapes() {
    return this.#shapes;
  }

  get selected() {
    return this.#selected;
  }

  get drawing() {
    return Boolean(this.#drawing);
  }

  get canUndo() {
    return this.#history.length > 0 || this.drawing;
  }

  get canRemoveCorner() {
    const points = this.#shapes[this.#selected]?.points ?? [];
    return this.#corner !== undefined && points.length > MIN_POINTS;
  }

  get aspect() {
    return WIDTH / this.#height;
  }

  load(shapes) {
    this.#shapes = structuredClone(shapes);
    this.#history = [];
    this.#drawing = undefined;
    this.#select(-1);
    this.#draw();
    this.#onShapes();
  }

  setAspect(width, height) {
    this.#height = (WIDTH * height) / width;
    this.#svg.setAttribute("viewBox", `0 0 ${WIDTH} ${this.#height}`);
    this.#draw();
  }

  /** Draws what the camera sees: objects with a box, and what `labelOf` says of them. */
  showObjects(objects, labelOf) {
    this.#objects = objects;
    this.#labelOf = labelOf;
    this.#draw();
  }

  /** Begins a shape; its points are clicked next. */
  begin(shape) {
    this.#drawing = { ...shape, points: [] };
    this.#select(-1);
    this.#draw();
    this.#onShapes();
  }

  select(index) {
    if (index === this.#selected) return;
    this.#select(index);
    this.#draw();
    this.#onContent();
  }

  /** Changes what a shape is called or looks for. */
  change(index, changes) {
    this.#remember();
    this.#shapes[index] = { ...this.#shapes[index], ...changes };
    this.#onContent();
  }

  remove(index) {
    this.#remember();
    this.#shapes.splice(index, 1);
    this.#select(-1);
    this.#draw();
    this.#onShapes();
  }

  removeCorner() {
    if (!this.canRemoveCorner) return;
    this.#remember();
    this.#shapes[this.#selected].points.splice(this.#corner, 1);
    this.#corner = undefined;
    this.#drag = undefined;
    this.#draw();
    this.#onContent();
  }

  undo() {
    if (this.#drawing) {
      if (this.#drawing.points.length) this.#drawing.points.pop();
      else this.#drawing = undefined;
    } else if (this.#history.length) {
      this.#shapes = this.#history.pop();
      this.#select(-1);
    }
    this.#draw();
    this.#onShapes();
  }

  #select(index) {
    this.#selected = index;
    this.#corner = undefined;
  }

  #remember() {
    this.#history.push(structuredClone(this.#shapes));
    if (this.#history.length > HISTORY) this.#history.shift();
  }

  #down(event) {
    const point = pointOf(event, this.#svg);
    if (this.#drawing) return this.#addPoint(point);
    const { shape, corner, between } = event.target.dataset;
    if (shape === undefined) return this.select(-1);
    this.#select(Number(shape));
    const points = this.#shapes[this.#selected].points;
    if (corner === undefined && between === undefined) {
      this.#drag = { from: point, points: structuredClone(points) };
    } else {
      this.#drag = { index: Number(corner ?? between), insert: corner === undefined };
      if (corner !== undefined) this.#corner = Number(corner);
    }
    this.#svg.setPointerCapture(event.pointerId);
    this.#draw();
    this.#onContent();
  }

  #addPoint(point) {
    const { points } = this.#drawing;
    const [first] = points;
    if (first && points.length >= MIN_POINTS && this.#distance(first, point) < FINGER) {
      this.#remember();
      this.#shapes.push(this.#drawing);
      this.#select(this.#shapes.length - 1);
      this.#drawing = undefined;
      this.#onShapes();
    } else {
      points.push(point);
      this.#onContent();
    }
    this.#draw();
  }

  /** Returns how far two points are from each other, in CSS pixels. */
  #distance([ax, ay], [bx, by]) {
    return Math.hypot((ax - bx) * WIDTH, (ay - by) * this.#height) / this.#unitsPerPixel();
  }

  #unitsPerPixel() {
    return WIDTH / (this.#svg.getBoundingClientRect().width || WIDTH);
  }

  #move(event) {
    if (!this.#drag) return;
    if (!this.#drag.moved) {
      this.#remember();
      this.#drag.moved = true;
    }
    const point = pointOf(event, this.#svg);
    const shape = this.#shapes[this.#selected];
    if (this.#drag.insert) {
      this.#corner = this.#drag.index + 1;
      shape.points.splice(this.#corner, 0, point);
      this.#drag = { index: this.#corner, moved: true };
    } else if (this.#drag.from) {
      shape.points = this.#shifted(this.#drag.points, this.#drag.from, point);
    } else {
      shape.points[this.#drag.index] = point;
    }
    this.#draw();
  }

  /** Moves points together, as far as all of them stay in the picture. */
  #shifted(points, from, to) {
    const by = [0, 1].map((axis) => {
      const values = points.map((point) => point[axis]);
      const wanted = to[axis] - from[axis];
      return Math.min(1 - Math.max(...values), Math.max(-Math.min(...values), wanted));
    });
    return points.map(([x, y]) => [x + by[0], y + by[1]]);
  }

  #up() {
    if (!this.#drag) return;
    this.#drag = undefined;
    this.#onContent();
  }

  #draw() {
    const elements = this.#objects.map((object) => this.#object(object)).flat();
    this.#shapes.forEach((shape, index) => elements.push(...this.#polygon(shape, index)));
    if (this.#drawing) elements.push(...this.#unfinished(this.#drawing.points));
    this.#svg.replaceChildren(...elements);
  }

  #path(points) {
    return points.map(([x, y]) => `${x * WIDTH},${y * this.#height}`).join(" ");
  }

  /** A dot, and around it the part that a finger takes hold of. */
  #handle([x, y], kind, dataset, touched = false) {
    const at = { cx: x * WIDTH, cy: y * this.#height };
    const units = this.#unitsPerPixel();
    const reach = kind === "between" ? FINGER / 2 : FINGER;
    return [
      svgElement("circle", { ...at, r: DOT[kind] * units, class: touched ? `${kind} touched` : kind }),
      svgElement("circle", { ...at, r: reach * units, class: `handle ${kind}` }, dataset),
    ];
  }

  #polygon(shape, index) {
    const selected = index === this.#selected ? " selected" : "";
    const attributes = { points: this.#path(shape.points), class: shape.kind + selected };
    const elements = [svgElement("polygon", attributes, { shape: index })];
    if (!selected) return elements;
    shape.points.forEach(([x, y], corner) => {
      const [nextX, nextY] = shape.points[(corner + 1) % shape.points.length];
      const middle = [(x + nextX) / 2, (y + nextY) / 2];
      elements.push(...this.#handle(middle, "between", { shape: index, between: corner }));
    });
    shape.points.forEach((point, corner) => {
      const touched = corner === this.#corner;
      elements.push(...this.#handle(point, "corner", { shape: index, corner }, touched));
    });
    return elements;
  }

  #unfinished(points) {
    return [
      svgElement("polyline", { points: this.#path(points), class: "unfinished" }),
      ...points.flatMap((point) => this.#handle(point, "corner")),
    ];
  }

  #object(object) {
    const [x0, y0, x1, y1] = object.box;
    const at = { x: x0 * WIDTH, y: y0 * this.#height };
    const size = { width: (x1 - x0) * WIDTH, height: (y1 - y0) * this.#height };
    const fontSize = LABEL * this.#unitsPerPixel();
    const y = Math.max(fontSize, at.y - fontSize / 4);
    // Its outline is drawn beyond where a text ends.
    const end = { x: x1 * WIDTH - fontSize / 3, "text-anchor": "end" };
    const where = x1 > EDGE ? end : { x: at.x };
    const label = svgElement("text", { ...where, y, "font-size": fontSize, class: "object" });
    label.textContent = this.#labelOf(object);
    const kind = object.visible ? "object" : "object unseen";
    return [svgElement("rect", { ...at, ...size, class: kind }), label];
  }
}
