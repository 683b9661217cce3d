/** The consent page's style. It stands in the page, and its sum in the policy that lets it act: nothing else does. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #f4f5f7; --sheet: #fff; --ink: #1a1d23; --soft: #545b67; --line: #7b8494; --act: #1d4f91; --bad: #a3161b; --bad-ground: #fdeeee; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #101318; --sheet: #1a1e25; --ink: #eceef2; --soft: #b2b9c5; --line: #8a93a3; --act: #9dc3ff; --bad: #ffb3b3; --bad-ground: #3a1c1e; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans SC", sans-serif; }
main { max-width: 34rem; margin: 0 auto; padding: 1.5rem 1.25rem 2.5rem; min-height: 100vh; background: var(--sheet); overflow-wrap: anywhere; }
@media (min-width: 38rem) { main { margin: 2rem auto; padding: 2rem 2.5rem; min-height: 0; border-radius: .75rem; } }
.brand { margin: 0 0 1.25rem; font-weight: 700; letter-spacing: .02em; }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; }
h2, legend { margin: 1.5rem 0 .25rem; padding: 0; font-size: 1.0625rem; font-weight: 650; line-height: 1.4; }
p { margin: .25rem 0 .75rem; }
ul { margin: .25rem 0 .75rem; padding-inline-start: 1.25rem; }
fieldset { margin: 1.5rem 0 1rem; padding: 0; border: 0; min-inline-size: 0; }
label { display: block; margin: .75rem 0 .25rem; font-weight: 600; }
input[type="email"], input[type="password"], input:not([type]) { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--sheet); color: inherit; font: inherit; }
.choice { display: flex; gap: .75rem; align-items: center; min-height: 2.75rem; margin: 0; font-weight: 400; }
.choice input { flex: none; width: 1.25rem; height: 1.25rem; margin: 0; accent-color: var(--act); }
button { width: 100%; min-height: 2.75rem; margin: 1rem 0 0; padding: .5rem 1rem; border: 2px solid var(--act); border-radius: .5rem; background: transparent; color: var(--act); font: inherit; font-weight: 650; cursor: pointer; }
button:hover { text-decoration: underline; }
.go { background: var(--act); color: var(--sheet); }
a { display: inline-block; color: var(--act); }
[hidden] { display: none; }
.answers { display: grid; gap: .75rem; }
.answers button, .alone button { margin: 0; }
.alone { margin-top: .75rem; }
@media (min-width: 26rem) { .answers { grid-template-columns: 1fr 1fr; } }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
.note { margin-top: .75rem; color: var(--soft); font-size: .9375rem; }
.alert { padding: .75rem 1rem; border: 1px solid var(--bad); border-radius: .5rem; background: var(--bad-ground); color: var(--bad); }
input[aria-invalid="true"] { border-color: var(--bad); }
`;
