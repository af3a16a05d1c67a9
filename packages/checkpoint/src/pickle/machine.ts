import { brief, clip } from '../brief.ts';
import type { Fail } from '../fail.ts';
import { opcodes } from './opcodes.ts';
import { PickleReader } from './reader.ts';
import { isStateful, PickleGlobal } from './values.ts';

/** What a pickle may ask for. */
export interface PickleRules {
  /** The global of this name; undefined for one that is refused. */
  readonly global: (name: string) => PickleGlobal | undefined;
  /** What stands for data outside the pickle. */
  readonly storage: (id: unknown, fail: Fail) => unknown;
  readonly fail: Fail;
}

/** 20,000 tensors with two moments each take three million. */
const mostSteps = 8_000_000;
/** A container takes as much memory as so many values. */
const stepsOfContainer = 4;
/** Of an integer, in bytes. */
const largestInteger = 64;

/** The machine that runs a pickle. It makes data of data: nothing that the pickle names is ever run. */
export class PickleMachine {
  readonly reader: PickleReader;
  readonly memo: Map<number, unknown> = new Map();
  readonly fail: Fail;
  readonly #rules: PickleRules;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  #steps = 0;

  constructor(bytes: Uint8Array, begin: number, rules: PickleRules) {
    this.reader = new PickleReader(bytes, begin);
    this.#rules = rules;
    this.fail = rules.fail;
  }

  /** Runs up to the end of one pickle; gives what it holds. */
  run(): unknown {
    const stop = 0x2e;
    for (;;) {
      const at = this.reader.at;
      const code = this.reader.u1();
      if (code === stop) break;
      this.#count(1);
      const step = opcodes.get(code) ?? this.fail(`unknown opcode ${code} at byte ${at}`);
      step(this);
    }
    const value = this.pop();
    if (this.#stack.length > 0) this.fail('it ends with more than one value');
    return value;
  }

  #count(steps: number): void {
    this.#steps += steps;
    if (this.#steps > mostSteps)
      this.fail(`it takes more than ${mostSteps} steps, far more than weights need`);
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  pushContainer(value: unknown): void {
    this.#count(stepsOfContainer);
    this.push(value);
  }

  top(): unknown {
    return this.#stack[this.#checkedTop(1)];
  }

  pop(): unknown {
    this.#checkedTop(1);
    return this.#stack.pop();
  }

  popMany(count: number): unknown[] {
    return this.#stack.splice(this.#checkedTop(count), count);
  }

  /** Where the uppermost values begin, which must lie above the last mark. */
  #checkedTop(count: number): number {
    const begin = this.#stack.length - count;
    if (begin < (this.#marks.at(-1) ?? 0)) this.fail('it takes a value that is not there');
    return begin;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  popToMark(): unknown[] {
    const begin = this.#marks.pop() ?? this.fail('it returns to a mark that is not there');
    return this.#stack.splice(begin);
  }

  /** The uppermost value, or the mark that stands above it. */
  popOrMark(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  recall(index: number): unknown {
    if (!this.memo.has(index)) this.fail(`it recalls value ${index}, which it never kept`);
    return this.memo.get(index);
  }

  pushGlobal(module: unknown, name: unknown): void {
    // Python 2 has another name for what every Python has built in.
    const full = `${module === '__builtin__' ? 'builtins' : textOf(module)}.${textOf(name)}`;
    const found = this.#rules.global(full);
    if (!found) {
      this.fail(
        `the pickle asks for ${clip(full, 200)}, which weights do not need. None of it was run. If you trust the file, ` +
          'load it in Python with the code that wrote it and save the weights alone: torch.save(model.state_dict(), path)',
      );
    }
    this.push(found);
  }

  /** Calls a global, whose work is counted: a copy of a long list takes as many steps as it has items. */
  call(callee: unknown, args: unknown): void {
    if (!(callee instanceof PickleGlobal)) this.fail(`it calls ${brief(callee)}, which is no function`);
    const { name, make = this.fail(`it calls ${name}, which may only be named`) } = callee;
    if (!Array.isArray(args)) this.fail(`it calls ${name} with ${brief(args)}, expected a tuple`);
    for (const arg of args) this.#count(lengthOf(arg));
    this.pushContainer(make(args, this.fail));
  }

  /** Gives the uppermost object a state. Attributes of dictionaries, such as versions of a state dict, are left out. */
  build(state: unknown): void {
    const target = this.top();
    this.#count(lengthOf(state));
    if (isStateful(target)) target.setState(state);
    else if (!(target instanceof Map)) this.fail(`it sets the state of ${brief(target)}, which has none`);
  }

  storage(id: unknown): unknown {
    return this.#rules.storage(id, this.fail);
  }

  checkProtocol(protocol: number): void {
    if (protocol > 5) this.fail(`protocol ${protocol}, expected at most 5`);
  }

  checkedIntegerSize(size: number): number {
    if (size > largestInteger)
      this.fail(`it holds an integer of ${size} bytes, at most ${largestInteger} are allowed`);
    return size;
  }
}

/** How many values there are in a value. */
function lengthOf(value: unknown): number {
  if (value instanceof Map || value instanceof Set) return value.size;
  return Array.isArray(value) || typeof value === 'string' || value instanceof Uint8Array ? value.length : 0;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : brief(value));
