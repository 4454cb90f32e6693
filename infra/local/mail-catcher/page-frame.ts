/** What the catcher's pages have in common: head, style and width. */
import { Html, html } from '../../../shared/html.ts';

export function pageFrame(title: string, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
${content}
</body>
</html>
`;
}

/** A moment as the clock of this machine shows it, which is the clock of whoever looks at the page. */
export function clockTime(time: Date): Html {
  const shown = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }).format(time);
  return html`<time datetime="${time.toISOString()}">${shown}</time>`;
}

const STYLE = new Html(`
:root { color-scheme: light dark; --quiet: light-dark(#5b6472, #9aa4b2); --line: light-dark(#dfe3e8, #343a44); }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 64rem; font: 15px/1.5 system-ui, sans-serif; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; font-weight: 600; line-height: 1.3; overflow-wrap: anywhere; }
h2 { margin: 2rem 0 .5rem; font-size: 1rem; font-weight: 600; }
.quiet { color: var(--quiet); }
.mails { margin: 0; padding: 0; list-style: none; }
.mails a { display: grid; grid-template-columns: 1fr auto; gap: .1rem 1.5rem; padding: .75rem .5rem;
  border-top: 1px solid var(--line); color: inherit; text-decoration: none; }
.mails a:hover, .mails a:focus-visible { background: light-dark(#f3f6fa, #20252d); }
.mails strong { font-weight: 600; }
.mails strong, .mails span { overflow-wrap: anywhere; }
.mails time { grid-column: 2; grid-row: 1; white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
iframe { display: block; box-sizing: border-box; width: 100%; height: 75vh; resize: vertical; background: white;
  border: 1px solid var(--line); border-radius: 6px; }
pre { margin: 0; padding: 1rem; white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line);
  border-radius: 6px; font: 13px/1.5 ui-monospace, monospace; }
`);
