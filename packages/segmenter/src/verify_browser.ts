import type { ModelLocation } from '@atrous/zoo';
import { platform } from './load_browser.ts';
import type { BrowserPicture } from './picture_browser.ts';
import { type Verification, type VerifyOptions, verifierFor } from './verify.ts';

export const verify: (
  model: ModelLocation,
  picture?: BrowserPicture,
  options?: VerifyOptions,
) => Promise<Verification> = verifierFor(platform);
