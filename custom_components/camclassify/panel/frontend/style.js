/** How the pages look: Home Assistant's colours, one column on a phone. */

export const STYLE = `
  :host { display: block; height: 100%; overflow: auto; background: var(--primary-background-color);
    color: var(--primary-text-color); font-family: var(--ha-font-family-body, Roboto, sans-serif); }
  [hidden] { display: none !important; }
  header { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; align-items: center;
    gap: 8px; min-height: 56px; padding: 0 12px;
    background: var(--app-header-background-color, var(--primary-color));
    color: var(--app-header-text-color, white); }
  header .title { font-size: 20px; }
  header [role=tablist] { flex: 1; display: flex; }
  header [role=tab] { min-height: 56px; border: none; border-radius: 0; background: none; opacity: 0.8; }
  header [aria-selected=true] { border-bottom: 3px solid currentColor; opacity: 1; }
  header select { color: var(--primary-text-color); }
  main { padding: 24px; }
  camclassify-zones, camclassify-teaching { display: grid; gap: 16px; padding: 16px; align-items: start; }
  camclassify-zones { grid-template-columns: minmax(0, 1fr) 360px; }
  camclassify-teaching { grid-template-columns: 380px minmax(0, 1fr); }
  :host([narrow]) :is(camclassify-zones, camclassify-teaching) { grid-template-columns: 1fr; padding: 8px; }

  button, select, input:not([type=checkbox]) { font: inherit; color: inherit; min-height: 40px;
    box-sizing: border-box; padding: 4px 12px; border: 1px solid var(--divider-color);
    border-radius: 6px; background: var(--card-background-color); }
  button { cursor: pointer; }
  button:disabled { opacity: 0.5; cursor: default; }
  button.primary:not(:disabled) { background: var(--primary-color);
    color: var(--text-primary-color, white); }
  h3 { margin: 0 0 12px; font-weight: 500; }
  h4 { margin: 0; font-weight: 500; }
  .buttons { display: flex; flex-wrap: wrap; gap: 8px; margin: 12px 0; }
  .views .hint { margin: 8px 0; }
  .hint { color: var(--secondary-text-color); }
  #status[error] { color: var(--error-color); }

  .stage { position: relative; min-height: 120px; background: black; line-height: 0; user-select: none;
    -webkit-user-select: none; }
  .stage img { width: 100%; }
  .stage svg { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none;
    cursor: crosshair; }
  .windows div { position: absolute; border: 1px dashed white;
    box-shadow: 0 0 2px black, inset 0 0 2px black; }
  .windows .proposal { border: 2px dotted #ffb300; }
  .looked-at { display: flex; flex-wrap: wrap; align-items: center; gap: 0 16px; }
  .looked-at time { color: var(--secondary-text-color); }
  [unavailable] .stage img { opacity: 0.5; }
  .stage :is(polygon, polyline, rect) { vector-effect: non-scaling-stroke; stroke-width: 2; }
  polygon.zone { fill: rgba(3, 169, 244, 0.2); stroke: #03a9f4; }
  polygon.mask { fill: rgba(0, 0, 0, 0.6); stroke: #9e9e9e; }
  polygon.selected { stroke-width: 4; cursor: move; }
  polyline.unfinished { fill: none; stroke: #ffb300; pointer-events: none; }
  rect.object { fill: none; stroke: #ffb300; pointer-events: none; }
  rect.unseen { stroke-dasharray: 4 6; }
  text.object { fill: #ffb300; paint-order: stroke; stroke: black; stroke-width: 4px;
    pointer-events: none; }
  circle { vector-effect: non-scaling-stroke; pointer-events: none; }
  circle.corner { fill: white; stroke: #03a9f4; stroke-width: 2; }
  circle.touched { fill: #ffb300; }
  circle.between { fill: rgba(255, 255, 255, 0.5); }
  circle.handle { fill: transparent; stroke: none; pointer-events: all; cursor: grab; }
  circle.handle.between { cursor: copy; }
  rect.found { fill: transparent; stroke: white; stroke-dasharray: 6 4; cursor: pointer; }
  .stage rect.marked { fill: rgba(255, 179, 0, 0.15); stroke: #ffb300; stroke-width: 4;
    pointer-events: none; }

  .row, .lesson { padding: 8px; margin-bottom: 8px; border: 1px solid var(--divider-color);
    border-radius: 8px; background: var(--card-background-color); }
  .row { display: grid; grid-template-columns: 1fr auto; gap: 8px; align-items: center; }
  .row[selected] { border-color: var(--primary-color); }
  .row > input { min-width: 0; }
  .row :is(details, label) { grid-column: 1 / -1; }
  :is(.classes, .looked-at, .row) label { display: flex; align-items: center; gap: 8px; min-height: 32px; }
  summary { min-height: 32px; cursor: pointer; }
  .thresholds th { text-align: start; font-weight: normal; }
  .thresholds input { width: 72px; padding: 4px; }

  #snapshots { display: grid; grid-template-columns: repeat(auto-fill, minmax(160px, 1fr)); gap: 8px; }
  .snapshot { padding: 0; overflow: hidden; text-align: start; font-size: 13px; }
  .snapshot img { display: block; width: 100%; aspect-ratio: 16 / 9; object-fit: cover; }
  .snapshot span { display: block; padding: 4px 8px; }
  .snapshot[selected] { outline: 3px solid var(--primary-color); }
  [data-action=more] { margin-top: 8px; width: 100%; }
  #teach-name { flex: 1; min-width: 140px; }
  .lesson .head { display: flex; justify-content: space-between; align-items: center; }
  .examples { display: flex; flex-wrap: wrap; gap: 8px; }
  .examples figure { position: relative; width: 96px; margin: 0; font-size: 12px; }
  .examples img { width: 96px; height: 96px; object-fit: contain; background: black; }
  .no-picture { display: grid; place-items: center; width: 96px; height: 96px; background: black;
    color: white; }
  .examples button { position: absolute; top: 0; right: 0; min-height: 32px; padding: 0 8px; opacity: 0.8; }
`;
