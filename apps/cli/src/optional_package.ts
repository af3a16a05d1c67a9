import { AtrousError, messageOf } from '@atrous/tensor';

/**
 * A package that only some need and that is installed beside the command.
 * @throws AtrousError `unavailable` with the line that installs it
 */
export async function optionalPackage<T>(name: string, bring: () => Promise<T>): Promise<T> {
  try {
    return await bring();
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw new AtrousError(
      'unavailable',
      isMissing
        ? `this needs ${name}, which is not installed: run "npm install ${name}" where atrous is (with --global if it is)`
        : `${name} does not load: ${messageOf(cause)}`,
      { cause },
    );
  }
}
