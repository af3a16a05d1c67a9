import { AtrousError, checkThreads, inWords } from '@atrous/tensor';

/** What an option may be: in words, and as a test. */
interface Rule {
  readonly expected: string;
  readonly allows: (value: unknown) => boolean;
}
export type Rules = Readonly<Record<string, Rule>>;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const oneOf = (...names: string[]): Rule => ({
  expected: names.map((name) => `"${name}"`).join(', '),
  allows: (value) => typeof value === 'string' && names.includes(value),
});
const boolean: Rule = { expected: 'true or false', allows: (value) => typeof value === 'boolean' };
const callback: Rule = { expected: 'a function', allows: (value) => typeof value === 'function' };
const signal: Rule = {
  expected: 'an AbortSignal',
  allows: (value) => isObject(value) && 'aborted' in value && typeof value.addEventListener === 'function',
};
const share: Rule = {
  expected: 'at least 0 and less than 1',
  allows: (value) => typeof value === 'number' && value >= 0 && value < 1,
};
const precision = oneOf('float32', 'float16', 'int8');

/** The options of `readPicture`, and of everything that takes a picture. */
export const pictureRules: Rules = {
  signal,
  maxPixels: {
    expected: 'a whole number of pixels above 0, or Infinity',
    allows: (value) =>
      value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && Number(value) > 0),
  },
};

export const segmentRules: Rules = {
  ...pictureRules,
  confidence: boolean,
  minConfidence: share,
  logits: boolean,
  flip: boolean,
  onProgress: callback,
  scales: {
    expected: 'a list of numbers from 0.1 to 10',
    allows: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((scale) => typeof scale === 'number' && scale >= 0.1 && scale <= 10),
  },
  window: {
    expected: 'a whole number of pixels from 64 up, or false',
    allows: (value) => value === false || (Number.isSafeInteger(value) && Number(value) >= 64),
  },
  cutOut: {
    expected: 'a list of class names or ids',
    allows: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((each) => typeof each === 'string' || Number.isInteger(each)),
  },
  transfer: boolean,
};

const side: Rule = {
  expected: 'a whole number of pixels from 1 to 16384',
  allows: (value) => Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= 16384,
};

/** The options of `render`. */
export const renderRules: Rules = {
  ...pictureRules,
  smoothing: share,
  width: side,
  height: side,
  transfer: boolean,
};

/** The options of a stream. */
export const streamRules: Rules = {
  ...segmentRules,
  smoothing: share,
  every: boolean,
};

export const loadRules: Rules = {
  signal,
  onProgress: callback,
  onWarning: callback,
  fetch: callback,
  createWorker: callback,
  cache: { expected: 'a cache (match, put, delete)', allows: isObject },
  precision: {
    expected: `${precision.expected}, or several of them`,
    allows: (value) => precision.allows(value) || (Array.isArray(value) && value.every(precision.allows)),
  },
  compute: oneOf('float32', 'float16', 'int8', 'auto'),
  wasm: {
    expected: 'a URL',
    allows: (value) => (typeof value === 'string' && value !== '') || value instanceof URL,
  },
  runtimes: {
    expected: 'a list of what packages of runtimes give, such as [onnx()]',
    allows: (value) =>
      Array.isArray(value) &&
      value.every((set) => isObject(set) && Object.values(set).every((bring) => typeof bring === 'function')),
  },
  runtime: {
    expected: 'a name or a runtime (name, available, load)',
    allows: (value) =>
      typeof value === 'string' ||
      (isObject(value) && typeof value.name === 'string' && typeof value.load === 'function'),
  },
};

/**
 * Checks the options that a caller gave; what is undefined is left out, what has no rule is another's.
 * @throws AtrousError `input` that says what was given and what is expected
 */
export function checkOptions(options: unknown, rules: Rules): void {
  if (!isObject(options)) {
    throw new AtrousError('input', `options: expected an object, got ${inWords(options)}`);
  }
  for (const name in rules) {
    const value = options[name];
    if (value === undefined || rules[name].allows(value)) continue;
    throw new AtrousError('input', `${name}: expected ${rules[name].expected}, got ${inWords(value)}`);
  }
}

/** Checks what a model is loaded from and how. @throws AtrousError `input` */
export function checkLoad(location: unknown, options: unknown): void {
  const isName = typeof location === 'string' && location !== '';
  if (!isName && !isObject(location)) {
    throw new AtrousError('input', `model: expected a folder, a URL or files, got ${inWords(location)}`);
  }
  checkOptions(options, loadRules);
  checkThreads((options as { threads?: unknown }).threads);
}

/** Checks the names of values that a caller wants. @throws AtrousError `input` for none, or what is no name */
export function checkNames(names: unknown): void {
  const isList = Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string');
  if (isList) return;
  const wrong = Array.isArray(names) ? names.find((name) => typeof name !== 'string') : names;
  const given = Array.isArray(names) && names.length === 0 ? 'none' : inWords(wrong);
  throw new AtrousError('input', `names: expected a list of names of the network's values, got ${given}`);
}
