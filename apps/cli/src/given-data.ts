import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import { EbbError, messageOf, parseJson, type Json } from '@ebb/core';

/** Where a command takes its data from: an option, a file, or standard input. */
export interface DataOptions {
  readonly data?: string;
  readonly file?: string;
}

/** @throws EbbError EBB_USAGE for more than one source, none, or what is no JSON */
export async function givenData({ data, file }: DataOptions, others: readonly string[] = []): Promise<Json> {
  if (data !== undefined && file !== undefined) throw new EbbError('EBB_USAGE', 'give one of --data and --file');
  if (data !== undefined) return parse(data, '--data');
  if (file !== undefined) return parse(await read(file), file);
  const piped = process.stdin.isTTY ? '' : await readStream(process.stdin);
  if (piped.trim() !== '') return parse(piped, 'standard input');
  const options = [...others, '--data <json>', '--file <path>'].join(', ');
  throw new EbbError('EBB_USAGE', `no data: give ${options}, or pipe JSON in`);
}

function parse(text: string, from: string): Json {
  try {
    return parseJson(text);
  } catch (error) {
    throw new EbbError('EBB_USAGE', `${from}: ${messageOf(error)}`, { cause: error });
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new EbbError('EBB_USAGE', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}
