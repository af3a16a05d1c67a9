import { AtrousError, type Session } from '@atrous/tensor';

/** All throw AtrousError `disposed` after `dispose`. */
interface Sessions {
  expectAlive(): void;
  main(): Promise<Session>;
  /** With these values as outputs. */
  named(outputs: readonly string[]): Promise<Session>;
  dispose(): Promise<void>;
}

/** A network's sessions: the one that answers, and one for the feature maps that were asked for last. */
export function keepSessions(
  main: Session,
  load: (outputs: readonly string[]) => Promise<Session>,
): Sessions {
  let named: { readonly key: string; readonly session: Promise<Session> } | undefined;
  let disposal: Promise<void> | undefined;
  const expectAlive = () => {
    if (disposal) throw new AtrousError('disposed', 'this encoder was disposed: load the model again');
  };
  const end = async (session?: Promise<Session>) => (await session?.catch(() => undefined))?.dispose();
  return {
    expectAlive,
    async main() {
      expectAlive();
      return main;
    },
    async named(outputs) {
      expectAlive();
      const key = outputs.join();
      if (named?.key !== key) {
        const before = named?.session;
        const session = end(before).then(() => load(outputs));
        named = { key, session };
        session.catch(() => {
          if (named?.session === session) named = undefined;
        });
      }
      return named!.session;
    },
    dispose() {
      disposal ??= Promise.all([main.dispose(), end(named?.session)]).then(() => {});
      return disposal;
    },
  };
}
