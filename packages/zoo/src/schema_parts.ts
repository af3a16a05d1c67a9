import { brief, briefList, clip } from '@atrous/checkpoint';
import * as v from 'valibot';
import { type Bound, type LengthName, lengthBounds, type NumberName, numberBounds } from './config_bounds.ts';
import { nearestName } from './nearest_name.ts';

const within = (value: number, { min, max }: Bound): boolean => value >= min && value <= max;
const span = ({ min, max, reason }: Bound): string => `from ${min} to ${max} (${reason})`;

/** A number, or a whole one, within a bound. */
export const numberIn = (bound: Bound, isWhole = false): v.GenericSchema<number> =>
  v.custom<number>(
    (value) =>
      (isWhole ? Number.isInteger(value) : typeof value === 'number') && within(value as number, bound),
    ({ input }) => `expected a ${isWhole ? 'whole ' : ''}number ${span(bound)}, got ${brief(input)}`,
  );

/** A number within its bound. */
export const number = (name: NumberName): v.GenericSchema<number> => numberIn(numberBounds[name]);

/** A whole number within its bound. */
export const whole = (name: NumberName): v.GenericSchema<number> => numberIn(numberBounds[name], true);

/** Text of a bounded length. */
export const text = (name: LengthName = 'text'): v.GenericSchema<string> => {
  const bound = lengthBounds[name];
  return v.custom<string>(
    (value) => typeof value === 'string' && within(value.length, bound),
    ({ input }) => `expected text of ${bound.min} to ${bound.max} characters, got ${brief(input)}`,
  );
};

/** One of these names or numbers. */
export const oneOf = <const T extends string | number>(...options: readonly T[]): v.GenericSchema<T> =>
  v.custom<T>(
    (value) => options.includes(value as T),
    ({ input }) =>
      `expected ${options.length > 1 ? 'one of ' : ''}${options.join(', ')}, got ${brief(input)}`,
  );

/** A list whose length is looked at before its items, so that no list is walked that is too long. */
export const list = <T>(name: LengthName, item: v.GenericSchema<T>): v.GenericSchema<T[]> => {
  const bound = lengthBounds[name];
  return v.pipe(
    v.custom<unknown[]>(
      (value) => Array.isArray(value) && within(value.length, bound),
      ({ input }) =>
        `expected a list with ${bound.min} to ${bound.max} items (${bound.reason}), got ${Array.isArray(input) ? input.length : brief(input)}`,
    ),
    v.array(item),
  ) as v.GenericSchema<T[]>;
};

/** An object with these keys and no others. */
export const record = <const E extends v.ObjectEntries>(
  entries: E,
): v.StrictObjectSchema<E, v.ErrorMessage<v.StrictObjectIssue>> =>
  v.strictObject(entries, ({ expected, received, path }) => {
    if (expected === 'Object') return `expected an object, got ${clip(received)}`;
    const [{ key, input }] = path as unknown as [{ key: string; input: object }];
    if (expected !== 'never') return 'missing';
    const unknown = Object.keys(input).filter((name) => !Object.hasOwn(entries, name));
    const others = unknown.filter((name) => name !== key).map((name) => brief(name));
    const nearest = nearestName(key.slice(0, 64), Object.keys(entries));
    const hint = nearest ? `did you mean ${nearest}?` : `expected one of ${Object.keys(entries).join(', ')}`;
    return `unknown key; ${hint}${others.length ? ` (unknown, too: ${briefList(others, 5).join(', ')})` : ''}`;
  });

/** An object that is not ours to describe. */
export const anyObject: v.GenericSchema<Record<string, unknown>> = v.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  ({ input }) => `expected an object, got ${brief(input)}`,
);

/** What a schema complains about, a line each: where, and what. At most twenty lines of bounded length. */
export function issueLines(issues: readonly v.BaseIssue<unknown>[], root: string): string[] {
  const most = 20;
  const lines = issues.slice(0, most).map((issue) => {
    return clip(`${clip(v.getDotPath(issue) ?? root, 120)}: ${issue.message}`, 400);
  });
  return issues.length > most ? [...lines, `… and ${issues.length - most} more`] : lines;
}
