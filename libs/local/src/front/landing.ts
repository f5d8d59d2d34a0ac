import { send } from './answer.ts';
import type { PlatformHandler } from './front.ts';

/** `GET /`: where to go from here, for a person who opens the address in a browser. */
export function landingPage(
  links: () => readonly { readonly label: string; readonly href: string }[],
): PlatformHandler {
  return (req, res) => {
    if (req.url !== '/' || (req.method !== 'GET' && req.method !== 'HEAD')) return false;
    const items = links().map(({ label, href }) => `<li><a href="${escape(href)}">${escape(label)}</a></li>`);
    send(res, 200, 'text/html; charset=utf-8', page(items.join('\n')));
    return true;
  };
}

const page = (items: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Ebb</title>
<style>body{font:1rem/1.6 system-ui;max-width:44rem;margin:3rem auto;padding:0 1rem;color-scheme:light dark}code{font-size:.95em}</style>
<h1>Ebb is running</h1>
<ul>
${items}
</ul>
<p>In a terminal: <code>npx ebb status</code>, <code>npx ebb tail</code>, <code>npx ebb trace &lt;id&gt;</code>.</p>
</html>
`;

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
