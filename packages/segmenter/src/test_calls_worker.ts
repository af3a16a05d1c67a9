import { moving, serveCalls } from './calls.ts';

/** Methods that do one thing each. */
serveCalls({
  sum: (a: number, b: number): number => a + b,
  async fail(): Promise<never> {
    throw new Error('it failed');
  },
  /** What no message can hold. */
  unpostable: () => () => {},
  /** Doubles numbers in their own memory, which moves back. */
  double(numbers: Float32Array<ArrayBuffer>) {
    const { buffer } = numbers.map((value) => 2 * value);
    return moving({ numbers: new Float32Array(buffer) }, [buffer]);
  },
  async count(to: number, see: (i: number, text: string) => void, done?: () => void) {
    for (let i = 1; i <= to; i++) see(i, `${i} of ${to}`);
    done?.();
    return to;
  },
});
