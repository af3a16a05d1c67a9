/** What went wrong, in one word that a program can branch on. */
export type ErrorCode =
  | 'input' // a value that the caller gave is not usable
  | 'shape' // shapes or dtypes do not fit together
  | 'weights' // weights are missing, of the wrong shape, or not numbers
  | 'format' // a file is not what it says it is
  | 'config' // a model configuration that cannot be used
  | 'integrity' // bytes differ from their checksum
  | 'not-found' // a file, model or network that does not exist
  | 'unsupported' // this runtime or build cannot do it
  | 'unavailable' // the runtime is not available
  | 'device-lost' // a GPU device that went away
  | 'memory' // more memory than there is
  | 'disposed' // a session used after dispose()
  | 'runtime'; // anything else that a runtime reports

/**
 * The one error that Atrous throws: a code for programs, and a message for people that says who complains,
 * what was given, what was expected and what to do.
 */
export class AtrousError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'AtrousError';
    this.code = code;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An error that lists the legal values: `unknown runtime "x": expected one of a, b`. */
export function unknownName(what: string, given: string, valid: Iterable<string>): AtrousError {
  return new AtrousError('input', `unknown ${what} "${given}": expected one of ${[...valid].join(', ')}`);
}
