import { loadRules, pictureRules, type Rules } from '@atrous/segmenter/shared';

const count = {
  expected: 'a whole number of at least 1',
  allows: (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 1,
};
const names = {
  expected: 'a list of names',
  allows: (value: unknown) =>
    Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string'),
};
const callback = { expected: 'a function', allows: (value: unknown) => typeof value === 'function' };

/** Options of a loaded model's encoder. */
export const encoderRules: Rules = {
  ...loadRules,
  labels: names,
  batch: count,
  preparation: {
    expected: 'an object',
    allows: (value) => typeof value === 'object' && value !== null,
  },
};

/** Options of every call with pictures. */
export const callRules: Rules = { ...pictureRules, onPicture: callback, names };

export const classifyRules: Rules = { ...callRules, top: count };
