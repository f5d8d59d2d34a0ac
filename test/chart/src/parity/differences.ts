/** The places in which two values differ, the outermost ones: `[]` stands for any element of a list. */
export function differences(laptop: unknown, cluster: unknown, at = ''): readonly string[] {
  if (Array.isArray(laptop) && Array.isArray(cluster) && laptop.length === cluster.length) {
    return laptop.flatMap((value, index) => differences(value, cluster[index], `${at}[]`));
  }
  if (isObject(laptop) && isObject(cluster)) {
    const names = [...new Set([...Object.keys(laptop), ...Object.keys(cluster)])];
    return names.flatMap((name) => differences(laptop[name], cluster[name], at === '' ? name : `${at}.${name}`));
  }
  return JSON.stringify(laptop) === JSON.stringify(cluster) ? [] : [at];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
