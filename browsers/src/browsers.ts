import type { Browser } from './browser.ts';
import { launchChromium, launchFirefox } from './puppeteer.ts';
import { launchWebKit } from './webkit.ts';

export type BrowserName = 'Chromium' | 'Firefox' | 'WebKitGTK';

/** A browser that the suite knows. */
interface Entry {
  readonly name: BrowserName;
  /** Where it is; undefined where it is not installed. */
  readonly path: string | undefined;
  launch(path: string): Promise<Browser>;
}

const { ATROUS_CHROMIUM, ATROUS_FIREFOX, ATROUS_WEBKIT } = process.env;

/** All of them, as `npm run browsers` found or installed them. WebKit's is the path of its WebDriver. */
export const browsers: readonly Entry[] = [
  { name: 'Chromium', path: ATROUS_CHROMIUM || undefined, launch: launchChromium },
  { name: 'Firefox', path: ATROUS_FIREFOX || undefined, launch: launchFirefox },
  { name: 'WebKitGTK', path: ATROUS_WEBKIT || undefined, launch: launchWebKit },
];
