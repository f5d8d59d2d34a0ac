/** One instruction, its continuation lines joined. */
export interface Instruction {
  readonly keyword: string;
  readonly text: string;
}

export interface Stage {
  /** What FROM names, and what it is called. */
  readonly from: string;
  readonly name: string | undefined;
  readonly platform: string | undefined;
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  /** ARGs before the first FROM, with their defaults. */
  readonly args: ReadonlyMap<string, string | undefined>;
  readonly stages: readonly Stage[];
}

export function parseDockerfile(text: string): Dockerfile {
  const args = new Map<string, string | undefined>();
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const instruction of instructionsOf(text)) {
    const stage = stages.at(-1);
    if (instruction.keyword === 'FROM') stages.push(stageOf(instruction.text));
    else if (stage) stage.instructions.push(instruction);
    else {
      const [, name = '', value] = /^(\w+)(?:=(.*))?$/.exec(instruction.text) ?? [];
      args.set(name, value);
    }
  }
  return { args, stages };
}

function instructionsOf(text: string): readonly Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*#/.test(line));
  const joined = lines.join('\n').replace(/\\\n/g, ' ').split('\n');
  return joined.flatMap((line) => {
    const [, keyword, rest] = /^\s*([A-Za-z]+)\s+(.*)$/.exec(line) ?? [];
    return keyword === undefined ? [] : [{ keyword: keyword.toUpperCase(), text: (rest ?? '').trim() }];
  });
}

function stageOf(text: string): Stage & { instructions: Instruction[] } {
  const [, platform, from = '', name] = /^(?:--platform=(\S+)\s+)?(\S+)(?:\s+AS\s+(\S+))?$/i.exec(text) ?? [];
  return { from, name, platform, instructions: [] };
}
