/** CamClassify's page in the sidebar: zones and thresholds of each camera, and teaching. */

import { element } from "./dom.js";
import { STYLE } from "./style.js";
import "./teaching-page.js";
import { loadWords } from "./words.js";
import "./zones-page.js";

const PAGES = ["zones", "teaching"];

class CamClassifyPanel extends HTMLElement {
  #hass;
  #words;
  #cameras = [];
  #classes = [];
  #shown;
  #camera;
  #page;
  #choices = { windows: false }; // what outlives a change of page or camera

  set hass(hass) {
    const first = !this.#hass;
    this.#hass = hass;
    if (first) this.#start();
    if (this.#page) this.#page.hass = hass;
    const menu = this.shadowRoot?.querySelector("ha-menu-button");
    if (menu) menu.hass = hass;
  }

  set narrow(narrow) {
    this.toggleAttribute("narrow", narrow);
    const menu = this.shadowRoot?.querySelector("ha-menu-button");
    if (menu) menu.narrow = narrow;
  }

  async #start() {
    const root = this.attachShadow({ mode: "open" });
    root.append(element("style", { textContent: STYLE }));
    this.#words = await loadWords(this.#hass);
    try {
      await this.#load();
    } catch (error) {
      root.append(this.#header(), this.#message(this.#words.problem(error)));
      return;
    }
    root.append(this.#header());
    if (this.#cameras.length) this.#show(PAGES[0], this.#cameras[0]);
    else root.append(this.#message(this.#words.say("common.no_cameras")));
  }

  async #load() {
    const { cameras, classes } = await this.#hass.callWS({ type: "camclassify/cameras" });
    this.#cameras = cameras;
    this.#classes = classes;
  }

  #message(text) {
    return element("main", { role: "alert", textContent: text });
  }

  #header() {
    const { say } = this.#words;
    const menu = document.createElement("ha-menu-button");
    menu.hass = this.#hass;
    menu.narrow = this.hasAttribute("narrow");
    const tabs = PAGES.map((page) =>
      element("button", {
        id: `tab-${page}`,
        role: "tab",
        textContent: say(`${page}.tab`),
        onclick: () => this.#change(page, this.#camera),
      }),
    );
    const camera = element(
      "select",
      {
        id: "camera",
        "aria-label": say("common.camera"),
        onchange: () => this.#change(this.#shown, this.#cameras[camera.selectedIndex]),
      },
      ...this.#cameras.map(({ name, id }) => new Option(name, id)),
    );
    const title = element("span", { className: "title", textContent: "CamClassify" });
    const tabList = element("div", { role: "tablist" }, ...tabs);
    return element("header", {}, menu, title, tabList, camera);
  }

  /** Goes to another page or camera, with the classes that there are now: some may have been taught. */
  async #change(page, camera) {
    if (this.#page?.unsaved && !confirm(this.#words.say("common.discard"))) {
      this.shadowRoot.querySelector("#camera").value = this.#camera.id;
      return;
    }
    this.#camera = camera;
    await this.#load().catch(() => {}); // what is known is shown where nothing new is to be had
    if (this.#camera === camera) {
      this.#show(page, this.#cameras.find(({ id }) => id === camera.id) ?? camera);
    }
  }

  #show(page, camera) {
    this.#page?.remove();
    [this.#shown, this.#camera] = [page, camera];
    for (const name of PAGES) {
      this.shadowRoot.querySelector(`#tab-${name}`).setAttribute("aria-selected", name === page);
    }
    this.#page = document.createElement(`camclassify-${page}`);
    Object.assign(this.#page, {
      hass: this.#hass,
      words: this.#words,
      camera,
      cameras: this.#cameras,
      classes: this.#classes,
      choices: this.#choices,
    });
    this.shadowRoot.append(this.#page);
  }
}

customElements.define("camclassify-panel", CamClassifyPanel);
