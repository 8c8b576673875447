/** The page on which objects in kept snapshots are given a name: "our car", or nothing at all. */

import { button, element, svgElement } from "./dom.js";
import { LessonList } from "./lesson-list.js";
import { ObjectMarker } from "./object-marker.js";

const PAGE = 24; // snapshots shown at first, and more at a time
const LEAST_SCORE = 0.3; // of what is offered to be marked

class TeachingPage extends HTMLElement {
  hass;
  words;
  camera;
  cameras;
  #count = PAGE;
  #classChoice;
  #snapshots;
  #more;
  #picture;
  #marker;
  #marked;
  #stage;
  #name;
  #names;
  #buttons;
  #status;
  #lessons;
  #snapshot;
  #unsubscribe;

  connectedCallback() {
    const { say } = this.words;
    const svg = svgElement("svg");
    this.#picture = element("img", { id: "marked-picture", alt: "" });
    this.#stage = element("div", { className: "stage", hidden: true }, this.#picture, svg);
    this.#marked = element("p", { className: "hint" });
    this.#names = element("datalist", { id: "taught-names" });
    this.#name = element("input", {
      id: "teach-name",
      list: "taught-names",
      placeholder: say("teaching.name_example"),
      "aria-label": say("teaching.name"),
      oninput: () => this.#update(),
    });
    this.#buttons = {
      teach: button("teach", say("teaching.teach"), () => this.#teach(this.#name.value), {
        className: "primary",
      }),
      nothing: button("teach-nothing", say("teaching.nothing"), () => this.#teach()),
    };
    this.#status = element("p", { id: "status", role: "status" });
    this.#classChoice = element("select", {
      id: "snapshot-class",
      "aria-label": say("teaching.class"),
      onchange: () => this.#list(),
    });
    this.#snapshots = element("div", { id: "snapshots" });
    this.#more = button("more", say("teaching.more"), () => {
      this.#count += PAGE;
      this.#list();
    });
    const keep = button("keep-snapshot", say("teaching.keep"), () => this.#keep());
    this.#marker = new ObjectMarker(svg, (label) => this.#showMarked(label));
    this.#lessons = new LessonList({
      hass: this.hass,
      words: this.words,
      cameras: this.cameras,
      onChange: (names) => this.#names.replaceChildren(...names.map((name) => new Option(name))),
      onProblem: (error) => this.#say(this.words.problem(error), true),
    });
    this.replaceChildren(
      element(
        "div",
        {},
        element("h3", { textContent: say("teaching.snapshots") }),
        element("div", { className: "buttons" }, this.#classChoice, keep),
        this.#snapshots,
        this.#more,
      ),
      element(
        "div",
        {},
        this.#stage,
        this.#marked,
        element("div", { className: "buttons" }, this.#name, ...Object.values(this.#buttons)),
        this.#names,
        this.#status,
        this.#lessons.root,
      ),
    );
    this.#open();
    this.#list();
    this.#lessons.refresh();
    this.#unsubscribe = this.hass.connection.subscribeEvents(
      () => this.#list(),
      "camclassify_arrived",
    );
  }

  disconnectedCallback() {
    this.#unsubscribe.then((stop) => stop()).catch(() => {});
  }

  async #list() {
    try {
      const { classes, snapshots, total } = await this.#fetch(this.#count);
      this.#showClasses(classes);
      const shown = new Map([...this.#snapshots.children].map((each) => [each.dataset.snapshot, each]));
      this.#snapshots.replaceChildren(
        ...snapshots.map((each) => shown.get(each.id) ?? this.#thumbnail(each)),
      );
      if (!total) this.#snapshots.textContent = this.words.say("teaching.no_snapshots");
      this.#more.hidden = total <= snapshots.length;
    } catch (error) {
      this.#say(this.words.problem(error), true);
    }
  }

  /** Asks for the newest snapshots, page by page. */
  async #fetch(count) {
    const wanted = this.#classChoice.value ? { class: this.#classChoice.value } : {};
    const snapshots = [];
    for (;;) {
      const page = await this.hass.callWS({
        type: "camclassify/snapshots",
        camera: this.camera.id,
        skip: snapshots.length,
        limit: PAGE,
        ...wanted,
      });
      snapshots.push(...page.snapshots);
      if (!page.snapshots.length || snapshots.length >= count) return { ...page, snapshots };
    }
  }

  #showClasses(classes) {
    const chosen = this.#classChoice.value;
    const options = classes.map((name) => new Option(this.#nameOf(name), name));
    this.#classChoice.replaceChildren(new Option(this.words.say("teaching.all"), ""), ...options);
    this.#classChoice.value = classes.includes(chosen) ? chosen : "";
  }

  #nameOf(name) {
    return name ? this.words.className(name) : this.words.say("teaching.no_class");
  }

  #thumbnail(snapshot) {
    const at = new Date(1000 * snapshot.taken_at).toLocaleString(this.hass.language);
    const label = [this.#nameOf(snapshot.class), snapshot.zone, at].filter(Boolean).join(", ");
    return element(
      "button",
      {
        className: "snapshot",
        "data-snapshot": snapshot.id,
        "data-class": snapshot.class,
        onclick: () => this.#open(snapshot),
      },
      element("img", { src: snapshot.picture, loading: "lazy", alt: "" }),
      element("span", { textContent: label }),
    );
  }

  /** Shows a snapshot, with all that is found in it, to be marked. */
  async #open(snapshot) {
    this.#snapshot = snapshot;
    this.#stage.hidden = !snapshot;
    for (const each of this.#snapshots.children) {
      each.toggleAttribute("selected", each.dataset?.snapshot === snapshot?.id);
    }
    this.#marker.load([], () => "", snapshot?.class ? snapshot.box : undefined);
    if (!snapshot) return;
    this.#picture.src = snapshot.plain_picture;
    this.#stage.scrollIntoView({ block: "nearest" });
    try {
      const { detections } = await this.#act("classify", {
        media_content_id: snapshot.media,
        min_score: LEAST_SCORE,
      });
      if (this.#snapshot !== snapshot) return;
      const moved = snapshot.proposals.map((box) => ({ box }));
      const label = ({ class: name, score }) =>
        name
          ? `${this.words.className(name)} ${this.words.percent(score)}`
          : this.words.say("teaching.moved");
      this.#marker.load([...detections, ...moved], label, this.#marker.box);
    } catch (error) {
      this.#say(this.words.problem(error), true);
    }
  }

  #showMarked(label) {
    const { say } = this.words;
    const mark = this.#marker.box ? say("teaching.marked") : say("teaching.mark");
    this.#marked.textContent = this.#snapshot ? label || mark : say("teaching.choose");
    this.#update();
  }

  #update() {
    const ready = Boolean(this.#snapshot && this.#marker.box);
    this.#buttons.teach.disabled = !ready || !this.#name.value.trim();
    this.#buttons.nothing.disabled = !ready;
  }

  async #teach(name) {
    const data = { snapshot_id: this.#snapshot.id, box: this.#marker.box };
    await this.#try(async () => {
      await this.#act("teach", name ? { ...data, name } : data);
      await this.#lessons.refresh();
      this.#say(this.words.say("teaching.learnt"));
    });
  }

  async #keep() {
    await this.#try(async () => {
      const kept = await this.#act("save_snapshot", { device_id: this.camera.device });
      this.#classChoice.value = "";
      await this.#list();
      this.#snapshots.querySelector(`[data-snapshot="${kept.snapshot_id}"]`)?.click();
    });
  }

  async #try(act) {
    this.#say("");
    try {
      await act();
    } catch (error) {
      this.#say(this.words.problem(error), true);
    }
  }

  async #act(service, data) {
    const answer = await this.hass.callWS({
      type: "call_service",
      domain: "camclassify",
      service,
      service_data: data,
      return_response: true,
    });
    return answer.response;
  }

  #say(text, isError = false) {
    this.#status.textContent = text;
    this.#status.toggleAttribute("error", isError);
  }
}

customElements.define("camclassify-teaching", TeachingPage);
