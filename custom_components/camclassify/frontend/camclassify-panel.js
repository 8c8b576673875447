/** CamClassify's page in the sidebar: draw zones and masks on what a camera sees now. */

import { PolygonEditor } from "./polygon-editor.js";
import { textsFor } from "./texts.js";
import { STYLE, TEMPLATE } from "./template.js";

const REFRESH_MS = 1000;

class CamClassifyPanel extends HTMLElement {
  #hass;
  #texts;
  #cameras = [];
  #classes = [];
  #camera;
  #unsubscribe;
  #pictureAt = 0;
  #pictureUrl;
  #editor;
  #saved = "";

  set hass(hass) {
    const first = !this.#hass;
    this.#hass = hass;
    if (first) this.#start();
    const menu = this.shadowRoot?.querySelector("ha-menu-button");
    if (menu) menu.hass = hass;
  }

  set narrow(narrow) {
    this.toggleAttribute("narrow", narrow);
    const menu = this.shadowRoot?.querySelector("ha-menu-button");
    if (menu) menu.narrow = narrow;
  }

  connectedCallback() {
    if (this.#camera) this.#show(this.#camera.id);
  }

  disconnectedCallback() {
    this.#leave();
  }

  #find(selector) {
    return this.shadowRoot.querySelector(selector);
  }

  async #start() {
    this.#texts = textsFor(this.#hass.language);
    this.attachShadow({ mode: "open" }).innerHTML = `<style>${STYLE}</style>${TEMPLATE(this.#texts)}`;
    const menu = document.createElement("ha-menu-button");
    menu.hass = this.#hass;
    menu.narrow = this.hasAttribute("narrow");
    this.#find("header").prepend(menu);
    this.#editor = new PolygonEditor(this.#find("svg"), () => this.#changed());
    this.#find("#camera").addEventListener("change", (event) => this.#show(event.target.value));
    for (const [action, run] of Object.entries({
      "add-zone": () => this.#editor.begin({ kind: "zone", name: this.#freeName(), classes: [] }),
      "add-mask": () => this.#editor.begin({ kind: "mask" }),
      undo: () => this.#editor.undo(),
      save: () => this.#save(),
    })) {
      this.#find(`[data-action=${action}]`).addEventListener("click", run);
    }
    await this.#hass.loadBackendTranslation("selector", "camclassify");
    try {
      const answer = await this.#hass.callWS({ type: "camclassify/cameras" });
      this.#cameras = answer.cameras;
      this.#classes = answer.classes;
    } catch (error) {
      return this.#say(error.message, true);
    }
    this.#find("#camera").replaceChildren(
      ...this.#cameras.map((camera) => new Option(camera.name, camera.id)),
    );
    if (this.#cameras.length) this.#show(this.#cameras[0].id);
    else this.#say(this.#texts.noCameras);
  }

  #leave() {
    this.#unsubscribe?.then((stop) => stop()).catch(() => {});
    this.#unsubscribe = undefined;
    URL.revokeObjectURL(this.#pictureUrl);
  }

  #show(id) {
    this.#leave();
    this.#camera = this.#cameras.find((camera) => camera.id === id);
    this.#editor.load([
      ...this.#camera.zones.map((zone) => ({ ...zone, kind: "zone" })),
      ...this.#camera.masks.map((points) => ({ kind: "mask", points })),
    ]);
    this.#saved = this.#state();
    this.#changed();
    this.#say("");
    this.#pictureAt = 0;
    this.#unsubscribe = this.#hass.connection.subscribeMessage((seen) => this.#see(seen), {
      type: "camclassify/subscribe",
      camera: id,
    });
  }

  async #see(seen) {
    this.#editor.showObjects(seen.objects, (object) =>
      `${this.#className(object.class)} ${Math.round(100 * object.score)}%`,
    );
    if (seen.size) this.#editor.setAspect(...seen.size);
    if (Date.now() - this.#pictureAt < REFRESH_MS) return;
    this.#pictureAt = Date.now();
    const response = await this.#hass.fetchWithAuth(this.#camera.picture);
    if (!response.ok) return;
    const before = this.#pictureUrl;
    this.#pictureUrl = URL.createObjectURL(await response.blob());
    this.#find("img").src = this.#pictureUrl;
    if (before) setTimeout(() => URL.revokeObjectURL(before), REFRESH_MS);
  }

  #className(name) {
    return (
      this.#hass.localize(`component.camclassify.selector.class.options.${name}`) ||
      name.replaceAll("_", " ")
    );
  }

  #freeName() {
    const taken = new Set(this.#editor.shapes.map((shape) => shape.name));
    for (let number = 1; ; number += 1) {
      const name = `${this.#texts.zone} ${number}`;
      if (!taken.has(name)) return name;
    }
  }

  #state() {
    const shapes = this.#editor.shapes;
    return JSON.stringify({
      zones: shapes
        .filter((shape) => shape.kind === "zone")
        .map(({ kind: _, ...zone }) => zone),
      masks: shapes.filter((shape) => shape.kind === "mask").map((shape) => shape.points),
    });
  }

  #changed() {
    this.#find("[data-action=undo]").disabled = !this.#editor.canUndo;
    this.#find("[data-action=save]").disabled =
      this.#editor.drawing || this.#state() === this.#saved;
    this.#find("#hint").textContent = this.#editor.drawing
      ? this.#texts.drawing
      : this.#texts.editing;
    this.#find("#shapes").replaceChildren(
      ...this.#editor.shapes.map((shape, index) => this.#row(shape, index)),
    );
  }

  #row(shape, index) {
    const row = document.createElement("div");
    row.className = "row";
    row.toggleAttribute("selected", index === this.#editor.selected);
    row.addEventListener("focusin", () => this.#editor.select(index));
    const name = document.createElement("input");
    name.value = shape.kind === "mask" ? this.#texts.mask : shape.name;
    name.disabled = shape.kind === "mask";
    name.setAttribute("aria-label", this.#texts.name);
    name.addEventListener("change", () => this.#editor.change(index, { name: name.value }));
    const remove = document.createElement("button");
    remove.textContent = this.#texts.remove;
    remove.addEventListener("click", () => this.#editor.remove(index));
    row.append(name, remove);
    if (shape.kind === "zone") row.append(this.#classChoice(shape, index));
    return row;
  }

  #classChoice(shape, index) {
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = shape.classes?.length
      ? shape.classes.map((name) => this.#className(name)).join(", ")
      : this.#texts.cameraClasses;
    details.append(summary);
    for (const name of this.#classes) {
      const label = document.createElement("label");
      const box = document.createElement("input");
      box.type = "checkbox";
      box.checked = shape.classes?.includes(name) ?? false;
      box.addEventListener("change", () => {
        const others = (shape.classes ?? []).filter((other) => other !== name);
        this.#editor.change(index, { classes: box.checked ? [...others, name] : others });
      });
      label.append(box, this.#className(name));
      details.append(label);
    }
    return details;
  }

  async #save() {
    try {
      const kept = await this.#hass.callWS({
        type: "camclassify/zones/save",
        camera: this.#camera.id,
        ...JSON.parse(this.#state()),
      });
      Object.assign(this.#camera, kept);
      this.#show(this.#camera.id);
      this.#say(this.#texts.saved);
    } catch (error) {
      this.#say(error.message, true);
    }
  }

  #say(text, isError = false) {
    const status = this.#find("#status");
    status.textContent = text;
    status.toggleAttribute("error", isError);
  }
}

customElements.define("camclassify-panel", CamClassifyPanel);
