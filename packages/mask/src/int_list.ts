/** Integers that grow at the end, in a quarter of an array's memory. */
export interface IntList {
  length: number;
  /** At least `length` of them. */
  memory: Int32Array;
}

export const intList = (): IntList => ({ length: 0, memory: new Int32Array(256) });

export function push(list: IntList, value: number): void {
  if (list.length === list.memory.length) {
    const larger = new Int32Array(list.length * 2);
    larger.set(list.memory);
    list.memory = larger;
  }
  list.memory[list.length++] = value;
}

/** What is in the list, without a copy. */
export const valuesOf = ({ memory, length }: IntList): Int32Array => memory.subarray(0, length);
