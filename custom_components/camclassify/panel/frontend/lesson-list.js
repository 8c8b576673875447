/** What was taught: each class with what to expect of it and its examples; export and import. */

import { button, element } from "./dom.js";

export class LessonList {
  root = element("section", { id: "lessons" });
  #hass;
  #words;
  #cameras;
  #onChange;
  #onProblem;

  /** Calls `onChange` with the names that were taught, `onProblem` with what went wrong. */
  constructor({ hass, words, cameras, onChange, onProblem }) {
    this.#hass = hass;
    this.#words = words;
    this.#cameras = new Map(cameras.map((camera) => [camera.id, camera.name]));
    this.#onChange = onChange;
    this.#onProblem = onProblem;
  }

  async refresh() {
    try {
      this.#show(await this.#hass.callWS({ type: "camclassify/examples" }));
    } catch (error) {
      this.#onProblem(error);
    }
  }

  #show({ classes, examples }) {
    const { say } = this.#words;
    const cards = classes.map((taught) =>
      this.#card(
        taught.name,
        examples.filter((example) => example.name === taught.name),
        taught.expectations,
      ),
    );
    const nothing = examples.filter((example) => example.name === null);
    if (nothing.length) cards.push(this.#card(null, nothing, {}));
    const none = element("p", { className: "hint", textContent: say("lessons.none") });
    this.root.replaceChildren(
      element("h3", { textContent: say("lessons.title") }),
      ...(cards.length ? cards : [none]),
      this.#exchange(examples.length > 0),
    );
    this.#onChange(classes.map((taught) => this.#words.className(taught.name)));
  }

  #card(name, examples, expectations) {
    const { say, className } = this.#words;
    const title = name === null ? say("lessons.nothing") : className(name);
    const head = element("div", { className: "head" }, element("h4", { textContent: title }));
    if (name !== null) {
      const sure = () => confirm(say("lessons.forget_sure", { name: title }));
      head.append(button("forget", say("lessons.forget"), () => sure() && this.#forget(name)));
    }
    const lights = Object.entries(expectations).map(([light, expectation]) =>
      element("p", { "data-light": light, textContent: this.#describe(light, expectation) }),
    );
    const pictures = examples.map((example) => this.#example(example));
    return element(
      "article",
      { className: "lesson", "data-class": name ?? "" },
      head,
      ...lights,
      element("div", { className: "examples" }, ...pictures),
    );
  }

  /** Says honestly what to expect: a few examples leave a wide interval. */
  #describe(light, { right, wrong, missed, precision, low, high }) {
    const { say, percent } = this.#words;
    const counts = { light: say(`regimes.${light}`), right, wrong, missed };
    if (right + wrong === 0) return say("lessons.too_few", counts);
    const shares = { precision: percent(precision), low: percent(low), high: percent(high) };
    return say("lessons.expectation", { ...counts, ...shares });
  }

  #example(example) {
    const camera = this.#cameras.get(example.camera) ?? "";
    const light = this.#words.say(`regimes.${example.regime}`);
    const what = [camera, light].filter(Boolean).join(", ");
    const picture = example.picture
      ? element("img", { src: `data:image/jpeg;base64,${example.picture}`, alt: what })
      : element("span", { className: "no-picture", textContent: "?" });
    const remove = button("remove-example", "✕", () => this.#forget(example.id), {
      "aria-label": this.#words.say("lessons.remove"),
    });
    return element(
      "figure",
      { "data-example": example.id },
      picture,
      remove,
      element("figcaption", { textContent: what }),
    );
  }

  #exchange(hasExamples) {
    const { say } = this.#words;
    const file = element("input", {
      type: "file",
      accept: ".json,application/json",
      hidden: true,
      onchange: () => this.#import(file.files[0]),
    });
    const save = button("export", say("lessons.export"), () => this.#export());
    save.disabled = !hasExamples;
    const load = button("import", say("lessons.import"), () => file.click());
    return element("div", { className: "buttons" }, save, load, file);
  }

  async #forget(name) {
    await this.#change({
      type: "call_service",
      domain: "camclassify",
      service: "forget",
      service_data: { name },
    });
  }

  async #export() {
    try {
      const examples = await this.#hass.callWS({ type: "camclassify/examples/export" });
      const content = new Blob([JSON.stringify(examples)], { type: "application/json" });
      const href = URL.createObjectURL(content);
      element("a", { href, download: "camclassify-examples.json" }).click();
      setTimeout(() => URL.revokeObjectURL(href));
    } catch (error) {
      this.#onProblem(error);
    }
  }

  async #import(file) {
    let examples;
    try {
      examples = JSON.parse(await file.text());
    } catch {
      this.#onProblem(new Error(this.#words.say("lessons.not_an_export")));
      return;
    }
    await this.#change({ type: "camclassify/examples/import", examples });
  }

  async #change(message) {
    try {
      await this.#hass.callWS(message);
    } catch (error) {
      this.#onProblem(error);
    }
    await this.refresh();
  }
}
