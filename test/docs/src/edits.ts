/**
 * Makes the changes of a `diff` block, as a reader does by hand: the lines with a space in front say where, those with
 * `-` go, those with `+` come. A line of `@@` begins another place.
 * @throws Error when a place is not there, or there twice
 */
export function edited(content: string, diff: string): string {
  return diff.split(/^@@.*\n/m).reduce((text, hunk) => {
    const lines = hunk.replace(/\n$/, '').split('\n');
    const before = textOf(lines, ['-', ' ']);
    const places = text.split(before).length - 1;
    if (places !== 1) throw new Error(`this is there ${places} times, not once:\n${before}\n\nin:\n${text}`);
    return text.replace(before, () => textOf(lines, ['+', ' ']));
  }, content);
}

/** The lines that stand in one side of a diff. An editor may have cut the space of an empty one. */
function textOf(lines: readonly string[], marks: readonly string[]): string {
  return lines
    .filter((line) => marks.includes(line.charAt(0) || ' '))
    .map((line) => `${line.slice(1)}\n`)
    .join('');
}
