// How the statistics page looks: its style sheet, its one script, its colours with what they mean. Everything is in the
// page itself, so that it can be read where nothing else can be reached.

/** The shades of a server's state, in the order of the legend. */
export const SHADES = {
  "active-up": "active UP",
  "active-going-down": "active UP, going down",
  "active-going-up": "active DOWN, going up",
  "active-down": "active or backup DOWN",
  "backup-up": "backup UP",
  "backup-going-down": "backup UP, going down",
  "backup-going-up": "backup DOWN, going up",
  "no-check": "not checked",
  "maint": "active or backup DOWN for maintenance (MAINT)",
  "drain": "active or backup UP with load-balancing disabled (DRAIN, NOLB)",
} as const;
export type Shade = keyof typeof SHADES;

export const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--fg:#1b1f24;--dim:#5b6470;--line:#d3d8de;--head:#e9edf2;--card:#fff;--link:#0a58ca;
--active-up:#c9f2cf;--active-going-down:#fdf3a7;--active-going-up:#ffc46b;--active-down:#ffb3ad;--backup-up:#c5dcfb;
--backup-going-down:#d9bdf5;--backup-going-up:#f8bde6;--no-check:#e4e6e9;--maint:#d9ae85;--drain:#9fd2f5;--front:#f3efe2;--listener:#eceef1}
@media(prefers-color-scheme:dark){:root{--bg:#12151a;--fg:#e6e9ed;--dim:#98a2ae;--line:#2e3640;--head:#1f262e;--card:#181d23;--link:#7db4ff;
--active-up:#174a26;--active-going-down:#574d0b;--active-going-up:#8a4f00;--active-down:#7a1f1c;--backup-up:#1c3d66;
--backup-going-down:#44276b;--backup-going-up:#6a2257;--no-check:#2b3138;--maint:#5b3c1e;--drain:#0f4a70;--front:#262318;--listener:#20252b}}
*{box-sizing:border-box}
body{margin:0;padding:16px 20px 60px;background:var(--bg);color:var(--fg);font:13px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
h1{font-size:19px;margin:0}h2{font-size:15px;margin:0}
header p{margin:2px 0 14px;color:var(--dim)}
.top{display:flex;flex-wrap:wrap;gap:12px;margin-bottom:18px}
.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 14px}
.card h2{font-size:11px;letter-spacing:.06em;text-transform:uppercase;color:var(--dim);margin-bottom:6px}
.card dl{display:grid;grid-template-columns:auto auto;gap:1px 12px;margin:0}.card dt{color:var(--dim)}.card dd{margin:0;font-variant-numeric:tabular-nums}
.card ul{list-style:none;margin:0;padding:0}
.legend ul{display:grid;grid-template-columns:auto auto;gap:2px 18px}
.legend i{display:inline-block;width:14px;height:14px;border:1px solid var(--line);border-radius:3px;vertical-align:-2px;margin-right:7px}
.say{border-radius:8px;padding:8px 14px;margin-bottom:16px;border:1px solid var(--line)}
.good{background:var(--active-up)}.fair{background:var(--active-going-down)}.bad{background:var(--active-down)}
section{margin-bottom:22px}
.name{display:flex;gap:10px;align-items:baseline;margin-bottom:5px}.name small{color:var(--dim)}
table{border-collapse:collapse;background:var(--card);font-variant-numeric:tabular-nums;white-space:nowrap}
th,td{border:1px solid var(--line);padding:2px 7px;text-align:right}
thead th{background:var(--head);font-weight:600;font-size:11px;text-align:center}
tbody th{text-align:left;font-weight:600;position:sticky;left:0;background:inherit;z-index:1}
td.text{text-align:center}td.left{text-align:left}
tr.front,tr.back{background:var(--front)}tr.listener{background:var(--listener)}
${Object.keys(SHADES).map((s) => `.${s}{background:var(--${s})}`).join("")}
.tip{border-bottom:1px dotted var(--dim);position:relative;cursor:default;outline-offset:2px}
.tip>span{display:none;position:absolute;z-index:3;top:100%;right:0;background:var(--card);color:var(--fg);border:1px solid var(--line);border-radius:6px;box-shadow:0 4px 14px #0005;padding:6px 10px;text-align:left;font-weight:400}
th .tip>span{left:0;right:auto}
.tip:hover>span,.tip:focus>span{display:grid;grid-template-columns:auto auto;gap:0 14px}
.tip b{font-weight:400;color:var(--dim)}.tip s{text-decoration:none;text-align:right}
.act{margin-top:6px}select,button,input{font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:5px;padding:2px 8px}
footer{color:var(--dim)}
`;

/** Checks all servers of a table, or none. Without it they are checked one by one. */
export const SCRIPT = `
for(const all of document.querySelectorAll("input[data-all]"))all.addEventListener("change",()=>{
for(const one of all.closest("table").querySelectorAll("input[name=s]"))one.checked=all.checked})
`;
