import type { Endpoint } from '../endpoints.ts';
import { fixedAnswer, type FixedContent } from './fixed-answer.ts';
import { OPEN_API_PATH } from './open-api-endpoint.ts';

const PAGE = '/docs';
const STYLE = `${PAGE}/swagger-ui.css`;
const SCRIPT = `${PAGE}/swagger-ui.js`;
const START = `${PAGE}/start.js`;

/** Swagger UI sets styles by itself; scripts and requests are of this origin alone, and no other page may frame it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const page: FixedContent = {
  type: 'text/html; charset=utf-8',
  headers: { 'content-security-policy': POLICY, 'referrer-policy': 'no-referrer' },
  body: Buffer.from(`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>API</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="${STYLE}" />
  </head>
  <body>
    <main id="reference"><noscript>This page needs JavaScript; the document itself is at ${OPEN_API_PATH}.</noscript></main>
    <script src="${SCRIPT}"></script>
    <script src="${START}"></script>
  </body>
</html>
`),
};

/** A token is kept in the page's memory only: reloading forgets it. */
const start: FixedContent = {
  type: 'text/javascript; charset=utf-8',
  body: Buffer.from(`SwaggerUIBundle({
  url: '${OPEN_API_PATH}',
  dom_id: '#reference',
  deepLinking: true,
  displayOperationId: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`),
};

/** Reads what Swagger UI consists of, once somebody looks at the page: two megabytes, as the bundle has them. */
export interface PageAssets {
  readonly style: () => Promise<string>;
  readonly script: () => Promise<string>;
}

const SWAGGER_UI: PageAssets = {
  style: async () => (await import('swagger-ui-dist/swagger-ui.css', { with: { type: 'text' } })).default,
  script: async () => (await import('swagger-ui-dist/swagger-ui-bundle.js', { with: { type: 'text' } })).default,
};

/** A page on which the API can be read and tried. */
export function referencePage(assets: PageAssets = SWAGGER_UI): readonly Endpoint[] {
  return [
    fixed(PAGE, () => Promise.resolve(page)),
    fixed(START, () => Promise.resolve(start)),
    fixed(STYLE, async () => ({ type: 'text/css; charset=utf-8', body: Buffer.from(await assets.style()) })),
    fixed(SCRIPT, async () => ({ type: 'text/javascript; charset=utf-8', body: Buffer.from(await assets.script()) })),
  ];
}

function fixed(path: string, load: () => Promise<FixedContent>): Endpoint {
  let content: Promise<FixedContent> | undefined;
  return {
    method: 'GET',
    path,
    answer: async ({ headers }) => fixedAnswer(headers, await (content ??= load())),
  };
}
