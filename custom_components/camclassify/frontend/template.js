/** How the page looks. */

export const STYLE = `
  :host { display: block; height: 100%; background: var(--primary-background-color);
    color: var(--primary-text-color); font-family: var(--ha-font-family-body, Roboto, sans-serif); }
  header { display: flex; align-items: center; gap: 8px; min-height: 56px; padding: 0 12px;
    background: var(--app-header-background-color, var(--primary-color));
    color: var(--app-header-text-color, white); font-size: 20px; }
  header span { flex: 1; }
  main { display: grid; grid-template-columns: minmax(0, 1fr) 320px; gap: 16px; padding: 16px; }
  :host([narrow]) main { grid-template-columns: 1fr; padding: 8px; }
  #stage { position: relative; align-self: start; min-height: 120px; background: black; line-height: 0; }
  #stage img { width: 100%; }
  #stage svg { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none;
    cursor: crosshair; }
  polygon, polyline, rect.object { vector-effect: non-scaling-stroke; stroke-width: 2; }
  polygon.zone { fill: rgba(3, 169, 244, 0.2); stroke: #03a9f4; }
  polygon.mask { fill: rgba(0, 0, 0, 0.6); stroke: #9e9e9e; }
  polygon.selected { stroke-width: 4; cursor: move; }
  polyline.unfinished { fill: none; stroke: #ffb300; pointer-events: none; }
  rect.object { fill: none; stroke: #ffb300; pointer-events: none; }
  text.object { fill: #ffb300; font-size: 22px; paint-order: stroke; stroke: black; stroke-width: 4px;
    pointer-events: none; }
  circle.corner { fill: white; stroke: #03a9f4; stroke-width: 4; cursor: grab; }
  circle.between { fill: rgba(255, 255, 255, 0.5); cursor: copy; }
  .buttons { display: flex; flex-wrap: wrap; gap: 8px; margin-bottom: 12px; }
  button, select, input:not([type=checkbox]) { font: inherit; color: inherit; min-height: 36px;
    padding: 4px 12px; border: 1px solid var(--divider-color); border-radius: 6px;
    background: var(--card-background-color); }
  header select { color: var(--primary-text-color); }
  button { cursor: pointer; }
  button:disabled { opacity: 0.5; cursor: default; }
  button[data-action=save]:not(:disabled) { background: var(--primary-color);
    color: var(--text-primary-color, white); }
  .row { display: grid; grid-template-columns: 1fr auto; gap: 8px; padding: 8px; margin-bottom: 8px;
    border: 1px solid var(--divider-color); border-radius: 8px; background: var(--card-background-color); }
  .row[selected] { border-color: var(--primary-color); }
  .row input { min-width: 0; }
  .row details { grid-column: 1 / -1; }
  .row label { display: flex; align-items: center; gap: 8px; min-height: 32px; }
  #hint { color: var(--secondary-text-color); }
  #status[error] { color: var(--error-color); }
`;

export const TEMPLATE = (texts) => `
  <header><span>CamClassify</span><select id="camera" aria-label="${texts.camera}"></select></header>
  <main>
    <div id="stage"><img alt=""><svg viewBox="0 0 1000 1000" preserveAspectRatio="none"></svg></div>
    <div>
      <div class="buttons">
        <button data-action="add-zone">${texts.addZone}</button>
        <button data-action="add-mask">${texts.addMask}</button>
        <button data-action="undo">${texts.undo}</button>
        <button data-action="save">${texts.save}</button>
      </div>
      <p id="hint"></p>
      <p id="status" role="status"></p>
      <div id="shapes"></div>
    </div>
  </main>
`;
