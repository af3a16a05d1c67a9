import type { Connection } from './connection.ts';
import { type Handover, handOver, release } from './handover.ts';
import type { BrowserPicture } from './picture_browser.ts';
import type { PostedOnce, PostedPicture } from './protocol.ts';
import type { FrameLook } from './render.ts';

/** A picture on its way to the worker. */
export interface BackdropOnce {
  readonly posted: PostedOnce<PostedPicture>;
  readonly memory: Transferable[];
  /** The worker has it. */
  done(): void;
  /** Lets go of the copy that the worker has not got. */
  release(): void;
}

/** Pictures that stand behind, for a worker: each is copied there once, with the first frame that it stands behind. */
export function backdropsFor(): (
  look: FrameLook,
  connection: Connection,
) => Promise<BackdropOnce | undefined> {
  let last: { readonly id: number; readonly picture: unknown; readonly connection: Connection } | undefined;
  let count = 0;
  return async ({ mode, backdrop }, connection) => {
    if (mode !== 'replace' || backdrop === undefined || Array.isArray(backdrop)) return undefined;
    const isThere = last?.picture === backdrop && last.connection === connection;
    let copy: Handover | undefined = isThere ? undefined : await handOver(backdrop as BrowserPicture, false);
    const id = isThere ? last!.id : ++count;
    return {
      posted: copy ? { id, value: copy.picture } : { id },
      memory: copy?.memory ?? [],
      done() {
        copy = undefined;
        last = { id, picture: backdrop, connection };
      },
      release() {
        if (copy) release(copy.picture);
      },
    };
  };
}
