/** The style of every page: light and dark by the reader's setting, one column, numbers of equal width, black on white on paper. */
export const STYLE = `
:root{color-scheme:light dark;
--paper:#fff;--ink:#1b1f24;--muted:#59616c;--wash:#f5f6f8;--rule:#d6dae0;--grid:#e9ebef;--link:#0f56b3;
--netting:#1257b8;--keeper:#a35200;--direct:#59616c;--reference:#8a6fb8;
--part-a:#7d8fa8;--part-b:#33547d;--part-c:#c8691c;
--good:#176f34;--bad:#b3261e;--model:#6b3aa6;--model-wash:#f3eefb;--bad-wash:#fdf0ee}
@media (prefers-color-scheme:dark){:root{
--paper:#13161a;--ink:#e6e9ed;--muted:#a2abb6;--wash:#1b1f25;--rule:#363d46;--grid:#252a31;--link:#82b7ff;
--netting:#6eadff;--keeper:#f2b05e;--direct:#a9b2bd;--reference:#b79ce6;
--part-a:#8597b3;--part-b:#bdd0ea;--part-c:#f2a65e;
--good:#63c783;--bad:#ff8a7d;--model:#c9a9f5;--model-wash:#271f36;--bad-wash:#33201e}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:880px;margin:0 auto;padding:56px 20px 96px}
main:focus{outline:none}
:focus-visible{outline:2px solid var(--link);outline-offset:3px;border-radius:3px}
a{color:var(--link);text-underline-offset:.18em;text-decoration-thickness:1px}
.skip{position:absolute;left:-999em;background:var(--paper);padding:8px 14px;z-index:1}
.skip:focus{left:12px;top:12px}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
h1,h2,h3{line-height:1.25;letter-spacing:-.014em;text-wrap:balance;margin:0}
h1{font-size:clamp(1.7rem,4.6vw,2.35rem);font-weight:680;letter-spacing:-.024em}
h2{font-size:1.4rem;font-weight:650;margin:72px 0 8px;scroll-margin-top:20px}
h3{font-size:1rem;font-weight:600}
p{margin:0 0 12px;max-width:68ch}
.over{color:var(--muted);font-size:.875rem;margin:0 0 10px}
.lede{font-size:1.08rem;margin-top:14px;color:var(--muted)}
.note{color:var(--muted);font-size:.875rem;margin:2px 0 8px}
.nav{display:flex;flex-wrap:wrap;gap:4px 18px;padding:14px 0;margin:28px 0 0;border-block:1px solid var(--rule);font-size:.875rem;list-style:none}
.nav a{text-decoration:none}.nav a:hover{text-decoration:underline}
.cards{display:grid;grid-template-columns:repeat(3,1fr);gap:36px 24px;margin:40px 0 20px;padding:0;list-style:none}
.card{min-width:0}
.card h3{font-size:.875rem;color:var(--muted);font-weight:550;letter-spacing:0}
.card .value{display:block;font-size:2.3rem;line-height:1.15;font-weight:660;letter-spacing:-.032em;margin:4px 0 6px;color:var(--netting)}
.card .value.of-keeper{color:var(--keeper)}.card .value.of-direct{color:var(--direct)}
.card .unit{font-size:1rem;font-weight:550;letter-spacing:0;color:var(--muted);margin-left:.3em}
.card ul{list-style:none;padding:0;margin:0 0 6px;font-size:.875rem;line-height:1.5}
.card b{font-weight:620}
.better{color:var(--good)}.worse{color:var(--bad)}
.badge{display:inline-block;font-size:.72rem;line-height:1.5;font-weight:550;padding:0 7px;border-radius:99px;border:1px solid var(--rule);color:var(--muted);white-space:nowrap;vertical-align:.08em}
.badge.model{color:var(--model);border-color:currentColor;border-style:dashed;background:var(--model-wash)}
.badge.good{color:var(--good);border-color:currentColor}.badge.bad{color:var(--bad);border-color:currentColor;background:var(--bad-wash)}
.card .badge{white-space:normal;border-radius:10px}
.card .kind{margin:4px 0 0;line-height:1}
details{font-size:.875rem}
summary{cursor:pointer;color:var(--muted);width:fit-content}
summary:hover{color:var(--ink)}
details[open]>summary{margin-bottom:8px}
pre{background:var(--wash);border:1px solid var(--rule);border-radius:8px;padding:14px 16px;overflow-x:auto;margin:8px 0 0;white-space:pre-wrap;overflow-wrap:anywhere}
pre span{display:inline-block;max-width:100%}
code{font:.84rem/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.callout{border-left:3px solid var(--rule);padding:2px 0 2px 16px;margin:28px 0;font-size:.94rem;color:var(--muted);max-width:70ch}
.callout.bad{border-color:var(--bad);color:var(--ink)}
.beside{display:grid;grid-template-columns:1fr 1fr;gap:0 28px}
.beside.third{grid-template-columns:repeat(3,1fr);gap:0 16px}
.beside>*{min-width:0}
.beside>figure{display:flex;flex-direction:column}.beside figcaption{flex:1}
.only.half{max-width:400px}.only.third{max-width:300px}
figure{margin:30px 0 0;break-inside:avoid}
figcaption h3{margin-bottom:2px}
.legend{display:flex;flex-wrap:wrap;gap:2px 20px;list-style:none;margin:4px 0 6px;padding:0;font-size:.875rem;color:var(--muted)}
.swatch{display:inline-block;width:24px;height:0;margin-right:8px;vertical-align:.28em}
.swatch.box{width:12px;height:12px;border-radius:2px;vertical-align:-.08em}
.plot{display:block;width:100%;height:auto;overflow:visible}
.plot text{white-space:pre}
.narrow{display:none}
.data{margin-top:4px}.data .scroll{max-height:24rem}
section>h3,section>details{margin-top:24px}section>.scroll{margin-top:24px}h3+.scroll{margin-top:8px}
.scroll{overflow-x:auto;margin:10px 0 4px}
table{border-collapse:collapse;width:100%;font-size:.875rem;line-height:1.45}
th,td{text-align:left;vertical-align:baseline;padding:7px 18px 7px 0;border-bottom:1px solid var(--grid);font-weight:400;overflow-wrap:break-word}
tbody th{min-width:8.5em}
.long{min-width:17em}
thead>tr>*{color:var(--muted);font-weight:550;border-bottom-color:var(--rule);white-space:nowrap}
tbody tr:last-child>*{border-bottom:0}
th:last-child,td:last-child{padding-right:0}
.num{text-align:right;white-space:nowrap}
.facts th{color:var(--muted);width:9rem;white-space:nowrap}
.group th{font-weight:620;padding-top:20px}
.run h2{font-size:1.05rem;margin:44px 0 2px;overflow-wrap:anywhere}.run .scroll{margin-top:6px}dd{margin:0 0 8px}
footer{margin-top:80px;padding-top:16px;border-top:1px solid var(--rule);color:var(--muted);font-size:.875rem}
@media screen and (max-width:799px){
main{padding:32px 20px 64px}
h2{margin-top:56px}
.cards{grid-template-columns:1fr 1fr;gap:30px 20px}
.card .value{font-size:1.9rem}
.beside,.beside.third{grid-template-columns:1fr}
.wide{display:none}.narrow{display:block}
.narrow{max-width:480px}
.facts th{width:auto;padding-right:14px}}
@media screen and (max-width:359px){.cards{grid-template-columns:1fr}}
@media print{
:root{color-scheme:light;--paper:#fff;--ink:#000;--muted:#444;--wash:#fff;--rule:#bbb;--grid:#ddd;--link:#000;
--netting:#1257b8;--keeper:#a35200;--direct:#59616c;--reference:#8a6fb8;--part-a:#7d8fa8;--part-b:#33547d;--part-c:#c8691c;--good:#176f34;--bad:#b3261e;--model:#6b3aa6;--model-wash:#fff;--bad-wash:#fff}
body{font-size:10.5pt}
main{max-width:none;padding:0}
.skip,.nav,.data{display:none}
.scroll{max-height:none;overflow:visible}
.wide{display:block}.narrow{display:none}
h2{margin-top:28pt;break-after:avoid}
/* Paper does not scroll. */
table{font-size:8pt}th,td{padding-right:9px}thead th,.badge,.facts th{white-space:normal}tbody th,.long{min-width:0}
tr,.card{break-inside:avoid}}
`
