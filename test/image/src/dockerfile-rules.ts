import { parseDockerfile, type Dockerfile, type Stage } from './dockerfile.ts';

const LABELS = ['title', 'description', 'version', 'revision', 'created', 'source', 'base.name'];
const PINNED = /^[^\s:@]+(:[\w.-]+)?@sha256:[0-9a-f]{64}$/;

/** What is wrong with a Dockerfile, by the rules of our images; empty when nothing is. */
export function problemsOf(text: string): readonly string[] {
  const file = parseDockerfile(text);
  const final = file.stages.at(-1);
  if (!final) return ['it has no stage'];
  const problems = [
    ...(/^#\s*syntax\s*=/im.test(text) ? ['a syntax line fetches the builder itself from a registry'] : []),
    ...file.stages.flatMap((stage, index) => fromProblems(file, stage, index)),
    ...file.stages.flatMap(stepProblems),
    ...platformProblems(file),
    ...finalProblems(final),
  ];
  return [...new Set(problems)];
}

/** Images are arguments, pinned by digest; what is not an argument is an earlier stage. */
function fromProblems({ args, stages }: Dockerfile, { from }: Stage, index: number): string[] {
  if (stages.slice(0, index).some(({ name }) => name === from)) return [];
  const [, name] = /^\$\{(\w+)\}$/.exec(from) ?? [];
  if (name === undefined) return [`FROM ${from} is no argument`];
  const image = args.get(name) ?? '';
  if (/:latest\b/.test(image)) return [`${name} is whatever is latest`];
  return PINNED.test(image) ? [] : [`${name} is not pinned by a digest`];
}

function stepProblems({ instructions }: Stage): string[] {
  return instructions.flatMap(({ keyword, text }) => [
    ...(keyword === 'ADD' ? [`ADD ${text} may fetch and unpack: COPY does not`] : []),
    ...(keyword === 'ARG' && /token|password|secret|npmrc|registry/i.test(text)
      ? [`ARG ${text} stays in the history of the image`]
      : []),
    ...(/\bnpm (install|i)\b/.test(text) ? ['npm install takes what is newest: npm ci does not'] : []),
    ...(/\bnpm ci\b/.test(text) && !text.includes('--ignore-scripts') ? ['npm ci runs the scripts of packages'] : []),
    ...(/NODE_EXTRA_CA_CERTS|NODE_OPTIONS/.test(text)
      ? [`${keyword} ${text}: costs time at each start, or V8's code cache`]
      : []),
  ]);
}

/** What installs and bundles runs natively; what makes the code cache, and the image itself, on the platform of the image. */
function platformProblems({ stages }: Dockerfile): string[] {
  return stages.flatMap(({ name, from, platform, instructions }) => {
    const installs = instructions.some(({ text }) => /\bnpm ci\b/.test(text));
    if (installs && platform !== '$BUILDPLATFORM') return [`stage ${String(name)} installs in an emulation`];
    const finishes = instructions.some(({ text }) => text.includes(' finish '));
    const native = platform !== undefined || stages.some((stage) => stage.name === from);
    return finishes && native ? [`stage ${String(name)} makes the code cache on another platform`] : [];
  });
}

function finalProblems({ instructions }: Stage): string[] {
  const all = (keyword: string) => instructions.filter((instruction) => instruction.keyword === keyword);
  const last = (keyword: string) => all(keyword).at(-1)?.text;
  const entrypoint = commandOf(last('ENTRYPOINT'));
  const labels = all('LABEL')
    .map(({ text }) => text)
    .join(' ');
  return [
    ...(/^[1-9]\d*:[1-9]\d*$/.test(last('USER') ?? '')
      ? []
      : ['USER is no number other than root: a cluster cannot tell who it is']),
    ...(entrypoint ? [] : ['ENTRYPOINT is no JSON list: it needs a shell, and signals end there']),
    ...(all('CMD').every(({ text }) => commandOf(text)) ? [] : ['CMD is no JSON list']),
    ...(all('RUN').length > 0 ? ['RUN in the last stage needs a shell there'] : []),
    ...(entrypoint?.some((word) => word.startsWith('-')) ? ['a flag makes V8 reject the code cache'] : []),
    ...(last('STOPSIGNAL') === 'SIGTERM' ? [] : ['STOPSIGNAL is not SIGTERM, which drains']),
    ...LABELS.flatMap((name) => (labels.includes(`org.opencontainers.image.${name}=`) ? [] : [`no label ${name}`])),
  ];
}

function commandOf(text: string | undefined): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return Array.isArray(value) ? value.map(String) : undefined;
  } catch {
    return undefined;
  }
}
