// SHA-256 (FIPS 180-4) piece by piece: WebCrypto's takes whole files only, and pages without a secure context have none.

/** The first 64 primes. */
const primes: number[] = [];
for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);

/** The first 32 bits behind the point. */
const fraction = (value: number): number => Math.floor((value % 1) * 2 ** 32) | 0;
const initial = Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));
const constants = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));

const blockBytes = 64;
const words = new Int32Array(64);

/** Takes a block into the state. */
function compress(state: Int32Array, block: DataView, at: number): void {
  for (let i = 0; i < 16; i++) words[i] = block.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const x = words[i - 15];
    const y = words[i - 2];
    const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = (words[i - 16] + low + words[i - 7] + high) | 0;
  }
  let a = state[0],
    b = state[1],
    c = state[2],
    d = state[3],
    e = state[4],
    f = state[5],
    g = state[6],
    h = state[7];
  for (let i = 0; i < 64; i++) {
    const high = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const low = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const first = (h + high + ((e & f) ^ (~e & g)) + constants[i] + words[i]) | 0;
    const second = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
  state[5] += f;
  state[6] += g;
  state[7] += h;
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  new DataView(buffer, byteOffset, byteLength);

/** Digits of bytes. */
export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A SHA-256 that is fed piece by piece; after `hex` it is over. */
export function sha256(): { update(piece: Uint8Array): void; hex(): string } {
  const state = initial.slice();
  const rest = new Uint8Array(blockBytes);
  const restView = viewOf(rest);
  let length = 0;
  const update = (piece: Uint8Array) => {
    const view = viewOf(piece);
    for (let at = 0; at < piece.length; ) {
      const used = length % blockBytes;
      const count = Math.min(blockBytes - used, piece.length - at);
      if (count === blockBytes) compress(state, view, at);
      else {
        rest.set(piece.subarray(at, at + count), used);
        if (used + count === blockBytes) compress(state, restView, 0);
      }
      at += count;
      length += count;
    }
  };
  return {
    update,
    hex() {
      const padding = blockBytes - ((length + 8) % blockBytes);
      const end = new Uint8Array(padding + 8);
      end[0] = 0x80;
      viewOf(end).setBigUint64(padding, BigInt(length) * 8n);
      update(end);
      const digest = new Uint8Array(32);
      for (const [i, word] of state.entries()) viewOf(digest).setInt32(4 * i, word);
      return toHex(digest);
    },
  };
}
