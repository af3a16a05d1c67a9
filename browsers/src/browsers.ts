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
  /** Why WebGPU cannot be tested in it on this machine; undefined where it can, or where the browser has none anywhere. */
  readonly lacksGpu?: string;
}

const { ATROUS_CHROMIUM, ATROUS_FIREFOX, ATROUS_WEBKIT, ATROUS_VULKAN } = process.env;

const noVulkan = "Vulkan in software is not installed here (Debian's mesa-vulkan-drivers)";

/** All of them, as `npm run browsers` found or installed them. WebKit's is the path of its WebDriver. */
export const browsers: readonly Entry[] = [
  { name: 'Chromium', path: ATROUS_CHROMIUM || undefined, launch: launchChromium },
  {
    name: 'Firefox',
    path: ATROUS_FIREFOX || undefined,
    launch: (path) => launchFirefox(path, ATROUS_VULKAN || undefined),
    ...(!ATROUS_VULKAN && { lacksGpu: noVulkan }),
  },
  { name: 'WebKitGTK', path: ATROUS_WEBKIT || undefined, launch: launchWebKit },
];
