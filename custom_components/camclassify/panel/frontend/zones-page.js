/** The page on which zones, masks and thresholds of a camera are set, on what it sees now. */

import { button, element, svgElement } from "./dom.js";
import { LookedAt } from "./looked-at.js";
import { PolygonEditor } from "./polygon-editor.js";
import { layered, thresholdForm } from "./threshold-form.js";
import { ViewChoice } from "./view-choice.js";

const REFRESH_MS = 1000;

class ZonesPage extends HTMLElement {
  hass;
  words;
  camera;
  classes;
  choices;
  #unsubscribe;
  #pictureAt = 0;
  #picture;
  #noPicture;
  #views;
  #turns = false;
  #shown = null; // the view that the camera shows; null while it moves
  #chosen; // by the user
  #edited = null; // the view that the page is about, if the camera turns
  #elsewhere = []; // shapes of other views
  #editor;
  #lookedAt;
  #buttons;
  #hint;
  #status;
  #rows;
  #own;
  #thresholds;
  #saved;

  get unsaved() {
    return this.#editor.drawing || this.#state() !== this.#saved;
  }

  connectedCallback() {
    const { say } = this.words;
    this.#picture = this.#noPicture = element("img", { alt: "" });
    const svg = svgElement("svg", { viewBox: "0 0 1000 1000", preserveAspectRatio: "none" });
    this.#editor = new PolygonEditor(svg, {
      onShapes: () => this.#showRows(),
      onContent: () => this.#update(),
    });
    this.#lookedAt = new LookedAt({
      words: this.words,
      wanted: this.choices.windows,
      onChange: (wanted) => (this.choices.windows = wanted),
    });
    this.#views = new ViewChoice({
      words: this.words,
      onChange: (view) => {
        this.#chosen = view;
        this.#edit(view ?? this.#shown);
      },
    });
    const begin = (shape) => this.#editor.begin({ ...shape, view: this.#viewToDrawIn });
    this.#buttons = {
      zone: button("add-zone", say("zones.add_zone"), () =>
        begin({ kind: "zone", name: this.#freeName(), classes: [], thresholds: {} }),
      ),
      mask: button("add-mask", say("zones.add_mask"), () => begin({ kind: "mask" })),
      undo: button("undo", say("zones.undo"), () => this.#editor.undo()),
      corner: button("remove-corner", say("zones.remove_corner"), () =>
        this.#editor.removeCorner(),
      ),
      save: button("save", say("zones.save"), () => this.#save(), { className: "primary" }),
    };
    this.#hint = element("p", { className: "hint" });
    this.#status = element("p", { id: "status", role: "status" });
    this.#rows = element("div", { id: "shapes" });
    this.#own = element("div", { id: "camera-thresholds" });
    this.replaceChildren(
      element(
        "div",
        {},
        this.#views.root,
        element("div", { className: "stage" }, this.#picture, this.#lookedAt.layer, svg),
        this.#lookedAt.root,
      ),
      element(
        "div",
        {},
        element("div", { className: "buttons" }, ...Object.values(this.#buttons)),
        this.#hint,
        this.#status,
        this.#rows,
        this.#own,
      ),
    );
    this.#turns = this.camera.turns;
    this.#shown = this.#edited = this.camera.view;
    this.#load();
    this.#unsubscribe = this.hass.connection.subscribeMessage((seen) => this.#see(seen), {
      type: "camclassify/subscribe",
      camera: this.camera.id,
    });
  }

  disconnectedCallback() {
    this.#unsubscribe.then((stop) => stop()).catch(() => {});
    this.#views.forget();
  }

  get #viewToDrawIn() {
    return this.#turns ? this.#edited : this.#shown;
  }

  get #shapes() {
    return [...this.#editor.shapes, ...this.#elsewhere];
  }

  /** Takes what is kept; what the bundle does not know any more is left out. */
  #load() {
    const known = new Set(this.classes.map(({ name }) => name));
    const onlyKnown = (byClass) =>
      Object.fromEntries(Object.entries(byClass ?? {}).filter(([name]) => known.has(name)));
    this.#thresholds = onlyKnown(this.camera.thresholds);
    const zones = this.camera.zones.map((zone) => ({
      ...zone,
      kind: "zone",
      classes: (zone.classes ?? []).filter((name) => known.has(name)),
      thresholds: onlyKnown(zone.thresholds),
    }));
    const masks = this.camera.masks.map((mask) => ({ ...mask, kind: "mask" }));
    this.#divide([...zones, ...masks]);
    this.#saved = this.#state();
    this.#own.replaceChildren(
      element("h3", { textContent: this.words.say("thresholds.camera") }),
      this.#thresholdForm(this.camera.classes, this.#thresholds, this.#bundled(), (thresholds) => {
        this.#thresholds = thresholds;
        this.#showRows();
      }),
    );
    this.#update();
  }

  /** Takes the shapes that hold in the view which the page is about, and lays the others aside. */
  #divide(shapes) {
    const holds = ({ view }) => !this.#turns || view === null || view === this.#edited;
    this.#elsewhere = shapes.filter((shape) => !holds(shape));
    this.#editor.load(shapes.filter(holds));
  }

  /** Goes over to a view. */
  #edit(view) {
    this.#edited = view;
    this.#divide(this.#shapes);
    this.#showPicture();
  }

  /** Fetches the picture of what was seen, unless the camera has turned away since. */
  async #see(seen) {
    this.toggleAttribute("unavailable", !seen.available);
    if (Date.now() - this.#pictureAt < REFRESH_MS) return;
    this.#pictureAt = Date.now();
    const query = seen.turns ? `?view=${seen.view ?? ""}` : "";
    const response = await this.hass.fetchWithAuth(this.camera.picture + query);
    if (!this.isConnected) return;
    if (!response.ok) {
      if (seen.turns) this.#pictureAt = 0;
      return;
    }
    const image = element("img", { alt: "", src: URL.createObjectURL(await response.blob()) });
    await image.decode();
    this.#views.keep(seen.turns ? seen.view : undefined, { image, seen });
    this.#follow(seen);
    this.#showPicture();
    this.#update();
  }

  /** Goes along with a camera that turns, unless the user is about something. */
  #follow({ view, turns }) {
    this.#shown = view;
    if (this.#editor.drawing || this.#chosen !== undefined) return;
    const isNew = turns !== this.#turns;
    this.#turns = turns;
    if (isNew || (turns && view !== this.#edited && !this.unsaved)) this.#edit(view);
  }

  /** Shows a picture together with what was seen on it, so that boxes are where their objects are. */
  #showPicture() {
    const { image, seen } = this.#views.picture(this.#turns ? this.#edited : undefined) ?? {};
    this.#noPicture.style.aspectRatio = this.#editor.aspect;
    const shown = image ?? this.#noPicture;
    this.#picture.replaceWith(shown);
    this.#picture = shown;
    const label = ({ class: name, score }) =>
      `${this.words.className(name)} ${this.words.percent(score)}`;
    if (seen?.size) this.#editor.setAspect(...seen.size);
    this.#editor.showObjects(seen?.objects ?? [], label);
    if (seen?.looked_at) this.#lookedAt.show(seen.looked_at);
  }

  #freeName() {
    const taken = new Set(this.#shapes.map((shape) => shape.name));
    for (let number = 1; ; number += 1) {
      const name = `${this.words.say("zones.zone")} ${number}`;
      if (!taken.has(name)) return name;
    }
  }

  #state() {
    const order = ({ view }) => view ?? -1;
    const shapes = this.#shapes.sort((one, other) => order(one) - order(other));
    const of = (wanted) =>
      shapes.filter(({ kind }) => kind === wanted).map(({ kind: _, ...shape }) => shape);
    return JSON.stringify({
      zones: of("zone").map((zone) => this.#broughtAlong(zone)),
      masks: of("mask"),
      thresholds: this.#thresholds,
    });
  }

  /** Returns a zone that was redrawn on what a camera shows now that does not turn: it belongs there. */
  #broughtAlong(zone) {
    const before = this.camera.zones.find(({ id }) => id !== undefined && id === zone.id);
    const isRedrawn = before && JSON.stringify(before.points) !== JSON.stringify(zone.points);
    const stays = this.#turns || zone.view === null || this.#shown === null;
    return isRedrawn && !stays ? { ...zone, view: this.#shown } : zone;
  }

  #update() {
    const { drawing, canUndo, canRemoveCorner, selected } = this.#editor;
    this.#buttons.undo.disabled = !canUndo;
    this.#buttons.corner.disabled = !canRemoveCorner;
    this.#buttons.save.disabled = drawing || !this.unsaved;
    this.#hint.textContent = this.words.say(drawing ? "zones.drawing" : "zones.editing");
    if (this.#turns) this.#showViews();
    [...this.#rows.children].forEach((row, index) =>
      row.toggleAttribute("selected", index === selected),
    );
  }

  #showViews() {
    const drawn = new Map();
    for (const { view } of this.#shapes) drawn.set(view, (drawn.get(view) ?? 0) + 1);
    this.#views.show({
      drawn,
      shown: this.#shown,
      edited: this.#edited,
      chosen: this.#chosen,
    });
  }

  #showRows() {
    const rows = this.#editor.shapes.map((shape, index) =>
      shape.kind === "zone" ? this.#zoneRow(shape, index) : this.#maskRow(shape, index),
    );
    this.#rows.replaceChildren(...rows);
    this.#update();
  }

  #row(index, name, ...parts) {
    const remove = button("remove", this.words.say("zones.remove"), () =>
      this.#editor.remove(index),
    );
    const onfocusin = () => this.#editor.select(index);
    return element("div", { className: "row", onfocusin }, name, remove, ...parts);
  }

  #maskRow(mask, index) {
    const name = element("span", { textContent: this.words.say("zones.mask") });
    return this.#row(index, name, ...this.#viewOf(mask, index));
  }

  /** The choice between this view and all of them, for a camera that turns. */
  #viewOf(shape, index) {
    if (!this.#turns) return [];
    const box = element("input", {
      type: "checkbox",
      checked: shape.view === null,
      disabled: this.#edited === null,
      onchange: () => this.#editor.change(index, { view: box.checked ? null : this.#edited }),
    });
    return [element("label", {}, box, this.words.say("zones.every_view"))];
  }

  #zoneRow(zone, index) {
    const name = element("input", {
      value: zone.name,
      "aria-label": this.words.say("zones.name"),
      onchange: () => this.#editor.change(index, { name: name.value }),
    });
    const below = layered(this.#bundled(), this.#thresholds);
    const form = (classes, thresholds) =>
      this.#thresholdForm(
        classes.length ? classes : this.camera.classes,
        thresholds,
        below,
        (changed) => this.#editor.change(index, { thresholds: changed }),
      );
    let thresholds = form(zone.classes, zone.thresholds);
    const choice = this.#classChoice(zone.classes, (classes) => {
      this.#editor.change(index, { classes });
      const changed = form(classes, this.#editor.shapes[index].thresholds);
      thresholds.replaceWith(changed);
      thresholds = changed;
    });
    return this.#row(index, name, choice, ...this.#viewOf(zone, index), thresholds);
  }

  #classChoice(chosen, onChange) {
    const summary = element("summary");
    const show = () => {
      const names = chosen.map((name) => this.words.className(name)).join(", ");
      summary.textContent = names || this.words.say("zones.camera_classes");
    };
    const choose = (name, wanted) => {
      const others = chosen.filter((other) => other !== name);
      chosen = wanted ? [...others, name] : others;
      show();
      onChange(chosen);
    };
    const choices = this.classes.map(({ name }) => {
      const box = element("input", {
        type: "checkbox",
        checked: chosen.includes(name),
        onchange: () => choose(name, box.checked),
      });
      return element("label", {}, box, this.words.className(name));
    });
    show();
    return element("details", { className: "classes" }, summary, ...choices);
  }

  #thresholdForm(names, thresholds, below, onChange) {
    const change = (changed) => {
      onChange(changed);
      this.#update();
    };
    return thresholdForm({ words: this.words, names, thresholds, below, onChange: change });
  }

  #bundled() {
    return Object.fromEntries(this.classes.map(({ name, threshold }) => [name, threshold]));
  }

  async #save() {
    try {
      const kept = await this.hass.callWS({
        type: "camclassify/zones/save",
        camera: this.camera.id,
        ...JSON.parse(this.#state()),
      });
      Object.assign(this.camera, kept);
      this.#load();
      this.#say(this.words.say("zones.saved"));
    } catch (error) {
      this.#say(this.words.problem(error), true);
    }
  }

  #say(text, isError = false) {
    this.#status.textContent = text;
    this.#status.toggleAttribute("error", isError);
  }
}

customElements.define("camclassify-zones", ZonesPage);
