/** A browser with a new profile and one tab. */
export interface Browser {
  /** Its name and version, as it says them. */
  readonly version: string;
  /** The folder where its downloads come to lie. */
  readonly downloads: string;
  /** Shows a page, the same one anew where it is shown already. */
  open(url: string): Promise<void>;
  /** Calls a function in the page: it sees nothing of its surroundings here, and its arguments and result are JSON. */
  evaluate<A extends readonly unknown[], T>(call: (...args: A) => T, ...args: A): Promise<Awaited<T>>;
  /** What the tab shows, as PNG. */
  screenshot(): Promise<Uint8Array>;
  /** Chooses files in the file field of that selector. */
  upload(selector: string, files: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** The size of the tab, in CSS pixels. */
export const tab = { width: 1280, height: 860 } as const;

/** The longest that a call in a page may take, in milliseconds. */
export const patience = 180_000;
