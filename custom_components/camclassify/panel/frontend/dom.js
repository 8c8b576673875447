/** Makes an element: `on…` properties are listeners; data, aria and role become attributes. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (/^(data-|aria-|role$|list$|for$)/.test(key)) made.setAttribute(key, value);
    else made[key] = value;
  }
  made.append(...children);
  return made;
}

/** Makes a button; `action` is the name under which tests and styles find it. */
export function button(action, text, onclick, properties = {}) {
  return element("button", { "data-action": action, textContent: text, onclick, ...properties });
}

const SVG = "http://www.w3.org/2000/svg";

/** Makes an SVG element. */
export function svgElement(tag, attributes = {}, dataset = {}) {
  const made = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  Object.assign(made.dataset, dataset);
  return made;
}

/** Returns where in an element a pointer is, as fractions of its width and height, 0..1. */
export function pointOf(event, target) {
  const bounds = target.getBoundingClientRect();
  const within = (value) => Math.round(1e4 * Math.min(1, Math.max(0, value))) / 1e4;
  return [
    within((event.clientX - bounds.left) / bounds.width),
    within((event.clientY - bounds.top) / bounds.height),
  ];
}
