import { brief } from '../brief.ts';
import type { PickleMachine } from './machine.ts';

/** The opcodes of Python's pickle by their bytes, protocols 1 to 5 (0 cannot hold PyTorch's storages). */
export const opcodes: ReadonlyMap<number, (machine: PickleMachine) => void> = new Map(
  Object.entries({
    // numbers and other single values
    N: (m) => m.push(null),
    '\x88': (m) => m.push(true),
    '\x89': (m) => m.push(false),
    J: (m) => m.push(m.reader.i4()),
    K: (m) => m.push(m.reader.u1()),
    M: (m) => m.push(m.reader.u2()),
    G: (m) => m.push(m.reader.f8()),
    '\x8a': (m) => m.push(integerOf(m.reader.bytes(m.checkedIntegerSize(m.reader.u1())))),
    '\x8b': (m) => m.push(integerOf(m.reader.bytes(m.checkedIntegerSize(m.reader.u4())))),
    I: (m) => m.push(integerLine(m.reader.line(), m)),
    L: (m) => m.push(integerLine(m.reader.line().replace(/L$/, ''), m)),
    // text and bytes
    X: (m) => m.push(m.reader.text(m.reader.u4())),
    '\x8c': (m) => m.push(m.reader.text(m.reader.u1())),
    '\x8d': (m) => m.push(m.reader.text(m.reader.u8())),
    T: (m) => m.push(m.reader.latin(m.reader.u4())),
    U: (m) => m.push(m.reader.latin(m.reader.u1())),
    B: (m) => m.push(m.reader.bytes(m.reader.u4())),
    C: (m) => m.push(m.reader.bytes(m.reader.u1())),
    '\x8e': (m) => m.push(m.reader.bytes(m.reader.u8())),
    '\x96': (m) => m.push(m.reader.bytes(m.reader.u8())),
    // containers
    ')': (m) => m.pushContainer([]),
    ']': (m) => m.pushContainer([]),
    '}': (m) => m.pushContainer(new Map()),
    '\x8f': (m) => m.pushContainer(new Set()),
    t: (m) => m.pushContainer(m.popToMark()),
    l: (m) => m.pushContainer(m.popToMark()),
    d: (m) => m.pushContainer(addPairs(new Map(), m.popToMark(), m)),
    '\x85': (m) => m.pushContainer(m.popMany(1)),
    '\x86': (m) => m.pushContainer(m.popMany(2)),
    '\x87': (m) => m.pushContainer(m.popMany(3)),
    '\x91': (m) => m.pushContainer(new Set(m.popToMark())),
    a: (m) => addItems(m, m.popMany(1)),
    e: (m) => addItems(m, m.popToMark()),
    '\x90': (m) => addItems(m, m.popToMark()),
    s: (m) => addEntries(m, m.popMany(2)),
    u: (m) => addEntries(m, m.popToMark()),
    // the stack and the memo
    '(': (m) => m.mark(),
    '0': (m) => m.popOrMark(),
    '1': (m) => m.popToMark(),
    '2': (m) => m.push(m.top()),
    q: (m) => m.memo.set(m.reader.u1(), m.top()),
    r: (m) => m.memo.set(m.reader.u4(), m.top()),
    '\x94': (m) => m.memo.set(m.memo.size, m.top()),
    h: (m) => m.push(m.recall(m.reader.u1())),
    j: (m) => m.push(m.recall(m.reader.u4())),
    // objects
    c: (m) => m.pushGlobal(m.reader.line(), m.reader.line()),
    '\x93': (m) => {
      const [module, name] = m.popMany(2);
      m.pushGlobal(module, name);
    },
    R: (m) => m.call(...two(m.popMany(2))),
    '\x81': (m) => m.call(...two(m.popMany(2))),
    '\x92': (m) => m.call(...two(m.popMany(3))), // keywords are not looked at: nothing here has any
    b: (m) => m.build(m.pop()),
    Q: (m) => m.push(m.storage(m.pop())),
    // the pickle itself
    '\x80': (m) => m.checkProtocol(m.reader.u1()),
    '\x95': (m) => void m.reader.u8(), // a frame only says how much to read at once
  } satisfies Record<string, (machine: PickleMachine) => void> as Record<
    string,
    (machine: PickleMachine) => void
  >).map(([char, run]) => [char.charCodeAt(0), run]),
);

const two = ([a, b]: readonly unknown[]): [unknown, unknown] => [a, b];

function addItems(machine: PickleMachine, items: readonly unknown[]): void {
  const target = machine.top();
  if (target instanceof Set) for (const item of items) target.add(item);
  else if (Array.isArray(target)) for (const item of items) target.push(item);
  else machine.fail(`it appends to ${brief(target)}, which is no list`);
}

function addEntries(machine: PickleMachine, pairs: readonly unknown[]): void {
  const target = machine.top();
  if (target instanceof Map) addPairs(target, pairs, machine);
  else machine.fail(`it sets items of ${brief(target)}, which is no dictionary`);
}

function addPairs(
  target: Map<unknown, unknown>,
  pairs: readonly unknown[],
  machine: PickleMachine,
): Map<unknown, unknown> {
  if (pairs.length % 2 === 1) machine.fail('a key of a dictionary has no value');
  for (let i = 0; i < pairs.length; i += 2) target.set(pairs[i], pairs[i + 1]);
  return target;
}

/** Two's complement, lowest byte first. A number where it is exact, a bigint beyond. */
function integerOf(bytes: Uint8Array): number | bigint {
  let bits = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) bits = (bits << 8n) | BigInt(bytes[i]);
  return exact(BigInt.asIntN(8 * bytes.length, bits));
}

function integerLine(line: string, machine: PickleMachine): number | bigint | boolean {
  if (line === '00' || line === '01') return line === '01';
  if (!/^-?\d{1,40}$/.test(line)) machine.fail(`${brief(line)} is no whole number`);
  return exact(BigInt(line));
}

const exact = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;
