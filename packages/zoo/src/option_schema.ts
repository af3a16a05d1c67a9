import { brief } from '@atrous/checkpoint';
import type { OptionRule, OptionRules } from '@atrous/graph';
import * as v from 'valibot';
import { numberIn, oneOf, record, text } from './schema_parts.ts';

/** A family's rule for one of its options, as a schema. */
function optionSchema(rule: OptionRule): v.GenericSchema<unknown> {
  switch (rule.kind) {
    case 'number':
      return numberIn(rule, rule.whole);
    case 'choice':
      return oneOf(...rule.of);
    case 'flag':
      return v.boolean();
    case 'text':
      return text('name');
    case 'list':
      return v.pipe(
        v.custom<unknown[]>(
          (value) => Array.isArray(value) && value.length <= rule.most,
          ({ input }) =>
            `expected a list with at most ${rule.most} items, got ${Array.isArray(input) ? input.length : brief(input)}`,
        ),
        v.array(optionSchema(rule.of)),
      );
    case 'record':
      return optionsSchema(rule.of);
    case 'each-or-all':
      return eachOrAll(optionSchema(rule.all), optionsSchema(rule.each));
  }
}

/** A family's options: known keys only, each of which may be left out. */
export const optionsSchema = (rules: OptionRules): v.GenericSchema<Record<string, unknown>> =>
  record(
    Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, v.optional(optionSchema(rule))])),
  ) as unknown as v.GenericSchema<Record<string, unknown>>;

/** One value for all parts, or an object that names parts. */
export const eachOrAll = <T, O>(all: v.GenericSchema<T>, each: v.GenericSchema<O>): v.GenericSchema<T | O> =>
  v.lazy((value): v.GenericSchema<T | O> => (typeof value === 'object' && value !== null ? each : all));
