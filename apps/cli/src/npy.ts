/** Rows of equal length as a NumPy file (format 1.0): float32, little-endian, [rows, length]. */
export async function* npyPieces(rows: readonly Float32Array[], length: number): AsyncGenerator<Uint8Array> {
  const shape = `(${rows.length}, ${length})`;
  const said = `{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`;
  const unpadded = 10 + said.length + 1; // magic, version and length; the text; a line end
  const text = `${said.padEnd(said.length + ((64 - (unpadded % 64)) % 64))}\n`;
  const head = new Uint8Array(10 + text.length);
  head.set([0x93, ...new TextEncoder().encode('NUMPY'), 1, 0]);
  new DataView(head.buffer).setUint16(8, text.length, true);
  head.set(new TextEncoder().encode(text), 10);
  yield head;
  for (const row of rows) yield littleEndian(row);
}

function littleEndian(row: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(row.length * 4));
  row.forEach((value, i) => {
    view.setFloat32(i * 4, value, true);
  });
  return new Uint8Array(view.buffer);
}
