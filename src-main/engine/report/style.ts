/** The page's style: Kith's own colours, for light and dark screens, and paper. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#faf8f5, #151416); --surface: light-dark(#fff, #1e1d20); --line: light-dark(#e3ded5, #37363b);
  --ink: light-dark(#211f1c, #f1eff2); --ink-2: light-dark(#5d5850, #b4b0b8);
  --same: light-dark(#0f6b62, #5fd0c2); --different: light-dark(#b4480f, #ff9f63); --accuracy: light-dark(#5a4fb0, #b3a8ff);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; }
header, main, footer { max-width: 1180px; margin: 0 auto; padding: 0 clamp(16px, 3vw, 40px); }
header { padding-top: 2.5rem; }
.eyebrow { margin: 0; color: var(--same); font-weight: 600; font-size: .85rem; letter-spacing: .02em; }
h1 { margin: .2rem 0 .6rem; font-size: clamp(1.5rem, 3.2vw, 2.2rem); line-height: 1.2; font-weight: 650; text-wrap: balance; overflow-wrap: anywhere; }
h1 em { font-style: normal; color: var(--same); }
h2 { margin: 0 0 .4rem; font-size: 1.3rem; font-weight: 650; }
section { margin: 3rem 0; }
.lead { max-width: 75ch; margin: 0 0 1rem; color: var(--ink-2); }
.muted { color: var(--ink-2); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.6rem, 1fr)); gap: .75rem; margin: 1.5rem 0 0; padding: 0; list-style: none; }
.tiles li { display: flex; flex-direction: column; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); }
.tiles span, .tiles small { color: var(--ink-2); font-size: .85rem; }
.tiles b { font-size: 1.7rem; line-height: 1.25; font-weight: 650; font-variant-numeric: tabular-nums; white-space: nowrap; }
.tables { columns: 2 26rem; column-gap: 2.5rem; }
.tables table { margin: 0 0 1.6rem; break-inside: avoid; }
time { white-space: nowrap; }
table { width: 100%; border-collapse: collapse; font-size: .93rem; }
caption { padding: 0 0 .3rem; text-align: left; font-weight: 650; overflow-wrap: anywhere; }
th, td { padding: .4rem .7rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; overflow-wrap: anywhere; }
thead th { font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: 1.25rem; }
figure { margin: 0; padding: 1rem; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); break-inside: avoid; }
figcaption { margin-bottom: .5rem; font-weight: 650; }
svg { display: block; width: 100%; height: auto; font-family: inherit; font-size: 13px; }
svg text { fill: var(--ink-2); }
.grid path { stroke: var(--line); }
.axis { fill: none; stroke: var(--ink-2); }
.line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
.line.same { stroke: var(--same); } .line.accuracy { stroke: var(--accuracy); stroke-dasharray: 7 4; }
.area { fill-opacity: .32; stroke-width: 1.8; }
.area.same { fill: var(--same); stroke: var(--same); } .area.different { fill: var(--different); stroke: var(--different); }
.thresholds path { stroke: var(--ink); stroke-width: 1.4; } .thresholds .dashed { stroke-dasharray: 4 4; }
.thresholds text, .dot text { fill: var(--ink); font-size: 12px; font-weight: 600; paint-order: stroke; stroke: var(--surface); stroke-width: 4px; }
.dot circle { fill: var(--different); stroke: var(--surface); stroke-width: 1.5; }
.dot.default path { fill: var(--ink); stroke: var(--surface); stroke-width: 1.5; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin: .4rem 0 0; color: var(--ink-2); font-size: .88rem; }
.swatch { display: inline-block; width: 1.1em; height: .7em; margin-right: .45em; border-radius: 3px; }
.swatch.same { background: var(--same); } .swatch.different { background: var(--different); }
.swatch.accuracy { background: repeating-linear-gradient(90deg, var(--accuracy) 0 6px, transparent 6px 9px); }
.scroll { overflow-x: auto; }
.matrix { min-width: 30rem; margin-bottom: 1rem; }
.matrix-ground { fill: var(--line); fill-opacity: .5; }
.matrix .right { fill: var(--same); } .matrix .wrong { fill: var(--different); }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: 1rem; margin: 0; padding: 0; list-style: none; }
.gallery li { padding: .7rem; border: 1px solid var(--line); border-radius: 12px; background: var(--surface); break-inside: avoid; }
.faces { display: grid; grid-template-columns: 1fr 1fr; gap: 4px; }
.faces img, .no-crop { width: 100%; height: auto; aspect-ratio: 1; border-radius: 6px; display: grid; place-items: center; background: var(--line); color: var(--ink-2); font-size: .85rem; }
.distance { margin: .5rem 0 .2rem; font-size: 1.1rem; font-weight: 650; font-variant-numeric: tabular-nums; }
.who { margin: 0; font-size: .85rem; line-height: 1.4; overflow-wrap: anywhere; }
.who b { font-weight: 600; } .who span { color: var(--ink-2); }
.map circle { fill: oklch(from light-dark(#7a7a7a, #c0c0c0) l .14 var(--hue)); fill-opacity: .85; }
.map circle:hover { stroke: var(--ink); stroke-width: 2; }
.map text { fill: var(--ink); font-weight: 600; paint-order: stroke; stroke: var(--surface); stroke-width: 4px; pointer-events: none; }
.paths { margin: .5rem 0 0; padding-left: 1.2rem; font-size: .9rem; overflow-wrap: anywhere; }
summary { cursor: pointer; }
:focus-visible { outline: 2.5px solid var(--same); outline-offset: 2px; }
footer { padding-bottom: 2.5rem; color: var(--ink-2); font-size: .88rem; }
@media print {
  :root { color-scheme: light; --paper: #fff; }
  body { font-size: 10.5pt; } section { margin: 1.5rem 0; } h2 { break-after: avoid; }
  .plots { grid-template-columns: 1fr 1fr; } .scroll { overflow: visible; } details::details-content { content-visibility: visible; block-size: auto; }
}
`
