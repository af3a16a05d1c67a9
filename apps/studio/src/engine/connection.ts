/** What some browsers tell of the network: https://wicg.github.io/netinfo/ */
interface Connection {
  readonly saveData?: boolean;
  readonly type?: string;
  readonly effectiveType?: string;
}

/**
 * Why nothing large should be downloaded that nobody asked for, as a sentence; undefined where nothing is known against
 * it: some browsers tell nothing.
 */
export function whyNotDownload(): string | undefined {
  const { connection } = navigator as Navigator & { readonly connection?: Connection };
  if (connection?.saveData) return 'This browser is set to save data.';
  if (connection?.type === 'cellular') return 'This connection may be metered.';
  const isSlow = connection?.effectiveType && connection.effectiveType !== '4g';
  return isSlow ? 'This connection is slow.' : undefined;
}
