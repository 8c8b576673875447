/**
 * Draws and edits polygons on an SVG that lies over a picture; mouse, pen and touch alike.
 *
 * Points are fractions of the picture, 0..1. A click adds a point to the polygon that is being drawn, a
 * click on its first point closes it. Corners are dragged; the small dots between them become corners when
 * dragged; a double click (double tap) on a corner removes it.
 */

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 1000;
const MIN_POINTS = 3;
const CLOSE = 25; // how near to its first point a click closes a polygon, in units of the SVG
const HISTORY = 100;

export class PolygonEditor {
  #svg;
  #onChange;
  #shapes = [];
  #history = [];
  #objects = [];
  #labelOf;
  #drawing;
  #selected = -1;
  #drag;
  #height = WIDTH;

  constructor(svg, onChange) {
    this.#svg = svg;
    this.#onChange = onChange;
    svg.addEventListener("pointerdown", (event) => this.#down(event));
    svg.addEventListener("pointermove", (event) => this.#move(event));
    svg.addEventListener("pointerup", () => this.#up());
    svg.addEventListener("pointercancel", () => this.#up());
    svg.addEventListener("dblclick", (event) => this.#removePoint(event));
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

  load(shapes) {
    this.#shapes = structuredClone(shapes);
    this.#history = [];
    this.#drawing = undefined;
    this.#selected = -1;
    this.#draw();
  }

  setAspect(width, height) {
    this.#height = (WIDTH * height) / width;
    this.#svg.setAttribute("viewBox", `0 0 ${WIDTH} ${this.#height}`);
    this.#draw();
  }

  showObjects(objects, labelOf) {
    this.#objects = objects;
    this.#labelOf = labelOf;
    this.#draw();
  }

  begin(shape) {
    this.#drawing = { ...shape, points: [] };
    this.#selected = -1;
    this.#changed();
  }

  select(index) {
    this.#selected = index;
    this.#draw();
  }

  change(index, changes) {
    this.#remember();
    this.#shapes[index] = { ...this.#shapes[index], ...changes };
    this.#changed();
  }

  remove(index) {
    this.#remember();
    this.#shapes.splice(index, 1);
    this.#selected = -1;
    this.#changed();
  }

  undo() {
    if (this.#drawing) {
      if (this.#drawing.points.length) this.#drawing.points.pop();
      else this.#drawing = undefined;
    } else if (this.#history.length) {
      this.#shapes = this.#history.pop();
      this.#selected = -1;
    }
    this.#changed();
  }

  #remember() {
    this.#history.push(structuredClone(this.#shapes));
    if (this.#history.length > HISTORY) this.#history.shift();
  }

  #changed() {
    this.#draw();
    this.#onChange();
  }

  #pointOf(event) {
    const bounds = this.#svg.getBoundingClientRect();
    const within = (value) => Math.round(1e4 * Math.min(1, Math.max(0, value))) / 1e4;
    return [
      within((event.clientX - bounds.left) / bounds.width),
      within((event.clientY - bounds.top) / bounds.height),
    ];
  }

  #down(event) {
    const point = this.#pointOf(event);
    if (this.#drawing) return this.#addPoint(point);
    const { shape, corner, between } = event.target.dataset;
    if (shape === undefined) return this.select(-1);
    this.#selected = Number(shape);
    const points = this.#shapes[this.#selected].points;
    if (corner === undefined && between === undefined) {
      this.#drag = { from: point, points: structuredClone(points) };
    } else {
      this.#drag = { index: Number(corner ?? between), insert: corner === undefined };
    }
    this.#svg.setPointerCapture(event.pointerId);
    this.#draw();
  }

  #addPoint(point) {
    const { points } = this.#drawing;
    const [first] = points;
    if (first && points.length >= MIN_POINTS && this.#distance(first, point) < CLOSE) {
      this.#remember();
      this.#shapes.push(this.#drawing);
      this.#selected = this.#shapes.length - 1;
      this.#drawing = undefined;
    } else {
      points.push(point);
    }
    this.#changed();
  }

  #distance([ax, ay], [bx, by]) {
    return Math.hypot((ax - bx) * WIDTH, (ay - by) * this.#height);
  }

  #move(event) {
    if (!this.#drag) return;
    if (!this.#drag.moved) {
      this.#remember();
      this.#drag.moved = true;
    }
    const point = this.#pointOf(event);
    const shape = this.#shapes[this.#selected];
    if (this.#drag.insert) {
      shape.points.splice(this.#drag.index + 1, 0, point);
      this.#drag = { index: this.#drag.index + 1, moved: true };
    } else if (this.#drag.from) {
      shape.points = this.#shifted(this.#drag.points, this.#drag.from, point);
    } else {
      shape.points[this.#drag.index] = point;
    }
    this.#draw();
  }

  #shifted(points, from, to) {
    return points.map((corner) =>
      corner.map((value, axis) => Math.min(1, Math.max(0, value + to[axis] - from[axis]))),
    );
  }

  #up() {
    if (!this.#drag) return;
    this.#drag = undefined;
    this.#changed();
  }

  #removePoint(event) {
    const { shape, corner } = event.target.dataset;
    if (corner === undefined || this.#shapes[shape].points.length <= MIN_POINTS) return;
    this.#remember();
    this.#shapes[shape].points.splice(Number(corner), 1);
    this.#changed();
  }

  #draw() {
    const elements = this.#objects.map((object) => this.#object(object)).flat();
    this.#shapes.forEach((shape, index) => elements.push(...this.#polygon(shape, index)));
    if (this.#drawing) elements.push(...this.#unfinished(this.#drawing.points));
    this.#svg.replaceChildren(...elements);
  }

  #element(tag, attributes, dataset = {}) {
    const element = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    Object.assign(element.dataset, dataset);
    return element;
  }

  #path(points) {
    return points.map(([x, y]) => `${x * WIDTH},${y * this.#height}`).join(" ");
  }

  #dot([x, y], kind, dataset) {
    const at = { cx: x * WIDTH, cy: y * this.#height, class: kind };
    return this.#element("circle", { ...at, r: kind === "between" ? 8 : 13 }, dataset);
  }

  #polygon(shape, index) {
    const selected = index === this.#selected ? " selected" : "";
    const attributes = { points: this.#path(shape.points), class: shape.kind + selected };
    const elements = [this.#element("polygon", attributes, { shape: index })];
    if (!selected) return elements;
    shape.points.forEach(([x, y], corner) => {
      const [nextX, nextY] = shape.points[(corner + 1) % shape.points.length];
      const middle = [(x + nextX) / 2, (y + nextY) / 2];
      elements.push(this.#dot(middle, "between", { shape: index, between: corner }));
    });
    shape.points.forEach((point, corner) =>
      elements.push(this.#dot(point, "corner", { shape: index, corner })),
    );
    return elements;
  }

  #unfinished(points) {
    return [
      this.#element("polyline", { points: this.#path(points), class: "unfinished" }),
      ...points.map((point) => this.#dot(point, "corner")),
    ];
  }

  #object(object) {
    const [x0, y0, x1, y1] = object.box;
    const at = { x: x0 * WIDTH, y: y0 * this.#height };
    const size = { width: (x1 - x0) * WIDTH, height: (y1 - y0) * this.#height };
    const label = this.#element("text", { x: at.x, y: Math.max(22, at.y - 6), class: "object" });
    label.textContent = this.#labelOf(object);
    return [this.#element("rect", { ...at, ...size, class: "object" }), label];
  }
}
