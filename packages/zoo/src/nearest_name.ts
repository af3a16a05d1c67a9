/** The name that a misspelt one most likely means; undefined where none is close. */
export function nearestName(given: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let best = Math.ceil(given.length / 3) + 1; // a third of the letters may be wrong
  for (const name of names) {
    if (Math.abs(name.length - given.length) >= best) continue;
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance >= best) continue;
    [nearest, best] = [name, distance];
  }
  return nearest;
}

/** Levenshtein's distance: how many letters have to be added, left out or replaced. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}
